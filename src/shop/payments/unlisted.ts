import type { NotNull } from 'kysely'
import type { Context } from '#shared/context.ts'
import { ago, anyOf, literal, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { release, reserve } from '#shared/money/holds.ts'
import { lockedAvailable } from '#shared/money/read.ts'
import { moneySql } from '#shared/money/tables.ts'
import { oweAdminAlert, owePersonNotice, toldOf } from '#shared/notices.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { frozenHold, frozenOf, isFrozen, movePayment, readPayment } from './payments.ts'
import { moveRefund, refundOf, UNLISTED } from './refunds.ts'

/** Telegram's list has a charge within seconds; a charge that it does not have after this long is doubtful. */
const LAG_MINUTES = 3
/** Older credits are not looked at: an earlier run has looked at them, unless upkeep was away for days. */
const WATCH_DAYS = 2
/** Telegram keeps an update for a day, so a charge may be that much older than its credit. */
const UPDATE_AGE_MS = 25 * 3_600_000
/** Telegram's limit for one page, and how many payments are looked for at once. */
const PAGE = 100

/** Telegram's list has these charges, so nothing about them is doubtful any more. */
export async function markListed(tx: Sql, bot: string, chargeIds: readonly string[]): Promise<void> {
  if (chargeIds.length === 0) return
  const marked = await tx.rows(
    moneySql
      .updateTable('payments')
      .set({ listed_at: NOW })
      .where('provider', '=', literal('stars'))
      .where('bot', '=', bot)
      .where('provider_ref', '=', anyOf(chargeIds))
      .where('listed_at', 'is', null)
      .returning(['id', 'state']),
  )
  for (const { id, state } of marked) if (state === 'review') await thaw(tx, id, 'listed by Telegram')
}

interface Doubtful {
  id: string
  chargeId: string
  paidAt: Date
}

/**
 * Stars that were credited minutes ago and that Telegram's list, read to its end, does not have: nobody paid them, or
 * they came in another bot's name. The list is read back once more to be sure; then their tokens are frozen.
 * @param end how many lines the list has
 */
export async function doubtUnlisted(
  app: Pick<Context, 'db' | 'log' | 'bots'>,
  bot: ServedBot,
  end: number,
): Promise<void> {
  const doubtful = await app.db.rows(
    moneySql
      .selectFrom('payments')
      .select(['id', 'provider_ref as chargeId', 'paid_at as paidAt'])
      .where('provider', '=', literal('stars'))
      .where('state', '=', literal('paid'))
      .where('listed_at', 'is', null)
      .where('bot', '=', bot.name)
      .where('paid_at', '>=', ago(WATCH_DAYS, 'day'))
      .where('paid_at', '<=', ago(LAG_MINUTES, 'minute'))
      .orderBy('paid_at')
      .limit(PAGE)
      .$narrowType<{ chargeId: NotNull; paidAt: NotNull }>(),
  )
  if (doubtful.length === 0) return
  const found = await lookBack(bot, end, doubtful)
  await app.db.tx((tx) => markListed(tx, bot.name, [...found]))
  for (const { id, chargeId } of doubtful) {
    if (found.has(chargeId)) continue
    app.log.error({ bot: bot.name, payment: id }, 'Stars were credited that Telegram’s list does not have')
    await app.db.tx((tx) => freeze(tx, app.bots, id))
  }
}

/** @returns which of the charges stand in the list, read from its end back to before the oldest of them */
async function lookBack(bot: ServedBot, end: number, doubtful: readonly Doubtful[]): Promise<Set<string>> {
  const wanted = new Set(doubtful.map(({ chargeId }) => chargeId))
  const found = new Set<string>()
  const since = (doubtful[0]!.paidAt.getTime() - UPDATE_AGE_MS) / 1000
  for (let offset = end; offset > 0 && found.size < wanted.size;) {
    const limit = Math.min(PAGE, offset)
    offset -= limit
    const { transactions } = await bot.api.getStarTransactions({ offset, limit })
    for (const { id, source } of transactions) if (source && wanted.has(id)) found.add(id)
    if ((transactions[0]?.date ?? 0) < since) break
  }
  return found
}

/** Freezes what is left of the credit: nobody can spend it, and the admins decide. */
async function freeze(tx: Sql, bots: Context['bots'], id: string): Promise<void> {
  const payment = await readPayment(tx, id, true)
  if (payment?.state !== 'paid') return
  // A refund on its way has set the tokens aside already; if it is refused, the next look finds the payment again.
  if (await refundOf(tx, id)) return
  const { personId, bot, creditAsset: asset, creditAmount } = payment
  const available = await lockedAvailable(tx, personId, asset)
  const amount = available < creditAmount ? available : creditAmount
  if (amount > 0n) await reserve(tx, { reference: frozenHold(id), personId, asset, amount, bot })
  await movePayment(tx, id, 'review', {
    from: ['paid'],
    set: { review: 'unlisted', frozen: String(amount) },
  })
  const words = {
    stars: { amount: payment.amount, asset: payment.asset },
    frozen: { amount, asset },
    number: id,
  }
  await owePersonNotice(tx, { key: `frozen-${id}`, bot, personId, text: 'stars-frozen', params: words })
  await oweAdminAlert(tx, toldOf(bots, bot), {
    key: `unlisted-${id}`,
    text: 'alert-stars-unlisted',
    params: { ...words, bot, person: String(personId), credited: { amount: creditAmount, asset } },
    buttons: [[['payment-story', 'payment', id]]],
  })
}

/**
 * The tokens are the person's again: Telegram's list has the charge after all, or an admin has decided so. An admin's wish
 * to take them, which billing has not carried out yet, is refused with that: both wishes are about one hold.
 * @returns false when they are not frozen (any more), or their Stars may be on their way back
 */
export async function thaw(tx: Sql, id: string, reason: string): Promise<boolean> {
  const payment = await readPayment(tx, id, true)
  if (!payment || !isFrozen(payment)) return false
  const refund = await refundOf(tx, id)
  const isWish = refund?.reason === UNLISTED
  if (refund && !(isWish && (await moveRefund(tx, refund.id, ['unknown'], 'refused', reason)))) return false
  if (frozenOf(payment) > 0n) await release(tx, frozenHold(id), reason)
  await movePayment(tx, id, 'paid', { from: ['review'], set: { review: null } })
  await tx.rows(
    moneySql
      .updateTable('payments')
      .set(({ fn }) => ({ listed_at: fn.coalesce('listed_at', NOW) }))
      .where('id', '=', id),
  )
  await owePersonNotice(tx, {
    key: `thawed-${id}`,
    bot: payment.bot,
    personId: payment.personId,
    text: 'stars-thawed',
    params: { stars: { amount: payment.amount, asset: payment.asset }, number: id },
  })
  return true
}

/** A refund of frozen Stars did not happen, and meanwhile Telegram's list has them. */
export async function thawListed(tx: Sql, id: string): Promise<void> {
  const listed = await tx.rows(
    moneySql.selectFrom('payments').select('id').where('id', '=', id).where('listed_at', 'is not', null),
  )
  if (listed.length > 0) await thaw(tx, id, 'listed by Telegram')
}
