import { ApiError, bad, tooMany } from './errors.ts'
import type { Obj } from './params.ts'
import type { Group, World } from './store.ts'

/*
 * What administrators and members may do in a group or a channel ("Bot API", ChatAdministratorRights and
 * ChatPermissions), and the words of the refusals (TDLib, can_send_message_content and its like).
 */

export const isAdmin = (status: string | undefined) => status === 'administrator' || status === 'creator'

const ADMIN_RIGHTS = `can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members
  can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories
  can_send_welcome_messages`.split(/\s+/)
const IN_GROUPS = ['can_pin_messages', 'can_manage_tags', 'can_manage_topics']
const IN_CHANNELS = ['can_post_messages', 'can_edit_messages', 'can_manage_direct_messages']

/** The rights of administrators that exist in this kind of chat. */
export const rightsIn = ({ type }: Group): string[] => [
  ...ADMIN_RIGHTS,
  ...(type === 'channel' ? IN_CHANNELS : IN_GROUPS),
]

export const hasRight = (group: Group, id: number, right: string): boolean =>
  isAdmin(group.members.get(id)) && !group.withheld?.get(id)?.includes(right)

/** @throws bad with the words of the refusal */
export function checkRight(group: Group, id: number, right: string, refusal: string): void {
  if (!hasRight(group, id, right)) throw bad(refusal)
}

export const PERMISSIONS =
  `can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos
  can_send_video_notes can_send_voice_notes can_send_polls can_send_other_messages can_add_web_page_previews
  can_react_to_messages can_change_info can_invite_users can_edit_tag can_pin_messages can_manage_topics`.split(
    /\s+/,
  )
const MEDIA = PERMISSIONS.slice(0, 7)

/** All permissions: a new group gives them to everybody. */
export const everyPermission = (): Obj => Object.fromEntries(PERMISSIONS.map((name) => [name, true]))

/**
 * Permissions as they are kept: what is left out is refused, and some imply others.
 * @param independent nothing implies anything but the fields that have a default
 */
export function permissionsFrom(given: Obj, independent: boolean): Obj {
  const has = (name: string) => given[name] === true
  const implied = new Set<string>()
  if (!independent) {
    if (has('can_send_other_messages') || has('can_add_web_page_previews'))
      for (const name of MEDIA) implied.add(name)
    if (has('can_send_polls')) implied.add('can_send_messages')
  }
  const kept = Object.fromEntries(PERMISSIONS.map((name) => [name, has(name) || implied.has(name)]))
  const otherwise = (name: string, as: string) => given[name] ?? kept[as]
  return {
    ...kept,
    can_react_to_messages: otherwise('can_react_to_messages', 'can_send_messages'),
    can_edit_tag: otherwise('can_edit_tag', 'can_pin_messages'),
    can_manage_topics: otherwise('can_manage_topics', 'can_pin_messages'),
  }
}

/** Whether a person who is no administrator may do this: everybody must be allowed to, and the person too. */
export function isPermitted(group: Group, id: number, permission: string): boolean {
  if (isAdmin(group.members.get(id))) return true
  const own = group.members.get(id) === 'restricted' ? (group.rights?.get(id) ?? {}) : undefined
  return group.permissions?.[permission] !== false && (own === undefined || own[permission] === true)
}

/** The permission that a message needs, by a field of the message, and how a refusal calls the content. */
const NEEDED: readonly (readonly [field: string, permission: string, words: string])[] = [
  ['animation', 'can_send_other_messages', 'animations'],
  ['audio', 'can_send_audios', 'music'],
  ['contact', 'can_send_messages', 'contacts'],
  ['dice', 'can_send_other_messages', 'dice'],
  ['document', 'can_send_documents', 'documents'],
  ['game', 'can_send_other_messages', 'games'],
  ['venue', 'can_send_messages', 'venues'],
  ['location', 'can_send_messages', 'locations'],
  // TDLib lets bots try, and the server's answer is not documented.
  ['paid_media', 'can_send_photos', 'paid media'],
  ['live_photo', 'can_send_photos', 'photos'],
  ['photo', 'can_send_photos', 'photos'],
  ['poll', 'can_send_polls', 'polls'],
  ['rich_message', 'can_send_messages', 'the rich message'],
  ['sticker', 'can_send_other_messages', 'stickers'],
  ['video_note', 'can_send_video_notes', 'video notes'],
  ['video', 'can_send_videos', 'videos'],
  ['voice', 'can_send_voice_notes', 'voice notes'],
  ['invoice', 'can_send_messages', 'invoice messages'],
  ['text', 'can_send_messages', 'text messages'],
]

/**
 * @param content fields of the message that somebody is about to send
 * @throws bad `not enough rights to send ... to the chat`
 */
export function checkMaySend(group: Group, id: number, content: Obj): void {
  const needed = NEEDED.find(([field]) => content[field] !== undefined)
  if (!needed || group.type === 'channel') return
  const [, permission, words] = needed
  if (!isPermitted(group, id, permission)) throw bad(`not enough rights to send ${words} to the chat`)
}

/** In slow mode whoever is no administrator waits after each message of theirs. @throws tooMany */
export function checkSlowMode(world: World, group: Group, id: number): void {
  if (!group.slowModeDelay || isAdmin(group.members.get(id))) return
  const now = world.clock.now()
  const next = group.nextMessage?.get(id) ?? 0
  if (next > now) throw tooMany(Math.ceil((next - now) / 1000))
  ;(group.nextMessage ??= new Map()).set(id, now + group.slowModeDelay * 1000)
}

/** What a refusal of the Bot API says, for people who are refused the same. */
export function whyNot(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof ApiError) return error.message
    throw error
  }
}
