import { paymentsSql } from '../tables.ts'
import type { Context } from '#shared/context.ts'
import { explain } from '#shared/errors.ts'
import { oweAdminAlert, toldOf } from '#shared/notices.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { StarsCharge } from '#shared/queue/jobs/stars.ts'
import { readOn } from '../reconcile-stars.ts'
import { starsWaitAbove } from '../settings.ts'
import { bookForeignRefund } from './stars-refunds.ts'
import { creditStars, rememberUpdateOf } from './stars.ts'

type Slice = Pick<Context, 'db' | 'settings' | 'goods' | 'bots' | 'log'>
type ThisRun = Pick<Run, 'sealed' | 'queuedAt'>

/** Upkeep reads Telegram's list every minute. A sealed job that waits for the list reads it itself, every 5 s. */
const LOOK_MS = 5_000
const WAIT_MS = 15_000
/** After 15 minutes the admins are told. If the list has the charge later, it is booked all the same. */
const PATIENCE_MS = 15 * 60_000

/**
 * Stars came. A job that the door has sealed is believed up to a sum. Every other job waits until Telegram's own list
 * has the charge, and the list books it: somebody else may have put the job on the queue, or a release without seals
 * has left it there.
 */
export async function heedPaid(app: Slice, charge: StarsCharge, run: ThisRun): Promise<Verdict> {
  const isNews = charge.updateId !== undefined
  const most = BigInt(await app.settings.get(starsWaitAbove, charge.bot))
  if (run.sealed && !(isNews && BigInt(charge.stars) > most)) return await creditStars(app, charge)
  return await waitForList(app, charge, run, 'paid')
}

/** Stars went back. A job that takes tokens from people is believed no more easily than one that gives them. */
export async function heedRefunded(app: Slice, charge: StarsCharge, run: ThisRun): Promise<Verdict> {
  if (run.sealed) return await bookForeignRefund(app, charge)
  return await waitForList(app, charge, run, 'refunded')
}

async function waitForList(
  app: Slice,
  charge: StarsCharge,
  run: ThisRun,
  what: 'paid' | 'refunded',
): Promise<Verdict> {
  const { db, bots, log } = app
  const event = `${what}-${charge.bot}-${charge.chargeId}`
  const booked = await db.rows(
    paymentsSql
      .selectFrom('payment_events')
      .select('event_id')
      .where('provider', '=', 'stars')
      .where('event_id', '=', event),
  )
  if (booked.length > 0) {
    // A job that is not sealed may name any update, so its update is not remembered.
    if (run.sealed) await db.tx((tx) => rememberUpdateOf(tx, charge))
    return done
  }
  if (Date.now() - run.queuedAt > PATIENCE_MS) {
    log.error({ charge, sealed: run.sealed }, 'Stars that Telegram’s list does not have are not booked')
    await db.tx((tx) =>
      oweAdminAlert(tx, toldOf(bots, charge.bot), {
        key: `not-listed-${event}`,
        text: `alert-stars-not-listed-${what}`,
        params: {
          bot: charge.bot,
          person: charge.personId,
          stars: { amount: BigInt(charge.stars), asset: 'XTR' },
          charge: charge.chargeId,
        },
      }),
    )
    return done
  }
  const bot = bots.get(charge.bot)
  // Only a sealed job makes us ask Telegram: otherwise a flood of jobs would become a flood of calls.
  if (!run.sealed || !bot || bot.parked) return later(WAIT_MS, 'it waits for Telegram’s list')
  await readOn(db, bot).catch((error: unknown) =>
    log.warn({ bot: bot.name, reason: explain(error) }, 'Telegram’s list does not answer'),
  )
  return later(LOOK_MS, 'it waits for Telegram’s list')
}
