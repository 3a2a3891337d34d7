import { isDeepStrictEqual } from 'node:util'
import type { Obj } from './params.ts'
import { isAdmin, PERMISSIONS, rightsIn } from './rights.ts'
import { chatOfGroup, seconds, userOfBot, userOfPerson, type Group, type World } from './store.ts'
import { happen } from './updates.ts'

/** Telegram's own account, which forwards a channel's posts into the group of their comments. It is marked as no bot. */
export const TELEGRAM = { id: 777_000, is_bot: false, first_name: 'Telegram' }

export const memberUser = (world: World, id: number): Obj | undefined => {
  if (id === TELEGRAM.id) return TELEGRAM
  const person = world.people.get(id)
  const bot = world.bots.get(id)
  return person ? userOfPerson(person) : bot && userOfBot(bot)
}

interface Standing {
  status: string
  /** Rights that this administrator does not have. */
  withheld: readonly string[]
  /** What a restricted or banned member may do, and until when. */
  limits: Obj
}

const standingOf = (group: Group, id: number): Standing => ({
  status: group.members.get(id) ?? 'left',
  withheld: group.withheld?.get(id) ?? [],
  limits: group.rights?.get(id) ?? {},
})

/**
 * A member as Telegram describes it; `restricted_left` is a person with limited rights who has left.
 * @param asks the bot that is told, which may edit only administrators whom it made
 */
export function memberOf(group: Group, user: Obj, asks: number, is?: Standing): Obj {
  const id = user['id'] as number
  const { status, withheld, limits } = is ?? standingOf(group, id)
  switch (status) {
    case 'creator':
      return { user, status, is_anonymous: false }
    case 'administrator':
      return {
        user,
        status,
        can_be_edited: group.promotedBy?.get(id) === asks,
        is_anonymous: false,
        ...Object.fromEntries(rightsIn(group).map((right) => [right, !withheld.includes(right)])),
        can_manage_chat: true,
      }
    case 'kicked':
      return { user, status, until_date: limits['until_date'] ?? 0 }
    case 'restricted':
    case 'restricted_left': {
      const may = (name: string) => limits[name] === true
      return {
        user,
        status: 'restricted',
        is_member: status === 'restricted',
        until_date: limits['until_date'] ?? 0,
        ...Object.fromEntries(PERMISSIONS.map((name) => [name, may(name)])),
      }
    }
    case 'member':
      return { user, status, ...(limits['until_date'] !== undefined && { until_date: limits['until_date'] }) }
    default:
      return { user, status }
  }
}

export interface MemberChange {
  /** The person who made the change; if it is left out, the members themselves. */
  by?: Obj
  withheld?: string[]
  limits?: Obj
}

/**
 * Tells the bots of the change: a bot hears of itself by `my_chat_member`, and of others by `chat_member` where it
 * is an administrator.
 */
export function changeMember(
  world: World,
  group: Group,
  id: number,
  status: string,
  change: MemberChange = {},
): void {
  const before = standingOf(group, id)
  group.members.set(id, status)
  if (!isAdmin(status)) group.withheld?.delete(id)
  else if (change.withheld) (group.withheld ??= new Map()).set(id, change.withheld)
  if (!isAdmin(status)) group.promotedBy?.delete(id)
  if (change.limits) (group.rights ??= new Map()).set(id, change.limits)
  else if (!/^(restricted|kicked)/.test(status)) group.rights?.delete(id)
  const user = memberUser(world, id)
  const after = standingOf(group, id)
  if (!user || isDeepStrictEqual(before, after)) return
  const told = (bot: number) => ({
    chat: chatOfGroup(group),
    from: change.by ?? user,
    date: seconds(world),
    old_chat_member: memberOf(group, user, bot, before),
    new_chat_member: memberOf(group, user, bot, after),
  })
  for (const bot of world.bots.values()) {
    if (bot.id === id) happen(world, bot, 'my_chat_member', told(bot.id))
    else if (isAdmin(group.members.get(bot.id))) happen(world, bot, 'chat_member', told(bot.id))
  }
  freeLater(world, group, id, after)
}

/** A ban or a restriction with a date ends by itself; one that is shorter than 30 s or longer than 366 days does not. */
function freeLater(world: World, group: Group, id: number, { status, limits }: Standing): void {
  const until = Number(limits['until_date'] ?? 0)
  const left = until - seconds(world)
  if (!/^(restricted|kicked)/.test(status) || left < 30 || left > 366 * 24 * 60 * 60) return
  world.clock.after(left * 1000, () => {
    if (group.rights?.get(id) !== limits) return
    group.rights.delete(id)
    group.members.set(id, status === 'restricted' ? 'member' : 'left')
  })
}
