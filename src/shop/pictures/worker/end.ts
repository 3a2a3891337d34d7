import { sql as q } from 'kysely'
import { picturesSql } from '../tables.ts'
import { release } from '#shared/money/holds.ts'
import { giveUpCall, isOpenCall, refuseCall } from '../attempts.ts'
import { KEPT_PROMPT, readPicture } from '../pictures.ts'
import { keepRefusedPrompt } from '../confirm.ts'
import type { Sql } from '#shared/db/db.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { nextPicture, showPicture, watchPicture } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { alertAdmins } from './alerts.ts'
import { ACTOR, type Parts } from './parts.ts'
import { shorten } from '#shared/storable.ts'

/** Why a picture failed. The text `image-reason-<code>` tells it to the person. */
export type Reason =
  | 'refused'
  | 'invalid'
  | 'failed'
  | 'no-credits'
  | 'unavailable'
  | 'timeout'
  | 'lost'
  | 'queue'
  | 'broken'
  | 'undeliverable'
  | 'photo-heic'
  | 'photo-pixels'
  | 'photo-broken'

/** The reason for an error code of a provider. */
export function reasonOf(code: string): Reason {
  const reason = code.replace(/^image\./, '')
  const known: Reason[] = ['refused', 'invalid', 'failed', 'no-credits', 'unavailable']
  return known.find((one) => one === reason) ?? 'failed'
}

/**
 * Why a person's own photo could not be used. When Telegram no longer gives out the file, it was too large or is
 * deleted.
 */
export function reasonOfPhoto(code: string): Reason {
  if (code === 'picture.heic') return 'photo-heic'
  return code === 'picture.pixels' ? 'photo-pixels' : 'photo-broken'
}

/** Reasons that come from the worker which has the picture and cannot deliver it. */
const DELIVERY: ReadonlySet<Reason> = new Set(['broken', 'undeliverable'])

/**
 * A callback may bring the picture between the look that found none and the commit that gives up. Then the worker
 * that delivers decides; otherwise the person would get both the picture and the tokens.
 */
async function isReady(tx: Sql, orderId: string): Promise<boolean> {
  // The order's row is locked first, as in every other transaction on an order.
  await readOrder(tx, orderId, true)
  const its = picturesSql.selectFrom('generations').select('stage').where('order_id', '=', orderId)
  const [row] = await tx.rows(its.forUpdate())
  return row?.stage === 'ready'
}

/**
 * Ends an order without a picture: one commit returns the tokens and owes a job that tells the person. Nothing
 * happens when the order is over already.
 * @param attempt only while this attempt is the one under way
 */
export async function giveUpPicture(
  parts: Parts,
  orderId: string,
  reason: Reason,
  detail: string,
  attempt?: number,
): Promise<void> {
  const { app, times } = parts
  const failed = await app.db.tx(async (tx) => {
    if (!DELIVERY.has(reason) && (await isReady(tx, orderId))) return false
    if (attempt !== undefined && !(await isOpenCall(tx, { orderId, attempt }))) return false
    const moved = await moveOrder(tx, orderId, 'failed', {
      actor: ACTOR,
      reason,
      from: ['reserved', 'fulfilling', 'unknown'],
      details: { detail: shorten(detail, 300) },
    })
    if (!moved) return false
    if (moved.price > 0n) await release(tx, orderId, reason)
    const picture = (await readPicture(tx, orderId))!
    if (reason === 'refused') {
      await keepRefusedPrompt(tx, { ...picture, by: 'provider', why: detail })
    }
    await tx.rows(
      picturesSql
        .updateTable('generations')
        .set({
          stage: 'failed',
          reason,
          detail: shorten(detail, 300),
          finished_at: q`clock_timestamp()`,
          prompt: q`left(prompt, ${KEPT_PROMPT})`,
        })
        .where('order_id', '=', orderId),
    )
    const last = await giveUpCall(tx, orderId, reason === 'timeout' || reason === 'lost')
    if (last?.hasTask && reason === 'timeout') {
      const watch = { orderId, attempt: last.number, why: 'late' as const }
      await owe(tx, watchPicture, watch, { delayMs: times.late })
    }
    await owe(tx, nextPicture, { orderId, why: 'over' })
    await owe(tx, showPicture, { orderId, why: 'failed' })
    return true
  })
  if (!failed) return
  app.log.info({ order: orderId, reason, detail }, 'a picture was given up and its tokens were returned')
  if (reason === 'no-credits' || reason === 'unavailable')
    await alertAdmins(app, `image-alert-${reason}`, { detail })
}

/**
 * The provider did not take the task for now: the picture waits again, and the attempt does not count.
 * @returns false when the attempt is not open any more, or has begun to ask the provider
 */
export async function putBack(
  parts: Parts,
  { orderId, attempt, isUncalled }: { orderId: string; attempt: number; isUncalled?: boolean },
  why: string,
  afterMs: number,
): Promise<boolean> {
  return await parts.app.db.tx(async (tx) => {
    const order = await readOrder(tx, orderId, true)
    if (order?.state !== 'fulfilling') return false
    if (!(await refuseCall(tx, { orderId, attempt }, isUncalled))) return false
    await moveOrder(tx, orderId, 'reserved', { actor: ACTOR, reason: why, from: ['fulfilling'] })
    await tx.rows(
      picturesSql.updateTable('generations').set({ stage: 'queued' }).where('order_id', '=', orderId),
    )
    await owe(tx, nextPicture, { orderId, why: `again-${attempt}` }, { delayMs: afterMs })
    return true
  })
}
