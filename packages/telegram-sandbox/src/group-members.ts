import type { Obj } from './params.ts'
import { chatOfGroup, seconds, userOfBot, userOfPerson, type Group, type World } from './store.ts'
import { happen } from './updates.ts'

/** Telegram's own account, which forwards a channel's posts into the group of their comments. It is marked as no bot. */
export const TELEGRAM = { id: 777_000, is_bot: false, first_name: 'Telegram' }

export const isAdmin = (status: string | undefined) => status === 'administrator' || status === 'creator'

export const memberUser = (world: World, id: number): Obj | undefined => {
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
  const user = memberUser(world, id)
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
