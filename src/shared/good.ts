import type { z } from 'zod'
import type { Sql } from './db/db.ts'
import type { TextParams, Texts } from './i18n/texts.ts'
import type { Language } from './i18n/languages.ts'
import type { Asset } from './money.ts'
import type { EntryKind } from './money/ledger.ts'
import { moneySql } from './money/tables.ts'
import type { SettingType } from './settings/settings.ts'

/**
 * Something that is sold. Each stands in its room's good.ts, and src/shop/goods.ts lists them all; history, exports,
 * statistics, XP, badges and discounts follow from that list. Kinds are stored: they never change.
 */
export interface Good {
  /** What `orders.good` holds. */
  kind: string
  /** The kind of the posting that pays for it; its name is the text `operation-<entry>`. */
  entry: EntryKind
  /** Whether promo codes and plans may give a part of its price back. */
  discounted: boolean
  /** No more comes back than `mostBack` of the order's details says, per order: what it costs us is known. */
  limitedBack?: boolean
  /** Whether what people pay for it gives XP, unless admins have rules of their own. */
  earnsXp: boolean
  /** The menu's key: the name of its text, the route of the button and its arguments. */
  menu?: {
    text: string
    button: [route: string, ...args: string[]]
    /** Whether the bot's menu has it; without one it always has. */
    shown?: SettingType<boolean>
  }
  /** Of a good that is bought by orders; without it the posting is all there is. */
  order?: OrderTerms
}

export interface OrderTerms {
  /** The part of `orders.details` that says what was ordered. */
  details: z.ZodType
  /** How many units an order is for: Stars, months, pictures. @param details what `details` has parsed */
  count(details: unknown): number
  /** Owes the job that a paid order waits for, in the transaction that sets its money aside. */
  fulfil(tx: Sql, orderId: string): Promise<unknown>
  /** Owes the job that lets an order go on that waits for money, some of which has come. */
  resume(tx: Sql, orderId: string, paymentId: string): Promise<unknown>
  /** How one that waits for money stands on top of the menu. */
  waiting: WaitingTerms
}

export interface WaitingTerms {
  /** What was ordered: the name of a text and what it needs. @param details what `details` has parsed */
  title(details: unknown): { text: string; params: TextParams }
  /** The route that shows what is missing; its argument is the order. */
  open: string
  /** The route that drops the order. */
  drop: string
  /** Roubles of the balance count towards a price in tokens. */
  roubles: boolean
}

/** An order that waits for money, as the menu needs it. */
export interface WaitingOrder {
  id: string
  good: string
  asset: Asset
  /** Minor units. */
  price: bigint
  details: Record<string, unknown>
}

/** Every good of the shop, in the order in which they are shown. */
export type Assortment = readonly Good[]

/** The kinds of postings that pay for goods. */
export const entryKindsOf = (goods: Assortment): EntryKind[] => goods.map((good) => good.entry)

/** The text that says what an operation was for: a refund gives to one side and takes from the other. */
export const operationText = (kind: string, amount: bigint): string =>
  kind === 'refund' && amount < 0n ? 'operation-refund-taken' : `operation-${kind}`

/** @returns the name in the reader's language; a kind that is not sold any more goes by its stored word */
export function goodTitle(goods: Assortment, texts: Texts, language: Language, kind: string): string {
  const key = `operation-${goods.find((good) => good.kind === kind)?.entry ?? kind}`
  return texts.has(language, key) ? texts.t(language, key) : kind
}

/** Money came for an order that may wait for it. An order of a good that is not sold any more waits until it expires. */
export async function resumeWaiting(
  tx: Sql,
  goods: Assortment,
  orderId: string,
  paymentId: string,
): Promise<void> {
  const [order] = await tx.rows(moneySql.selectFrom('orders').select('good').where('id', '=', orderId))
  await goods.find(({ kind }) => kind === order?.good)?.order?.resume(tx, orderId, paymentId)
}
