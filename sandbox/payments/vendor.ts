import type { Outgoing, RetrySettings } from './deliveries.ts'

export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** A JSON object as it came in: whatever is not a plain value is refused by the rules of its field. */
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
  /** The person can do these now; the others are shown with the reason why not. */
  ways: readonly Way[]
  paid: string | undefined
  expiresAt: number | undefined
  returnUrl: string | undefined
}

/** What a vendor's simulator gets from its surroundings. */
export interface Surroundings {
  now(): number
  after(ms: number, work: () => void): () => void
  /** Sends an event; settles after its first attempt. */
  notify(event: Outgoing): Promise<unknown>
  settings: VendorSettings
  pageUrl(path: string): string
}

export interface VendorSettings extends RetrySettings {
  /** Where callbacks go, for vendors that have it in a cabinet rather than in each invoice. */
  webhookUrl: string
  /** How long a transfer waits for its confirmations. */
  confirmMs: number
  /** Modes of one vendor; see README. */
  [mode: string]: string | number | boolean
}

/** One vendor: its API, and what a payer and the vendor itself can do. */
export interface Vendor {
  name: string
  title: string
  /** The name of a call for the fault script, undefined = no such route. */
  callName(request: ApiRequest): string | undefined
  call(name: string, request: ApiRequest): ApiReply
  /** The vendor's own shape of an error, for the fault script. */
  errorBody(status: number, message: string): unknown
  invoices(): PageInvoice[]
  pay(id: string, way: Way, options: Fields): Promise<void>
  /** Things that only tests do: `POST /control/do/<name>`. */
  actions: Record<string, (input: Fields) => unknown>
  save(): unknown
  load(state: unknown): void
}
