import { explain } from '#shared/errors.ts'
import { tellChange } from '#shared/changes.ts'
import { type Picture, readPicture } from '../pictures.ts'
import { findModel } from '../catalogue.ts'
import type { Shown } from '../stage.ts'
import { queuedStage } from '../standing.ts'
import { done, later, type Verdict } from '#shared/queue/job.ts'
import { telegramError, TokenRevoked, Unreachable } from '#shared/telegram/errors.ts'
import { cardReader, type Message, progressCard } from '../cards.ts'
import type { Parts } from './parts.ts'

const REVOKED_MS = 60_000

/**
 * Shows how far a picture is, if the pace of edits in the chat allows it. A failure to show it never stops the
 * picture.
 */
export async function showProgress(
  parts: Parts,
  picture: Picture,
  task: { state: 'queued' | 'drawing' | 'uploading' },
): Promise<void> {
  const { app, editor } = parts
  const { card } = picture
  const bot = app.bots.get(picture.bot)
  if (!card || !bot) return
  const reader = await cardReader(parts, picture)
  const message = progressCard(parts, reader, picture, stageOf(parts, picture, task.state))
  try {
    await tellChange(app.db, picture.personId)
    await editor.show(placeOfRedis(picture), () => editText(parts, picture, message))
    // An edit that was under way while the order ended must not have the last word.
    const now = await readPicture(app.db, picture.orderId)
    if (now?.stage === 'failed' || now?.stage === 'cancelled') await showEnd(parts, picture.orderId)
  } catch (error) {
    app.log.debug({ order: picture.orderId, reason: explain(error) }, 'progress could not be shown')
  }
}

/** Writes the final message of an order that ended without a picture, or the message of an order that waits. */
export async function showEnd(parts: Parts, orderId: string): Promise<Verdict> {
  const { app, editor } = parts
  const picture = await readPicture(app.db, orderId)
  const bot = picture && app.bots.get(picture.bot)
  if (!picture || !bot || !['queued', 'failed', 'cancelled'].includes(picture.stage)) return done
  const reader = await cardReader(parts, picture)
  const stage = picture.stage === 'queued' ? await queuedStage(parts, picture) : { stage: 'failed' as const }
  const message = progressCard(parts, reader, picture, stage)
  await tellChange(app.db, picture.personId)
  try {
    if (picture.card) {
      const outcome = await editor.finish(placeOfRedis(picture), () => editText(parts, picture, message))
      if (outcome.is === 'later') return later(outcome.retryAfterMs, 'Telegram asks to wait')
      if (outcome.is !== 'gone' || picture.stage === 'queued') return done
    }
    await bot.api.sendMessage(picture.card?.chatId ?? Number(picture.personId), message.text, {
      parse_mode: 'HTML',
      reply_markup: { inline_keyboard: message.keyboard },
    })
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) return done
    if (meaning instanceof TokenRevoked) return later(REVOKED_MS, meaning.message)
    throw meaning
  }
  return done
}

function editText({ app }: Parts, { bot, card }: Picture, message: Message): Promise<unknown> {
  return app.bots.get(bot)!.api.editMessageText(card!.chatId, card!.messageId, message.text, {
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard: message.keyboard },
  })
}

function placeOfRedis({ bot, card }: Picture) {
  return { botId: bot, chatId: BigInt(card!.chatId), messageId: card!.messageId }
}

function stageOf(parts: Parts, picture: Picture, state: 'queued' | 'drawing' | 'uploading'): Shown {
  if (state === 'uploading') return { stage: 'uploading' }
  const usualSeconds = findModel(parts.providers, picture.model)?.usualSeconds ?? 30
  const elapsedSeconds = Math.round((Date.now() - (picture.startedAt?.getTime() ?? Date.now())) / 1000)
  return { stage: state === 'queued' ? 'handed' : 'drawing', elapsedSeconds, usualSeconds }
}
