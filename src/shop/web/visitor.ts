import type { FastifyRequest } from 'fastify'
import type { RawBuilder } from 'kysely'
import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { languageOf } from '#shared/i18n/texts.ts'
import { createLimit } from '#shared/limits.ts'
import { botTexts, readerIn } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { NewsChannel } from '#shared/telegram/news-channel.ts'
import { readWebSession, SESSION_KEY } from './sessions.ts'

/** What the pages' functions work with. */
export type WebApp = Omit<Context, 'standing' | 'relay' | 'refreshBots'>

/** Who asks, in which bot, in which language: what a conversation is to the bot. It buys and it is sold to. */
export interface Visitor extends Reader {
  app: WebApp
  bot: ServedBot
  personId: bigint
  username: string | null
  /** How Telegram is asked for an invoice. */
  ctx: { api: ServedBot['api'] }
  /** Statements that are written when the request is answered. */
  withTheEnd: RawBuilder<unknown>[]
}

/** Requests of one person in ten seconds: more than anybody can tap, and the page itself asks rarely. */
const REQUESTS = 60
const SECONDS = 10
/**
 * Unknown keys that one address may send in a minute, at each gateway, before the database is asked no more: a key has
 * 256 bits and cannot be guessed, but each guess costs a statement. All people behind one proxy are one address, and a
 * page whose session is over sends one.
 */
const UNKNOWN_KEYS = 1_000
const GOOD_KEYS = 10_000

/** Reads who asks, and whether they may, with every request: a ban or a pause holds from the next one on. */
export function createDoorkeeper(app: WebApp) {
  const limit = createLimit(app.backend, { name: 'web', points: REQUESTS, seconds: SECONDS })
  const unknown = createLimit(
    { redis: undefined, key: (name) => name },
    { name: 'web-keys', points: UNKNOWN_KEYS, seconds: 60 },
  )
  const news = new NewsChannel()

  /** Keys that were right lately. They are not counted, so that a guesser keeps out nobody behind the same proxy. */
  const good = new Set<string>()

  /**
   * A key is counted before it is looked up: otherwise many at once would all pass. The count of a right key is given
   * back.
   */
  async function sessionOf(key: string, address: string) {
    const isNew = !good.has(key)
    if (isNew && (await unknown.take(address)) > 0) throw new UserError('web.often')
    const session = await readWebSession(app.db, key)
    if (!session) {
      good.delete(key)
      return undefined
    }
    if (isNew) await unknown.giveBack(address)
    remember(key)
    return session
  }

  function remember(key: string): void {
    if (good.size >= GOOD_KEYS) good.clear()
    good.add(key)
  }

  return {
    /** The session of a key has just been opened here. */
    opened: remember,

    /**
     * @throws UserError `web.over`, `web.often`, `web.banned`, `web.paused`, `web.closed`; `web.news` where buying needs a
     * subscription
     */
    async admit(request: FastifyRequest, buys: boolean): Promise<Visitor> {
      const [, key] = /^Bearer (\S{1,100})$/.exec(request.headers.authorization ?? '') ?? []
      const address = request.socket.remoteAddress ?? ''
      const session = key && SESSION_KEY.test(key) ? await sessionOf(key, address) : undefined
      const bot = session && app.bots.get(session.bot)
      if (!bot) throw new UserError('web.over')
      const { personId } = session
      if ((await limit.take(String(personId))) > 0) throw new UserError('web.often')
      const isAdmin = bot.isAdmin(personId) || session.role !== null
      if (session.state === 'removed' || bot.closing) throw new UserError('web.closed')
      if (session.banned !== null && !isAdmin) throw new UserError('web.banned', { reason: session.banned })
      if (session.state === 'paused' && !isAdmin) throw new UserError('web.paused')
      const channel = app.config.texts.newsChannelId
      const reader = { channel, bot: bot.name, personId, isAdmin, api: bot.api, log: app.log }
      if (buys && !(await news.lets(reader))) throw new UserError('web.news')
      return {
        app,
        bot,
        personId,
        username: session.username,
        ctx: { api: bot.api },
        withTheEnd: [],
        ...readerIn(await botTexts(app, bot.name), session.language ?? languageOf(null)),
      }
    },
  }
}
