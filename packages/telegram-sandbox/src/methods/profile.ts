import { bad } from '../errors.ts'
import { opensSafely } from '../markup.ts'
import { fileOf } from '../files.ts'
import { bool, charLength, int, isObj, json, str, text, type Obj, type Params } from '../params.ts'
import { userOfBot, type Bot, type StoredFile } from '../store.ts'
import type { Call, Method } from './call.ts'

const getMe: Method = ({ bot }) => ({
  ...userOfBot(bot),
  can_join_groups: true,
  can_read_all_group_messages: bot.readsAllGroups ?? false,
  supports_guest_queries: bot.isGuest ?? false,
  supports_inline_queries: !bot.hasNoInline,
  can_connect_to_business: bot.doesBusiness ?? false,
  has_main_web_app: false,
  has_topics_enabled: bot.hasTopics ?? false,
  allows_users_to_create_topics: bot.peopleMakeTopics ?? false,
  can_manage_bots: bot.managesBots ?? false,
  supports_join_request_queries: false,
})

const SCOPES = [
  'default',
  'all_private_chats',
  'all_group_chats',
  'all_chat_administrators',
  'chat',
  'chat_administrators',
  'chat_member',
]

function scopeKey(p: Params): string {
  const scope = json(p, 'scope', 'BotCommandScope')
  const language = languageOf(p)
  if (scope === undefined) return `default|${language}`
  if (!isObj(scope)) throw bad("can't parse BotCommandScope: BotCommandScope must be an Object")
  const type = scope['type']
  if (typeof type !== 'string' || !SCOPES.includes(type))
    throw bad("can't parse BotCommandScope: Unsupported type specified")
  const chat = scope['chat_id'] as string | number | undefined
  return `${type}${chat ? `:${chat}` : ''}|${language}`
}

function languageOf(p: Params): string {
  const language = text(p, 'language_code') ?? ''
  if (language !== '' && !/^[a-z]{2}$/.test(language)) throw bad('LANG_CODE_INVALID')
  return language
}

