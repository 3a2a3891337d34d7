import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Reads, Sql } from '#shared/db/db.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { shelfSql } from './tables.ts'
import type { Item } from './tables.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'

export const itemColumns = [
  ...(['id', 'kind', 'category_id as categoryId', 'name', 'description', 'picture', 'asset'] as const),
  ...(['price', 'prices', 'bots', 'per_person as perPerson', 'sold_from as soldFrom'] as const),
  ...([
    'sold_until as soldUntil',
    'low',
    'content',
    'terms',
    'refills',
    'told',
    'retired',
    'created_by as createdBy',
  ] as const),
  ...(['created_at as createdAt', 'updated_at as updatedAt'] as const),
] as const

export async function readItem(sql: Reads, id: bigint, lock = false): Promise<Item | undefined> {
  const query = shelfSql.selectFrom('shelf_items').select(itemColumns).where('id', '=', id)
  const [item] = await sql.rows(lock ? query.forUpdate() : query)
  return item
}

/**
 * Reads an item's id from a key.
 * @returns undefined when no key of ours contains such a text
 */
export const shelfId = (text: string): bigint | undefined =>
  /^\d{1,18}$/.test(text) ? BigInt(text) : undefined

/** The price in this bot, minor units. */
export const priceIn = ({ price, prices }: Pick<Item, 'price' | 'prices'>, bot: string): bigint =>
  prices[bot] === undefined ? price : BigInt(prices[bot])

/** Whether the item is sold in this bot now: not retired, within its dates and bots. Its stock is not looked at. */
export const isOffered = (item: Item, bot: string, now: Date): boolean =>
  !item.retired &&
  (item.bots === null || item.bots.includes(bot)) &&
  (item.soldFrom === null || item.soldFrom <= now) &&
  (item.soldUntil === null || item.soldUntil > now)

/** `isOffered` as a condition on rows `i` of shelf_items. */
const offered = (bot: string): RawBuilder<boolean> => q<boolean>`
  (not i.retired and (i.bots is null or ${bot} = any(i.bots)) and (i.sold_from is null or i.sold_from <= now())
   and (i.sold_until is null or i.sold_until > now()))`

/** What a key of the shelf shows of an item. */
export type Listed = Pick<Item, 'id' | 'name' | 'asset' | 'price' | 'prices'>
const listedColumns = ['i.id', 'i.name', 'i.asset', 'i.price', 'i.prices'] as const

/** @param categoryId null = items without a category */
export function itemsOf(
  sql: Sql,
  bot: string,
  categoryId: bigint | null,
  page: { limit: number; offset: number },
): Promise<Listed[]> {
  return sql.rows(
    shelfSql
      .selectFrom('shelf_items as i')
      .select(listedColumns)
      .where(offered(bot))
      .where('i.category_id', categoryId === null ? 'is' : '=', categoryId)
      .orderBy('i.id')
      .limit(page.limit)
      .offset(page.offset),
  )
}

/**
 * For admins: every item of the bots that they serve, new ones first, retired ones last.
 * @param whose.all items of all bots are shown to admins who serve all bots
 */
export function servedItems(
  sql: Sql,
  whose: { served: Served; all: boolean },
  page: { limit: number; offset: number; before?: bigint },
) {
  const mine = q<boolean>`case when i.bots is null then ${whose.all}::boolean
    else exists (select from unnest(i.bots) as bot where ${among(q`bot`, whose.served)}) end`
  let found = shelfSql
    .selectFrom('shelf_items as i')
    .select(['i.id', 'i.kind', 'i.name', 'i.price', 'i.asset', 'i.bots', 'i.retired'])
    .where(mine)
  if (page.before !== undefined)
    found = found.where(
      q<boolean>`(i.retired, -i.id) > (select retired, -id from shelf_items where id = ${page.before})`,
    )
  return sql.rows(found.orderBy('i.retired').orderBy('i.id', 'desc').limit(page.limit).offset(page.offset))
}

/** What somebody sees who finds an item without opening it. */
export type FoundItem = Listed & Pick<Item, 'description' | 'picture'>

/**
 * Finds items by a part of a name in any language; an empty word is a part of every name.
 * @param options.only a further condition on rows `i` of shelf_items
 */
export function findItems(
  sql: Sql,
  bot: string,
  word: string,
  { limit, offset = 0, only = q.lit(true) }: { limit: number; offset?: number; only?: RawBuilder<boolean> },
): Promise<FoundItem[]> {
  const names = q.join(
    LANGUAGES.map((language) => q`coalesce(i.name ->> ${q.lit(language)}, '')`),
    q` || ' ' || `,
  )
  return sql.rows(
    shelfSql
      .selectFrom('shelf_items as i')
      .select([...listedColumns, 'i.description', 'i.picture'])
      .where(offered(bot))
      .where(q<boolean>`position(folded(${word}) in folded(${names})) > 0`)
      .where(only)
      .orderBy('i.id')
      .limit(limit)
      .offset(offset),
  )
}

export interface Category {
  id: bigint
  parentId: bigint | null
  name: Record<Language, string>
  retired: boolean
}
const categoryColumns = ['id', 'parent_id as parentId', 'name', 'retired'] as const

export async function readCategory(sql: Sql, id: bigint): Promise<Category | undefined> {
  const [row] = await sql.rows(
    shelfSql.selectFrom('shelf_categories').select(categoryColumns).where('id', '=', id),
  )
  return row
}

export const allCategories = (sql: Sql): Promise<Category[]> =>
  sql.rows(
    shelfSql
      .selectFrom('shelf_categories')
      .select(categoryColumns)
      .orderBy('retired')
      .orderBy('id')
      .limit(80),
  )

/** The subcategories in which, or below which, this bot sells something now. */
export function categoriesOf(sql: Sql, bot: string, parentId: bigint | null): Promise<Category[]> {
  return sql.rows(
    shelfSql
      .selectFrom('shelf_categories')
      .select(categoryColumns)
      .where('retired', '=', false)
      .where('parent_id', parentId === null ? 'is' : '=', parentId)
      .where(
        q<boolean>`id in (
          with recursive filled as (
            select distinct i.category_id as id from shelf_items i where i.category_id is not null and ${offered(bot)}
            union
            select c.parent_id from shelf_categories c join filled f on f.id = c.id where not c.retired
          )
          select id from filled)`,
      )
      .orderBy('id')
      .limit(50),
  )
}
