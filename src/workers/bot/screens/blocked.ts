import { sharedSql } from '#shared/tables.ts'
import { NOW } from '#shared/db/build.ts'
import type { Feature } from '../feature.ts'

/** A person blocked or unblocked this bot; what they do in other bots says nothing about this one. */
export const blocked: Feature = {
  async other(chat) {
    const change = chat.ctx.myChatMember
    if (!change) return false
    if (change.chat.type === 'private') {
      const isBlocked = change.new_chat_member.status === 'kicked'
      await chat.app.db.rows(
        sharedSql
          .updateTable('bot_sessions')
          .set({ blocked_at: isBlocked ? NOW : null })
          .where('bot', '=', chat.bot.name)
          .where('person_id', '=', chat.personId),
      )
    }
    return true
  },
}
