import type { Place } from './chats.ts'
import { isObj, type Obj } from './params.ts'
import { queryId } from './payments.ts'
import { mentions } from './privacy.ts'
import type { Group, Person, Stored, World } from './store.ts'
import { happen } from './updates.ts'

/** A bot was called by its name in a chat where it is no member. It may answer once. */
export interface GuestQuery {
  place: Place
  message: Stored
  caller: Person
}

/** Tells the bots that a message names, that may be guests, and that are not in the group. */
export function callGuests(world: World, group: Group, message: Stored): void {
  const { from } = message.api
  const caller = world.people.get(isObj(from) ? Number(from['id']) : 0)
  if (!caller) return
  for (const bot of world.bots.values()) {
    const status = group.members.get(bot.id) ?? 'left'
    if (!bot.isGuest || !status.endsWith('left') || !mentions(bot, message.api)) continue
    const id = queryId()
    const place = { chat: group.id, box: group.box, group }
    world.guestQueries.set(`${bot.id}:${id}`, { place, message, caller })
    const told: Obj = { ...message.api, guest_query_id: id }
    happen(world, bot, 'guest_message', told)
  }
}
