import { sql as q } from 'kysely'
import { NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { post } from '#shared/money/ledger.ts'
import { sharedSql } from '#shared/tables.ts'
import { recordEvent } from './events.ts'
import { paymentByRef } from './payments.ts'

/* A person whom an affiliate referred pays the whole price, and the shop gets what Telegram leaves of it. */

/** A Star has so many nanostars, in which Telegram counts what an affiliate gets. */
export const BILLION = 1_000_000_000

/** A sum of Stars as Telegram's list writes it, in billionths; both parts have the sum's sign. */
export const nanostarsOf = (sum: { amount: number; nanostar_amount?: number }): bigint =>
  BigInt(sum.amount) * BigInt(BILLION) + BigInt(sum.nanostar_amount ?? 0)

/**
 * Books what an affiliate got of a payment, or gave back of it, each line of the list once. The books have whole Stars.
 * The parts of Stars of all lines are therefore kept in a sum, and a Star is booked as soon as it has begun, because
 * the balance that Telegram tells has whole Stars as well.
 */
export async function bookShareOf(
  tx: Sql,
  bot: string,
  line: { id: string; charge: string; share: { amount: number; nanostar_amount?: number } },
): Promise<void> {
  const nanostars = nanostarsOf(line.share)
  const event = { provider: 'stars', eventId: `affiliate-${line.id}`, kind: 'affiliate' }
  if (!(await recordEvent(tx, { ...event, payload: { nanostars: String(nanostars) } }))) return
  const [sum] = await tx.rows(
    sharedSql
      .insertInto('cursors')
      .values({ name: `affiliates of stars ${bot}`, value: String(nanostars) })
      .onConflict((there) =>
        there.column('name').doUpdateSet({
          value: q`(cursors.value::bigint + excluded.value::bigint)::text`,
          updated_at: NOW,
        }),
      )
      .returning('value'),
  )
  const after = BigInt(sum!.value)
  const stars = begun(after) - begun(after - nanostars)
  if (stars === 0n) return
  const payment = await paymentByRef(tx, 'stars', line.charge)
  await post(tx, {
    reference: event.eventId,
    kind: 'payment',
    description: `${stars} ⭐`,
    bot,
    details: { provider: 'stars', charge: line.charge, ...(payment && { payment: payment.id }) },
    entries: [
      { owner: { system: 'provider:stars' }, asset: 'XTR', amount: stars },
      { owner: { system: 'affiliate' }, asset: 'XTR', amount: -stars },
    ],
  })
}

/** Whole Stars, with the one that has begun. */
const begun = (nanostars: bigint): bigint => {
  const star = BigInt(BILLION)
  const whole = nanostars / star
  return nanostars % star > 0n ? whole + 1n : whole
}