const setMyCommands: Method = ({ world, bot, p }) => {
  const commands = json(p, 'commands', 'commands')
  if (commands !== undefined && !Array.isArray(commands)) throw bad('expected an Array of BotCommand')
  const list = ((commands ?? []) as unknown[]).map((command) => {
    const fail = (why: string) => bad(`can't parse BotCommand: ${why}`)
    if (!isObj(command)) throw fail('expected an Object')
    const name = str(command['command'] ?? '').replace(/^\//, '')
    const description = str(command['description'] ?? '').trim()
    if (!/^[a-z0-9_]{1,32}$/.test(name)) throw bad('BOT_COMMAND_INVALID')
    if (description === '' || charLength(description) > 256) throw bad('BOT_COMMAND_DESCRIPTION_INVALID')
    return { command: name, description }
  })
  bot.commands.set(scopeKey(p), list)
  changed({ world, bot })
  return true
}

const getMyCommands: Method = ({ bot, p }) => bot.commands.get(scopeKey(p)) ?? []

const deleteMyCommands: Method = ({ world, bot, p }) => {
  bot.commands.delete(scopeKey(p))
  changed({ world, bot })
  return true
}

/** One text that a bot has per language: its name, its description or its short description. */
function texts(map: (bot: Bot) => Map<string, string>, field: string, otherwise: (b: Bot) => string) {
  const set: Method = ({ world, bot, p }) => {
    const value = text(p, field) ?? ''
    const language = languageOf(p)
    if (value === '') map(bot).delete(language)
    else map(bot).set(language, value)
    changed({ world, bot })
    return true
  }
  const get: Method = ({ bot, p }) => ({
    [field]: map(bot).get(languageOf(p)) ?? map(bot).get('') ?? otherwise(bot),
  })
  return { set, get }
}

const name = texts(
  (bot) => bot.names,
  'name',
  (bot) => bot.name,
)
const description = texts(
  (bot) => bot.descriptions,
  'description',
  () => '',
)
const shortDescription = texts(
  (bot) => bot.shortDescriptions,
  'short_description',
  () => '',
)

function changed({ world, bot }: Pick<Call, 'world' | 'bot'>): void {
  world.events.emit('bot', { at: world.clock.now(), bot: bot.username })
}

const setChatMenuButton: Method = ({ world, bot, p }) => {
  const button = json(p, 'menu_button', 'menu button') ?? { type: 'default' }
  if (!isObj(button)) throw bad("can't parse menu button: MenuButton must be an Object")
  const type = button['type']
  if (!['default', 'commands', 'web_app'].includes(type as string))
    throw bad("can't parse menu button: MenuButton has unsupported type")
  if (type === 'web_app') {
    const app = button['web_app'] as Obj | undefined
    if (typeof button['text'] !== 'string' || button['text'] === '') throw bad('BUTTON_TEXT_INVALID')
    if (!opensSafely(str(app?.['url'])))
      throw bad(`menu button Web App URL '${str(app?.['url'])}' is invalid: Only HTTPS links are allowed`)
  }
  bot.menuButtons.set(int(p, 'chat_id'), button)
  changed({ world, bot })
  return true
}

const getChatMenuButton: Method = ({ bot, p }) =>
  bot.menuButtons.get(int(p, 'chat_id')) ?? bot.menuButtons.get(0) ?? { type: 'commands' }

/** Rights that an administrator may have, all of them refused ("Bot API", ChatAdministratorRights). */
const NO_RIGHTS = {
  is_anonymous: false,
  can_manage_chat: false,
  can_delete_messages: false,
  can_manage_video_chats: false,
  can_restrict_members: false,
  can_promote_members: false,
  can_change_info: false,
  can_invite_users: false,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
}

const kindOf = (p: Params) => (bool(p, 'for_channels') ? 'channels' : 'groups')

const setMyDefaultAdministratorRights: Method = ({ bot, p }) => {
  const rights = json(p, 'rights', 'ChatAdministratorRights')
  if (rights === undefined) delete bot.defaultRights[kindOf(p)]
  else bot.defaultRights[kindOf(p)] = rights as Obj
  return true
}

const getMyDefaultAdministratorRights: Method = ({ bot, p }) => ({
  ...NO_RIGHTS,
  ...bot.defaultRights[kindOf(p)],
})

/** A photo, or a short video ("Bot API", InputProfilePhoto). @throws bad */
export async function profilePhoto(
  { world, bot, p }: Pick<Call, 'world' | 'bot' | 'p'>,
  photo: unknown,
): Promise<StoredFile> {
  const type = isObj(photo) ? photo['type'] : undefined
  if (!isObj(photo) || (type !== 'static' && type !== 'animated')) throw bad('PHOTO_INVALID')
  return type === 'static'
    ? fileOf(world, bot, p, 'photo', 'photo', str(photo['photo']))
    : fileOf(world, bot, p, 'animation', 'animation', str(photo['animation']))
}

const setMyProfilePhoto: Method = async ({ world, bot, p }) => {
  const photo = json(p, 'photo', 'InputProfilePhoto')
  bot.photo = await profilePhoto({ world, bot, p }, photo)
  changed({ world, bot })
  return true
}

const removeMyProfilePhoto: Method = ({ world, bot }) => {
  delete bot.photo
  changed({ world, bot })
  return true
}

export const profile: Record<string, Method> = {
  setMyDefaultAdministratorRights,
  getMyDefaultAdministratorRights,
  setMyProfilePhoto,
  removeMyProfilePhoto,
  getMe,
  setMyCommands,
  getMyCommands,
  deleteMyCommands,
  setMyName: name.set,
  getMyName: name.get,
  setMyDescription: description.set,
  getMyDescription: description.get,
  setMyShortDescription: shortDescription.set,
  getMyShortDescription: shortDescription.get,
  setChatMenuButton,
  getChatMenuButton,
}
