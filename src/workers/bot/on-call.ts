import { allows, adminsOf } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import type { Context } from '#shared/context.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { personLanguage } from '#shared/people.ts'

/** Roles and languages change now and then. */
const FRESH_MS = 60_000

/** Who is told when the database is away, and in which language they read that bot. */
export interface OnCall {
  /** Reads them from the database if that was long ago; while it is away the last ones hold. */
  refresh(): Promise<void>
  /** An admin was here and reads this language. */
  seen(bot: string, personId: bigint, role: Role | undefined, language: Language): void
  /** undefined = the language is not known. */
  of(bot: { name: string; admins: readonly bigint[] }): Map<bigint, Language | undefined>
}

export function createOnCall(app: Pick<Context, 'db' | 'bots'>): OnCall {
  const known = new Map<string, Map<bigint, Language>>()
  let readAt = -Infinity
  return {
    async refresh() {
      if (performance.now() - readAt < FRESH_MS) return
      readAt = performance.now()
      for (const bot of app.bots.values()) {
        const languages = new Map<bigint, Language>()
        for (const id of await adminsOf(app.db, bot, 'admin')) {
          languages.set(id, await personLanguage(app.db, bot.name, id))
        }
        known.set(bot.name, languages)
      }
    },
    seen(bot, personId, role, language) {
      if (allows(role, 'admin')) known.get(bot)?.set(personId, language)
    },
    of: ({ name, admins }) => known.get(name) ?? new Map(admins.map((id) => [id, undefined])),
  }
}
