import { chatOfGroup, seconds, userOfBot, userOfPerson, type Group, type World } from './store.ts'
import { objectOf, withStatus201, type Route } from './control-lib.ts'
import { str, type Obj } from './params.ts'
import { Refused } from './refused.ts'
import { happen } from './updates.ts'

/** Telegram's own account, which forwards a channel's posts into the group of their comments. It is marked as no bot. */
const TELEGRAM = { id: 777_000, is_bot: false, first_name: 'Telegram' }

export const isAdmin = (status: string | undefined) => status === 'administrator' || status === 'creator'

const userOf = (world: World, id: number): Obj | undefined => {
  if (id === TELEGRAM.id) return TELEGRAM
  const person = world.people.get(id)
  const bot = world.bots.get(id)
  return person ? userOfPerson(person) : bot && userOfBot(bot)
}

/** How Telegram describes a member; `restricted_left` = somebody with limited rights who has left. */
export function memberOf(user: Obj, status: string): Obj {
  switch (status) {
    case 'creator':
      return { user, status, is_anonymous: false }
    case 'administrator':
      return { user, status, can_be_edited: false, is_anonymous: false, can_manage_chat: true }
    case 'kicked':
      return { user, status, until_date: 0 }
    case 'restricted':
    case 'restricted_left':
      return {
        user,
        status: 'restricted',
        is_member: status === 'restricted',
        until_date: 0,
        can_send_messages: false,
      }
    default:
      return { user, status }
  }
}

/** A bot hears of itself by `my_chat_member`, of others by `chat_member` where it is an administrator. */
export function changeMember(world: World, group: Group, id: number, status: string): void {
  const before = group.members.get(id) ?? 'left'
  group.members.set(id, status)
  const user = userOf(world, id)
  if (!user || before === status) return
  const change = {
    chat: chatOfGroup(group),
    from: user,
    date: seconds(world),
    old_chat_member: memberOf(user, before),
    new_chat_member: memberOf(user, status),
  }
  for (const bot of world.bots.values()) {
    if (bot.id === id) happen(world, bot, 'my_chat_member', change)
    else if (isAdmin(group.members.get(bot.id))) happen(world, bot, 'chat_member', change)
  }
}

/** Somebody writes in a group, or Telegram forwards a channel's post there; every bot in it hears of it. */
const write: Route = ({ world, path, body }) => {
  const group = world.groups.get(Number(path['id']))
  if (!group || group.type === 'channel') throw new Refused(404, 'there is no such group')
  const { from, text } = objectOf(body)
  const user = userOf(world, Number(from))
  if (!user) throw new Refused(404, 'there is no such person')
  const message = {
    message_id: ++group.lastMessageId,
    from: user,
    chat: chatOfGroup(group),
    date: seconds(world),
    text: str(text),
    ...(user === TELEGRAM && { is_automatic_forward: true }),
  }
  for (const bot of world.bots.values()) if (group.members.has(bot.id)) happen(world, bot, 'message', message)
  return withStatus201({ message_id: message.message_id })
}

export const groupRoutes: Record<string, Route> = { 'POST /chats/:id/messages': write }
