import type { RawBuilder } from 'kysely'
import type { Db, Sql } from '#shared/db/db.ts'
import type { TextParams } from '#shared/i18n/texts.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Secrets } from '#shared/secrets.ts'
import type { AskedField } from '../asks.ts'
import type { Item } from '../tables.ts'

/**
 * What an item is, in one place: a kind is a file of this folder and a line in list.ts. Money, limits, dates, refunds,
 * the shelf and the admins' pages are the same for all of them.
 */
export interface ItemKind {
  /** Stored in rows, so it never changes. People read it as the text `shelf-kind-<name>`. */
  name: string
  /**
   * The time that a buyer pays for. It is part of what the key shows, and an order keeps it, because the owner may change it
   * before the money or the friend comes.
   */
  promise?(item: Pick<Item, 'terms'>): Promised
  /** What the buyer is asked before they pay. */
  asks?(item: Item): readonly AskedField[]
  /**
   * Stores the buyer's answers when the order is made.
   * @throws UserError when an answer is missing
   */
  begin?(tx: Sql, item: Item, order: MadeOrder): Promise<void>
  /** How many a buyer in this bot could still get, counted up to `most`; undefined = unlimited. */
  left(sql: Sql, item: Item, most: number, bot: string): Promise<number | undefined>
  /** `left` is not 0, as a condition on rows `i` of shelf_items; absent = always. */
  available?(bot: string): RawBuilder<boolean>
  /**
   * Checks that this person can have it now, where that depends on the person.
   * @throws UserError when they cannot
   */
  admits?(tx: Sql, item: Item, personId: bigint): Promise<void>
  /**
   * Sets one aside for an order that waits for money.
   * @returns until when, or undefined when none is left
   */
  setAside?(tx: Sql, item: Item, orderId: string, minutes: number): Promise<Date | undefined>
  /** The order no longer waits: what was set aside for it can be sold to others. */
  giveBack?(tx: Sql, orderId: string): Promise<void>
  /** An admin delivers it after it was paid for; all other kinds are delivered by `take`. */
  byHand?: boolean
  /**
   * Gives the order its goods, in the transaction that pays for it.
   * @throws UserError `item.sold-out`
   * @returns the time until which an admin must deliver the order, where that is done by hand
   */
  take(tx: Sql, item: Item, order: { id: string; shelf: Secrets; personId: bigint }): Promise<Date | void>
  /**
   * Takes the order's goods back from the buyer.
   * @throws UserError when that is impossible
   */
  withdraw?(tx: Sql, orderId: string, reason: string): Promise<void>
  /** Whether goods that do not work can be replaced. */
  replaceable: boolean
  /**
   * What the buyer sees, in clear text.
   * @returns undefined when there is nothing to show
   */
  content(
    app: { db: Db; shelf: Secrets },
    order: Pick<Order, 'id'>,
    itemId: bigint,
  ): Promise<string | undefined>
  /** Fields of the admins' form that only this kind has, and the text that explains them. */
  form?: KindForm
  /** The promise as the buyer reads it before they pay. */
  offer?(item: Pick<Item, 'terms'>): { text: string; params: TextParams }
  /** The state of the stock, for the item's page for admins. */
  state(sql: Sql, item: Item): Promise<{ text: string; params: TextParams }>
  /** The key by which admins fill the stock; absent = there is nothing to fill. */
  fill?: { text: string; route: string }
}

/** Parts of an item's terms, by name. */
type Promised = Record<string, number | null>

/** An order that is being made, with what its buyer gave for it. */
interface MadeOrder {
  id: string
  bot: string
  /** The answers, encrypted for this order: see asks.ts. */
  given: Buffer | undefined
  shelf: Secrets
}

interface KindForm {
  text: string
  has(field: string): boolean
  /** @param old what the item has; @throws UserError for what is wrong */
  read(fields: ReadonlyMap<string, string>, old: Item['terms']): Item['terms']
}

/** One unlimited kind's answer to how many there are left. */
export const filled = async (_sql: Sql, { content }: Item): Promise<number | undefined> =>
  content === null ? 0 : undefined
