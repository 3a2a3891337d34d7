import type { Context as GrammyContext } from 'grammy'

/** Telegram's own account: it forwards a channel's posts into the group of their comments. It is no bot by its mark. */
const TELEGRAM = 777_000

/**
 * What an update says about its sender. `came`: the person wrote or pressed something in their private chat with the
 * bot, which nobody can do who did not start it. `told`: Telegram tells something about a person (they blocked the
 * bot, a subscription ended), who may never have come. `nobody`: groups, channels, their members, bots and Telegram's
 * own account. Shops are private: the bot says nothing there and keeps nobody.
 */
export function whose(ctx: GrammyContext): 'came' | 'told' | 'nobody' {
  const { from, chat } = ctx
  if (!from || from.is_bot || from.id === TELEGRAM) return 'nobody'
  if (chat && chat.type !== 'private') return 'nobody'
  if (chat && (ctx.message || ctx.callbackQuery)) return 'came'
  return ctx.callbackQuery ? 'nobody' : 'told'
}
