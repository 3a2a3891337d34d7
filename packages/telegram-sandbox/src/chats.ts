import { businessPlace, checkBusinessWritable, type Business } from './business.ts'
import { ApiError, bad, forbidden } from './errors.ts'
import { text, type Params } from './params.ts'
import { checkRight } from './rights.ts'
import {
  boxOf,
  chatOfGroup,
  chatOfPerson,
  type Bot,
  type Box,
  type Group,
  type Person,
  type World,
} from './store.ts'

/** A chat that a bot may look at. */
export interface Place {
  chat: number
  box: Box
  person?: Person
  group?: Group
  /** Where the bot acts for somebody: the chat of that person with `person`. */
  business?: Business
  /** The bot is here by a message of its inline mode, and need not be in the chat. */
  inline?: true
}

export const chatOf = (place: Place) =>
  place.person ? chatOfPerson(place.person) : place.group ? chatOfGroup(place.group) : { id: place.chat }

/** The chat of an argument, whether or not the bot may write there. @throws bad chat not found */
export function placeOf(world: World, bot: Bot, p: Params, field = 'chat_id'): Place {
  const business = field === 'chat_id' ? businessPlace(world, bot, p) : undefined
  if (business) return business
  const given = text(p, field) ?? ''
  if (given === '') throw bad(`${field} is empty`)
  const group = given.startsWith('@')
    ? [...world.groups.values()].find((one) => one.username?.toLowerCase() === given.slice(1).toLowerCase())
    : world.groups.get(Number(given))
  if (group) return inGroup(bot, group)
  const id = Number(given)
  const person = world.people.get(id)
  if (!person)
    throw world.bots.has(id) ? forbidden("bots can't send messages to bots") : bad('chat not found')
  if (!bot.boxes.get(id)?.started) {
    const met = [...world.groups.values()].some((one) => one.members.has(id) && one.members.has(bot.id))
    throw met ? forbidden("bot can't initiate conversation with a user") : bad('chat not found')
  }
  return { chat: id, box: boxOf(bot, id), person }
}

function inGroup(bot: Bot, group: Group): Place {
  if (group.migratedTo !== undefined)
    throw new ApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: group.migratedTo,
    })
  const status = group.members.get(bot.id)
  if (status === undefined) {
    if (!group.username) throw bad('chat not found')
    return { chat: group.id, box: group.box, group }
  }
  if (status === 'kicked') throw forbidden(`bot was kicked from the ${group.type} chat`)
  if (status === 'left') throw forbidden(`bot is not a member of the ${group.type} chat`)
  return { chat: group.id, box: group.box, group }
}

/** @throws forbidden when what the bot writes would not arrive */
export function checkWritable(world: World, bot: Bot, place: Place): void {
  if (place.business) return checkBusinessWritable(world, place.business, place.chat)
  if (place.person?.deactivated) throw forbidden('user is deactivated')
  if (place.person && place.box.blocked) throw forbidden('bot was blocked by the user')
  if (!place.group) return
  const status = place.group.members.get(bot.id)
  if (status === undefined) throw forbidden(`bot is not a member of the ${place.group.type} chat`)
  if (place.group.type === 'channel')
    checkRight(place.group, bot.id, 'can_post_messages', 'need administrator rights in the channel chat')
}
