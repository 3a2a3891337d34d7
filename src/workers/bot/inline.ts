import { setTimeout as sleep } from 'node:timers/promises'
import type { InlineQueryResultArticle } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { explain } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { languageOf } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { createLimit } from '#shared/limits.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { botTexts, readerIn } from '#shared/reader.ts'
import { shorten } from '#shared/storable.ts'
import { sharedSql } from '#shared/tables.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { findBot } from './find-bot.ts'
import type { Routes } from './feature.ts'
import type { InlineAsker, InlineOffer } from './inline-offers.ts'

/** Nobody waits longer for a list: the person has typed on or sent the message without it. */
const STALE_MS = 8_000
const PATIENCE_MS = 4_000
/**
 * The queue has fifty places in a process. Inline queries take at most ten of them, so that a question before a payment
 * always finds one.
 */
const AT_ONCE = 10
const AGAIN_MS = 200
/** Telegram takes at most 50 results: a page of a long list beside the few offers of other features. */
const PAGE = 20
/** Telegram's own memory of an answer, for one person: a changed price is shown at most so late. */
const CACHE_SECONDS = 10
const LONGEST_WORD = 60
/** Characters of a description: in the list, and in the message. */
const IN_LIST = 100
const IN_MESSAGE = 400

/** Answers what people type behind a bot's name in any chat. Nothing is written, also about people who never came. */
export function createInline(app: Context, routes: Pick<Routes, 'inline'>) {
  /** Apart from the limit of the conversation: whoever types fast here is not slowed down there. */
  const limit = createLimit(app.backend, { name: 'inline', points: 30, seconds: 10, untold: 5 })
  let busy = 0
  return async (job: TelegramUpdate, run: Pick<Run, 'queuedAt' | 'sealed' | 'log'>): Promise<Verdict> => {
    if (!run.sealed || Date.now() - run.queuedAt > STALE_MS) return done
    if (busy >= AT_ONCE) return later(AGAIN_MS, 'many inline queries are being answered')
    busy += 1
    try {
      const query = job.update.inline_query
      const bot = query && (await findBot(app, job.bot))
      if (!bot || bot.parked || query.from.is_bot || (await limit.take(String(query.from.id))) > 0)
        return done
      const answer = await Promise.race([
        answerOf(app, routes, bot, query),
        sleep(PATIENCE_MS, undefined, { ref: false }),
      ])
      if (answer)
        await bot.api.answerInlineQuery(query.id, answer.results, {
          next_offset: answer.next,
          is_personal: true,
          cache_time: CACHE_SECONDS,
        })
    } catch (error) {
      // The list stays empty; the next letter asks anew.
      run.log.info({ bot: job.bot, reason: explain(error) }, 'an inline query has no answer')
    } finally {
      busy -= 1
    }
    return done
  }
}

type Query = NonNullable<TelegramUpdate['update']['inline_query']>

async function answerOf(app: Context, { inline }: Pick<Routes, 'inline'>, bot: ServedBot, query: Query) {
  const asker = await askerOf(app, bot, query)
  if (!asker) return { results: [], next: '' }
  const word = shorten(query.query.trim(), LONGEST_WORD)
  const offset = /^\d{1,5}$/.test(query.offset) ? Number(query.offset) : 0
  const all = await Promise.all(inline.map((offer) => offer(asker, { word, offset, size: PAGE })))
  return {
    results: all.flatMap(({ offers }) => offers).map(article),
    next: all.some(({ hasMore }) => hasMore) ? String(offset + PAGE) : '',
  }
}

/** @returns undefined when the bot serves this person nothing: the bot is paused, or the person is banned */
async function askerOf(app: Context, bot: ServedBot, { from }: Query): Promise<InlineAsker | undefined> {
  const personId = BigInt(from.id)
  const [texts, [row]] = await Promise.all([
    botTexts(app, bot.name),
    app.db.rows(
      sharedSql
        .selectFrom('bots as b')
        .leftJoin('persons as p', (join) => join.on('p.id', '=', personId))
        .leftJoin('bot_sessions as s', (join) =>
          join.onRef('s.bot', '=', 'b.name').on('s.person_id', '=', personId),
        )
        .leftJoin('admins as a', (join) =>
          join.onRef('a.bot', '=', 'b.name').on('a.person_id', '=', personId),
        )
        .select(['b.state', 'b.username', 'p.id as known', 'p.banned_at as bannedAt', 's.language', 'a.role'])
        .where('b.name', '=', bot.name),
    ),
  ])
  const { state, username, known, bannedAt, language, role } = row ?? {}
  const isAdmin = bot.isAdmin(personId) || (role ?? null) !== null
  if (!username || (state !== 'active' && !(state === 'paused' && isAdmin))) return undefined
  if ((bannedAt ?? null) !== null && !isAdmin) return undefined
  return {
    app,
    bot,
    username,
    personId,
    isKnown: (known ?? null) !== null,
    ...readerIn(texts, (language as Language | null) ?? languageOf(from.language_code)),
  }
}

function article({
  id,
  title,
  heading = title,
  price,
  about,
  key,
  link,
  picture,
}: InlineOffer): InlineQueryResultArticle {
  const lines = [
    `<b>${escapeHtml(heading)}</b>`,
    ...(price === undefined ? [] : [escapeHtml(price)]),
    ...(about ? ['', escapeHtml(shorten(about, IN_MESSAGE))] : []),
  ]
  return {
    type: 'article',
    id,
    title,
    description: shorten([price, about.replaceAll('\n', ' ')].filter(Boolean).join(' · '), IN_LIST),
    ...(picture !== undefined && { thumbnail_url: picture }),
    input_message_content: {
      message_text: lines.join('\n'),
      parse_mode: 'HTML',
      link_preview_options: picture
        ? { url: picture, prefer_small_media: true, show_above_text: true }
        : { is_disabled: true },
    },
    reply_markup: { inline_keyboard: [[{ text: key, url: link }]] },
  }
}
