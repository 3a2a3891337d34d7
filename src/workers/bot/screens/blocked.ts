import { sql as q } from 'kysely'
import type { Feature } from '../feature.ts'

/** A person blocked or unblocked this bot; what they do in other bots says nothing about this one. */
export const blocked: Feature = {
  async other(chat) {
    const change = chat.ctx.myChatMember
    if (!change) return false
    if (change.chat.type === 'private') {
      const isBlocked = change.new_chat_member.status === 'kicked'
      await chat.app.db.rows(q`
        update bot_sessions set blocked_at = ${isBlocked ? q`now()` : q`null`}
        where bot = ${chat.bot.name} and person_id = ${chat.personId}`)
    }
    return true
  },
}
