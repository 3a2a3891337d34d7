import { sql as q } from 'kysely'
import { ROLES, allows } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import type { Context } from '#shared/context.ts'
import { languageOf } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { anyOf } from '#shared/db/build.ts'
import { LANGUAGE_READ } from '#shared/people.ts'
import { sharedSql } from '#shared/tables.ts'

/** Roles and languages change rarely, so they are read once a minute. */
const FRESH_MS = 60_000
const ADMINS = ROLES.filter((role) => allows(role, 'admin'))

/** The people who are told when the database is away, with the language in which each reads that bot. */
export interface OnCall {
  /** Reads these people anew if the list is old. While the database is away, the last list stays. */
  refresh(): Promise<void>
  /** Notes that an admin was here and which language they read. */
  seen(bot: string, personId: bigint, role: Role | undefined, language: Language): void
  /** undefined = the person's language is not known. */
  of(bot: { name: string; admins: readonly bigint[] }): Map<bigint, Language | undefined>
}

export function createOnCall(app: Pick<Context, 'db' | 'bots'>): OnCall {
  const known = new Map<string, Map<bigint, Language>>()
  let readAt = -Infinity
  return {
    async refresh() {
      if (performance.now() - readAt < FRESH_MS) return
      readAt = performance.now()
      // Two statements for all bots, because there may be a thousand.
      const bots = [...app.bots.values()]
      const given = await app.db.rows(
        sharedSql
          .selectFrom('admins as a')
          .innerJoin('persons as p', 'p.id', 'a.person_id')
          .leftJoin('bot_sessions as s', (on) =>
            on.onRef('s.person_id', '=', 'a.person_id').onRef('s.bot', '=', 'a.bot'),
          )
          .select(['a.bot', 'a.person_id as id', LANGUAGE_READ.as('language')])
          .where('a.bot', '=', anyOf(bots.map(({ name }) => name)))
          .where('a.role', '=', anyOf(ADMINS)),
      )
      const own = bots.flatMap(({ name, admins }) => admins.map((id) => ({ name, id })))
      const pairs = q`unnest(${own.map(({ name }) => name)}::text[], ${own.map(({ id }) => id)}::bigint[])`
      const met = await app.db.rows(
        sharedSql
          .selectFrom('persons as p')
          .innerJoin('bots as b', (on) => on.on(q<boolean>`(b.name, p.id) in (select * from ${pairs})`))
          .leftJoin('bot_sessions as s', (on) =>
            on.onRef('s.person_id', '=', 'p.id').onRef('s.bot', '=', 'b.name'),
          )
          .select(['b.name as bot', 'p.id', LANGUAGE_READ.as('language')]),
      )
      for (const { name, admins } of bots)
        known.set(name, new Map(admins.map((id) => [id, languageOf(null)])))
      for (const { bot, id, language } of [...given, ...met])
        known.get(bot)?.set(id, language ?? languageOf(null))
    },
    seen(bot, personId, role, language) {
      if (allows(role, 'admin')) known.get(bot)?.set(personId, language)
    },
    of: ({ name, admins }) => known.get(name) ?? new Map(admins.map((id) => [id, undefined])),
  }
}
