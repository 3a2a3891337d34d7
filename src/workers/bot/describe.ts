import type { Context } from '#shared/context.ts'
import { botTexts } from '#shared/reader.ts'
import { explain } from '#shared/errors.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import type { Chat } from './chat.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { miniAppAddress } from '#shared/web-address.ts'

/** The commands for people, in the order of the menu; /help lists the same. */
export const COMMANDS = [
  'start',
  'buy',
  'topup',
  'generate',
  'images',
  'stars',
  'orders',
  'premium',
  'balance',
  'subscription',
  'promo',
  'friends',
  'pricing',
  'profile',
  'help',
  'paysupport',
  'terms',
] as const

/**
 * Sets the command menu and the description that people see before /start, in both languages, and the key of the Mini
 * App beside the input field, which Telegram keeps in one language until a chat has its own. A failure costs nothing.
 */
export async function describeBot(app: Context, bot: ServedBot): Promise<void> {
  try {
    const texts = await botTexts(app, bot.name)
    for (const language of LANGUAGES) {
      const scope = language === 'en' ? {} : { language_code: language }
      await bot.api.setMyCommands(
        COMMANDS.map((command) => ({ command, description: texts.t(language, `command-${command}`) })),
        scope,
      )
      await bot.api.setMyDescription(texts.t(language, 'bot-description'), scope)
      await bot.api.setMyShortDescription(texts.t(language, 'bot-short-description'), scope)
    }
    const shop = miniAppAddress(app.config, bot.name)
    if (shop) {
      await bot.api.setChatMenuButton({ menu_button: shopKey(texts.t(LANGUAGES[0], 'menu-web-short'), shop) })
    }
  } catch (error) {
    app.log.warn({ bot: bot.name, reason: explain(error) }, 'commands and descriptions could not be set')
  }
}

const shopKey = (text: string, url: string) => ({ type: 'web_app' as const, text, web_app: { url } })

/** Gives a chat the key of the Mini App in its own language. Telegram is told only when the language has changed. */
export async function followShopKey(chat: Chat): Promise<void> {
  const kept = chat.session['shopKey'] ?? LANGUAGES[0]
  const shop = miniAppAddress(chat.app.config, chat.bot.name)
  if (!shop || kept === chat.language || chat.ctx.chat?.type !== 'private') return
  try {
    await chat.ctx.api.setChatMenuButton({
      chat_id: chat.ctx.chat.id,
      menu_button: shopKey(chat.t('menu-web-short'), shop),
    })
    chat.session['shopKey'] = chat.language
  } catch (error) {
    chat.log.info({ reason: explain(error) }, 'the key of the Mini App could not be set')
  }
}
