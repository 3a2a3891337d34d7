import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { formatted } from '../format.ts'
import { showDraft } from '../messages.ts'
import { bool, int, json, text, userId } from '../params.ts'
import type { Method } from './call.ts'

/** "Bot API", getUserPersonalChatMessages. */
const MOST_PERSONAL = 20

/** A preview of a message that is still being written; it is seen for a moment and is no message. */
const sendMessageDraft: Method = ({ world, bot, p }) => {
  const place = placeOf(world, bot, p)
  if (!place.person) throw bad('chat not found')
  if (int(p, 'draft_id') === 0) throw bad('RANDOM_ID_INVALID')
  const given = json(p, 'entities', 'entities')
  const draft = formatted(world, text(p, 'text') ?? '', text(p, 'parse_mode') ?? '', given)
  if (draft.text.length > 4096) throw bad('message is too long')
  showDraft(world, bot, place, int(p, 'draft_id'), {
    text: draft.text,
    ...(draft.entities.length > 0 && { entities: draft.entities }),
    ...(bool(p, 'can_stop') && { can_stop: true }),
  })
  return true
}

/** The last posts of the channel in somebody's profile; nobody need have one. */
const getUserPersonalChatMessages: Method = ({ world, p }) => {
  const person = world.people.get(userId(p))
  const limit = int(p, 'limit', 0, [0, MOST_PERSONAL])
  if (!person) throw bad('user not found')
  if (limit === 0) throw bad('Parameter limit must be positive')
  const channel = world.groups.get(person.personalChat ?? 0)
  const posts = [...(channel?.box.messages.values() ?? [])].filter(({ deleted }) => !deleted)
  return posts.slice(-limit).map(({ api }) => api)
}

export const further: Record<string, Method> = {
  sendMessageDraft,
  getUserPersonalChatMessages,
}
