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

const RIGHTS = ['can_invite_users', 'can_restrict_members']

/** Whether this administrator of a group may do this. */
export const hasRight = (group: Group, id: number, right: string): boolean =>
  isAdmin(group.members.get(id)) && !group.withheld?.get(id)?.includes(right)

/**
 * How Telegram describes a member; `restricted_left` = somebody with limited rights who has left.
 * @param withheld rights that this administrator does not have
 */
export function memberOf(user: Obj, status: string, withheld: readonly string[] = []): Obj {
  switch (status) {
    case 'creator':
      return { user, status, is_anonymous: false }
    case 'administrator':
      return {
        user,
        status,
        can_be_edited: false,
        is_anonymous: false,
        can_manage_chat: true,
        ...Object.fromEntries(RIGHTS.map((right) => [right, !withheld.includes(right)])),
      }
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
export function changeMember(
  world: World,
  group: Group,
  id: number,
  status: string,
  withheld?: string[],
): void {
  const before = group.members.get(id) ?? 'left'
  const [had, has] = [group.withheld?.get(id) ?? [], withheld ?? group.withheld?.get(id) ?? []]
  group.members.set(id, status)
  if (withheld) (group.withheld ??= new Map()).set(id, withheld)
  const user = memberUser(world, id)
  if (!user || (before === status && String(had) === String(has))) return
  const change = {
    chat: chatOfGroup(group),
    from: user,
    date: seconds(world),
    old_chat_member: memberOf(user, before, had),
    new_chat_member: memberOf(user, status, has),
  }
  for (const bot of world.bots.values()) {
    if (bot.id === id) happen(world, bot, 'my_chat_member', change)
    else if (isAdmin(group.members.get(bot.id))) happen(world, bot, 'chat_member', change)
  }
}
