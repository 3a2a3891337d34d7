import { placeOf } from '../chats.ts'
import { changeMember, hasRight, isAdmin } from '../group-members.ts'
import { bad } from '../errors.ts'
import { fileOf } from '../files.ts'
import { bool, charLength, int, json, text, userId } from '../params.ts'
import type { Group } from '../store.ts'
import type { Call, Method } from './call.ts'

const RESTRICT = 'not enough rights to restrict/unrestrict chat member'

/** The group of a call, which the bot administers. @throws bad with `refusal` where it does not */
function ruled({ world, bot, p }: Call, refusal: string): Group {
  const { group } = placeOf(world, bot, p)
  if (!group) throw bad("chat member status can't be changed in private chats")
  const may =
    refusal === RESTRICT
      ? hasRight(group, bot.id, 'can_restrict_members')
      : isAdmin(group.members.get(bot.id))
  if (!may) throw bad(refusal)
  return group
}

/** @throws bad where this member is out of the bot's reach */
function subject(call: Call, refusal: string): { group: Group; id: number } {
  const group = ruled(call, refusal)
  const id = userId(call.p)
  if (!call.world.people.has(id) && !call.world.bots.has(id)) throw bad('PARTICIPANT_ID_INVALID')
  if (group.members.get(id) === 'creator') throw bad("can't remove chat owner")
  return { group, id }
}

const rightsOf = (group: Group) => (group.rights ??= new Map())

const banChatMember: Method = (call) => {
  const { group, id } = subject(call, RESTRICT)
  if (group.members.get(id) === 'administrator') throw bad('user is an administrator of the chat')
  rightsOf(group).set(id, { until_date: int(call.p, 'until_date') })
  changeMember(call.world, group, id, 'kicked')
  return true
}

/** Without `only_if_banned` a member is thrown out, to be free to come back ("Bot API", unbanChatMember). */
const unbanChatMember: Method = (call) => {
  const { group, id } = subject(call, RESTRICT)
  if (group.members.get(id) === 'kicked' || !bool(call.p, 'only_if_banned'))
    changeMember(call.world, group, id, 'left')
  return true
}

const restrictChatMember: Method = (call) => {
  const { group, id } = subject(call, RESTRICT)
  if (group.type !== 'supergroup') throw bad('method is available only for supergroups')
  if (group.members.get(id) === 'administrator') throw bad('user is an administrator of the chat')
  const permissions = json(call.p, 'permissions', 'permissions')
  if (permissions === undefined) throw bad('parameter "permissions" is required')
  const free =
    Object.values(permissions as object).length > 0 && Object.values(permissions as object).every(Boolean)
  rightsOf(group).set(id, { ...(permissions as object), until_date: int(call.p, 'until_date') })
  changeMember(call.world, group, id, free ? 'member' : 'restricted')
  return true
}

const promoteChatMember: Method = (call) => {
  const { group, id } = subject(call, 'not enough rights')
  const named = Object.keys(call.p.values).filter((name) => name.startsWith('can_'))
  const rights = Object.fromEntries(named.map((name) => [name, bool(call.p, name)]))
  rightsOf(group).set(id, rights)
  changeMember(call.world, group, id, Object.values(rights).includes(true) ? 'administrator' : 'member')
  return true
}

const setChatTitle: Method = (call) => {
  const group = ruled(call, 'not enough rights to change chat title')
  const title = (text(call.p, 'title') ?? '').trim()
  if (title === '') throw bad("title can't be empty")
  group.title = title.slice(0, 128)
  return true
}

const setChatDescription: Method = (call) => {
  const group = ruled(call, 'not enough rights to set chat description')
  const description = text(call.p, 'description') ?? ''
  if ((group.description ?? '') === description) throw bad('chat description is not modified')
  group.description = description.slice(0, 255)
  return true
}

const setChatPermissions: Method = (call) => {
  const group = ruled(call, 'not enough rights to change chat permissions')
  group.permissions = json(call.p, 'permissions', 'permissions') as Record<string, unknown>
  return true
}

/** "Bot API": photos of chats are uploaded anew. */
const setChatPhoto: Method = async (call) => {
  const group = ruled(call, 'not enough rights to change chat photo')
  if (!call.p.files.has('photo') && !(text(call.p, 'photo') ?? '').startsWith('attach://'))
    throw bad('photo should be uploaded as an InputFile')
  group.photo = await fileOf(call.world, call.bot, call.p, 'photo', 'photo')
  return true
}

const deleteChatPhoto: Method = (call) => {
  const group = ruled(call, 'not enough rights to change chat photo')
  if (!group.photo) throw bad('CHAT_NOT_MODIFIED')
  delete group.photo
  return true
}

const LONGEST_TITLE = 16

/** @param of for whom it is: administrators have titles, members tags */
const entitle =
  (field: 'custom_title' | 'tag', of: (status: string | undefined) => boolean, refusal: string): Method =>
  (call) => {
    const group = ruled(call, 'not enough rights')
    if (group.type === 'channel') throw bad('method is available only for groups')
    const id = userId(call.p)
    if (!of(group.members.get(id))) throw bad(refusal)
    const title = (text(call.p, field) ?? '').trim()
    if (charLength(title) > LONGEST_TITLE || /\p{Extended_Pictographic}/u.test(title))
      throw bad('ADMIN_RANK_INVALID')
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
    const group = ruled(call, RESTRICT)
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
  setChatAdministratorCustomTitle: entitle('custom_title', isAdmin, 'user is not an administrator'),
  setChatMemberTag: entitle('tag', isPlain, 'PARTICIPANT_ID_INVALID'),
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
