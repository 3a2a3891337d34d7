import { placeOf, type Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { addMessage } from '../messages.ts'
import { int, text, type Obj } from '../params.ts'
import type { Topic } from '../group-parts.ts'
import { checkRight, isAdmin } from '../rights.ts'
import { userOfBot, userOfPerson, type Group, type Person, type Stored } from '../store.ts'
import type { Call, Method } from './call.ts'

const BLUE = 0x6fb9f0

/** A chat with topics: a forum, or a private chat of a bot that has them there. */
interface WithTopics {
  place: Place
  topics: Map<number, Topic>
}

/** A supergroup that is a forum. @throws bad in the words of TDLib (ForumTopicManager::is_forum) */
export function forum({ world, bot, p }: Call): Group {
  const place = placeOf(world, bot, p)
  if (place.group?.isForum) return place.group
  throw bad(place.person && bot.hasTopics ? 'the chat is not a supergroup forum' : 'the chat is not a forum')
}

function withTopics(call: Call): WithTopics {
  const { world, bot, p } = call
  const place = placeOf(world, bot, p)
  if (place.person && !place.business && bot.hasTopics)
    return { place, topics: (place.box.topics ??= new Map()) }
  return { place, topics: (forum(call).topics ??= new Map()) }
}

const RIGHTS: Record<string, string> = { delete: 'can_delete_messages', pin: 'can_pin_messages' }

/** The maker of a topic needs no right for it. @param what as TDLib names it, with the article of the topic */
export function checkTopicRight(
  { bot }: Pick<Call, 'bot'>,
  group: Group | undefined,
  what: string,
  topic?: Topic,
): void {
  if (!group || topic?.by === bot.id) return
  const right = RIGHTS[what.split(' ')[0]!] ?? 'can_manage_topics'
  checkRight(group, bot.id, right, `not enough rights to ${what} topic`)
}

function found({ p }: Call, topics: Map<number, Topic>): Topic {
  const topic = topics.get(int(p, 'message_thread_id'))
  if (!topic) throw bad('message thread not found')
  return topic
}

/** The topic of a call, which the bot may change. */
export function topicOf(call: Call, what: string): WithTopics & { topic: Topic } {
  const chat = withTopics(call)
  const topic = found(call, chat.topics)
  checkTopicRight(call, chat.place.group, what, topic)
  return { ...chat, topic }
}

/** Makes a topic, which its first message names: the number of that message is the number of the topic. */
export function addTopic(
  { world, bot }: Pick<Call, 'world' | 'bot'>,
  { place, topics }: WithTopics,
  is: { name: string; icon_color: number; icon_custom_emoji_id?: string },
  by?: Person,
): { topic: Topic; stored: Stored } {
  const stored = addMessage(world, bot, place, {
    from: 'service',
    content: {
      from: by ? userOfPerson(by) : userOfBot(bot),
      is_topic_message: true,
      forum_topic_created: is,
    },
  })
  const id = stored.api['message_id'] as number
  stored.api['message_thread_id'] = id
  const topic: Topic = { message_thread_id: id, ...is, by: by?.id ?? bot.id }
  topics.set(id, topic)
  return { topic, stored }
}

const createForumTopic: Method = (call) => {
  const chat = withTopics(call)
  checkTopicRight(call, chat.place.group, 'create a')
  const name = (text(call.p, 'name') ?? '').trim()
  if (name === '') throw bad('name must be non-empty')
  const icon = text(call.p, 'icon_custom_emoji_id')
  const { topic } = addTopic(call, chat, {
    name,
    icon_color: int(call.p, 'icon_color', BLUE),
    ...(icon && { icon_custom_emoji_id: icon }),
  })
  const { closed: _, by: __, ...shown } = topic
  return shown
}

const editForumTopic: Method = (call) => {
  const { topic } = topicOf(call, 'edit the')
  const given = text(call.p, 'name') ?? ''
  const name = given.trim()
  if (given !== '' && name === '') throw bad('name must be non-empty')
  const icon = text(call.p, 'icon_custom_emoji_id')
  const change: Obj = {
    ...(name && { name }),
    ...(icon !== undefined && { icon_custom_emoji_id: icon || undefined }),
  }
  const fields = Object.entries(change)
  if (fields.length === 0) return true
  if (fields.every(([field, value]) => (topic as unknown as Obj)[field] === value))
    throw bad('TOPIC_NOT_MODIFIED')
  Object.assign(topic, change)
  return true
}

const turn =
  (closed: boolean): Method =>
  (call) => {
    const group = forum(call)
    const topic = found(call, (group.topics ??= new Map()))
    checkTopicRight(call, group, 'close or open the', topic)
    if ((topic.closed ?? false) === closed) throw bad('TOPIC_NOT_MODIFIED')
    topic.closed = closed
    return true
  }

const deleteForumTopic: Method = (call) => {
  const { place, topics, topic } = topicOf(call, 'delete the')
  topics.delete(topic.message_thread_id)
  for (const stored of place.box.messages.values())
    if (stored.api['message_thread_id'] === topic.message_thread_id) stored.deleted = true
  return true
}

/**
 * Where a message goes in a forum or a private chat, as fields of it.
 * @throws bad where there is no such topic, or it is closed
 */
export function threadOf({ world, bot, p }: Call): Obj {
  const id = int(p, 'message_thread_id')
  if (id === 0) return {}
  const { group, person, business, box } = placeOf(world, bot, p)
  if (business || (!person && !group?.isForum)) return {}
  const topic = (group ? group.topics : box.topics)?.get(id)
  if (!topic) throw bad('message thread not found')
  if (group && topic.closed && !isAdmin(group.members.get(bot.id))) throw bad('TOPIC_CLOSED')
  return { message_thread_id: id, is_topic_message: true }
}

export const topics: Record<string, Method> = {
  createForumTopic,
  editForumTopic,
  closeForumTopic: turn(true),
  reopenForumTopic: turn(false),
  deleteForumTopic,
}
