import { UserError } from '#shared/errors.ts'
import { tokenInRoubles } from '#shared/money/exchange.ts'
import { endWaiting } from '#shared/money/waiting.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { confirmPicture } from '../confirm.ts'
import { type Picture, readPicture } from '../pictures.ts'
import type { ResumePicture } from '../jobs.ts'
import { pictureLimits, refusedWords } from '../settings.ts'
import { agreedRoubles } from '../waiting.ts'
import type { Parts } from './parts.ts'

const WORKER = 'worker:images'
/** The person has too many pictures under way, and one of them ends soon. */
const BUSY_MS = 30_000

/**
 * Money came for a picture that waits: it is paid for and drawn. When it can no longer be drawn, its order ends and
 * the money stays on the balance.
 */
export async function goOnWithWaiting(
  { app }: Parts,
  { orderId, paymentId }: ResumePicture,
): Promise<Verdict> {
  const picture = await readPicture(app.db, orderId)
  if (picture?.state !== 'awaiting_payment') return done
  const { bot, personId, price } = picture
  const [limits, words, rate, agreed] = await Promise.all([
    app.settings.get(pictureLimits, bot),
    app.settings.get(refusedWords, bot),
    tokenInRoubles(app.settings, bot),
    agreedRoubles(app.db, orderId),
  ])
  try {
    await confirmPicture(app.db, orderId, personId, {
      price,
      limits,
      refusedWords: words,
      roubles: { agreed, rate },
      actor: WORKER,
    })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error.code === 'image.too-many') return later(BUSY_MS, error.code)
    if (error.code === 'balance.insufficient') await tellRest(app, picture, paymentId)
    else await tellOver(app, picture, error.code)
  }
  return done
}

/** A part of the missing sum came, and the key leads to the rest. Money that names no order has its own notice. */
async function tellRest(
  { db }: Parts['app'],
  { orderId, bot, personId }: Picture,
  paymentId: string,
): Promise<void> {
  if (paymentId.startsWith('balance-')) return
  await owePersonNotice(db, {
    key: `image-rest-${orderId}-${paymentId}`,
    bot,
    personId,
    text: 'image-still-short',
    params: {},
    buttons: [[['image-pay-rest', 'picture-pay', orderId]]],
    asksFor: orderId,
  })
}

async function tellOver(
  { db }: Parts['app'],
  { orderId, bot, personId }: Picture,
  code: string,
): Promise<void> {
  await db.tx(async (tx) => {
    if (!(await endWaiting(tx, orderId, WORKER, code))) return
    await owePersonNotice(tx, {
      key: `image-over-${orderId}`,
      bot,
      personId,
      text: 'image-not-drawn',
      params: {},
      buttons: [[['menu-open', 'menu-below']]],
    })
  })
}
