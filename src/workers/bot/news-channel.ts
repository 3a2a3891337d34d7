import { explain } from '#shared/errors.ts'
import type { Chat } from './chat.ts'
import { button, show } from './screen.ts'

/** Somebody who left the channel notices within this time; everybody else costs one call per half an hour. */
const REMEMBER_MS = 30 * 60_000
const REMEMBERED = 50_000

/** People seen in the channel, with when; per process, because asking again is cheap. */
export class NewsChannel {
  private readonly members = new Map<string, number>()

  /**
   * Where NEWS_CHANNEL_ID is set, buying needs a subscription to that channel. When Telegram cannot tell, everybody
   * passes: a channel's trouble must not close the shop.
   * @returns whether the person may go on; otherwise they have been shown what to do
   */
  async lets(chat: Chat): Promise<boolean> {
    const { newsChannelId, newsChannelLink } = chat.app.config.texts
    if (!newsChannelId || chat.isAdmin || (await this.isMember(chat, newsChannelId))) return true
    await show(chat, {
      text: chat.t('news-required'),
      keyboard: [
        ...(newsChannelLink ? [[{ text: chat.t('menu-news'), url: newsChannelLink }]] : []),
        [button(chat, chat.t('news-check'), 'menu', 'primary')],
      ],
    })
    return false
  }

  private async isMember(chat: Chat, channel: string): Promise<boolean> {
    const key = `${chat.bot.name} ${chat.personId}`
    const seen = this.members.get(key)
    if (seen !== undefined && performance.now() - seen < REMEMBER_MS) return true
    try {
      const member = await chat.ctx.api.getChatMember(channel, Number(chat.personId))
      if (member.status === 'left' || member.status === 'kicked') return false
      // Somebody with limited rights who left: the limits stay, and only this mark says that they are gone.
      if (member.status === 'restricted' && !member.is_member) return false
    } catch (error) {
      chat.log.warn({ reason: explain(error) }, 'NEWS_CHANNEL_ID cannot be asked: is the bot an admin there?')
      return true
    }
    if (this.members.size >= REMEMBERED) this.members.clear()
    this.members.set(key, performance.now())
    return true
  }
}
