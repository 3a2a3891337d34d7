import { changeOfSession } from '#shared/people.ts'
import { NOW } from '#shared/db/build.ts'
import type { Feature } from '../feature.ts'

/** A person blocked or unblocked this bot; that says nothing about other bots. */
export const blocked: Feature = {
  async other(chat) {
    const change = chat.ctx.myChatMember
    if (!change) return false
    if (change.chat.type === 'private') {
      const isBlocked = change.new_chat_member.status === 'kicked'
      await chat.app.db.rows(
        changeOfSession({ bot: chat.bot.name, personId: chat.personId }).set({
          blocked_at: isBlocked ? NOW : null,
        }),
      )
    }
    return true
  },
}
