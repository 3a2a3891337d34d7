import type { Money } from '#shared/money.ts'

/** The goods that are bought from a supplier for one person. */
export type Goods =
  { kind: 'stars'; quantity: number } | { kind: 'premium'; months: 3 | 6 | 12 } | TelegramGift

/** What Telegram itself calls a gift: a picture that stands on a profile. `stars` is what the bot pays for it. */
export interface TelegramGift {
  kind: 'telegram-gift'
  /** Telegram's id of this kind of gift. */
  gift: string
  emoji: string
  stars: number
}

export interface Purchase {
  goods: Goods
  recipient: { username: string | null; telegramId: bigint | null }
  /** Where the supplier may report progress. The address names the order, so it must not be guessable. */
  callbackUrl: string | null
}

/** How far the supplier says it is. Only `delivered` means that the person has it, only `failed` that it never will. */
export type SupplyState = 'in_flight' | 'sent' | 'delivered' | 'failed'

export interface Supply {
  /** The supplier's own id, if it has one; unique among its orders. */
  id: string | null
  state: SupplyState
  /** What left our wallet at the supplier, fee included. */
  cost: Money | null
  /** A public trace of the payment, as the supplier words it. */
  reference: string | null
  /** The supplier's reason for `failed`, for admins. */
  error: string | null
  /** What the supplier says it delivers and to whom; null where it does not say. */
  receiver: string | null
  quantity: number | null
  kind: Goods['kind'] | null
}

/** One way to fulfil an order. A second one is a second file with this shape. */
export interface Supplier {
  name: string
  /** How long `deliver` may take, ms. A worker that was held up for longer after its intent does not call any more. */
  timeoutMs: number
  /**
   * Buys once. Calling it again buys again, so the intent must be committed before.
   * @throws Transient (nothing was bought), Rejected (nothing was and will be), UnknownOutcome (look it up)
   */
  deliver(purchase: Purchase, signal?: AbortSignal): Promise<Supply>
  /** The purchase with this id, undefined when the supplier does not know it. Changes nothing. */
  lookup(id: string, signal?: AbortSignal): Promise<Supply | undefined>
}

/** A gift in a bot's own list of Stars. */
export interface GivenGift {
  id: string
  /** Unix seconds. */
  at: number
}

/** Gives from a bot's own Stars. Its answers have no id, so what was given is looked for in the bot's list. */
export interface StarSupplier extends Supplier {
  /** What this person was given of these goods at or after this moment (unix seconds), oldest first. */
  given(goods: Goods, recipient: Purchase['recipient'], since: number): Promise<GivenGift[]>
}
