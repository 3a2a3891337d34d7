import type { StarTransaction } from 'grammy/types'
import { sql as q } from 'kysely'
import type { Context } from '../../shared/context.ts'
import type { Sql } from '../../shared/db/db.ts'
import { done } from '../../shared/queue/job.ts'
import type { Verdict } from '../../shared/queue/job.ts'
import { starsPaid, starsRefunded } from '../../shared/queue/jobs/stars.ts'
import { owe } from '../../shared/queue/outbox.ts'
import { TokenRevoked, telegramError } from '../../shared/telegram/errors.ts'
import type { ServedBot } from '../../shared/telegram/bots.ts'

/** Telegram's limit for one page. */
const PAGE = 100

/**
 * Reads Telegram's own list of each bot's Stars and owes a booking for every payment and refund in it: what is booked
 * already stays as it is, what no update told us about is credited now.
 */
export async function findLostStars(app: Pick<Context, 'db' | 'log' | 'bots'>): Promise<Verdict> {
  for (const bot of app.bots.values()) {
    if (bot.parked) continue
    try {
      await readOn(app.db, bot)
    } catch (error) {
      const meaning = telegramError(error)
      if (!(meaning instanceof TokenRevoked)) throw meaning
      app.log.warn({ bot: bot.name }, 'Stars are not reconciled: Telegram refuses the token')
    }
  }
  return done
}

export async function readOn(db: Context['db'], bot: ServedBot): Promise<void> {
  const cursor = `stars ${bot.name}`
  let offset = await readCursor(db, cursor)
  for (;;) {
    const { transactions } = await bot.api.getStarTransactions({ offset, limit: PAGE })
    if (transactions.length === 0) return
    const missing = await notBooked(db, bot.name, transactions)
    offset += transactions.length
    await db.tx(async (tx) => {
      for (const transaction of missing) await oweBooking(tx, bot.name, transaction)
      await tx.rows(q`
        insert into cursors (name, value) values (${cursor}, ${String(offset)})
        on conflict (name) do update set value = excluded.value, updated_at = now()`)
    })
  }
}

async function readCursor(sql: Sql, name: string): Promise<number> {
  const [row] = await sql.rows(q<{ value: string }>`select value from cursors where name = ${name}`)
  return Number(row?.value ?? 0)
}

async function notBooked(sql: Sql, bot: string, transactions: StarTransaction[]): Promise<StarTransaction[]> {
  const ids = transactions.map((transaction) => eventId(bot, transaction))
  const known = await sql.rows(q<{ eventId: string }>`
    select event_id as "eventId" from payment_events where provider = 'stars' and event_id = any(${ids})`)
  const seen = new Set(known.map((row) => row.eventId))
  return transactions.filter((transaction) => !seen.has(eventId(bot, transaction)))
}

function eventId(bot: string, transaction: StarTransaction): string {
  return `${transaction.source ? 'paid' : 'refunded'}-${bot}-${transaction.id}`
}

/** Only people's payments for our invoices; gifts, ads and withdrawals are nobody's balance. */
async function oweBooking(tx: Sql, bot: string, transaction: StarTransaction): Promise<void> {
  const partner = transaction.source ?? transaction.receiver
  if (partner?.type !== 'user' || partner.transaction_type !== 'invoice_payment') return
  await owe(tx, transaction.source ? starsPaid : starsRefunded, {
    bot,
    personId: String(partner.user.id),
    chargeId: transaction.id,
    stars: transaction.amount,
    payload: partner.invoice_payload ?? '',
  })
}
