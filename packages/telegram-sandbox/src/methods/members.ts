import { placeOf } from '../chats.ts'
import { changeMember } from '../group-members.ts'
import { bad } from '../errors.ts'
import { fileOf } from '../files.ts'
import { bool, int, isObj, json, text, userId, type Obj } from '../params.ts'
import { checkRight, hasRight, isAdmin, permissionsFrom, rightsIn } from '../rights.ts'
import { seconds, userOfBot, type Group } from '../store.ts'
import type { Call, Method } from './call.ts'

const RESTRICT = 'not enough rights to restrict/unrestrict chat member'

/** The group of a call, in which the bot has a right. @throws bad with `refusal` where it has not */
function ruled({ world, bot, p }: Call, right: string, refusal: string): Group {
  const { group } = placeOf(world, bot, p)
  if (!group) throw bad("chat member status can't be changed in private chats")
  checkRight(group, bot.id, right, refusal)
  return group
}

/** @throws bad where this member is out of the bot's reach */
function subject(call: Call, right: string, refusal: string): { group: Group; id: number } {
  const { group } = placeOf(call.world, call.bot, call.p)
  if (!group) throw bad("chat member status can't be changed in private chats")
  const id = userId(call.p)
  if (!call.world.people.has(id) && !call.world.bots.has(id)) throw bad('PARTICIPANT_ID_INVALID')
  if (group.members.get(id) === 'creator') throw bad("can't remove chat owner")
  if (id === call.bot.id)
    throw bad(right === 'can_promote_members' ? "can't promote self" : "can't restrict self")
  checkRight(group, call.bot.id, right, refusal)
  return { group, id }
}

const restricted = (call: Call) => subject(call, 'can_restrict_members', RESTRICT)

/** A bot may not touch an administrator whom somebody else appointed. */
function checkNoAdmin(group: Group, id: number): void {
  if (group.members.get(id) === 'administrator') throw bad('user is an administrator of the chat')
}

const banChatMember: Method = (call) => {
  const { group, id } = restricted(call)
  checkNoAdmin(group, id)
  const limits = { until_date: lasting(call) }
  changeMember(call.world, group, id, 'kicked', { by: userOfBot(call.bot), limits })
  return true
}

/** Dates that are too near or too far are for ever ("Bot API", banChatMember). */
function lasting({ world, p }: Call): number {
  const until = int(p, 'until_date')
  const left = until - seconds(world)
  return left < 30 || left > 366 * 24 * 60 * 60 ? 0 : until
}

/** Without `only_if_banned` a member is thrown out, to be free to come back ("Bot API", unbanChatMember). */
const unbanChatMember: Method = (call) => {
  const { world, bot, p } = call
  if (placeOf(world, bot, p).group?.type === 'group')
    throw bad('method is available for supergroup and channel chats only')
  const { group, id } = restricted(call)
  const status = group.members.get(id) ?? 'left'
  if (status === 'left' || (status !== 'kicked' && bool(p, 'only_if_banned'))) return true
  checkNoAdmin(group, id)
  changeMember(world, group, id, 'left', { by: userOfBot(bot) })
  return true
}

function permissionsOf({ p }: Call): Obj {
  const given = json(p, 'permissions', 'permissions')
  if (!isObj(given)) throw bad("can't parse chat permissions: expected an Object")
  return permissionsFrom(given, bool(p, 'use_independent_chat_permissions'))
}

const restrictChatMember: Method = (call) => {
  const { world, bot, p } = call
  const permissions = permissionsOf(call)
  const place = placeOf(world, bot, p)
  if (place.group && place.group.type !== 'supergroup') throw bad('method is available only for supergroups')
  const { group, id } = restricted(call)
  checkNoAdmin(group, id)
  const by = userOfBot(bot)
  if (Object.values(permissions).every(Boolean)) changeMember(world, group, id, 'member', { by })
  else {
    const isIn = isMemberStatus(group.members.get(id))
    const limits = { ...permissions, until_date: lasting(call) }
    changeMember(world, group, id, isIn ? 'restricted' : 'restricted_left', { by, limits })
  }
  return true
}

const isMemberStatus = (status = 'left') => !['left', 'kicked', 'restricted_left'].includes(status)

