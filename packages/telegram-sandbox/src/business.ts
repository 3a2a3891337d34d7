import type { Place } from './chats.ts'
import { bad } from './errors.ts'
import { randomBytes } from './lib/crypto.ts'
import { isNumeric, required, text, type Obj, type Params } from './params.ts'
import { Refused } from './refused.ts'
import {
  emptyBox,
  seconds,
  userOfPerson,
  type Bot,
  type Box,
  type Person,
  type Stored,
  type World,
} from './store.ts'
import { happen } from './updates.ts'

/*
 * A person with Telegram Business lets a bot act for them: it reads and answers what others write to that person, and
 * changes the account within the rights that it was given ("Bot API", BusinessConnection).
 */

/** A bot writes to whoever wrote within a day ("Bot API", BusinessBotRights, can_reply). */
const ACTIVE_MS = 24 * 60 * 60 * 1000

export const BUSINESS_RIGHTS = `can_reply can_read_messages can_delete_sent_messages can_delete_all_messages
  can_edit_name can_edit_bio can_edit_profile_photo can_edit_username can_change_gift_settings
  can_view_gifts_and_stars can_convert_gifts_to_stars can_transfer_and_upgrade_gifts can_transfer_stars
  can_manage_stories`.split(/\s+/)

/** The chat of the account's owner with one other person. */
export interface BusinessChat {
  box: Box
  /** When the other one wrote last, ms. */
  heardAt: number
  /** The last message that was marked as read. */
  readUpTo: number
}

export interface Business {
  id: string
  botId: number
  owner: Person
  date: number
  isEnabled: boolean
  rights: string[]
  chats: Map<number, BusinessChat>
  lastMessageId: number
}

export const businessView = (business: Business): Obj => ({
  id: business.id,
  user: userOfPerson(business.owner),
  user_chat_id: business.owner.id,
  date: business.date,
  is_enabled: business.isEnabled,
  can_reply: business.rights.includes('can_reply'),
  rights: Object.fromEntries(business.rights.map((right) => [right, true])),
})

/** The owner connects the bot, changes its rights, or takes them away. */
export function connect(world: World, bot: Bot, owner: Person, is: { rights: string[]; isEnabled: boolean }) {
  const known = [...world.businesses.values()].find(
    (one) => one.botId === bot.id && one.owner.id === owner.id,
  )
  const business: Business = known ?? {
    id: randomBytes(16).toString('base64url'),
    botId: bot.id,
    owner,
    date: seconds(world),
    chats: new Map(),
    lastMessageId: 0,
    ...is,
  }
  Object.assign(business, is)
  world.businesses.set(business.id, business)
  happen(world, bot, 'business_connection', businessView(business))
  return business
}

export function businessOf(world: World, bot: Bot, p: Params): Business {
  const business = world.businesses.get(required(p, 'business_connection_id'))
  if (!business || business.botId !== bot.id) throw bad('business connection not found')
  return business
}

/** The connection of a call that needs a right. The code is one of Telegram's; when exactly it says it is a guess. */
export function ruledBusiness(world: World, bot: Bot, p: Params, right: string): Business {
  const business = businessOf(world, bot, p)
  checkBusinessRight(business, right)
  return business
}

export function checkBusinessRight({ isEnabled, rights }: Business, right: string): void {
  if (!isEnabled || !rights.includes(right)) throw bad('BOT_ACCESS_FORBIDDEN')
}

export function businessChat(business: Business, other: number): BusinessChat {
  const known = business.chats.get(other)
  if (known) return known
  const chat = { box: { ...emptyBox(), started: true }, heardAt: 0, readUpTo: 0 }
  business.chats.set(other, chat)
  return chat
}

/** The chat of a call that names a connection; nothing for the others. @throws bad */
export function businessPlace(world: World, bot: Bot, p: Params): Place | undefined {
  if ((text(p, 'business_connection_id') ?? '') === '') return undefined
  const given = text(p, 'chat_id') ?? ''
  if (given === '') throw bad('chat identifier is empty')
  if (!isNumeric(given)) throw bad('chat identifier must be a valid Integer')
  const business = businessOf(world, bot, p)
  const id = Number(given)
  if (id <= 0) throw bad('chat must be a private chat')
  if (id === business.owner.id) throw bad('messages must not be sent to self')
  const person = world.people.get(id)
  const chat = business.chats.get(id)
  if (!person || !chat) throw bad('BUSINESS_PEER_INVALID')
  return { chat: id, box: chat.box, person, business }
}

/** @throws bad when the bot may not write there now */
export function checkBusinessWritable(world: World, business: Business, other: number): void {
  checkBusinessRight(business, 'can_reply')
  checkActive(world, business, other)
}

export function checkActive(world: World, business: Business, other: number): void {
  const { heardAt } = businessChat(business, other)
  if (world.clock.now() - heardAt > ACTIVE_MS) throw bad('BUSINESS_PEER_USAGE_MISSING')
}

/** A message of the chat. @throws Refused */
export function businessMessage(business: Business, other: number, id: number): Stored {
  const stored = business.chats.get(other)?.box.messages.get(id)
  if (!stored || stored.deleted) throw new Refused(404, 'there is no such message')
  return stored
}
