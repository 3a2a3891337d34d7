import { GrammyError } from 'grammy'
import { UserError } from '#shared/errors.ts'
import { allows } from '#shared/roles.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { hideReplyKeys } from '#workers/bot/reply-keys.ts'
import { sure } from '#workers/bot/sure.ts'
import { takeToken } from './admin-bot-token.ts'
import { botRow, showBot } from './admin-bots.ts'

/**
 * Bots that Telegram made for this one: their tokens are read and changed by calls of this bot, so that no token is
 * ever written into a chat.
 */
export const managedBots: Feature = {
  adminButtons: {
    'a-bot-renew': sure(
      'a-bot-renew',
      async (chat, [name = '']) => ({
        text: chat.t('admin-bot-renew-ask', {
          name,
          username: (await botRow(chat, name)).username ?? '—',
        }),
        yes: chat.t('admin-bot-renew-yes'),
        home: ['a-bot', name],
      }),
      renew,
    ),
  },
  minimumRole: { 'a-bot-renew': 'owner' },
  other: takeMade,
}

/** A bot is made by whoever finds the key; only an owner's becomes a bot of the shop. */
async function takeMade(chat: Chat): Promise<boolean> {
  const made = chat.ctx.message?.managed_bot_created
  if (!made) return false
  if (!chat.role || !allows(chat.role, 'owner')) return true
  await hideReplyKeys(chat, chat.t('admin-bot-made'))
  const user_id = made.bot.id
  const token = await asked(() => chat.ctx.api.raw.getManagedBotToken({ user_id }))
  try {
    await takeToken(chat, token)
  } catch (error) {
    // The same update may be handled again after the bot was added.
    if (!(error instanceof UserError) || error.code !== 'bot.exists') throw error
    await showBot(chat, String(error.params['name']))
  }
  return true
}

/** If Telegram's answer is lost, the token of the moment is read: whether it is the old or the new one, it works. */
async function renew(chat: Chat, [name = '']: string[]): Promise<Answer> {
  const { telegramId } = await botRow(chat, name)
  if (telegramId === null) throw new UserError('bot.not-managed')
  const user_id = Number(telegramId)
  const { raw } = chat.ctx.api
  const token = await asked(async () => {
    try {
      return await raw.replaceManagedBotToken({ user_id })
    } catch (error) {
      if (error instanceof GrammyError) throw error
      return await raw.getManagedBotToken({ user_id })
    }
  })
  await takeToken(chat, token, name)
  return { toast: chat.t('admin-bot-renewed') }
}

/** @throws UserError `bot.not-managed` when Telegram refuses, `bot.telegram` when it does not answer */
async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new UserError(error instanceof GrammyError ? 'bot.not-managed' : 'bot.telegram')
  }
}
