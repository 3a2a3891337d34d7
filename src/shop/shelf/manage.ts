import { lockWord } from '#shared/db/lock.ts'
import { jsonb, NOW } from '#shared/db/build.ts'
import { audit } from '#shared/audit.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { MAX_AMOUNT } from '#shared/money.ts'
import { readCategory, readItem } from './items.ts'
import type { Category } from './items.ts'
import { isItemKind } from './kinds/list.ts'
import { shelfSql } from './tables.ts'
import type { Item } from './tables.ts'
import { LANGUAGES, inLanguages } from '#shared/i18n/languages.ts'

/** The fields of an item that an admin typed; fields that are left out stay. */
export type ItemChange = Partial<
  Pick<
    Item,
    | 'kind'
    | 'categoryId'
    | 'name'
    | 'description'
    | 'picture'
    | 'asset'
    | 'price'
    | 'prices'
    | 'bots'
    | 'perPerson'
    | 'terms'
  > &
    Pick<Item, 'soldFrom' | 'soldUntil' | 'low'>
>

const LONGEST_NAME = 48
const LONGEST_DESCRIPTION = 1_500

/**
 * Makes or changes an item. Earlier purchases stay, and orders that wait for money keep the price that was shown.
 * @param id none for a new item
 * @throws UserError `item.invalid` with the field that is missing or not fit, `item.range` with what is allowed, `item.gone`
 */
export async function saveItem(
  tx: Sql,
  id: bigint | undefined,
  change: ItemChange,
  by: bigint,
): Promise<Item> {
  const old = id === undefined ? undefined : await readItem(tx, id, true)
  if (id !== undefined && !old) throw new UserError('item.gone')
  const item = { ...NEW, ...old, ...change }
  // The prices of single bots are in the item's asset; with another asset they would be other prices, so they are
  // dropped.
  if (old && change.asset && change.asset !== old.asset && change.prices === undefined) item.prices = {}
  const wrong = await whatIsWrong(tx, item, old)
  if (wrong) throw new UserError('item.invalid', { what: wrong })
  const row = {
    kind: item.kind,
    category_id: item.categoryId,
    name: jsonb(item.name),
    description: jsonb(item.description),
    picture: item.picture,
    asset: item.asset,
    price: item.price,
    prices: jsonb(item.prices),
    bots: item.bots,
    per_person: item.perPerson,
    sold_from: item.soldFrom,
    sold_until: item.soldUntil,
    low: item.low,
    terms: item.terms === null ? null : jsonb(item.terms),
  }
  const [saved] = await tx.rows(
    id === undefined
      ? shelfSql
          .insertInto('shelf_items')
          .values({ ...row, created_by: by })
          .returning('id')
      : shelfSql
          .updateTable('shelf_items')
          .set({ ...row, updated_at: NOW })
          .where('id', '=', id)
          .returning('id'),
  )
  return (await readItem(tx, saved!.id))!
}

const NEW: Required<ItemChange> = {
  kind: '',
  categoryId: null,
  name: inLanguages(() => ''),
  description: {},
  picture: null,
  asset: 'RUB',
  price: 0n,
  prices: {},
  bots: null,
  perPerson: null,
  soldFrom: null,
  soldUntil: null,
  low: 5,
  terms: null,
}

