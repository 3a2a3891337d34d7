import type { Context } from '#shared/context.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { readerOf } from '#shared/reader.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import { telegramError, TokenRevoked } from '#shared/telegram/errors.ts'
import { Transient } from '#shared/errors.ts'
import { showRead } from '../jobs.ts'
import { readMessage } from '../messages.ts'

/** What the bot worker does for support beside the conversation. */
export function supportCards(app: Context): Handler[] {
  return [handle(showRead, ({ messageId }) => drawRead(app, messageId))]
}

/** Edits the message that confirmed the person's own: support has read it. Nothing is sent, so that no phone rings. */
async function drawRead(app: Context, id: string): Promise<Verdict> {
  const message = await readMessage(app.db, id)
  const bot = message && app.bots.get(message.bot)
  if (!message?.readAt || message.cardMessageId === null || !bot) return done
  const { t } = await readerOf(app, message.bot, message.personId)
  const menu = callbackButton(t('menu-open'), pack(app.secrets, message.personId, 'menu-below'))
  try {
    await bot.api.editMessageText(
      Number(message.personId),
      Number(message.cardMessageId),
      t('support-read', { text: escapeHtml(message.text) || '📎' }),
      { parse_mode: 'HTML', reply_markup: { inline_keyboard: [[menu]] } },
    )
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof TokenRevoked) return later(60_000, meaning.message)
    if (meaning instanceof Transient) throw meaning
    // A person who deleted the message or the bot's chat misses nothing, because the answer is sent as a new message.
  }
  return done
}
