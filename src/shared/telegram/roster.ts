import { sql as q } from 'kysely'
import type { BotSettings } from '../config/bots.ts'
import type { Config } from '../config/config.ts'
import { ago, anyOf, NOW } from '../db/build.ts'
import type { Db } from '../db/db.ts'
import { explain } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { QueueBackend } from '../queue/backend.ts'
import type { Secrets } from '../secrets.ts'
import { sharedSql } from '../tables.ts'
import { serveBot } from './bots.ts'
import type { Bots, ServedBot } from './bots.ts'
import { parkBot, printOf } from './identify.ts'

/** How soon the other processes see what an owner changed in one of them. */
const REFRESH_MS = 2_000
/** How often each deployment writes down which bots it serves. */
const NOTE_MINUTES = 60

/**
 * The bots that this deployment serves: those of its settings, and those that owners added through the settings' bots.
 */
export interface Roster {
  /** The list changes while the process runs: read it each time and keep no copy. */
  bots: Bots
  /**
   * Reads the database now.
   * @throws when the database is away; the list of bots then stays as it was
   */
  refresh(): Promise<void>
  stop(): void
}

interface RosterContext {
  config: Config
  log: Log
  backend: QueueBackend
  metrics: Metrics
  db: Db
  secrets: Secrets
  /** Called when Telegram does not answer. */
  trouble?: (() => void) | undefined
}

interface Row {
  name: string
  token: Uint8Array | null
  state: string
  tokenPrint: string | null
  insteadOf: string | null
  team: string[]
  /** No deployment has written down lately that it serves this bot. */
  isUnnoted: boolean
}

/** The name under which a bot's token is encrypted. */
export const tokenSecret = (bot: string): string => `token of the bot ${bot}`

/** @param changed called after each reading, even if nothing changed */
export function keepRoster(context: RosterContext, changed: () => void = () => {}): Roster {
  const { config, db, log } = context
  const given = new Map(config.bots.map((settings) => [settings.name, settings]))
  const own = [...given.keys()]
  const bots = new Map<string, ServedBot>()
  const unreadable = new Set<string>()
  const serve = (settings: BotSettings) =>
    serveBot(settings, {
      ...config.telegram,
      backend: context.backend,
      metrics: context.metrics,
      trouble: context.trouble,
      refused(bot) {
        if (bot.parked) return
        bot.parked = true
        parkBot(db, bot, bots).catch((error: unknown) => {
          bot.parked = false
          log.warn({ bot: bot.name, reason: explain(error) }, 'a bot with a refused token is not parked yet')
        })
      },
    })
  for (const settings of config.bots) bots.set(settings.name, serve(settings))

  function settingsOf(row: Row): BotSettings | undefined {
    const ours = given.get(row.name)
    if (!row.token || (ours && row.insteadOf !== printOf(ours.token))) return ours
    try {
      const token = context.secrets.decrypt(tokenSecret(row.name), row.token)
      unreadable.delete(row.name)
      return { name: row.name, token, admins: ours?.admins ?? [] }
    } catch (error) {
      if (!unreadable.has(row.name))
        log.error(
          { bot: row.name, reason: explain(error) },
          'the token of a bot was kept with another ENCRYPTION_KEY',
        )
      unreadable.add(row.name)
      return ours
    }
  }

  async function read(): Promise<void> {
    const rows = await db.rows(
      sharedSql
        .selectFrom('bots as b')
        .leftJoin('secrets as s', (on) => on.on('s.name', '=', q<string>`${tokenSecret('')} || b.name`))
        .select([
          'b.name',
          's.ciphertext as token',
          'b.state',
          'b.token_print as tokenPrint',
          'b.instead_of as insteadOf',
          q<string[]>`array(select person_id::text from admins where bot = b.name)`.as('team'),
          q<boolean>`coalesce(b.served_at < ${ago(NOTE_MINUTES, 'minute')}, true)`.as('isUnnoted'),
        ])
        .where((are) =>
          are.or([
            are('b.name', '=', anyOf(own)),
            are.and([are('b.home', '=', anyOf(own)), are('s.name', 'is not', null)]),
          ]),
        ),
    )
    for (const row of rows) {
      const settings = settingsOf(row)
      if (!settings) continue
      const known = bots.get(row.name)
      const bot = known?.token === settings.token ? known : serve(settings)
      bot.parked = row.state === 'parked' && row.tokenPrint === printOf(bot.token)
      bot.closing = row.state === 'removed'
      bot.team = new Set([...bot.admins.map(String), ...row.team])
      bots.set(row.name, bot)
    }
    const there = new Set([...own, ...rows.map(({ name }) => name)])
    for (const name of bots.keys()) if (!there.has(name)) bots.delete(name)
    changed()
    await note(rows.filter(({ isUnnoted }) => isUnnoted).map(({ name }) => name))
  }

  /** A failed note stops nothing: the bots go on even when the disk is full. */
  async function note(served: string[]): Promise<void> {
    if (served.length === 0) return
    await db
      .rows(sharedSql.updateTable('bots').set({ served_at: NOW }).where('name', '=', anyOf(served)))
      .catch((error: unknown) =>
        log.debug({ reason: explain(error) }, 'the list of the served bots could not be stored'),
      )
  }

  let reading: Promise<void> | undefined
  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
  const timer = setInterval(() => void refresh().catch(() => {}), REFRESH_MS)
  return { bots, refresh, stop: () => clearInterval(timer) }
}
