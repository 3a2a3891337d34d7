import type { Api } from 'grammy'
import type { ChatMember } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { Rejected, Transient, UnknownOutcome, explain } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { ChatNews } from '#shared/queue/jobs/telegram.ts'
import { readerOf } from '#shared/reader.ts'
import { linkOfBot } from '#shared/telegram/link-of-bot.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import { answered, askIn, markOut, readAccess, runningOf } from '../accesses.ts'
import { RIGHTS, chatsAt, hasRoom, loseDoor, refusePerson, regainDoor } from '../chats.ts'
import type { ChatDoor, Refusal } from '../chats.ts'
import { readItem } from '../items.ts'

/*
 * The bot lets people into a chat and takes them out. Each act may be repeated: a member stays a member, a person
 * outside stays outside. So an act whose answer was lost is repeated, and the state of a chat is read from Telegram
 * and never remembered.
 */

const NO_REQUEST = /HIDE_REQUESTER_MISSING|USER_ALREADY_PARTICIPANT/
/** The account is deleted. */
const NOBODY = /PARTICIPANT_ID_INVALID|USER_ID_INVALID|user not found|user is deactivated|USER_DEACTIVATED/

interface Place {
  api: Api
  chatId: bigint
  personId: bigint
}

/** Lets in or takes out the person of an order, by the order's present state, so a late job does nothing wrong. */
export async function mindDoorOf(app: Context, orderId: string): Promise<Verdict> {
  const access = await readAccess(app.db, orderId)
  const bot = access && app.bots.get(access.bot)
  // Without the bot nobody can do it; the upkeep worker tries again later.
  if (!access || !bot) return done
  const place = { api: bot.api, chatId: access.chatId, personId: access.personId }
  return await atDoor(app, access, async () => {
    if (await isRunning(app, place)) {
      if (access.askedAt !== null) {
        const came = await letIn(place)
        if (typeof came === 'string') await refusePerson(app, { ...place, bot: access.bot }, came)
        else {
          await answered(app.db, place, came)
          if (came) await hasRoom(app.db, access)
        }
      }
      // The access may have ended while Telegram was asked: then the person is taken out like everybody else.
      if (await isRunning(app, place)) return await markOut(app.db, place)
    }
    await takeOut(place)
    await markOut(app.db, place)
  })
}

const isRunning = async (app: Pick<Context, 'db'>, place: Place) =>
  (await runningOf(app.db, place)).length > 0

/** @returns whether the person is a member now, or why Telegram does not let them in at present */
async function letIn(place: Place): Promise<boolean | Refusal> {
  try {
    await place.api.approveChatJoinRequest(Number(place.chatId), Number(place.personId))
    return true
  } catch (error) {
    // Some methods of Telegram's say CHANNELS_TOO_MUCH alone of a person who is in too many chats.
    if (/CHANNELS_TOO_MUCH/.test(explain(error))) return 'too-many'
    if (/USERS_TOO_MUCH/.test(explain(error))) return 'full'
    // The person withdrew the request, or is a member already because an earlier answer was lost.
    if (!NO_REQUEST.test(explain(error)) && !NOBODY.test(explain(error))) throw error
    return isIn(await memberOf(place))
  }
}

/** Takes a person out. Somebody banned by an admin stays banned, and a chat's administrators are left alone. */
async function takeOut(place: Place): Promise<void> {
  const member = await memberOf(place)
  if (!isIn(member) || member?.status === 'administrator' || member?.status === 'creator') return
  // Telegram removes a member by `unbanChatMember` without leaving a ban; a ban that must be lifted later could stay
  // for ever.
  await place.api.unbanChatMember(Number(place.chatId), Number(place.personId))
}

async function memberOf({ api, chatId, personId }: Place): Promise<ChatMember | undefined> {
  try {
    return await api.getChatMember(Number(chatId), Number(personId))
  } catch (error) {
    // A deleted account is in no chat.
    if (NOBODY.test(explain(error))) return undefined
    throw error
  }
}

const isIn = (member: ChatMember | undefined): boolean =>
  member !== undefined &&
  member.status !== 'left' &&
  member.status !== 'kicked' &&
  (member.status !== 'restricted' || member.is_member)

/** If the bot lacks rights, this is stored and told to the admins, and upkeep tries again. */
async function atDoor(app: Context, door: ChatDoor, work: () => Promise<void>): Promise<Verdict> {
  try {
    await work()
    return done
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Transient || meaning instanceof UnknownOutcome) throw meaning
    if (!(meaning instanceof Rejected)) throw error
    if (!(await hasRights(app, door))) {
      await loseDoor(app, door)
      return done
    }
    throw meaning
  }
}

/** A bot whose token Telegram refuses lets nobody in either. @throws Telegram's error, unless it concerns the rights */
async function hasRights(app: Pick<Context, 'bots'>, { bot, chatId }: ChatDoor): Promise<boolean> {
  const served = app.bots.get(bot)
  if (!served) return false
  try {
    const { api } = served
    const me = await api.getChatMember(Number(chatId), (await api.getMe()).id)
    return me.status === 'administrator' && RIGHTS.every((right) => me[right])
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Rejected) return false
    throw meaning
  }
}

/** A person asks to join, or the bot's rights have changed. */
export async function hearOfChat(app: Context, { bot, chat, person, link }: ChatNews): Promise<Verdict> {
  const door = { bot, chatId: BigInt(chat) }
  const items = await chatsAt(app.db, door)
  if (person === undefined) {
    if (items.length === 0) return done
    return await atDoor(app, door, async () => {
      if (await hasRights(app, door)) await regainDoor(app, door)
      else await loseDoor(app, door)
    })
  }
  const place = { chatId: door.chatId, personId: BigInt(person) }
  // Also a chat that no item leads to any more: who has paid for it may come back.
  const orderId = await askIn(app.db, place)
  if (orderId !== undefined) return await mindDoorOf(app, orderId)
  // A person who came by another invite link was invited by the owner.
  const sold = items.find((one) => one.link === link)
  const served = app.bots.get(bot)
  if (!sold || !served) return done
  return await atDoor(app, door, async () => {
    try {
      await served.api.declineChatJoinRequest(Number(place.chatId), Number(place.personId))
    } catch (error) {
      if (!NO_REQUEST.test(explain(error)) && !NOBODY.test(explain(error))) throw error
    }
    const [item, { t, language }, chat] = await Promise.all([
      readItem(app.db, sold.itemId),
      readerOf(app, bot, place.personId),
      linkOfBot(app.db, bot),
    ])
    // Telegram lets a bot write to a person who asks to join for five minutes; if the message fails, nothing is lost.
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
