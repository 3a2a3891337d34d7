import { InputFile } from 'grammy'
import { sql as q } from 'kysely'
import { tellChange } from '#shared/changes.ts'
import type { Sql } from '#shared/db/db.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { finishCalls } from '../attempts.ts'
import { PICTURE } from '../good.ts'
import { picturesSql } from '../tables.ts'
import { download } from '#shared/download.ts'
import { explain, Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { type Picture, keepFileId, KEPT_PROMPT } from '../pictures.ts'
import { capture } from '#shared/money/holds.ts'
import { moveOrder } from '#shared/money/orders.ts'
import type { PictureBytes } from '../providers/port.ts'
import { done, later, type Verdict } from '#shared/queue/job.ts'
import { nextPicture } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { TokenRevoked, Unreachable, telegramError } from '#shared/telegram/errors.ts'
import { takeFromNavigation } from '#shared/telegram/over-card.ts'
import { caption, finalButtons, cardReader } from '../cards.ts'
import { giveUpPicture } from './end.ts'
import { dropPicture, keepIfPossible, keptPicture } from './kept.ts'
import { withLease } from './lease.ts'
import { ACTOR, type Parts } from './parts.ts'
import { prepare, type Ready } from './picture.ts'
import { type SentPicture, sendPicture } from './send.ts'
import { showProgress } from './show.ts'
import { shorten } from '#shared/storable.ts'

/** No model makes a larger picture: 4K PNGs have about 25 MB. */
const MAX_BYTES = 40 * 1024 * 1024
const DOWNLOAD_MS = 60_000
const AGAIN_MS = 3_000
const BUSY_MS = 1_500
const REVOKED_MS = 15_000
/** A person who has waited longer than this has probably put the phone away, and gets a message. */
const LEFT_SECONDS = 20
/** Characters of the prompt in the message that a picture is ready. */
const READY_PROMPT = 80

/**
 * Downloads a finished picture, puts it where its progress was shown, and only then takes the tokens. Each step may
 * run again: the edit that turns the message into the picture has the same effect twice.
 */
export async function deliverPicture(parts: Parts, picture: Picture, drawn?: Buffer): Promise<Verdict> {
  const { orderId } = picture
  const verdict = await withLease(parts, orderId, async () => {
    let ready: Ready
    try {
      ready = await prepare(drawn ?? (await fetchPicture(parts, picture)))
    } catch (error) {
      if (error instanceof Transient) return retryLater(parts, picture, explain(error), AGAIN_MS)
      if (!(error instanceof Rejected)) throw error
      await giveUpPicture(parts, orderId, 'broken', `${error.code}: ${error.message}`)
      await dropPicture(parts.app.config.dataDir, orderId)
      return done
    }
    await showProgress(parts, picture, { state: 'uploading' })
    const sent = await tryToSend(parts, picture, ready)
    if ('verdict' in sent) return sent
    await settle(parts, picture, sent)
    await dropPicture(parts.app.config.dataDir, orderId)
    await tellChange(parts.app.db, picture.personId)
    return done
  })
  return verdict ?? later(BUSY_MS, 'somebody else delivers it')
}

/**
 * Reads the picture from the file that is kept here, else from the provider's address, within limits of time and
 * size.
 */
export async function fetchPicture({ app }: Parts, { orderId, resultUrl }: Picture): Promise<Buffer> {
  const kept = await keptPicture(app.config.dataDir, orderId)
  if (kept) return kept
  if (resultUrl === null) throw new Rejected('download.gone', 'the picture was kept on another machine only')
  const bytes = await download(resultUrl, {
    maxBytes: MAX_BYTES,
    timeoutMs: DOWNLOAD_MS,
    allowLoopback: app.config.images.allowLoopback,
  })
  await keepIfPossible(app, orderId, bytes)
  return bytes
}

/** @returns a verdict when the person does not have the picture, for now or for good */
async function tryToSend(parts: Parts, picture: Picture, ready: Ready): Promise<SentPicture | Verdict> {
  const { app } = parts
  const reader = await cardReader(parts, picture)
  try {
    const sent = await sendPicture(parts, picture, ready, {
      caption: caption(parts, reader, picture),
      keyboard: finalButtons(parts, reader, picture),
    })
    if ('retryAfterMs' in sent) return retryLater(parts, picture, 'Telegram asks to wait', sent.retryAfterMs)
    return sent
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Transient || meaning instanceof UnknownOutcome) {
      const afterMs = meaning instanceof Transient ? (meaning.retryAfterMs ?? AGAIN_MS) : AGAIN_MS
      return retryLater(parts, picture, explain(meaning), afterMs)
    }
    if (!(meaning instanceof Rejected)) throw meaning
    // An owner changes the token: other messages of the bot wait for the new one as well.
    if (meaning instanceof TokenRevoked) return retryLater(parts, picture, explain(meaning), REVOKED_MS)
    await giveUpPicture(parts, picture.orderId, 'undeliverable', explain(meaning))
    if (meaning instanceof Unreachable)
      app.log.info(
        { order: picture.orderId },
        'a picture cannot be delivered: its person blocked the bot or is gone',
      )
    await dropPicture(app.config.dataDir, picture.orderId)
    return done
  }
}

