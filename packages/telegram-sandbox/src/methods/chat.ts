import { chatOf, checkWritable, placeOf, type Place } from '../chats.ts'
import { memberOf } from '../group-members.ts'
import { bad } from '../errors.ts'
import { mediaFields, storeFile } from '../files.ts'
import { addMessage, shallow } from '../messages.ts'
import { bool, int, required, text, userId, type Obj } from '../params.ts'
import {
  chatOfGroup,
  seconds,
  userOfBot,
  userOfPerson,
  type Bot,
  type Group,
  type Person,
  type StoredFile,
  type World,
} from '../store.ts'
import { checkRight, everyPermission, isAdmin } from '../rights.ts'
import type { Call, Method } from './call.ts'

/** A photo in its small and its large size, which have the same bytes here. */
const chatPhoto = ({ id, uniqueId }: StoredFile) => ({
  small_file_id: id,
  small_file_unique_id: uniqueId,
  big_file_id: id,
  big_file_unique_id: uniqueId,
})

function parentOf(world: World, group: Group): Obj {
  const channel = world.groups.get(group.messagesOf ?? 0)
  return channel ? { parent_chat: chatOfGroup(channel) } : {}
}

function personalOf(world: World, person: Person): Obj {
  const channel = world.groups.get(person.personalChat ?? 0)
  return channel ? { personal_chat: chatOfGroup(channel) } : {}
}

const getChat: Method = ({ world, bot, p }) => {
  const place = placeOf(world, bot, p)
  return {
    ...chatOf(place),
    ...(place.group?.messagesOf && parentOf(world, place.group)),
    ...(place.person?.personalChat && personalOf(world, place.person)),
    ...(place.group?.description && { description: place.group.description }),
    ...(place.group &&
      place.group.type !== 'channel' && { permissions: place.group.permissions ?? everyPermission() }),
    ...(place.group?.slowModeDelay && { slow_mode_delay: place.group.slowModeDelay }),
    ...(place.group?.stickerSet && { sticker_set_name: place.group.stickerSet }),
    ...(place.group?.type === 'supergroup' &&
      isAdmin(place.group.members.get(bot.id)) && { can_set_sticker_set: true }),
    ...(place.group?.photo && { photo: chatPhoto(place.group.photo) }),
    ...(place.person && photoOf(world, bot, place.person)),
    accent_color_id: 0,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: true,
      limited_gifts: true,
      unique_gifts: true,
      premium_subscription: true,
      gifts_from_channels: true,
    },
    ...shownIn(world, bot, place),
    ...place.person?.profile,
    ...place.group?.profile,
  }
}

/** The chat's usernames, its pinned message, and the link that the bot has exported. */
function shownIn({ invites }: World, bot: Bot, { box, person, group }: Place): Obj {
  const { username } = group ?? person ?? {}
  const pinned = box.messages.get(box.pinned.at(-1) ?? 0)
  const link = [...invites.values()].find(
    (one) => one.group === group?.id && one.is_primary && !one.is_revoked && one.creator['id'] === bot.id,
  )
  return {
    ...(username && { active_usernames: [username] }),
    ...(pinned && !pinned.deleted && { pinned_message: shallow(pinned.api) }),
    ...(link && { invite_link: `https://t.me/+${link.slug}` }),
  }
}

/** A person's photo is a file of this bot's from the moment on when it asks for it. */
function photoOf(world: World, bot: Bot, { photo, publicPhoto }: Person): Obj {
  const file = photo ?? publicPhoto
  return file ? { photo: chatPhoto(ownCopy(world, bot, file)) } : {}
}

const ownCopy = (world: World, bot: Bot, { bytes, kind, name, type }: StoredFile): StoredFile =>
  [...bot.files.values()].find((file) => file.bytes === bytes && file.kind === kind) ??
  storeFile(world, bot, kind, { name, type, bytes })

const getChatMember: Method = ({ world, bot, p }) => {
  const place = placeOf(world, bot, p)
  const id = userId(p)
  const person = world.people.get(id)
  const user = id === bot.id ? userOfBot(bot) : person && userOfPerson(person)
  if (place.group?.type === 'channel' && !isAdmin(place.group.members.get(bot.id)))
    throw bad('member list is inaccessible')
  if (!user) throw bad('PARTICIPANT_ID_INVALID')
  if (place.person) {
    if (id !== bot.id && id !== place.person.id) throw bad('user not found')
    return { user, status: 'member' }
  }
  const { group } = place
  if (!group) return { user, status: 'left' }
  const title = group.titles?.get(id)
  return {
    ...memberOf(group, user, bot.id),
    ...(title && { [isAdmin(group.members.get(id)) ? 'custom_title' : 'tag']: title }),
  }
}

const getChatMemberCount: Method = ({ world, bot, p }) => {
  const { group } = placeOf(world, bot, p)
  if (!group) return 2
  return [...group.members.values()].filter((status) => status !== 'left' && status !== 'kicked').length
}

const getChatAdministrators: Method = ({ world, bot, p }) => {
  const { group } = placeOf(world, bot, p)
  if (!group) throw bad('there are no administrators in the private chat')
  return [...group.members].flatMap(([id, status]) => {
    const person = world.people.get(id)
    const user = id === bot.id ? userOfBot(bot) : person && userOfPerson(person)
    return user && isAdmin(status) ? [memberOf(group, user, bot.id)] : []
  })
}

