import type { VendorName } from '../../sandbox/payments/start.ts'

/** What each simulator of a payment provider calls the port's calls, as its script of faults names them. */
export const VENDOR_CALLS: Record<VendorName, { create: string; lookup: string; list: string }> = {
  cryptomus: { create: 'payment', lookup: 'payment/info', list: 'payment/list' },
  heleket: { create: 'payment', lookup: 'payment/info', list: 'payment/list' },
  mulenpay: { create: 'POST payments', lookup: 'GET payments/id', list: 'GET payments' },
  cryptopay: { create: 'createInvoice', lookup: 'getInvoices', list: 'getInvoices' },
}
