import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { int, text, userId } from '../params.ts'
import type { Method } from './call.ts'

/*
 * What a bot may do only with something that no bot has here: a right that Telegram gives to few, a query that no client sends. Telegram refuses such a call, and so does this.
 */

/** Telegram lets few organisations verify others. No method tells whether somebody is verified. */
const verify =
  (field: 'user_id' | 'chat_id'): Method =>
  ({ world, bot, p }) => {
    if (field === 'user_id' && !world.people.has(userId(p))) throw bad('user not found')
    if (field === 'chat_id') placeOf(world, bot, p)
    if (!bot.verifies) throw bad('BOT_VERIFIER_FORBIDDEN')
    return true
  }

/** A person lets a bot do this in its Mini App. */
const setUserEmojiStatus: Method = ({ world, bot, p }) => {
  const person = world.people.get(userId(p))
  if (!person) throw bad('user not found')
  if (!bot.boxes.get(person.id)?.mayChangeStatus) throw bad('USER_PERMISSION_DENIED')
  const emoji = text(p, 'emoji_status_custom_emoji_id') ?? ''
  const until = int(p, 'emoji_status_expiration_date')
  if (emoji !== '' && !/^\d+$/.test(emoji)) throw bad('invalid custom emoji identifier specified')
  person.profile = {
    ...person.profile,
    emoji_status_custom_emoji_id: emoji || undefined,
    emoji_status_expiration_date: (emoji !== '' && until) || undefined,
  }
  world.events.emit('person', { at: world.clock.now(), person: person.id })
  return true
}

const getForumTopicIconStickers: Method = () =>
  ['📰', '💡', '⚡️', '🎙', '🔝', '🗣'].map((emoji, at) => ({
    file_id: `CAACicon${at}`,
    file_unique_id: `AgADicon${at}`,
    type: 'custom_emoji',
    width: 100,
    height: 100,
    is_animated: true,
    is_video: false,
    emoji,
    custom_emoji_id: String(5_434_144_690_511_290_129n + BigInt(at)),
  }))

export const unheld: Record<string, Method> = {
  verifyUser: verify('user_id'),
  verifyChat: verify('chat_id'),
  removeUserVerification: verify('user_id'),
  removeChatVerification: verify('chat_id'),
  setUserEmojiStatus,
  getForumTopicIconStickers,
}