/** A bot can give only rights that it has, and can change only administrators whom it appointed. */
const promoteChatMember: Method = (call) => {
  const { world, bot, p } = call
  const { group, id } = subject(call, 'can_promote_members', 'not enough rights')
  const all = rightsIn(group)
  const given = all.filter((right) => bool(p, right))
  if (isAdmin(group.members.get(id)) && group.promotedBy?.get(id) !== bot.id) throw bad('CHAT_ADMIN_REQUIRED')
  if (given.some((right) => !hasRight(group, bot.id, right))) throw bad('RIGHT_FORBIDDEN')
  const by = userOfBot(bot)
  if (given.length === 0) {
    if (isAdmin(group.members.get(id))) changeMember(world, group, id, 'member', { by })
    return true
  }
  ;(group.promotedBy ??= new Map()).set(id, bot.id)
  changeMember(world, group, id, 'administrator', {
    by,
    withheld: all.filter((right) => !given.includes(right)),
  })
  return true
}

const setChatTitle: Method = (call) => {
  const group = ruled(call, 'can_change_info', 'not enough rights to change chat title')
  const title = (text(call.p, 'title') ?? '').trim()
  if (title === '') throw bad("title can't be empty")
  group.title = title
  return true
}

const setChatDescription: Method = (call) => {
  const group = ruled(call, 'can_change_info', 'not enough rights to set chat description')
  const description = text(call.p, 'description') ?? ''
  if ((group.description ?? '') === description) throw bad('chat description is not modified')
  group.description = description
  return true
}

const setChatPermissions: Method = (call) => {
  const group = ruled(call, 'can_restrict_members', 'not enough rights to change chat permissions')
  if (group.type === 'channel') throw bad("can't change channel chat permissions")
  group.permissions = permissionsOf(call)
  return true
}

/** "Bot API": photos of chats are uploaded anew. */
const setChatPhoto: Method = async (call) => {
  const group = ruled(call, 'can_change_info', 'not enough rights to change chat photo')
  if (!call.p.files.has('photo') && !(text(call.p, 'photo') ?? '').startsWith('attach://'))
    throw bad('photo should be uploaded as an InputFile')
  group.photo = await fileOf(call.world, call.bot, call.p, 'photo', 'photo')
  return true
}

const deleteChatPhoto: Method = (call) => {
  const group = ruled(call, 'can_change_info', 'not enough rights to change chat photo')
  if (!group.photo) throw bad('CHAT_NOT_MODIFIED')
  delete group.photo
  return true
}

/** Only who appointed an administrator may give this administrator a title. */
const setChatAdministratorCustomTitle: Method = (call) => {
  const { group } = placeOf(call.world, call.bot, call.p)
  const id = userId(call.p)
  if (!group || group.type === 'channel') throw bad('method is available only for groups and supergroups')
  const status = group.members.get(id)
  if (status === 'creator') throw bad('only the owner can edit their custom title')
  if (status !== 'administrator') throw bad('user is not an administrator')
  if (group.promotedBy?.get(id) !== call.bot.id)
    throw bad('not enough rights to change custom title of the user')
  return entitle(group, id, text(call.p, 'custom_title'), 'CUSTOM_TITLE')
}

/** Members have tags. */
const setChatMemberTag: Method = (call) => {
  const { group } = placeOf(call.world, call.bot, call.p)
  if (!group || group.type === 'channel') throw bad('method is available only for groups and supergroups')
  checkRight(group, call.bot.id, 'can_manage_tags', 'not enough rights')
  const id = userId(call.p)
  if (!isPlain(group.members.get(id))) throw bad('PARTICIPANT_ID_INVALID')
  return entitle(group, id, text(call.p, 'tag'), 'TAG')
}

function entitle(group: Group, id: number, given: string | undefined, code: string): true {
  const title = (given ?? '').trim()
  if (/\p{Extended_Pictographic}/u.test(title)) throw bad(`${code}_EMOJI_NOT_ALLOWED`)
  const titles = (group.titles ??= new Map())
  if (title === '') titles.delete(id)
  else titles.set(id, title)
  return true
}

const isPlain = (status: string | undefined) => status === 'member' || status === 'restricted'

/** A channel that may not write in the group, or may again. */
const turnSender =
  (banned: boolean): Method =>
  (call) => {
    const group = ruled(call, 'can_restrict_members', RESTRICT)
    const channel = call.world.groups.get(int(call.p, 'sender_chat_id'))
    if (channel?.type !== 'channel') throw bad('PARTICIPANT_ID_INVALID')
    const senders = (group.bannedSenders ??= new Set())
    if (banned) senders.add(channel.id)
    else senders.delete(channel.id)
    return true
  }

export const ruling: Record<string, Method> = {
  setChatPhoto,
  deleteChatPhoto,
  setChatAdministratorCustomTitle,
  setChatMemberTag,
  banChatSenderChat: turnSender(true),
  unbanChatSenderChat: turnSender(false),
  banChatMember,
  unbanChatMember,
  restrictChatMember,
  promoteChatMember,
  setChatTitle,
  setChatDescription,
  setChatPermissions,
}
