import { sql as q } from 'kysely'
import type { z } from 'zod'
import type { Sql } from './db/db.ts'
import type { TextParams, Texts } from './i18n/texts.ts'
import type { Language } from './i18n/languages.ts'
import type { Asset } from './money.ts'
import type { EntryKind } from './money/ledger.ts'
import { moneySql } from './money/tables.ts'
import type { Settings } from './settings/settings.ts'

/**
 * Something that is sold. Each stands in its room's good.ts, and src/shop/goods.ts lists them all; history, exports,
 * statistics, XP, badges and discounts follow from that list. Kinds are stored: they never change.
 */
export interface Good {
  /** What `orders.good` holds. */
  kind: string
  /** The kind of the posting that pays for it; its name is the text `operation-<entry>`. */
  entry: EntryKind
  /** Whether promo codes and plans may return a part of its price. */
  discounted: boolean
  /** At most `mostBack` of the order's details is returned per order, because the good has a known cost. */
  limitedBack?: boolean
  /** Whether spending on it gives XP, as long as admins have not set rules of their own. */
  earnsXp: boolean
  /** The menu's key: the name of its text, the route of the button and its arguments. */
  menu?: {
    text: string
    button: [route: string, ...args: string[]]
    /** Whether the bot's menu shows the good; absent = always. */
    shown?: (settings: Settings, bot: string) => Promise<boolean>
  }
  /** The words for what its posting says of a purchase; absent = that reads well in every language. */
  described?(description: string): { text: string; params: TextParams } | undefined
  /** Only for a good that is bought by orders; any other good is paid for by its posting alone. */
  order?: OrderTerms
}

export interface OrderTerms {
  /** The part of `orders.details` that says what was ordered. */
  details: z.ZodType
  /** How many units an order is for: Stars, months, pictures. @param details what `details` has parsed */
  count(details: unknown): number
  /** Owes the job that fulfils a paid order, in the transaction that sets its money aside. */
  fulfil(tx: Sql, orderId: string): Promise<unknown>
  /** Owes the job that continues an order which waits for money, after some has come. */
  resume(tx: Sql, orderId: string, paymentId: string): Promise<unknown>
  /** How an order that waits for money is shown on top of the menu. */
  waiting: WaitingTerms
}

export interface WaitingTerms {
  /**
   * What was ordered: a text's name and its variables.
   * @param details what `details` has parsed
   */
  title(details: unknown): { text: string; params: TextParams }
  /** The route that shows how much is missing; its argument is the order. */
  open: string
  /** The route that gives the order up. */
  drop: string
  /** Whether roubles of the balance may pay a price in tokens. */
  roubles: boolean
  /** Owes the job that redraws the card of an order that waits no more; absent = the good has none. */
  over?(tx: Sql, orderId: string): Promise<unknown>
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

/** Every good of the shop, in the order of the menu. */
export type Assortment = readonly Good[]

/** The kinds of postings by which goods are paid. */
export const entryKindsOf = (goods: Assortment): EntryKind[] => goods.map((good) => good.entry)

/**
 * The name of the text that says what an operation was for. A refund has two texts, because it gives to one side and
 * takes from the other.
 */
export const operationText = (kind: string, amount: bigint): string =>
  kind === 'refund' && amount < 0n ? 'operation-refund-taken' : `operation-${kind}`

/** The postings of payments and of their refunds, which are described by the way in which the money came. */
const BY_WAY: ReadonlySet<string> = new Set(['payment', 'deposit', 'refund'] satisfies EntryKind[])

/** What an operation's description says to its reader: what is stored may be a bare number or an adapter's name. */
export function operationDetail(
  goods: Assortment,
  reader: { language: Language; texts: Texts; t: (key: string, params?: TextParams) => string },
  { kind, description }: { kind: string; description: string },
): string {
  const said = goods.find(({ entry }) => entry === kind)?.described?.(description)
  if (said) return reader.t(said.text, said.params)
  const way = `method-${description}`
  return BY_WAY.has(kind) && reader.texts.has(reader.language, way) ? reader.t(way) : description
}

/** @returns the good's name in the reader's language; the stored word for a kind that is no longer sold */
export function goodTitle(goods: Assortment, texts: Texts, language: Language, kind: string): string {
  const key = `operation-${goods.find((good) => good.kind === kind)?.entry ?? kind}`
  return texts.has(language, key) ? texts.t(language, key) : kind
}

/**
 * Continues an order that may wait for the money that came. An order of a good that is no longer sold waits until it
 * expires, and so does one of a banned person, whom no bot answers: the money is on the balance, and after the ban is
 * lifted the order goes on.
 */
export async function resumeWaiting(
  tx: Sql,
  goods: Assortment,
  orderId: string,
  paymentId: string,
): Promise<void> {
  const [order] = await tx.rows(
    moneySql
      .selectFrom('orders as o')
      .select('good')
      .where('o.id', '=', orderId)
      .where(
        q<boolean>`not exists (select from persons p where p.id = o.person_id and p.banned_at is not null)`,
      ),
  )
  await goods.find(({ kind }) => kind === order?.good)?.order?.resume(tx, orderId, paymentId)
}
