import type { Outgoing, RetrySettings } from './deliveries.ts'

export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** A JSON object as it came in. A value that is not plain is refused by the rule of its field. */
export type Fields = Record<string, string | number | boolean | null | undefined>

export interface ApiReply {
  status: number
  body: unknown
  headers?: Record<string, string>
  /** The invoice that this call has just made. */
  made?: string
}

/** What a payer may do on the page. */
export const WAYS = ['exact', 'less', 'more', 'rest', 'late', 'twice', 'decline'] as const
export type Way = (typeof WAYS)[number]

/** An invoice as the page and the control API show it. */
export interface PageInvoice {
  id: string
  reference: string
  title: string
  amount: string
  currency: string
  status: string
  /** The ways in which the payer can pay now; the page shows the others with the reason why not. */
  ways: readonly Way[]
  paid: string | undefined
  expiresAt: number | undefined
  returnUrl: string | undefined
}

/** What the simulator of a vendor gets from its surroundings. */
export interface Surroundings {
  now(): number
  after(ms: number, work: () => void): () => void
  /** Sends an event; resolves after its first attempt. */
  notify(event: Outgoing): Promise<unknown>
  settings: VendorSettings
  pageUrl(path: string): string
}

export interface VendorSettings extends RetrySettings {
  /** Where callbacks go, for a vendor that has this address in a cabinet and not in each invoice. */
  webhookUrl: string
  /** How long a transfer waits for its confirmations, in ms. */
  confirmMs: number
  /** Modes of one vendor, which README.md lists. */
  [mode: string]: string | number | boolean
}

/** One vendor: its API, and what a payer and the vendor itself can do. */
export interface Vendor {
  name: string
  title: string
  /** The name of a call for the fault script; undefined if there is no such route. */
  callName(request: ApiRequest): string | undefined
  call(name: string, request: ApiRequest): ApiReply
  /** The body of an error in the vendor's own shape, for the fault script. */
  errorBody(status: number, message: string): unknown
  invoices(): PageInvoice[]
  pay(id: string, way: Way, options: Fields): Promise<void>
  /** What only tests do: `POST /control/do/<name>`. */
  actions: Record<string, (input: Fields) => unknown>
  save(): unknown
  load(state: unknown): void
}
