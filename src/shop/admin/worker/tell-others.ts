import { sql as q } from 'kysely'
import { inBatches } from '#shared/queue/batches.ts'
import { NOW, ago } from '#shared/db/build.ts'
import { adminSql } from '../tables.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { inLanguages } from '#shared/i18n/languages.ts'
import { operatorsOf, oweAdminAlert } from '#shared/notices.ts'
import { ownersOf, servedBots } from '#shared/owners.ts'
import type { Thing } from '#shared/owners.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { botTexts, readerIn } from '#shared/reader.ts'
import { adminsOf } from '#shared/roles.ts'
import { shorten } from '#shared/storable.ts'
import { targetWords } from '../journal.ts'
import { actionWords } from './admin-digest.ts'

/** The first round of a deployment begins with the lines of this time. */
const BACK_MINUTES = 60
/** Lines that one statement reads. All are read: somebody could write many to push one out of sight. */
const PART = 500

interface Line {
  id: bigint
  /** The number in the audit chain. Numbers are given at commits, one after another, so none comes in below the last. */
  number: bigint
  /** null = nobody did it: a clock or a rule of the shop. */
  actor: bigint | null
  name: string | null
  bot: string | null
  action: string
  target: string
}

/** Acts that change something for all bots. */
const SHARED = /^(?:plan|fragment|images)\.|^setting/
/** Other acts that reach the bot of another owner, by the beginning of the act's name or of its target. */
const THINGS: readonly [RegExp, Thing][] = [
  [/^key\./, 'key'],
  [/^bot\./, 'bot'],
  [/^promo\./, 'promo'],
]
const TARGETS: readonly [RegExp, Thing][] = [
  [/^person (\d+)$/, 'person'],
  [/^payment (\w+)$/, 'payment'],
]
/** Acts that show or say something to a person and change nothing that other bots see. */
const HARMLESS = ['person.written', 'role', 'export']

/**
 * Several owners may share one database. When an admin of one owner touches the bot or the people of another, or
 * something common, the other owner is told within a minute or two. The audit log says what happened, so every act
 * that is logged can be told.
 */
export async function tellOthers(
  app: Pick<Context, 'db' | 'config' | 'bots' | 'texts' | 'settings'>,
): Promise<Verdict> {
  const cursor = `acts told from ${operatorsOf(app.bots)[0]?.name ?? ''}`
  await inBatches(async () => {
    const lines = await nextLines(app.db, cursor)
    if (lines.length > 0) {
      await tellOf(app, lines)
      await remember(app.db, cursor, lines.at(-1)!.number)
    }
    return lines.length === PART
  })
  return done
}

async function tellOf(
  app: Pick<Context, 'db' | 'config' | 'bots' | 'texts' | 'settings'>,
  lines: Line[],
): Promise<void> {
  const all = await app.db.rows(
    adminSql
      .selectFrom('bots')
      .select('name')
      .where('telegram_id', 'is not', null)
      .where('state', '<>', 'removed')
      .orderBy('name'),
  )
  const owners = new Map<string, bigint[]>()
  for (const { name } of all)
    owners.set(name, await adminsOf(app.db, app.bots.get(name) ?? { name, admins: [] }, 'owner'))
  for (const line of lines) {
    if (line.actor === null) continue
    const touched = await touchedBy(app, line, [...owners.keys()])
    if (touched.length === 0) continue
    const served = await servedBots(app.db, app, line.actor)
    const own = line.bot === null ? [] : (owners.get(line.bot) ?? [])
    const others = touched.filter((bot) => {
      if (bot === line.bot || served?.includes(bot)) return false
      const whose = owners.get(bot) ?? []
      // An owner of both bots has done it, or has been told in the other bot.
      return !whose.every((owner) => owner === line.actor || own.includes(owner)) || whose.length === 0
    })
    if (others.length === 0) continue
    const texts = await botTexts(app, others[0]!)
    await oweAdminAlert(
      app.db,
      others.map((name) => ({ name })),
      {
        key: `shared-${line.id}`,
        text: 'alert-shared',
        params: {
          who: line.name ?? '—',
          id: String(line.actor),
          bot: line.bot ?? '—',
          action: actionWords(texts, line.action),
          target: inLanguages((language) =>
            shorten(targetWords(readerIn(texts, language), { ...line, details: {} }), 80),
          ),
        },
      },
    )
  }
}

/** The oldest lines behind the cursor, which each deployment has for itself, because it may know other owners. */
async function nextLines(sql: Sql, cursor: string): Promise<Line[]> {
  const last = adminSql
    .selectFrom('cursors')
    .select(q<bigint>`value::bigint`.as('number'))
    .where('name', '=', cursor)
  const older = adminSql
    .selectFrom('audit_chain as c')
    .innerJoin('audit_log as a', 'a.id', 'c.line_id')
    .select('c.number')
    .where('a.at', '<=', ago(BACK_MINUTES, 'minute'))
    .orderBy('c.number', 'desc')
    .limit(1)
  return await sql.rows(
    adminSql
      .selectFrom('audit_chain as c')
      .innerJoin('audit_log as a', 'a.id', 'c.line_id')
      .leftJoin('persons as p', 'p.id', 'a.actor_id')
      .select(['a.id', 'c.number', 'a.actor_id as actor', 'a.bot', 'a.action', 'a.target'])
      .select(q<string | null>`nullif(p.first_name, '')`.as('name'))
      .where('c.number', '>', q<bigint>`coalesce((${last}), (${older}), 0)`)
      .orderBy('c.number')
      .limit(PART),
  )
}

/** Another worker may have come further meanwhile. */
async function remember(sql: Sql, cursor: string, number: bigint): Promise<void> {
  await sql.rows(
    adminSql
      .insertInto('cursors')
      .values({ name: cursor, value: String(number) })
      .onConflict((there) =>
        there.column('name').doUpdateSet({
          value: q`greatest(cursors.value::bigint, excluded.value::bigint)::text`,
          updated_at: NOW,
        }),
      ),
  )
}

async function touchedBy(
  { db }: Pick<Context, 'db'>,
  { bot, action, target }: Line,
  all: string[],
): Promise<string[]> {
  if (HARMLESS.includes(action)) return []
  if (SHARED.test(action)) return action.startsWith('setting') && bot !== null ? [] : all
  const thing = THINGS.find(([name]) => name.test(action))?.[1]
  if (thing) {
    const found = await ownersOf(db, thing, target)
    return thing === 'promo' && found.length === 0 ? all : found
  }
  for (const [pattern, of] of TARGETS) {
    const id = pattern.exec(target)?.[1]
    if (id !== undefined) return await ownersOf(db, of, id)
  }
  return []
}
