import type { FastifyRequest } from 'fastify'
import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { languageOf } from '#shared/i18n/languages.ts'
import { createLimit } from '#shared/limits.ts'
import { botTexts, readerIn } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { NewsChannel } from '#shared/telegram/news-channel.ts'
import { SESSION_KEY } from './hash.ts'
import type { ItemPictures } from './item-picture.ts'
import { createKeys } from './keys.ts'
import { readWebSession } from './sessions.ts'

/** What the pages' functions work with. */
export type WebApp = Omit<Context, 'standing' | 'relay' | 'refreshBots'> & { itemPictures: ItemPictures }

/** Who uses the page, in which bot and language; the counterpart of a chat in the bot. */
export interface Visitor extends Reader {
  app: WebApp
  bot: ServedBot
  personId: bigint
  username: string | null
  firstName: string
  /** The bot's own name in Telegram; null = never identified. */
  botUsername: string | null
  /** The client that asks Telegram for an invoice. */
  ctx: { api: ServedBot['api'] }
}

/** Requests that one person may send in ten seconds: more than anybody can tap. */
const REQUESTS = 60
const SECONDS = 10
/**
 * Requests that buy, of one person in that time: each may ask a vendor or Telegram something or write an order. The bot
 * takes as many messages.
 */
const PURCHASES = 20
/** Sessions that one person may open in that time: a page opens one. */
const OPENINGS = 20

/**
 * Checks with every request who asks and whether they may: a ban or a pause of the bot holds from the next request on.
 */
export function createDoorkeeper(app: WebApp) {
  const limit = createLimit(app.backend, { name: 'web', points: REQUESTS, seconds: SECONDS })
  const purchases = createLimit(app.backend, { name: 'web-buys', points: PURCHASES, seconds: SECONDS })
  const openings = createLimit(app.backend, { name: 'web-openings', points: OPENINGS, seconds: SECONDS })
  const keys = createKeys('web-keys', (key) => readWebSession(app.db, key))
  const news = new NewsChannel()

  return {
    /**
     * Counts that a person opens a session: one signature of Telegram's may be sent again and again, and each costs a
     * transaction.
     * @throws UserError `web.often`
     */
    async mayOpen(personId: bigint): Promise<void> {
      if ((await openings.take(String(personId))) > 0) throw new UserError('web.often')
    },

    /** Tells that a session with this key was opened here just now. */
    opened: keys.remember,

    /**
     * @throws UserError `web.over`, `web.often`, `web.banned`, `web.paused`, `web.closed`; `web.news` where buying needs a
     * subscription
     */
    async admit(request: FastifyRequest, buys: boolean): Promise<Visitor> {
      const [, key] = /^Bearer (\S{1,100})$/.exec(request.headers.authorization ?? '') ?? []
      const address = request.socket.remoteAddress ?? ''
      const session = key && SESSION_KEY.test(key) ? await keys.sessionOf(key, address) : undefined
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
      if (buys && (await purchases.take(String(personId))) > 0) throw new UserError('web.often')
      if (buys && !(await news.lets(reader))) throw new UserError('web.news')
      return {
        app,
        bot,
        personId,
        username: session.username,
        firstName: session.firstName ?? '',
        botUsername: session.botUsername,
        ctx: { api: bot.api },
        ...readerIn(await botTexts(app, bot.name), session.language ?? languageOf(null)),
      }
    },
  }
}
