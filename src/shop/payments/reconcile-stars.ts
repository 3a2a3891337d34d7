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
import { BILLION, bookMove, bookShareOf, nanostarsOf } from './star-moves.ts'
import { compareStars, starsByBooks } from './star-books.ts'
import { doubtUnlisted, markListed } from './unlisted.ts'

/** Telegram's limit for one page. */
const PAGE = 100
/** A minute lies between two looks: a thousand bots at a tenth of a second each are through in ten seconds. */
const BOTS_AT_ONCE = 10

/**
 * Reads Telegram's own list of each bot's Stars and owes a booking for every payment and refund in it: what is booked
 * already stays as it is, what no update told us about is credited now, and what was credited and is not in the list is
 * frozen. Then what each bot holds is compared with the books. Several bots side by side; a failure of one does not stop the
 * others.
 */
export async function findLostStars(app: Pick<Context, 'db' | 'log' | 'bots'>): Promise<Verdict> {
  let refused: Error | undefined
  const eachBot = (work: (bot: ServedBot) => Promise<void>) =>
    pLimit(BOTS_AT_ONCE).map([...app.bots.values()], async (bot) => {
      if (bot.parked) return
      try {
        await work(bot)
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
  const isRead = new Set<ServedBot>()
  await eachBot(async (bot) => {
    await doubtUnlisted(app, bot, await readOn(app.db, bot))
    isRead.add(bot)
  })
  const books = isRead.size > 0 ? await starsByBooks(app.db) : undefined
  await eachBot(async (bot) => {
    if (books && isRead.has(bot)) await compareStars(app, bot, books)
  })
  if (refused) throw refused
  return done
}

/**
 * Reads on where the list was read to.
 * @returns how many lines the list has
 */
export async function readOn(db: Context['db'], bot: ServedBot): Promise<number> {
  const place = await readPlace(db, bot.name)
  // The line before that place is read again: it tells whether this is the same list, and its sum may have grown.
  let at = Math.max(0, place.offset - 1)
  let page = await read(bot, at)
  const known = place.offset > 0 && page[0] && eventId(bot.name, page[0])
  if (place.offset > 0 && known !== place.last) page = await read(bot, (at = 0))
  // Nothing but that line, which no longer changes.
  if (known === place.last && page.length === 1 && !canGrow(page[0]!)) return place.offset
  for (;;) {
    const last = page.at(-1)
    if (!last) return at
    const transactions = page
    const missing = await notBooked(db, bot.name, transactions)
    at += transactions.length
    await db.tx(async (tx) => {
      for (const transaction of missing) await oweBooking(tx, bot.name, transaction)
      for (const transaction of transactions) await bookMoves(tx, bot.name, transaction)
      const paid = transactions.filter(({ source }) => source)
      await markListed(
        tx,
        bot.name,
        paid.map(({ id }) => id),
      )
      const [offset, line] = [String(at), eventId(bot.name, last)]
      await tx.rows(
        sharedSql
          .insertInto('cursors')
          .values([
            { name: placeOf(bot.name), value: `${offset} ${line}` },
            // The release before reads on from these, and a mailing begins to count its fee here.
            { name: `stars ${bot.name}`, value: offset },
            { name: `last of stars ${bot.name}`, value: line },
          ])
          .onConflict((there) =>
            there
              .column('name')
              .doUpdateSet((are) => ({ value: are.ref('excluded.value'), updated_at: NOW })),
          ),
      )
    })
    if (transactions.length < PAGE) return at
    page = await read(bot, at)
  }
}

const read = async (bot: ServedBot, offset: number): Promise<StarTransaction[]> =>
  (await bot.api.getStarTransactions({ offset, limit: PAGE })).transactions

/** Telegram adds up the fees of a minute in one line. */
const canGrow = ({ receiver }: StarTransaction): boolean => receiver?.type === 'telegram_api'

interface Place {
  offset: number
  /** The line before that place. */
  last: string
}

/**
 * Where this release has read to. The release before kept another place and booked payments alone, so the list is read
 * from its beginning once.
 */
const placeOf = (bot: string) => `list of stars ${bot}`

async function readPlace(sql: Sql, bot: string): Promise<Place> {
  const [row] = await sql.rows(
    sharedSql.selectFrom('cursors').select('value').where('name', '=', placeOf(bot)),
  )
  const [offset = '0', last = ''] = row?.value.split(' ') ?? []
  return { offset: Number(offset), last }
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

/** Books what is no payment for an invoice and no refund of one: see star-moves.ts. */
async function bookMoves(tx: Sql, bot: string, line: StarTransaction): Promise<void> {
  const payer = payerOf(line)
  if (!payer || (await starsOfPayer(tx, line, payer)) < 1) return await bookMove(tx, bot, line)
  const { affiliate } = payer
  if (affiliate) await bookShareOf(tx, bot, { id: eventId(bot, line), charge: line.id, share: affiliate })
}

/** @returns undefined when the line is neither a payment for an invoice nor a refund of one */
function payerOf({ source, receiver }: StarTransaction): TransactionPartnerUser | undefined {
  const partner = source ?? receiver
  return partner?.type === 'user' && partner.transaction_type === 'invoice_payment' ? partner : undefined
}

/**
 * Owes the booking of a person's payment for an invoice of ours. All other lines are in `bookMoves`.
 */
async function oweBooking(tx: Sql, bot: string, transaction: StarTransaction): Promise<void> {
  const partner = payerOf(transaction)
  const stars = partner ? await starsOfPayer(tx, transaction, partner) : 0
  // A line of less than one Star (StarTransaction counts in billionths) is no invoice of ours, and it must not hold up
  // the lines behind it.
  if (!partner || stars < 1) return
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