/** @returns the name of the field as it is typed @throws UserError `item.range` */
async function whatIsWrong(
  tx: Sql,
  item: Required<ItemChange>,
  old: Item | undefined,
): Promise<string | undefined> {
  const named = (text: string | undefined) =>
    text !== undefined && text.trim() !== '' && text.length <= LONGEST_NAME
  const priced = (amount: bigint) => amount >= 1n && amount <= MAX_AMOUNT
  const counted = (what: string, value: number, min: number, max: number) => {
    if (!Number.isInteger(value) || value < min || value > max)
      throw new UserError('item.range', { what, min, max })
  }
  if (!isItemKind(item.kind) || (old && old.kind !== item.kind)) return 'kind'
  const nameless = LANGUAGES.find((language) => !named(item.name[language]))
  if (nameless) return nameless
  const wordy = LANGUAGES.find((language) => (item.description[language]?.length ?? 0) > LONGEST_DESCRIPTION)
  if (wordy) return `${wordy}-text`
  if (item.picture !== null && !isPicture(item.picture)) return 'picture'
  if (!priced(item.price)) return 'price'
  const badPrice = Object.entries(item.prices).find(([, amount]) => !priced(BigInt(amount)))
  if (badPrice) return `price-${badPrice[0]}`
  if (item.perPerson !== null) counted('limit', item.perPerson, 1, 1_000_000)
  counted('low', item.low, 0, 1_000_000)
  if (item.soldFrom && item.soldUntil && item.soldFrom >= item.soldUntil) return 'until'
  if (item.categoryId !== null && !(await readCategory(tx, item.categoryId))) return 'category'
  return undefined
}

const isPicture = (address: string): boolean =>
  address.length <= 500 && URL.canParse(address) && new URL(address).protocol === 'https:'

/**
 * Takes an item off sale or puts it back. Earlier buyers still see it.
 * @returns false when it was so already
 */
export async function retireItem(tx: Sql, id: bigint, retired: boolean): Promise<boolean> {
  const rows = await tx.rows(
    shelfSql
      .updateTable('shelf_items')
      .set({ retired, updated_at: NOW })
      .where('id', '=', id)
      .where('retired', '=', !retired)
      .returning('id'),
  )
  return rows.length > 0
}

/** The same as an admin's decision, with its audit line. */
export function switchItem(
  db: Db,
  change: { id: bigint; retired: boolean; bot: string; by: bigint },
): Promise<boolean> {
  const { id, retired, bot, by } = change
  return db.tx(async (tx) => {
    if (!(await retireItem(tx, id, retired))) return false
    await audit(tx, {
      actor: by,
      action: retired ? 'item.retired' : 'item.returned',
      target: String(id),
      bot,
    })
    return true
  })
}

export async function setContent(tx: Sql, id: bigint, sealed: Buffer): Promise<void> {
  await tx.rows(
    shelfSql.updateTable('shelf_items').set({ content: sealed, updated_at: NOW }).where('id', '=', id),
  )
}

/** How deep categories may be: nobody walks through more levels. */
const DEEPEST = 8

/** Two admins could move two categories below each other at once and make a circle, so changes come one after another. */
export const CATEGORIES = 'shelf categories'

/** @throws UserError `item.invalid`, `category.circle` when it would stand below itself, or too deep */
export async function saveCategory(
  tx: Sql,
  id: bigint | undefined,
  change: Partial<Pick<Category, 'name' | 'parentId' | 'retired'>>,
): Promise<bigint> {
  await lockWord(tx, CATEGORIES)
  const old = id === undefined ? undefined : await readCategory(tx, id)
  if (id !== undefined && !old) throw new UserError('category.gone')
  const { name, parentId, retired } = {
    name: inLanguages(() => ''),
    parentId: null,
    retired: false,
    ...old,
    ...change,
  }
  for (const language of LANGUAGES) {
    const text = name[language]
    if (text.trim() === '' || text.length > LONGEST_NAME)
      throw new UserError('item.invalid', { what: language })
  }
  let above = parentId
  for (let depth = 1; above !== null; depth++) {
    if (above === id || depth >= DEEPEST) throw new UserError('category.circle')
    const parent = await readCategory(tx, above)
    if (!parent) throw new UserError('category.gone')
    above = parent.parentId
  }
  const row = { name: jsonb(name), parent_id: parentId, retired }
  const [saved] = await tx.rows(
    id === undefined
      ? shelfSql.insertInto('shelf_categories').values(row).returning('id')
      : shelfSql.updateTable('shelf_categories').set(row).where('id', '=', id).returning('id'),
  )
  return saved!.id
}