const getUserChatBoosts: Method = ({ world, bot, p }) => {
  const { group } = placeOf(world, bot, p)
  if (!group) throw bad('chat not found')
  if (!isAdmin(group.members.get(bot.id))) throw bad('CHAT_ADMIN_REQUIRED')
  const id = userId(p)
  const lasting = (group.boosts ?? []).filter((boost) => boost.expiration_date > seconds(world))
  return { boosts: lasting.filter(({ source }) => source.user['id'] === id) }
}

const leaveChat: Method = ({ world, bot, p }) => {
  const { group } = placeOf(world, bot, p)
  if (!group) throw bad("chat member status can't be changed in private chats")
  group.members.set(bot.id, 'left')
  return true
}

/** A page of somebody's photos or music, as files of this bot. */
const ofProfile =
  (field: 'photos' | 'audios', list: (person: Person) => StoredFile[]): Method =>
  ({ world, bot, p }) => {
    const person = world.people.get(userId(p))
    const offset = int(p, 'offset')
    if (!person) throw bad('user not found')
    if (offset < 0) throw bad('Parameter offset must be non-negative')
    const all = list(person)
    const shown = all.slice(offset, offset + int(p, 'limit', 100))
    const kind = field === 'photos' ? 'photo' : 'audio'
    return {
      total_count: all.length,
      [field]: shown.map((file) => mediaFields(ownCopy(world, bot, file))[kind]),
    }
  }

const LARGEST_DOWNLOAD_BYTES = 20 * 1024 * 1024

const getFile: Method = ({ bot, p }) => {
  const id = text(p, 'file_id') ?? ''
  if (id === '') throw bad('file_id not specified')
  const file = bot.files.get(id)
  if (!file)
    throw bad(
      /^[A-Za-z0-9_-]{20,}$/.test(id)
        ? 'wrong file_id or the file is temporarily unavailable'
        : 'invalid file_id',
    )
  if (file.bytes.length > LARGEST_DOWNLOAD_BYTES) throw bad('file is too big')
  return {
    file_id: file.id,
    file_unique_id: file.uniqueId,
    file_size: file.bytes.length,
    file_path: file.path,
  }
}

/**
 * The chat in which the bot may pin: in a channel pinning needs the right to edit posts.
 * @throws bad
 */
function pinning({ world, bot, p }: Call): Place {
  const place = placeOf(world, bot, p)
  const right = place.group?.type === 'channel' ? 'can_edit_messages' : 'can_pin_messages'
  const refusal = 'not enough rights to manage pinned messages in the chat'
  if (place.group) checkRight(place.group, bot.id, right, refusal)
  return place
}

const pinChatMessage: Method = (call) => {
  const { world, bot, p } = call
  const place = pinning(call)
  if (place.person) checkWritable(world, bot, place)
  const stored = place.box.messages.get(int(p, 'message_id'))
  if (!stored || stored.deleted) throw bad('message to pin not found')
  const id = stored.api['message_id'] as number
  place.box.pinned = [...place.box.pinned.filter((one) => one !== id), id]
  addMessage(world, bot, place, {
    from: 'service',
    content: { from: userOfBot(bot), pinned_message: stored.api },
  })
  return true
}

const unpinChatMessage: Method = (call) => {
  const { box } = pinning(call)
  const id = int(call.p, 'message_id') || box.pinned.at(-1)
  if (!id || !box.pinned.includes(id)) throw bad('message to unpin not found')
  box.pinned = box.pinned.filter((one) => one !== id)
  return true
}

const unpinAllChatMessages: Method = (call) => {
  pinning(call).box.pinned = []
  return true
}

const answerCallbackQuery: Method = ({ world, bot, p }) => {
  const value = text(p, 'text') ?? ''
  const url = text(p, 'url')
  const query = world.callbacks.get(required(p, 'callback_query_id'))
  const opens = query?.game ? /^(https?|tg):\/\// : /^(https?:\/\/t\.me\/|tg:\/\/)/
  if (url !== undefined && url !== '' && !opens.test(url)) throw bad('URL_INVALID')
  if (!query || query.botId !== bot.id || query.expires <= world.clock.now())
    throw bad('query is too old and response timeout expired or query ID is invalid')
  world.callbacks.delete(query.id)
  query.answer({
    ...(value !== '' && { text: value }),
    show_alert: bool(p, 'show_alert'),
    ...(url && { url }),
  })
  return true
}

export const chats: Record<string, Method> = {
  getChat,
  getChatMember,
  getChatMemberCount,
  getChatAdministrators,
  getUserChatBoosts,
  leaveChat,
  getUserProfilePhotos: ofProfile('photos', ({ photo, olderPhotos = [] }) => [
    ...(photo ? [photo] : []),
    ...olderPhotos,
  ]),
  getUserProfileAudios: ofProfile('audios', ({ audios = [] }) => audios),
  getFile,
  pinChatMessage,
  unpinChatMessage,
  unpinAllChatMessages,
  answerCallbackQuery,
}
