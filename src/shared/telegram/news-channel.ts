import type { Api } from 'grammy'
import { explain } from '../errors.ts'
import type { Log } from '../log.ts'

/**
 * For this long a person's membership is remembered: leaving the channel is noticed within half an hour, and a person
 * costs one call in that time.
 */
const REMEMBER_MS = 30 * 60_000
const REMEMBERED = 50_000

export interface NewsReader {
  /** NEWS_CHANNEL_ID, where it is set. */
  channel: string | undefined
  bot: string
  personId: bigint
  isAdmin: boolean
  api: Pick<Api, 'getChatMember'>
  log: Log
}

/** Remembers per process which people were seen in the channel and when; to ask Telegram again is cheap. */
export class NewsChannel {
  private readonly members = new Map<string, number>()

  /**
   * @returns whether the person may buy. When Telegram cannot tell, everybody may: trouble with a channel must not
   * close the shop
   */
  async lets(reader: NewsReader): Promise<boolean> {
    return !reader.channel || reader.isAdmin || (await this.isMember(reader, reader.channel))
  }

  private async isMember({ bot, personId, api, log }: NewsReader, channel: string): Promise<boolean> {
    const key = `${bot} ${personId}`
    const seen = this.members.get(key)
    if (seen !== undefined && performance.now() - seen < REMEMBER_MS) return true
    try {
      const member = await api.getChatMember(channel, Number(personId))
      if (member.status === 'left' || member.status === 'kicked') return false
      // A person with limited rights who left keeps the status `restricted`; only `is_member` shows that the person is
      // gone.
      if (member.status === 'restricted' && !member.is_member) return false
    } catch (error) {
      log.warn({ reason: explain(error) }, 'NEWS_CHANNEL_ID cannot be asked: is the bot an admin there?')
      return true
    }
    if (this.members.size >= REMEMBERED) this.members.clear()
    this.members.set(key, performance.now())
    return true
  }
}
