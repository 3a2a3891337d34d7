import { explain } from '#shared/errors.ts'
import { type Generation, placeInQueue, readGeneration } from '../generations.ts'
import { findModel } from '../catalogue.ts'
import type { Shown } from '../stage.ts'
import { atOnceOf, imageLimits } from '../settings.ts'
import { done, later, type Verdict } from '#shared/queue/job.ts'
import { telegramError, Unreachable } from '#shared/telegram/errors.ts'
import { cardReader, type Message, progressCard } from '../cards.ts'
import type { Parts } from './parts.ts'

/** Shows where a picture stands, if the chat's pace allows; a failure to show it never stops the picture. */
export async function showProgress(
  parts: Parts,
  generation: Generation,
  task: { state: 'queued' | 'drawing' | 'uploading' },
): Promise<void> {
  const { app, editor } = parts
  const { card } = generation
  const bot = app.bots.get(generation.bot)
  if (!card || !bot) return
  const reader = await cardReader(parts, generation)
  const message = progressCard(parts, reader, generation, stageOf(parts, generation, task.state))
  try {
    await editor.show(placeOf(generation), () => editText(parts, generation, message))
    // An edit that was under way while the order ended must not have the last word.
    const now = await readGeneration(app.db, generation.orderId)
    if (now?.stage === 'failed' || now?.stage === 'cancelled') await showEnd(parts, generation.orderId)
  } catch (error) {
    app.log.debug({ order: generation.orderId, reason: explain(error) }, 'progress could not be shown')
  }
}

/** The message of an order that ended without a picture, or that waits. */
export async function showEnd(parts: Parts, orderId: string): Promise<Verdict> {
  const { app, editor } = parts
  const generation = await readGeneration(app.db, orderId)
  const bot = generation && app.bots.get(generation.bot)
  if (!generation || !bot || !['queued', 'failed', 'cancelled'].includes(generation.stage)) return done
  const reader = await cardReader(parts, generation)
  const stage =
    generation.stage === 'queued' ? await queuedStage(parts, generation) : { stage: 'failed' as const }
  const message = progressCard(parts, reader, generation, stage)
  try {
    if (generation.card) {
      const outcome = await editor.finish(placeOf(generation), () => editText(parts, generation, message))
      if (outcome.is === 'later') return later(outcome.retryAfterMs, 'Telegram asks to wait')
      if (outcome.is !== 'gone' || generation.stage === 'queued') return done
    }
    await bot.api.sendMessage(generation.card?.chatId ?? Number(generation.personId), message.text, {
      parse_mode: 'HTML',
      reply_markup: { inline_keyboard: message.keyboard },
    })
  } catch (error) {
    if (telegramError(error) instanceof Unreachable) return done
    throw telegramError(error)
  }
  return done
}

function editText({ app }: Parts, { bot, card }: Generation, message: Message): Promise<unknown> {
  return app.bots.get(bot)!.api.editMessageText(card!.chatId, card!.messageId, message.text, {
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard: message.keyboard },
  })
}

function placeOf({ bot, card }: Generation) {
  return { botId: bot, chatId: BigInt(card!.chatId), messageId: card!.messageId }
}

function stageOf(parts: Parts, generation: Generation, state: 'queued' | 'drawing' | 'uploading'): Shown {
  if (state === 'uploading') return { stage: 'uploading' }
  const usualSeconds = findModel(parts.providers, generation.model)?.usualSeconds ?? 30
  const elapsedSeconds = Math.round((Date.now() - (generation.startedAt?.getTime() ?? Date.now())) / 1000)
  return { stage: state === 'queued' ? 'handed' : 'drawing', elapsedSeconds, usualSeconds }
}

/** New tasks start at the providers' pace, one person's pictures in turns of `atOnce`. */
const SECONDS_PER_START = 0.5

async function queuedStage(parts: Parts, generation: Generation): Promise<Shown> {
  const place = await placeInQueue(parts.app.db, generation.orderId)
  const atOnce = await atOnceOf(parts.app.db, generation.personId, await parts.app.settings.get(imageLimits))
  const usualSeconds = findModel(parts.providers, generation.model)?.usualSeconds ?? 30
  const rounds = 1 + Math.floor((place?.ownAhead ?? 0) / atOnce)
  const expectedSeconds = Math.ceil(rounds * usualSeconds + (place?.place ?? 1) * SECONDS_PER_START)
  return { stage: 'queued', place: place?.place ?? 1, expectedSeconds }
}
