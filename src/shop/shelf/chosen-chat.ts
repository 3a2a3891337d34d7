import type { Api } from 'grammy'
import type { ChatFullInfo, ChatMember } from 'grammy/types'
import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import { Rejected, UserError } from '#shared/errors.ts'
import { shorten } from '#shared/storable.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import { RIGHTS, setChat } from './chats.ts'
import { access } from './kinds/access.ts'
import type { Item } from './tables.ts'

/** The admin who chooses the channel or group of an item, in the chat or at the panel. */
interface Chooser {
  app: Pick<Context, 'db'>
  personId: bigint
  bot: { name: string }
  /** The bot's own client and account: its rights in the chat are looked at. */
  api: Api
  me: { id: number; username: string }
}

/**
 * Checks that the bot can let people in and take them out, that the chat is private, and that the admin who sells
 * access administers the chat.
 * @throws UserError `access.not-there`, `access.rights`, `access.public`, `access.not-yours`, `access.chat`
 */
export async function checkedChat({ api, me, personId }: Chooser, id: string): Promise<ChatFullInfo> {
  const chat = await asked(() => api.getChat(id))
  if (chat.type !== 'channel' && chat.type !== 'supergroup') throw new UserError('access.chat')
  const own = await asked(() => api.getChatMember(chat.id, me.id))
  if (own.status !== 'administrator') throw new UserError('access.not-there', { bot: me.username })
  if (RIGHTS.some((right) => !own[right])) throw new UserError('access.rights', { bot: me.username })
  const admin = await asked(() => api.getChatMember(chat.id, Number(personId)))
  if (!rules(admin)) throw new UserError('access.not-yours')
  if (chat.username !== undefined) throw new UserError('access.public')
  return chat

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

/** Sells places in this chat from now on. @throws UserError as checkedChat, and `item.gone` */
export async function chooseChat(chooser: Chooser, item: Item, id: string): Promise<void> {
  if (item.kind !== access.name) throw new UserError('item.gone')
  const chat = await checkedChat(chooser, id)
  // If the answer is lost, the link stays, but it lets nobody in; the admin sees an error and sends the chat again.
  const { invite_link: link } = await chooser.api.createChatInviteLink(chat.id, {
    creates_join_request: true,
    name: shorten(item.name.en, 32),
  })
  const { bot, personId } = chooser
  await chooser.app.db.tx(async (tx) => {
    const title = shorten(chat.title ?? '', 100)
    await setChat(tx, { itemId: item.id, bot: bot.name, chatId: BigInt(chat.id), title, link })
    await audit(tx, {
      actor: personId,
      action: 'item.filled',
      target: String(item.id),
      bot: bot.name,
      details: { chat: String(chat.id) },
    })
  })
}
