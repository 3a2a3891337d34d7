import type { Api } from 'grammy'
import type { ChatMember } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { Rejected, Transient, UnknownOutcome, explain } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { ChatNews } from '#shared/queue/jobs/telegram.ts'
import { readerOf } from '#shared/reader.ts'
import { linkOfBot } from '#shared/telegram/link-of-bot.ts'
import { TokenRevoked, Unreachable, telegramError } from '#shared/telegram/errors.ts'
import { answered, askIn, markOut, readAccess, runningOf } from '../accesses.ts'
import { RIGHTS, chatsAt, loseDoor, regainDoor } from '../chats.ts'
import type { ChatDoor } from '../chats.ts'
import { readItem } from '../items.ts'

/*
 * The bot at the door of a chat. All that it does there it may do twice: whoever is in stays in, whoever is out stays out.
 * So an answer that was lost is asked again, and what a chat looks like is read from Telegram and never remembered.
 */

const REVOKED_MS = 60_000

interface Place {
  api: Api
  chatId: bigint
  personId: bigint
}

/** Lets in or takes out whom an order is for, as it stands now: a late job does nothing that is over. */
export async function mindDoorOf(app: Context, orderId: string): Promise<Verdict> {
  const access = await readAccess(app.db, orderId)
  const bot = access && app.bots.get(access.bot)
  // Without the bot nobody can do it; upkeep comes back to it.
  if (!access || !bot) return done
  const place = { api: bot.api, chatId: access.chatId, personId: access.personId }
  return await atDoor(app, access, async () => {
    if (await isRunning(app, place)) {
      if (access.askedAt !== null) await answered(app.db, place, await letIn(place))
      // Their time may have ended while Telegram was asked: who came in after the end goes like everybody else.
      if (await isRunning(app, place)) return await markOut(app.db, place)
    }
    await takeOut(place)
    await markOut(app.db, place)
  })
}

const isRunning = async (app: Pick<Context, 'db'>, place: Place) =>
  (await runningOf(app.db, place)).length > 0

/** @returns whether they are in */
async function letIn(place: Place): Promise<boolean> {
  try {
    await place.api.approveChatJoinRequest(Number(place.chatId), Number(place.personId))
    return true
  } catch (error) {
    // They took their wish back, or an answer was lost on its way to us: then they are in.
    if (!/HIDE_REQUESTER_MISSING|USER_ALREADY_PARTICIPANT/.test(explain(error))) throw error
    return isIn(await memberOf(place))
  }
}

/** Whoever was banned by an admin stays banned, and whoever rules the chat is nobody's to take out. */
async function takeOut(place: Place): Promise<void> {
  const member = await memberOf(place)
  if (!isIn(member) || member?.status === 'administrator' || member?.status === 'creator') return
  // Telegram takes a member out with it and leaves nobody banned: a ban that has to be lifted could stay.
  await place.api.unbanChatMember(Number(place.chatId), Number(place.personId))
}

async function memberOf({ api, chatId, personId }: Place): Promise<ChatMember | undefined> {
  try {
    return await api.getChatMember(Number(chatId), Number(personId))
  } catch (error) {
    // An account that is gone is in no chat.
    if (/PARTICIPANT_ID_INVALID|USER_ID_INVALID|user not found/.test(explain(error))) return undefined
    throw error
  }
}

const isIn = (member: ChatMember | undefined): boolean =>
  member !== undefined &&
  member.status !== 'left' &&
  member.status !== 'kicked' &&
  (member.status !== 'restricted' || member.is_member)

/** What is refused for want of rights is written down, told, and tried again by upkeep. */
async function atDoor(app: Context, door: ChatDoor, work: () => Promise<void>): Promise<Verdict> {
  try {
    await work()
    return done
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof TokenRevoked) return later(REVOKED_MS, meaning.message)
    if (meaning instanceof Transient || meaning instanceof UnknownOutcome) throw meaning
    if (!(meaning instanceof Rejected)) throw error
    if (!(await hasRights(app, door))) {
      await loseDoor(app, door)
      return done
    }
    throw meaning
  }
}

/** @throws what Telegram said where that says nothing of the rights */
async function hasRights(app: Pick<Context, 'bots'>, { bot, chatId }: ChatDoor): Promise<boolean> {
  const served = app.bots.get(bot)
  if (!served) return false
  try {
    const { api } = served
    const me = await api.getChatMember(Number(chatId), (await api.getMe()).id)
    return me.status === 'administrator' && RIGHTS.every((right) => me[right])
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof TokenRevoked) throw meaning
    if (meaning instanceof Unreachable || meaning instanceof Rejected) return false
    throw meaning
  }
}

/** Somebody asks to be let in, or the bot's rights are others. */
export async function hearOfChat(app: Context, { bot, chat, person, link }: ChatNews): Promise<Verdict> {
  const door = { bot, chatId: BigInt(chat) }
  const items = await chatsAt(app.db, door)
  if (items.length === 0) return done
  if (person === undefined)
    return await atDoor(app, door, async () => {
      if (await hasRights(app, door)) await regainDoor(app, door)
      else await loseDoor(app, door)
    })
  const place = { chatId: door.chatId, personId: BigInt(person) }
  const orderId = await askIn(app.db, place)
  if (orderId !== undefined) return await mindDoorOf(app, orderId)
  // By the owner's own link they came to the owner.
  const sold = items.find((one) => one.link === link)
  const served = app.bots.get(bot)
  if (!sold || !served) return done
  return await atDoor(app, door, async () => {
    try {
      await served.api.declineChatJoinRequest(Number(place.chatId), Number(place.personId))
    } catch (error) {
      if (!/HIDE_REQUESTER_MISSING|USER_ALREADY_PARTICIPANT/.test(explain(error))) throw error
    }
    const [item, { t, language }, chat] = await Promise.all([
      readItem(app.db, sold.itemId),
      readerOf(app, bot, place.personId),
      linkOfBot(app.db, bot),
    ])
    // Telegram lets a bot write to whoever asks to join for five minutes; a word that does not arrive is no loss.
    await served.api
      .sendMessage(Number(person), t('shelf-access-not-yours', { name: escapeHtml(item!.name[language]) }), {
        parse_mode: 'HTML',
        ...(chat && {
          reply_markup: {
            inline_keyboard: [[{ text: t('shelf-key-see-item'), url: `${chat}?start=item_${sold.itemId}` }]],
          },
        }),
      })
      .catch(() => {})
  })
}
