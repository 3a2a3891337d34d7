import type { VendorName } from '../../sandbox/payments/start.ts'

interface Calls {
  create: string
  lookup: string
  list: string
  /** Left out if the vendor gives no money back through its API. */
  refund?: string
  /** The status in its event of a paid invoice. */
  paid: string
  /** An id in the vendor's form that names no invoice. */
  nobodys: string
  /** A status in the vendor's form that it does not have. */
  odd: string | number
  /** Whether the payer may send less or more than was asked, and a second transfer. */
  inexact: boolean
  /** Whether its page takes a payment after the deadline. */
  late: boolean
}

const UUID = '00000000-0000-4000-8000-000000000000'

const ENGINE = {
  create: 'payment',
  lookup: 'payment/info',
  list: 'payment/list',
  refund: 'payment/refund',
  paid: 'paid',
  nobodys: UUID,
  odd: 'brand_new',
  inexact: true,
  late: true,
}

/**
 * What the tests have to know of each vendor: the names that its simulator has for the calls of the port, which a script
 * of faults uses, and how its invoices are paid.
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
    nobodys: '987654',
    odd: 77,
    inexact: false,
    late: true,
  },
  cryptopay: {
    create: 'createInvoice',
    lookup: 'getInvoices',
    list: 'getInvoices',
    paid: 'paid',
    nobodys: '987654',
    odd: 'brand_new',
    inexact: false,
    late: false,
  },
  yookassa: {
    create: 'POST payments',
    lookup: 'GET payments/id',
    list: 'GET payments',
    refund: 'POST refunds',
    paid: 'payment.succeeded',
    nobodys: UUID,
    odd: 'brand_new',
    inexact: false,
    late: false,
  },
}
