import { AsyncLocalStorage } from 'node:async_hooks'
import { sql as q } from 'kysely'
import type { AlertTopic } from './alert-topics.ts'
import { newId } from './ids.ts'
import { namesOf } from './names-of-people.ts'
import { owePersonNotice } from './notices.ts'
import { shorten } from './storable.ts'
import { sharedSql } from './tables.ts'
import { lockWord } from './db/lock.ts'
import { jsonb } from './db/build.ts'
import type { Sql } from './db/db.ts'

const way = new AsyncLocalStorage<string>()
/** The way of a key in the admins' group, where the alert itself says who decided. */
export const IN_GROUP = 'group'

/**
 * Audit lines written inside `act` say by which way the action came, for example the panel; a line without a way came
 * by the chat.
 */
export const cameBy = <T>(name: string, act: () => Promise<T>): Promise<T> => way.run(name, act)

interface AuditLine {
  actor: bigint
  action: string
  target: string
  bot?: string
  details?: Record<string, unknown>
  /** Words that the admins' group reads below the act; false = the act is to be seen there already. */
  inGroup?: string | false
}

/** Writes an audit line in the same transaction as the action, and tells the admins' group of it where that helps. */
export async function audit(tx: Sql, line: AuditLine): Promise<void> {
  const by = way.getStore()
  const { actor, action, target, bot = null } = line
  const details = jsonb({ ...line.details, ...(by && { way: by }) })
  await tx.rows(sharedSql.insertInto('audit_log').values({ bot, actor_id: actor, action, target, details }))
  if (bot !== null && line.inGroup !== false && by !== IN_GROUP) await oweNote(tx, { ...line, bot })
}

/** Acts that answer an alert or a question, with the topic where the other admins see that it is done, and by whom. */
const NOTED: readonly [RegExp, AlertTopic][] = [
  [/^(person\.written|question\.closed)$/, 'support'],
  [/^request\.(approve|reject|more)$/, 'requests'],
  [/^payment\.(credit|disown|give|not-charged|refund)$/, 'payments'],
  [/^service\.(taken|delivered|refused)$/, 'orders'],
]

async function oweNote(tx: Sql, { actor, action, target, bot, inGroup }: AuditLine & { bot: string }) {
  const topic = NOTED.find(([acts]) => acts.test(action))?.[1]
  // The acts on services name their order alone.
  const [, kind = 'order', number] = /^(?:(person|payment|order) )?(\w+)$/.exec(target) ?? []
  if (!topic || !number) return
  const nameOf = await namesOf(tx, [actor])
  await owePersonNotice(tx, {
    key: `act-${newId()}`,
    bot,
    personId: actor,
    team: { topic, minimum: 'support', groupOnly: true },
    text: action === 'person.written' ? 'topic-act-written' : `topic-act-${kind}`,
    params: { who: nameOf(actor), action, number },
    ...(inGroup && { list: [{ text: 'topic-act-words', params: { words: shorten(inGroup, 300) } }] }),
    buttons: [[[kind === 'person' ? 'support-person' : `support-open-${kind}`, `a-${kind}`, number]]],
  })
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
