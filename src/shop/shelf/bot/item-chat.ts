import { chatNamed } from '#workers/bot/chat-named.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, show } from '#workers/bot/screen.ts'
import { chooseChat } from '../chosen-chat.ts'
import { itemById, showItemPage } from './admin-item.ts'

/** Admins: the channel or group that an item lets its buyers into. */
export const adminItemChat: Feature = {
  adminButtons: { 'a-item-chat': ask },
  adminInputs: { 'a-item-chat': take },
}

async function ask(chat: Chat, [id = '']: string[]): Promise<void> {
  await itemById(chat, id)
  chat.session.awaiting = { input: 'a-item-chat', args: [id] }
  await show(chat, {
    text: chat.t('admin-item-chat-ask', { bot: chat.ctx.me.username }),
    keyboard: [back(chat, ['a-item', id])],
  })
}

async function take(chat: Chat, [id = '']: string[]): Promise<void> {
  const item = await itemById(chat, id)
  const { api, me } = chat.ctx
  const chooser = { app: chat.app, bot: chat.bot, personId: chat.personId, api, me }
  await chooseChat(chooser, item, chatNamed(chat))
  await showItemPage(chat, id)
}
