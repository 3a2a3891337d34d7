import { sql as q } from 'kysely'
import { mustReach } from '#shared/acts.ts'
import type { Acting } from '#shared/acts.ts'
import { audit } from '#shared/audit.ts'
import { statements } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { lockWord } from '#shared/db/lock.ts'
import { UserError } from '#shared/errors.ts'
import { isBot } from '#shared/owners.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import type { AuditLogTable } from '#shared/tables.ts'
import { readItem } from './items.ts'
import { saveItem } from './manage.ts'
import type { ItemChange } from './manage.ts'
import type { Item } from './tables.ts'

const auditSql = statements<typeof AuditLogTable>()

/** The admin who keeps the shelf, in the chat or at the panel. */
export interface Keeper extends Acting {
  bot: { name: string }
}

/**
 * An item that is made or changed by an admin, with the line of the journal.
 * @param wanted.update the message or the form it came by: the same again makes no second one
 * @throws UserError as saveItem, and `bot.not-yours`, `item.all-bots`, `item.bot`
 */
export async function keepItem(
  keeper: Keeper,
  { old, change, update }: { old: Item | undefined; change: ItemChange; update: string },
): Promise<Item> {
  const { app, bot, personId } = keeper
  const wanted = { ...change }
  if (!old && wanted.bots === undefined && !(await servesAll(keeper))) wanted.bots = [bot.name]
  await mustServe(keeper, wanted)
  return await app.db.tx(async (tx) => {
    // Two presses at the same moment wait for each other.
    await lockWord(tx, `item made ${personId} ${bot.name} ${update}`)
    const earlier = old ? undefined : await madeBy(tx, keeper, update)
    if (earlier) return (await readItem(tx, earlier))!
    const item = await saveItem(tx, old?.id, wanted, personId)
    const action = old ? 'item.changed' : 'item.created'
    const fields = Object.keys(wanted).join(', ')
    const details = { update, fields, amount: String(item.price), asset: item.asset }
    await audit(tx, { actor: personId, action, target: String(item.id), bot: bot.name, details })
    return item
  })
}

/** By the line of the journal that the message has left. */
async function madeBy(tx: Sql, { personId, bot }: Keeper, update: string): Promise<bigint | undefined> {
  const [line] = await tx.rows(
    auditSql
      .selectFrom('audit_log')
      .select('target')
      .where('actor_id', '=', personId)
      .where('action', '=', 'item.created')
      .where('bot', '=', bot.name)
      .where(q<string>`details ->> 'update'`, '=', update),
  )
  return line && BigInt(line.target)
}

const servesAll = ({ app, personId }: Keeper): Promise<boolean> =>
  mayChangeForAll(app.db, app, personId, 'admin')

/** What is sold in a bot is for its own admins to say. */
async function mustServe(keeper: Keeper, { bots, prices }: ItemChange): Promise<void> {
  for (const name of [...(bots ?? []), ...Object.keys(prices ?? {})]) {
    if (!(await isBot(keeper.app.db, name))) throw new UserError('item.bot', { bot: name })
    await mustReach(keeper, 'bot', name, { minimum: 'admin' })
  }
  if (bots === null && !(await servesAll(keeper)))
    throw new UserError('item.all-bots', { bot: keeper.bot.name })
}
