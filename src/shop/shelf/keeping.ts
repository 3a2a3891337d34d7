import { mustReach } from '#shared/acts.ts'
import type { Acting } from '#shared/acts.ts'
import { audit, madeBy } from '#shared/audit.ts'
import { lockWord } from '#shared/db/lock.ts'
import { UserError } from '#shared/errors.ts'
import { isBot } from '#shared/owners.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import { readCategory, readItem } from './items.ts'
import type { Category } from './items.ts'
import { CATEGORIES, saveCategory, saveItem } from './manage.ts'
import type { ItemChange } from './manage.ts'
import type { Item } from './tables.ts'

/** The admin who keeps the shelf, in the chat or at the panel. */
export interface Keeper extends Acting {
  bot: { name: string }
}

/**
 * What an admin may make of an item: a new one is sold in the admin's bot unless they serve all bots.
 * @throws UserError `bot.not-yours`, `item.all-bots`, `item.bot`
 */
export async function withinReach(
  keeper: Keeper,
  { old, change }: { old: Item | undefined; change: ItemChange },
): Promise<ItemChange> {
  const wanted = { ...change }
  if (!old && wanted.bots === undefined && !(await servesAll(keeper))) wanted.bots = [keeper.bot.name]
  await mustServe(keeper, wanted)
  return wanted
}

/**
 * An admin makes or changes an item, with an audit line.
 * @param wanted.update the message or form: sending it again makes no second item
 * @param wanted.mustBe throws when this is not the item that the admin saw
 * @throws UserError as saveItem, and `bot.not-yours`, `item.all-bots`, `item.bot`
 */
export async function keepItem(
  keeper: Keeper,
  {
    old,
    change,
    update,
    mustBe,
  }: { old: Item | undefined; change: ItemChange; update: string; mustBe?: (now: Item) => void },
): Promise<Item> {
  const { app, bot, personId } = keeper
  const wanted = await withinReach(keeper, { old, change })
  return await app.db.tx(async (tx) => {
    const line = { actor: personId, action: old ? 'item.changed' : 'item.created', bot: bot.name }
    const earlier = old ? undefined : await madeBy(tx, { ...line, update })
    if (earlier) return (await readItem(tx, BigInt(earlier)))!
    const now = old && mustBe && (await readItem(tx, old.id, true))
    if (now) mustBe?.(now)
    const item = await saveItem(tx, old?.id, wanted, personId)
    const fields = Object.keys(wanted).join(', ')
    const details = { update, fields, amount: String(item.price), asset: item.asset }
    await audit(tx, { ...line, target: String(item.id), details })
    return item
  })
}

const servesAll = ({ app, personId }: Keeper): Promise<boolean> =>
  mayChangeForAll(app.db, app, personId, 'admin')

/** Only a bot's own admins decide what is sold in it. */
async function mustServe(keeper: Keeper, { bots, prices }: ItemChange): Promise<void> {
  for (const name of [...(bots ?? []), ...Object.keys(prices ?? {})]) {
    if (!(await isBot(keeper.app.db, name))) throw new UserError('item.bot', { bot: name })
    await mustReach(keeper, 'bot', name, { minimum: 'admin' })
  }
  if (bots === null && !(await servesAll(keeper)))
    throw new UserError('item.all-bots', { bot: keeper.bot.name })
}

/**
 * An admin makes or changes a category, with an audit line.
 * @param wanted.update the message or form: sending it again makes no second category
 * @param wanted.mustBe throws when this is not the category that the admin saw
 * @throws UserError as saveCategory
 */
export async function keepCategory(
  { app, bot, personId }: Keeper,
  {
    id,
    change,
    update,
    mustBe,
  }: { id: bigint | undefined; change: CategoryChange; update: string; mustBe?: (now: Category) => void },
): Promise<bigint> {
  return await app.db.tx(async (tx) => {
    await lockWord(tx, CATEGORIES)
    const now = id === undefined ? undefined : await readCategory(tx, id)
    if (now) mustBe?.(now)
    const action = id === undefined ? 'category.created' : 'category.changed'
    const line = { actor: personId, action, bot: bot.name }
    const earlier = id === undefined ? await madeBy(tx, { ...line, update }) : undefined
    if (earlier !== undefined) return BigInt(earlier)
    const kept = await saveCategory(tx, id, change)
    const under = change.parentId === undefined ? {} : { under: String(change.parentId ?? 'no') }
    await audit(tx, { ...line, target: String(kept), details: { update, ...change.name, ...under } })
    return kept
  })
}

type CategoryChange = Partial<Pick<Category, 'name' | 'parentId'>>

/**
 * An admin takes a category off sale or puts it back, with an audit line.
 * @returns false when it was so already
 */
export async function switchCategory(
  { app, bot, personId }: Keeper,
  id: bigint,
  retired: boolean,
): Promise<boolean> {
  return await app.db.tx(async (tx) => {
    const now = await readCategory(tx, id)
    if (now?.retired === retired) return false
    await saveCategory(tx, id, { retired })
    const action = retired ? 'category.retired' : 'category.returned'
    await audit(tx, { actor: personId, action, target: String(id), bot: bot.name })
    return true
  })
}
