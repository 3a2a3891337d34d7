import { keepMailingCard } from '../live.ts'
import { mailingOf } from '../moves.ts'
import type { Mailing } from '../mailings.ts'
import { mailingCard } from '../card.ts'
import { mustBeDraft } from '../launch.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { placeIn } from '#workers/bot/order-card.ts'
import { button, show } from '#workers/bot/screen.ts'

export const ofThisBot = (chat: Chat, id: string): Promise<Mailing> =>
  mailingOf(chat.app.db, chat.bot.name, id)

/** @throws UserError `broadcast.started` when nothing can be changed any more */
export const draftOf = (chat: Chat, id: string): Promise<Mailing> => mustBeDraft(chat, id)

/** Shows the mailing as it is now, in this message, which its workers keep up to date from here on. */
export async function showLive(chat: Chat, mailing: Mailing): Promise<void> {
  const { id } = mailing
  const { text, keyboard } = mailingCard(chat.app, chat, {
    ...mailing,
    // The buttons are signed for whoever looks at them.
    createdBy: chat.personId,
  })
  const scheduled =
    mailing.state === 'scheduled' && mailing.startAt
      ? [chat.t('broadcast-at', { date: chat.when(mailing.startAt) })]
      : []
  const messageId = await show(chat, {
    text: [text, ...scheduled].join('\n'),
    keyboard: [
      ...(mailing.state === 'scheduled'
        ? [[button(chat, chat.t('broadcast-cancel'), ['b-cancel', id], 'danger')]]
        : []),
      ...keyboard,
    ],
  })
  if (mailing.createdBy === chat.personId && !['done', 'cancelled'].includes(mailing.state)) {
    const now = await chat.app.db.tx((tx) => keepMailingCard(tx, id, placeIn(chat, messageId)))
    // A short mailing ends before Telegram has said that this message is there, and its workers knew of no message.
    if (now && now.state !== mailing.state) return await showLive(chat, now)
    // The workers draw here from now on, until the admin goes on to something else in this message.
    chat.session.anchor = undefined
  }
}
