import type { Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { tell } from '../messages.ts'
import { isObj, json, str, type Obj } from '../params.ts'
import { chatOfGroup, seconds, userOfBot, userOfPerson, type Group, type Stored } from '../store.ts'
import { messageView } from '../view.ts'
import type { Call } from './call.ts'

/** The kinds of content that may be ephemeral ("Bot API", the methods that have ephemeral_message_parameters). */
const KINDS =
  `text animation audio document live_photo photo sticker video video_note voice contact location venue
  rich_message`.split(/\s+/)

const isMember = (group: Group, id: number) =>
  !['left', 'kicked', 'restricted_left'].includes(group.members.get(id) ?? 'left')

/**
 * The person who alone is to see the message of this call, if there is one.
 * @throws bad
 */
export function receiverOf({ world, bot, p }: Call, place: Place, content: Obj) {
  const asked = json(p, 'ephemeral_message_parameters', 'ephemeral message parameters')
  if (!isObj(asked) || !KINDS.some((kind) => content[kind] !== undefined)) return undefined
  const { group } = place
  if (!group || group.type === 'channel') throw bad('CHAT_TYPE_INVALID')
  const person = world.people.get(Number(asked['receiver_user_id']))
  if (!person || !isMember(group, person.id)) throw bad('USER_NOT_PARTICIPANT')
  const query = str(asked['callback_query_id'])
  if (query !== '') {
    const pressed = world.callbacks.get(query)
    if (pressed?.botId !== bot.id || pressed.person !== person.id || pressed.expires <= world.clock.now())
      throw bad('query is too old and response timeout expired or query ID is invalid')
  }
  return { group, person }
}

/** A message that one person of a group sees. It has a number of its own, and none among the messages of the chat. */
export function whisper(
  { world, bot }: Call,
  place: Place,
  { group, person }: NonNullable<ReturnType<typeof receiverOf>>,
  content: Obj,
  extra: Obj,
): Obj {
  const messages = (group.ephemeral ??= new Map())
  const id = Math.max(0, ...messages.keys()) + 1
  const stored: Stored = {
    api: {
      message_id: 0,
      ephemeral_message_id: id,
      from: userOfBot(bot),
      receiver_user: userOfPerson(person),
      chat: chatOfGroup(group),
      date: seconds(world),
      ...content,
    },
    from: 'bot',
    botId: bot.id,
    deleted: false,
    edits: [],
    extra,
  }
  messages.set(id, stored)
  tell(world, bot, place, 'message', { person: person.id, message: messageView(bot, stored) })
  return stored.api
}
