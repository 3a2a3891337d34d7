import { sql as q } from 'kysely'
import { mailingOf } from '../moves.ts'
import type { Broadcast } from '../mailings.ts'
import { broadcastCard } from '../card.ts'
import { UserError } from '#shared/errors.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { button, chatId, show } from '#workers/bot/screen.ts'
import { writeJson } from '#shared/storable.ts'

export const ofThisBot = (chat: Chat, id: string): Promise<Broadcast> =>
  mailingOf(chat.app.db, chat.bot.name, id)

/** @throws UserError `broadcast.started` when nothing can be changed any more */
export async function draftOf(chat: Chat, id: string): Promise<Broadcast> {
  const broadcast = await ofThisBot(chat, id)
  if (broadcast.state !== 'draft') throw new UserError('broadcast.started')
  return broadcast
}

/** Shows the mailing as it is now, in this message, which its workers keep up to date from here on. */
export async function showLive(chat: Chat, broadcast: Broadcast): Promise<void> {
  const { id } = broadcast
  const { text, keyboard } = broadcastCard(chat.app, chat, {
    ...broadcast,
    // The buttons are signed for whoever looks at them.
    createdBy: chat.personId,
  })
  const scheduled =
    broadcast.state === 'scheduled' && broadcast.startAt
      ? [chat.t('broadcast-at', { date: chat.when(broadcast.startAt) })]
      : []
  const messageId = await show(chat, {
    text: [text, ...scheduled].join('\n'),
    keyboard: [
      ...(broadcast.state === 'scheduled'
        ? [[button(chat, chat.t('broadcast-cancel'), ['b-cancel', id], 'danger')]]
        : []),
      ...keyboard,
    ],
  })
  if (broadcast.createdBy === chat.personId && !['done', 'cancelled'].includes(broadcast.state)) {
    await chat.app.db.rows(q`
      update broadcasts set card = ${writeJson({ chatId: chatId(chat), messageId })}::jsonb where id = ${id}`)
  }
}
