import type { Asset, Money } from '#shared/money.ts'

/**
 * What every payment provider is to the rest of the shop. Adapters know the provider's protocol and nothing of
 * the database, the queue or the bot. All of them throw Transient, Rejected or UnknownOutcome as `send` does.
 */
export interface PaymentProvider {
  readonly name: string
  /** Where its API is: whatever answers there says that the provider can be reached from here. */
  readonly address: string
  readonly supports: Supports

  /** Makes an invoice. After an UnknownOutcome it may be asked again for `createRepeatableMs` only. */
  createInvoice(request: InvoiceRequest): Promise<Invoice>

  /** Whether a delivery is genuine: signature over the raw bytes, or the secret of the path. Constant time. */
  isGenuine(delivery: WebhookCall): boolean

  /** What a genuine delivery says. @throws Rejected `webhook.malformed`: not what the contract describes */
  readWebhook(body: string): ProviderEvent

  /**
   * Takes a sum from a card that its payer agreed to keep, without them. The answer may be a payment that was refused;
   * after an UnknownOutcome it may be asked again for `createRepeatableMs` only, like an invoice.
   * @throws Rejected `card.over`: this card takes no charge any more
   */
  charge?(request: ChargeRequest): Promise<Reading>

  /** What the provider says now; undefined = it knows no such invoice. Without `invoice` it searches by reference. */
  lookup(payment: { reference: string; invoice?: string }): Promise<Reading | undefined>

  /** All invoices made between two moments, oldest or newest first: for the daily comparison. */
  listPayments(period: { from: Date; to: Date }): AsyncIterable<Reading>

  /**
   * Gives the money back. `started` = a later reading tells how it ended. After an UnknownOutcome nobody may call it
   * again, unless `wasRefunded` has said no.
   */
  refund?(request: RefundRequest): Promise<'done' | 'started'>

  /**
   * Whether the money has gone back. No = the same refund may be sent again, because the provider takes it once.
   * @throws Transient while it is on its way
   */
  wasRefunded?(request: RefundRequest): Promise<boolean>

  /** A permanent address of a person. Safe to repeat: the same reference gives the same address. */
  createWallet?(request: WalletRequest): Promise<IssuedWallet>
}

export interface Supports {
  /** Currencies an invoice may be written in, with the smallest and the largest sum in minor units. */
  limits: Partial<Record<Asset, { min: bigint; max: bigint }>>
  /** False = a webhook is a hint, the provider is always asked before anything is credited. */
  signedWebhooks: boolean
  /** For this long after the first try the same reference gives the same invoice; 0 = a repeat makes a second one. */
  createRepeatableMs: number
  /** `address` = the whole sum, to an address that the person names. */
  refunds: 'none' | 'full' | 'address'
  /** Whether the payer can send less or more than was asked. */
  inexact: boolean
  /** True = the seller's receipts go through the provider: a payment and its refund name the buyer's e-mail. */
  receipts?: boolean
  /** True = a payer may agree that their card is kept, and `charge` takes later sums from it. */
  keepsCards?: boolean
  /** Coins of permanent addresses; empty = none. */
  wallets: readonly { asset: Asset; network: string }[]
}

export interface InvoiceRequest {
  /** Our reference, unique for ever: letters, digits, "-" and "_", at most 100 characters. */
  reference: string
  amount: Money
  description: string
  /** Where the page sends the person afterwards. */
  returnUrl?: string
  lifetimeSeconds: number
  language: string
  /** Where the receipt goes, for providers with `receipts`. */
  email?: string
  /** The payer has agreed that the card is kept for later charges. */
  keepCard?: boolean
}

/** A charge has a reference of its own, like an invoice: one payment, however often it is asked for. */
export interface ChargeRequest extends Pick<
  InvoiceRequest,
  'reference' | 'amount' | 'description' | 'email'
> {
  /** The provider's name of the card that it keeps: with it and the shop's key anybody takes money, so it is a secret. */
  card: string
}

export interface Invoice {
  /** The provider's own id. */
  invoice: string
  payUrl: string
  expiresAt: Date | undefined
  /** Set when the provider gave back an older invoice of this reference that asks for something else. */
  asked: Money | undefined
  /** `pending`; or the state of an older invoice that the provider gave back and that is over already. */
  state: ReadingState
}

export interface WebhookCall {
  body: Uint8Array
  /** Lower-case names. */
  headers: Record<string, string | string[] | undefined>
  /** The last part of the path, for providers that have their secret there. */
  token?: string
}

/** `key` names the event: the same news told twice has the same key, other news has another one. */
export interface ProviderEvent extends Reading {
  key: string
  /**
   * Whether the signature holds, of a provider that does not promise one: the payment's story notes it, nothing relies
   * on it.
   */
  signature?: 'valid' | 'wrong'
}

export type ReadingState =
  | 'pending'
  | 'confirming'
  | 'paid'
  | 'overpaid'
  | 'underpaid_open'
  | 'underpaid'
  | 'expired'
  | 'cancelled'
  | 'failed'
  | 'locked'
  | 'refunding'
  | 'refund_failed'
  | 'refunded'
  | 'unknown'

/** One statement of a provider about one invoice or one deposit. */
export interface Reading {
  invoice: string
  /** Our reference, as it came back. For a deposit it is the wallet's. */
  reference: string | undefined
  state: ReadingState
  /** The provider's own word for the state. */
  status: string
  /** What the invoice asks for; undefined = a currency or a precision that we do not keep. */
  asked: Money | undefined
  /** What came, in the invoice's currency; undefined = nothing yet, or the provider did not say. */
  received: Money | undefined
  /** True = a part of what came was given back since, and `status` says how much. */
  partBack?: boolean
  /** The coin that was really sent, as text, for the story of the payment. */
  sent: { amount: string; currency: string; network?: string; txid?: string } | undefined
  /** The page to pay on, where a look-up says it too. */
  payUrl?: string
  /** The card that the provider now keeps for later charges, and its last digits. The name is a secret. */
  keptCard?: { card: string; digits: string }
  /** True = the charge was refused for good: the card that was kept takes no other one. */
  cardIsOver?: boolean
  /** True = money on a permanent address. */
  deposit: boolean
  createdAt: Date | undefined
}

export interface RefundRequest {
  /** Our name of the refund: the same for every try of it, another one for the next refund of the payment. */
  refund: string
  reference: string
  invoice: string
  amount: Money
  /** What was paid for, for a receipt. */
  description: string
  address?: string
  email?: string
}

export interface WalletRequest {
  reference: string
  asset: Asset
  network: string
}

export interface IssuedWallet {
  wallet: string
  address: string
  asset: Asset
  network: string
}

/** How a provider is switched on: by its variables in the environment. */
export interface ProviderEntry {
  name: string
  /** Any of these set = the provider is wanted, and then none of them may be empty. */
  required: readonly string[]
  optional: readonly string[]
  /** Where its cabinet has to send events, below PUBLIC_URL; absent where each invoice carries the address. */
  cabinetPath?: string
  /** What is wrong with the values: sentences that name the variable and what to do. */
  problems?(settings: PaymentVariables): string[]
  build(settings: PaymentVariables, publicUrl: string | undefined): PaymentProvider
}

export type PaymentVariables = Readonly<Record<string, string | undefined>>
