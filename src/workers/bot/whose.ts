import type { Context as GrammyContext } from 'grammy'

/**
 * Telegram's own account, which forwards a channel's posts into its discussion group. Telegram does not mark it as a
 * bot.
 */
const TELEGRAM = 777_000

/**
 * Says how an update relates to a person. `came`: the person wrote or pressed in their private chat with the bot.
 * `told`: Telegram reports about a person (blocked the bot, a subscription ended) who may never have come. `nobody`:
 * groups, channels, their members, bots and Telegram's own account; the shop is private, so it answers nothing there
 * and stores nobody.
 */
export function whose(ctx: GrammyContext): 'came' | 'told' | 'nobody' {
  const { from, chat } = ctx
  if (!from || from.is_bot || from.id === TELEGRAM) return 'nobody'
  if (chat && chat.type !== 'private') return 'nobody'
  if (chat && (ctx.message || ctx.callbackQuery)) return 'came'
  return ctx.callbackQuery ? 'nobody' : 'told'
}
