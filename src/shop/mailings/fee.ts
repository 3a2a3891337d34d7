import { sql as q } from 'kysely'
import { mailingsSql } from './tables.ts'
import type { Fee } from './tables.ts'
import { jsonb } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Bots, ServedBot } from '#shared/telegram/bots.ts'
import { botsOf, countAudience, recipients } from './audience.ts'
import type { Audience, Recipient } from './audience.ts'

/** 0.1 Star a message (Bot API, allow_paid_broadcast); Telegram takes less for what its free rate would have carried. */
const MESSAGES_PER_STAR = 10
const PAGE = 100

/** The most that Telegram takes for so many messages, in whole Stars. */
export const starsFor = (messages: number) => Math.ceil(messages / MESSAGES_PER_STAR)

/** Which bots do not hold the Stars for their part of a paid mailing; a bot pays for what it sends itself. */
export async function shortOfStars(
  sql: Sql,
  bots: Bots,
  mailing: { audience: Audience; home: string; languages: string[] | undefined },
): Promise<{ bot: string; needs: number; has: number }[]> {
  const { audience, home, languages } = mailing
  const [only, ...others] = botsOf(audience, home)
  const parts =
    others.length === 0
      ? [{ bot: only!, count: await countAudience(sql, audience, home, languages) }]
      : await sql.rows(
          mailingsSql
            .selectFrom(q<Recipient>`(${recipients(audience, home, languages)})`.as('audience'))
            .select(({ fn }) => ['bot', fn.countAll<bigint>().as('count')])
            .groupBy('bot'),
        )
  const short = []
  for (const { bot, count } of parts) {
    const needs = starsFor(Number(count))
    const has = (await bots.get(bot)?.notices.getMyStarBalance())?.amount ?? 0
    if (has < needs) short.push({ bot, needs, has })
  }
  return short
}

/** Keeps where each bot's list of Stars ends now: the lines after that place say what the mailing costs. */
export async function markFee(sql: Sql, id: string, bots: string[]): Promise<void> {
  // By hand: the places are read and kept in one statement.
  await sql.rows(q`
    update broadcasts set fee = jsonb_build_object('from', (
      select coalesce(jsonb_object_agg(bot, coalesce((select value::int from cursors where name = 'stars ' || bot), 0)), '{}')
      from unnest(${bots}::text[]) as b (bot)))
    where id = ${id} and fee is null`)
}

/** Reads from Telegram's own lists how many Stars Telegram took since the mailing began, and stores the sum. */
export async function recordFee(sql: Sql, bots: Bots, id: string, fee: Fee): Promise<void> {
  let nanostars = 0n
  for (const [name, from] of Object.entries(fee.from)) {
    const bot = bots.get(name)
    if (bot) nanostars += await takenSince(bot, from)
  }
  await sql.rows(
    mailingsSql
      .updateTable('broadcasts')
      .set({ fee: jsonb({ ...fee, nanostars: String(nanostars) }) })
      .where('id', '=', id),
  )
}

async function takenSince(bot: ServedBot, from: number): Promise<bigint> {
  let taken = 0n
  for (let offset = from; ; offset += PAGE) {
    const { transactions } = await bot.notices.getStarTransactions({ offset, limit: PAGE })
    for (const { receiver, amount, nanostar_amount: nano } of transactions) {
      if (receiver?.type === 'telegram_api') taken += BigInt(amount) * 1_000_000_000n + BigInt(nano ?? 0)
    }
    if (transactions.length < PAGE) return taken
  }
}
