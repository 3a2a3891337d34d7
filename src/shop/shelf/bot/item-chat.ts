import type { ChatFullInfo, ChatMember } from 'grammy/types'
import { audit } from '#shared/audit.ts'
import { Rejected, UserError } from '#shared/errors.ts'
import { shorten } from '#shared/storable.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import { chatNamed } from '#workers/bot/chat-named.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, show } from '#workers/bot/screen.ts'
import { RIGHTS, setChat } from '../chats.ts'
import { access } from '../kinds/access.ts'
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
  if (item.kind !== access.name) throw new UserError('item.gone')
  const room = await checkedRoom(chat, chatNamed(chat))
  // If the answer is lost, the link stays, but it lets nobody in; the admin sees an error and sends the chat again.
  const { invite_link: link } = await chat.ctx.api.createChatInviteLink(room.id, {
    creates_join_request: true,
    name: shorten(item.name.en, 32),
  })
  await chat.app.db.tx(async (tx) => {
    await setChat(tx, {
      itemId: item.id,
      bot: chat.bot.name,
      chatId: BigInt(room.id),
      title: shorten(room.title ?? '', 100),
      link,
    })
    await audit(tx, {
      actor: chat.personId,
      action: 'item.filled',
      target: id,
      bot: chat.bot.name,
      details: { chat: String(room.id) },
    })
  })
  await showItemPage(chat, id)
}

/**
 * Checks that the bot can let people in and take them out, that the chat is private, and that the admin who sells
 * access administers the chat.
 * @throws UserError `access.not-there`, `access.rights`, `access.public`, `access.not-yours`, `access.chat`
 */
async function checkedRoom(chat: Chat, id: string): Promise<ChatFullInfo> {
  const { api, me } = chat.ctx
  const room = await asked(() => api.getChat(id))
  if (room.type !== 'channel' && room.type !== 'supergroup') throw new UserError('access.chat')
  const own = await asked(() => api.getChatMember(room.id, me.id))
  if (own.status !== 'administrator') throw new UserError('access.not-there', { bot: me.username })
  if (RIGHTS.some((right) => !own[right])) throw new UserError('access.rights', { bot: me.username })
  const admin = await asked(() => api.getChatMember(room.id, Number(chat.personId)))
  if (!rules(admin)) throw new UserError('access.not-yours')
  if (room.username !== undefined) throw new UserError('access.public')
  return room

  async function asked<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      if (telegramError(error) instanceof Rejected)
        throw new UserError('access.not-there', { bot: me.username })
      throw error
    }
  }
}

const rules = ({ status }: ChatMember): boolean => status === 'administrator' || status === 'creator'
