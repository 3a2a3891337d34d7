import type { StarTransaction, TransactionPartner } from 'grammy/types'
import { sql as q } from 'kysely'
import { jsonb, literal, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { post } from '#shared/money/ledger.ts'
import type { SystemAccount } from '#shared/money/ledger.ts'
import { sharedSql } from '#shared/tables.ts'
import { recordEvent } from './events.ts'
import { paymentByRef } from './payments.ts'
import { paymentsSql } from './tables.ts'

/*
 * What moves a bot's own Stars and is no payment or refund of ours: gifts and Premium that the bot gives, fees of paid
 * messages, advertisements, withdrawals, commissions, and what affiliates get of a payment.
 */

/** A Star has so many nanostars, in which Telegram counts fees and shares of affiliates. */
export const BILLION = 1_000_000_000

/** A sum of Stars as Telegram's list writes it, in billionths; both parts have the sum's sign. */
export const nanostarsOf = (sum: { amount: number; nanostar_amount?: number }): bigint =>
  BigInt(sum.amount) * BigInt(BILLION) + BigInt(sum.nanostar_amount ?? 0)

type Account = Extract<SystemAccount, 'affiliate' | `stars-${string}`>

const ACCOUNTS: Partial<Record<string, Account>> = {
  gift_purchase: 'stars-gifts',
  chat: 'stars-gifts',
  premium_purchase: 'stars-gifts',
  telegram_api: 'stars-fees',
  telegram_ads: 'stars-fees',
  fragment: 'stars-withdrawn',
}

const accountOf = (partner: TransactionPartner): Account =>
  ACCOUNTS[partner.type === 'user' ? partner.transaction_type : partner.type] ?? 'stars-other'

/** Books a line of the list that is no payment for an invoice and no refund of one. */
export async function bookMove(tx: Sql, bot: string, line: StarTransaction): Promise<void> {
  const partner = line.source ?? line.receiver
  const left = line.source ? -nanostarsOf(line) : nanostarsOf(line)
  await bookNanostars(tx, bot, {
    event: `${line.source ? 'came' : 'left'}-${bot}-${line.id}`,
    account: partner ? accountOf(partner) : 'stars-other',
    left,
    details: {},
  })
}

/** Books what an affiliate got of a payment, or gave back of it. */
export async function bookShareOf(
  tx: Sql,
  bot: string,
  line: { id: string; charge: string; share: { amount: number; nanostar_amount?: number } },
): Promise<void> {
  const payment = await paymentByRef(tx, 'stars', line.charge)
  await bookNanostars(tx, bot, {
    event: `affiliate-${line.id}`,
    account: 'affiliate',
    left: nanostarsOf(line.share),
    details: { charge: line.charge, ...(payment && { payment: payment.id }) },
  })
}

/**
 * Books a sum that left the bot's Stars, or came to them (below zero), each line of the list once. The books have whole
 * Stars. The parts of Stars of all lines are therefore kept in a sum, and a Star is booked as soon as it has begun, because
 * the balance that Telegram tells has whole Stars as well.
 */
async function bookNanostars(
  tx: Sql,
  bot: string,
  move: { event: string; account: Account; left: bigint; details: object },
): Promise<void> {
  const { event, account, left, details } = move
  const before = await bookedOf(tx, { event, account, left })
  if (before === left) return
  const grown = left - before
  const [sum] = await tx.rows(
    sharedSql
      .insertInto('cursors')
      // The name is of the time when only affiliates had parts of Stars. All parts of a bot must be in one sum.
      .values({ name: `affiliates of stars ${bot}`, value: String(grown) })
      .onConflict((there) =>
        there.column('name').doUpdateSet({
          value: q`(cursors.value::bigint + excluded.value::bigint)::text`,
          updated_at: NOW,
        }),
      )
      .returning('value'),
  )
  const after = BigInt(sum!.value)
  const stars = begun(after) - begun(after - grown)
  if (stars === 0n) return
  await post(tx, {
    reference: before === 0n ? event : `${event}-${left}`,
    kind: 'payment',
    description: `${stars} ⭐`,
    bot,
    details: { provider: 'stars', ...details },
    entries: [
      { owner: { system: 'provider:stars' }, asset: 'XTR', amount: stars },
      { owner: { system: account }, asset: 'XTR', amount: -stars },
    ],
  })
}

/**
 * Remembers the line with its sum.
 * @returns how much of it was booked before: Telegram adds up the fees of a minute in one line, which grows after it was
 * read
 */
async function bookedOf(
  tx: Sql,
  { event, account, left }: { event: string; account: Account; left: bigint },
): Promise<bigint> {
  const payload = { nanostars: String(left) }
  const kind = account === 'affiliate' ? account : 'moved'
  if (await recordEvent(tx, { provider: 'stars', eventId: event, kind, payload })) return 0n
  const isThis = paymentsSql
    .selectFrom('payment_events')
    .select(q<string>`payload->>'nanostars'`.as('nanostars'))
    .where('provider', '=', literal('stars'))
    .where('event_id', '=', event)
  const [known] = await tx.rows(isThis.forUpdate())
  const before = BigInt(known!.nanostars)
  if (before !== left)
    await tx.rows(
      paymentsSql
        .updateTable('payment_events')
        .set({ payload: jsonb(payload) })
        .where('provider', '=', literal('stars'))
        .where('event_id', '=', event),
    )
  return before
}

/** Whole Stars, with the one that has begun. */
const begun = (nanostars: bigint): bigint => {
  const star = BigInt(BILLION)
  const whole = nanostars / star
  return nanostars % star > 0n ? whole + 1n : whole
}
