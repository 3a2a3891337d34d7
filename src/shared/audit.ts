import { AsyncLocalStorage } from 'node:async_hooks'
import { sql as q } from 'kysely'
import { sharedSql } from './tables.ts'
import { lockWord } from './db/lock.ts'
import { jsonb } from './db/build.ts'
import type { Sql } from './db/db.ts'

const way = new AsyncLocalStorage<string>()

/**
 * Audit lines written inside `act` say by which way the action came, for example the panel; a line without a way came
 * by the chat.
 */
export const cameBy = <T>(name: string, act: () => Promise<T>): Promise<T> => way.run(name, act)

/** Writes an audit line in the same transaction as the action. */
export async function audit(
  tx: Sql,
  line: { actor: bigint; action: string; target: string; bot?: string; details?: Record<string, unknown> },
): Promise<void> {
  const by = way.getStore()
  const { actor, action, target, bot = null } = line
  const details = jsonb({ ...line.details, ...(by && { way: by }) })
  await tx.rows(sharedSql.insertInto('audit_log').values({ bot, actor_id: actor, action, target, details }))
}

/**
 * Finds what this message or form has made already, by the audit line of the action, so that sending it again makes
 * nothing twice. Two requests at the same moment wait for each other here.
 * @returns the target of that line
 */
export async function madeBy(
  tx: Sql,
  line: { actor: bigint; action: string; bot: string; update: string },
): Promise<string | undefined> {
  const { actor, action, bot, update } = line
  await lockWord(tx, `made ${actor} ${action} ${bot} ${update}`)
  const [made] = await tx.rows(
    sharedSql
      .selectFrom('audit_log')
      .select('target')
      .where('actor_id', '=', actor)
      .where('action', '=', action)
      .where('bot', '=', bot)
      .where(q`details ->> 'update'`, '=', update),
  )
  return made?.target
}
