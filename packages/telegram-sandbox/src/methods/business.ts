import {
  businessOf,
  businessPlace,
  businessView,
  checkActive,
  checkBusinessRight,
  ruledBusiness,
} from '../business.ts'
import { bad } from '../errors.ts'
import { deleteMessage } from '../messages.ts'
import { bool, int, json, required, text } from '../params.ts'
import type { Call, Method } from './call.ts'
import { messageIds } from './edit.ts'
import { profilePhoto } from './profile.ts'

const getBusinessConnection: Method = ({ world, bot, p }) => businessView(businessOf(world, bot, p))

/** Marks a message and those before it as read. */
const readBusinessMessage: Method = ({ world, bot, p }) => {
  const place = businessPlace(world, bot, p)
  const business = ruledBusiness(world, bot, p, 'can_read_messages')
  const stored = place!.box.messages.get(int(p, 'message_id'))
  if (!stored || stored.deleted) throw bad('MESSAGE_ID_INVALID')
  checkActive(world, business, place!.chat)
  const chat = business.chats.get(place!.chat)!
  chat.readUpTo = Math.max(chat.readUpTo, int(p, 'message_id'))
  return true
}

/** Messages of one chat: those that the bot sent, or with a right of its own all of them. */
const deleteBusinessMessages: Method = (call) => {
  const { world, bot, p } = call
  const ids = messageIds(call)
  const business = businessOf(world, bot, p)
  const entry = [...business.chats].find(([, { box }]) => box.messages.has(ids[0]!))
  const list = ids.map((id) => entry?.[1].box.messages.get(id))
  const own = list.every((stored) => stored?.from === 'bot')
  checkBusinessRight(
    business,
    own && business.rights.includes('can_delete_sent_messages')
      ? 'can_delete_sent_messages'
      : 'can_delete_all_messages',
  )
  if (!entry || list.some((stored) => !stored || stored.deleted)) throw bad('MESSAGE_ID_INVALID')
  const [chat, { box }] = entry
  const person = world.people.get(chat)
  for (const stored of list)
    deleteMessage(world, bot, { chat, box, ...(person && { person }), business }, stored!)
  return true
}

const setBusinessAccountName: Method = (call) => {
  required(call.p, 'first_name')
  const { owner } = ruledBusiness(call.world, call.bot, call.p, 'can_edit_name')
  owner.first_name = required(call.p, 'first_name').trim()
  const last = (text(call.p, 'last_name') ?? '').trim()
  if (last === '') delete owner.last_name
  else owner.last_name = last
  return changed(call, owner.id)
}

const setBusinessAccountUsername: Method = (call) => {
  const username = (text(call.p, 'username') ?? '').replace(/^@/, '')
  const business = businessOf(call.world, call.bot, call.p)
  if (username !== '' && !/^[a-z](?!.*__)\w{3,30}[a-z0-9]$/i.test(username)) throw bad('username is invalid')
  checkBusinessRight(business, 'can_edit_username')
  const { owner } = business
  if ((owner.username ?? '') === username) throw bad('USERNAME_NOT_MODIFIED')
  const is = (name?: string) => name?.toLowerCase() === username.toLowerCase()
  const taken = [...call.world.people.values(), ...call.world.groups.values(), ...call.world.bots.values()]
  if (username !== '' && taken.some((one) => one !== owner && is(one.username)))
    throw bad('USERNAME_OCCUPIED')
  if (username === '') delete owner.username
  else owner.username = username
  return changed(call, owner.id)
}

const setBusinessAccountBio: Method = (call) => {
  const { owner } = ruledBusiness(call.world, call.bot, call.p, 'can_edit_bio')
  owner.profile = { ...owner.profile, bio: text(call.p, 'bio') || undefined }
  return changed(call, owner.id)
}

/** A public photo is what those see who may not see the other one. */
const setBusinessAccountProfilePhoto: Method = async (call) => {
  const { world, bot, p } = call
  const photo = json(p, 'photo', 'InputProfilePhoto')
  const business = businessOf(world, bot, p)
  const file = await profilePhoto(call, photo)
  checkBusinessRight(business, 'can_edit_profile_photo')
  business.owner[bool(p, 'is_public') ? 'publicPhoto' : 'photo'] = file
  return changed(call, business.owner.id)
}

const removeBusinessAccountProfilePhoto: Method = (call) => {
  const { owner } = ruledBusiness(call.world, call.bot, call.p, 'can_edit_profile_photo')
  delete owner[bool(call.p, 'is_public') ? 'publicPhoto' : 'photo']
  return changed(call, owner.id)
}

function changed({ world }: Call, person: number): true {
  world.events.emit('person', { at: world.clock.now(), person })
  return true
}

export const businessAccounts: Record<string, Method> = {
  getBusinessConnection,
  readBusinessMessage,
  deleteBusinessMessages,
  setBusinessAccountName,
  setBusinessAccountUsername,
  setBusinessAccountBio,
  setBusinessAccountProfilePhoto,
  removeBusinessAccountProfilePhoto,
}
