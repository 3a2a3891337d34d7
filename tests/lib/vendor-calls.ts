import type { VendorName } from '../../sandbox/payments/start.ts'

interface Calls {
  create: string
  lookup: string
  list: string
  /** Left out if the vendor gives no money back through its API. */
  refund?: string
  /** The status in its event of a paid invoice. */
  paid: string
}

const ENGINE = {
  create: 'payment',
  lookup: 'payment/info',
  list: 'payment/list',
  refund: 'payment/refund',
  paid: 'paid',
}

/**
 * The name that each simulator of a payment provider has for each call of the port. A script of faults uses
 * these names.
 */
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
