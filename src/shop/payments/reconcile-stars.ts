import type { StarTransaction, TransactionPartnerUser } from 'grammy/types'
import pLimit from 'p-limit'
import type { Context } from '#shared/context.ts'
import { anyOf, literal, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { Transient, UnknownOutcome, explain } from '#shared/errors.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { starsPaid, starsRefunded } from '#shared/queue/jobs/stars.ts'
import { owe } from '#shared/queue/outbox.ts'
import { TokenRevoked, telegramError } from '#shared/telegram/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { sharedSql } from '#shared/tables.ts'
import { readPayment } from './payments.ts'
import { paymentsSql } from './tables.ts'
import { BILLION, bookShareOf, nanostarsOf } from './affiliates.ts'
import { doubtUnlisted, markListed } from './unlisted.ts'

/** Telegram's limit for one page. */
const PAGE = 100
/** A minute lies between two looks: a thousand bots at a tenth of a second each are through in ten seconds. */
const BOTS_AT_ONCE = 10

/**
 * Reads Telegram's own list of each bot's Stars and owes a booking for every payment and refund in it: what is booked
 * already stays as it is, what no update told us about is credited now, and what was credited and is not in the list is
 * frozen. Several bots side by side; a failure of one does not stop the others.
 */
export async function findLostStars(app: Pick<Context, 'db' | 'log' | 'bots'>): Promise<Verdict> {
  let refused: Error | undefined
  await pLimit(BOTS_AT_ONCE).map([...app.bots.values()], async (bot) => {
    if (bot.parked) return
    try {
      await doubtUnlisted(app, bot, await readOn(app.db, bot))
    } catch (error) {
      const meaning = telegramError(error)
      const says =
        meaning instanceof TokenRevoked
          ? 'Stars are not reconciled: Telegram refuses the token'
          : 'Stars are not reconciled this time'
      app.log.warn({ bot: bot.name, reason: explain(meaning) }, says)
      // When Telegram is away or busy, the next tick asks again. Any other failure fails the job, so that it is seen.
      const passes = [TokenRevoked, Transient, UnknownOutcome].some((kind) => meaning instanceof kind)
      if (!passes) refused ??= meaning
    }
  })
  if (refused) throw refused
  return done
}

/** @returns how many lines the list has */
export async function readOn(db: Context['db'], bot: ServedBot): Promise<number> {
  const place = await readPlace(db, bot.name)
  let offset = (await isSameList(bot, place)) ? place.offset : 0
  for (;;) {
    const { transactions } = await bot.api.getStarTransactions({ offset, limit: PAGE })
    const last = transactions.at(-1)
    if (!last) return offset
    const missing = await notBooked(db, bot.name, transactions)
    offset += transactions.length
    await db.tx(async (tx) => {
      for (const transaction of missing) await oweBooking(tx, bot.name, transaction)
      for (const transaction of transactions) await bookShare(tx, bot.name, transaction)
      const paid = transactions.filter(({ source }) => source)
      await markListed(
        tx,
        bot.name,
        paid.map(({ id }) => id),
      )
      await tx.rows(
        sharedSql
          .insertInto('cursors')
          .values([
            { name: `stars ${bot.name}`, value: String(offset) },
            { name: `last of stars ${bot.name}`, value: eventId(bot.name, last) },
          ])
          .onConflict((there) =>
            there
              .column('name')
              .doUpdateSet((are) => ({ value: are.ref('excluded.value'), updated_at: NOW })),
          ),
      )
    })
  }
}

interface Place {
  offset: number
  /** The line before that place; null if it was read by a release that did not keep the line. */
  last: string | null
}

async function readPlace(sql: Sql, bot: string): Promise<Place> {
  const [offset, last] = [`stars ${bot}`, `last of stars ${bot}`]
  const rows = await sql.rows(
    sharedSql
      .selectFrom('cursors')
      .select(['name', 'value'])
      .where('name', '=', anyOf([offset, last])),
  )
  const kept = new Map(rows.map(({ name, value }) => [name, value]))
  return { offset: Number(kept.get(offset) ?? 0), last: kept.get(last) ?? null }
}

/**
 * Whether the line that was read last still stands where it stood. Another bot under the same name has another list, in
 * which new payments may stand before the place that this one was read to.
 */
async function isSameList(bot: ServedBot, { offset, last }: Place): Promise<boolean> {
  if (offset === 0) return true
  const [before] = (await bot.api.getStarTransactions({ offset: offset - 1, limit: 1 })).transactions
  return before !== undefined && (last === null || last === eventId(bot.name, before))
}

async function notBooked(sql: Sql, bot: string, transactions: StarTransaction[]): Promise<StarTransaction[]> {
  const ids = transactions.map((transaction) => eventId(bot, transaction))
  const known = await sql.rows(
    paymentsSql
      .selectFrom('payment_events')
      .select('event_id as eventId')
      .where('provider', '=', literal('stars'))
      .where('event_id', '=', anyOf(ids)),
  )
  const seen = new Set(known.map((row) => row.eventId))
  return transactions.filter((transaction) => !seen.has(eventId(bot, transaction)))
}

function eventId(bot: string, transaction: StarTransaction): string {
  return `${transaction.source ? 'paid' : 'refunded'}-${bot}-${transaction.id}`
}

/** Books what an affiliate got of a payment for an invoice, or gave back of one that was refunded. */
async function bookShare(tx: Sql, bot: string, transaction: StarTransaction): Promise<void> {
  const partner = transaction.source ?? transaction.receiver
  if (partner?.type !== 'user' || partner.transaction_type !== 'invoice_payment' || !partner.affiliate) return
  const line = { id: eventId(bot, transaction), charge: transaction.id, share: partner.affiliate }
  await bookShareOf(tx, bot, line)
}

/**
 * Owes the booking of a person's payment for an invoice of ours. Gifts, ads and withdrawals belong to nobody's balance.
 */
async function oweBooking(tx: Sql, bot: string, transaction: StarTransaction): Promise<void> {
  const partner = transaction.source ?? transaction.receiver
  if (partner?.type !== 'user' || partner.transaction_type !== 'invoice_payment') return
  const stars = await starsOfPayer(tx, transaction, partner)
  // A line of less than one Star (StarTransaction counts in billionths) is no invoice of ours, and it must not hold up
  // the lines behind it.
  if (stars < 1) return
  await owe(tx, transaction.source ? starsPaid : starsRefunded, {
    bot,
    personId: String(partner.user.id),
    chargeId: transaction.id,
    stars,
    payload: partner.invoice_payload ?? '',
  })
}

/**
 * What the payer paid. Where an affiliate got a share of it, Telegram's documents do not say whether the line's amount
 * is the whole or what is left, so the invoice decides: without that the payer of an invoice would be credited as if
 * they had paid less.
 */
async function starsOfPayer(
  sql: Sql,
  { amount, nanostar_amount = 0 }: StarTransaction,
  { affiliate, invoice_payload }: TransactionPartnerUser,
): Promise<number> {
  if (!affiliate) return amount
  const share = Math.abs(Number(nanostarsOf(affiliate)) / BILLION)
  const whole = Math.round(amount + nanostar_amount / BILLION + share)
  const invoice = await readPayment(sql, invoice_payload ?? '')
  return invoice?.provider === 'stars' && invoice.amount === BigInt(whole) ? whole : amount
}