/** Only the delivery is repeated, for hours, because the provider was already paid for the picture. */
async function retryLater(parts: Parts, picture: Picture, why: string, afterMs: number): Promise<Verdict> {
  const late = q<boolean>`coalesce(ready_at < now() - ${parts.times.delivery} * interval '1 millisecond', false)`
  const [row] = await parts.app.db.rows(
    picturesSql.selectFrom('generations').select(late.as('late')).where('order_id', '=', picture.orderId),
  )
  if (!row?.late) return later(afterMs, why)
  await giveUpPicture(parts, picture.orderId, 'undeliverable', why)
  await dropPicture(parts.app.config.dataDir, picture.orderId)
  return done
}

/** Telegram has the picture now, so the tokens are taken, once. */
async function settle({ app }: Parts, picture: Picture, place: SentPicture): Promise<void> {
  const { orderId, bot } = picture
  await app.db.tx(async (tx) => {
    const moved = await moveOrder(tx, orderId, 'delivered', { actor: ACTOR, from: ['fulfilling', 'unknown'] })
    if (!moved) return
    if (moved.price > 0n) {
      const captured = await capture(tx, orderId, {
        kind: PICTURE.entry,
        bot,
        description: shorten(picture.prompt, KEPT_PROMPT),
        details: { order: orderId, model: picture.model, link: picture.resultUrl },
      })
      if (!captured) throw new Error(`the hold of ${orderId} was released, but its order was not over`)
    }
    const waited = q<boolean>`queued_at < clock_timestamp() - ${LEFT_SECONDS} * interval '1 second'`
    const [row] = await tx.rows(
      picturesSql
        .updateTable('generations')
        .set({
          stage: 'done',
          finished_at: q`clock_timestamp()`,
          prompt: q<string>`left(prompt, ${KEPT_PROMPT})`,
        })
        .where('order_id', '=', orderId)
        .returning(waited.as('waited')),
    )
    // A press that came while the picture was drawn may have made its message navigation's, which deletes it at the next command.
    if (picture.card) await takeFromNavigation(tx, { ...picture, messageId: picture.card.messageId })
    // An edited message makes no sound, so a person who waited long gets a new message as well.
    if (row?.waited) await tellReady(tx, picture)
    await finishCalls(tx, orderId)
    if (place.fileId) await keepFileId(tx, orderId, { bot, kind: place.kind, fileId: place.fileId })
    await owe(tx, nextPicture, { orderId, why: 'over' })
  })
}

function tellReady(tx: Sql, { orderId, bot, personId, prompt }: Picture): Promise<void> {
  const shows = shorten(prompt, READY_PROMPT)
  return owePersonNotice(tx, {
    key: `image-ready-${orderId}`,
    bot,
    personId,
    text: shows ? 'image-ready-notice' : 'image-ready-plain',
    params: { shows },
  })
}

/** Sends a late picture at most once: it is marked before it is sent, because a lost present costs nobody anything. */
export async function deliverLate(
  parts: Parts,
  picture: Picture,
  result: { url: string } | PictureBytes,
): Promise<Verdict> {
  const { app } = parts
  const { orderId } = picture
  const url = 'url' in result ? result.url : null
  let ready: Ready
  try {
    ready = await prepare(
      'bytes' in result ? result.bytes : await fetchPicture(parts, { ...picture, resultUrl: url }),
    )
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    app.log.info({ order: orderId, reason: error.message }, 'a late picture cannot be used')
    return done
  }
  const [marked] = await app.db.rows(
    picturesSql
      .updateTable('generations')
      .set({ stage: 'late', result_url: url })
      .where('order_id', '=', orderId)
      .where('stage', '=', 'failed')
      .returning('order_id'),
  )
  if (!marked) return done
  const reader = await cardReader(parts, picture)
  const bot = app.bots.get(picture.bot)
  const message = await bot?.api
    .sendPhoto(Number(picture.personId), new InputFile(ready.bytes, 'picture'), {
      caption: `${reader.t('image-late')}\n\n${caption(parts, reader, picture)}`,
      parse_mode: 'HTML',
      reply_markup: { inline_keyboard: finalButtons(parts, reader, picture) },
    })
    .catch((error: unknown) => {
      app.log.info({ order: orderId, reason: explain(error) }, 'the late picture could not be sent')
      return undefined
    })
  const fileId = message?.photo.at(-1)?.file_id
  if (fileId) await keepFileId(app.db, orderId, { bot: picture.bot, kind: 'photo', fileId })
  await dropPicture(app.config.dataDir, orderId)
  return done
}
