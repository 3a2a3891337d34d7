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
  /** Stored, so it never changes. Its words are the text `shelf-kind-<name>`. */
  name: string
  /** What the buyer is asked before they pay. */
  asks?(item: Item): readonly AskedField[]
  /** Keeps what the buyer gave for it, when the order is made. @throws UserError when something of it is missing */
  begin?(tx: Sql, item: Item, order: MadeOrder): Promise<void>
  /** How many a buyer in this bot could still have, counted no further than `most`; undefined = as many as anybody likes. */
  left(sql: Sql, item: Item, most: number, bot: string): Promise<number | undefined>
  /** Keeps one for an order that waits for money. @returns until when, or undefined when none is left */
  setAside?(tx: Sql, item: Item, orderId: string, minutes: number): Promise<Date | undefined>
  /** The order does not wait any more: what was kept for it is everybody's again. */
  giveBack?(tx: Sql, orderId: string): Promise<void>
  /**
   * The order gets it, in the transaction that pays for it. @throws UserError `item.sold-out`
   * @returns nothing when it is delivered with that; the moment until which an admin will have delivered it otherwise
   */
  take(tx: Sql, item: Item, order: { id: string; shelf: Secrets; personId: bigint }): Promise<Date | void>
  /** What the order got is its buyer's no more. @throws UserError when it cannot be taken back */
  withdraw?(tx: Sql, orderId: string, reason: string): Promise<void>
  /** Whether an order may get another one instead of one that does not work. */
  replaceable: boolean
  /** What the buyer sees, in clear. @returns undefined when there is nothing of it */
  content(
    app: { db: Db; shelf: Secrets },
    order: Pick<Order, 'id'>,
    itemId: bigint,
  ): Promise<string | undefined>
  /** Fields of the admins' form that only this kind has, and the text that explains them. */
  form?: KindForm
  /** How it stands, below the item's page for admins. */
  state(sql: Sql, item: Item): Promise<{ text: string; params: TextParams }>
  /** The key with which admins fill it; without one there is nothing to fill. */
  fill?: { text: string; route: string }
}

/** An order that is being made, with what its buyer gave for it. */
interface MadeOrder {
  id: string
  bot: string
  /** Sealed for this order: see asks.ts. */
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
