import type { VendorName } from '../../sandbox/payments/start.ts'

interface Calls {
  create: string
  lookup: string
  list: string
  /** None = the vendor gives nothing back by itself. */
  refund?: string
  /** What its event of a paid invoice tells. */
  paid: string
}

const ENGINE = {
  create: 'payment',
  lookup: 'payment/info',
  list: 'payment/list',
  refund: 'payment/refund',
  paid: 'paid',
}

/** What each simulator of a payment provider calls the port's calls, as its script of faults names them. */
export const VENDOR_CALLS: Record<VendorName, Calls> = {
  cryptomus: ENGINE,
  heleket: ENGINE,
  mulenpay: {
    create: 'POST payments',
    lookup: 'GET payments/id',
    list: 'GET payments',
    refund: 'PUT payments/id/refund',
    paid: 'success',
  },
  cryptopay: { create: 'createInvoice', lookup: 'getInvoices', list: 'getInvoices', paid: 'paid' },
  yookassa: {
    create: 'POST payments',
    lookup: 'GET payments/id',
    list: 'GET payments',
    refund: 'POST refunds',
    paid: 'payment.succeeded',
  },
}
