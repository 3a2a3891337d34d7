import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { int, required, text, type Obj } from '../params.ts'
import type { Topic } from '../group-parts.ts'
import { checkRight, isAdmin } from '../rights.ts'
import type { Group } from '../store.ts'
import type { Call, Method } from './call.ts'

const BLUE = 0x6fb9f0

/** @param what as TDLib names it, with the article of the topic */
export function forum({ world, bot, p }: Call, what: string): Group {
  const { group } = placeOf(world, bot, p)
  if (!group?.isForum) throw bad('the chat is not a forum')
  checkRight(group, bot.id, 'can_manage_topics', `not enough rights to ${what} topic`)
  return group
}

export function topicOf(call: Call, what: string): Topic {
  const group = forum(call, what)
  const topic = group.topics?.get(int(call.p, 'message_thread_id'))
  if (!topic) throw bad('message thread not found')
  return topic
}

const createForumTopic: Method = (call) => {
  const group = forum(call, 'create a')
  const name = required(call.p, 'name').trim()
  const color = int(call.p, 'icon_color', BLUE)
  const icon = text(call.p, 'icon_custom_emoji_id')
  const topic: Topic = {
    message_thread_id: ++group.lastMessageId,
    name,
    icon_color: color,
    ...(icon && { icon_custom_emoji_id: icon }),
  }
  ;(group.topics ??= new Map()).set(topic.message_thread_id, topic)
  const { closed: _, ...shown } = topic
  return shown
}

const editForumTopic: Method = (call) => {
  const topic = topicOf(call, 'edit the')
  const name = text(call.p, 'name')
  const icon = text(call.p, 'icon_custom_emoji_id')
  const change: Obj = {
    ...(name && { name }),
    ...(icon !== undefined && { icon_custom_emoji_id: icon || undefined }),
  }
  if (Object.entries(change).every(([field, value]) => (topic as unknown as Obj)[field] === value))
    throw bad('TOPIC_NOT_MODIFIED')
  Object.assign(topic, change)
  return true
}

const turn =
  (closed: boolean): Method =>
  (call) => {
    const topic = topicOf(call, 'close or open the')
    if ((topic.closed ?? false) === closed) throw bad('TOPIC_NOT_MODIFIED')
    topic.closed = closed
    return true
  }

const deleteForumTopic: Method = (call) => {
  const { message_thread_id: id } = topicOf(call, 'delete the')
  const { box, group } = placeOf(call.world, call.bot, call.p)
  group!.topics!.delete(id)
  for (const stored of box.messages.values())
    if (stored.api['message_thread_id'] === id) stored.deleted = true
  return true
}

/** Where a message goes in a forum, as fields of it. @throws bad where there is no such topic, or it is closed */
export function threadOf({ world, bot, p }: Call): Obj {
  const id = int(p, 'message_thread_id')
  if (id === 0) return {}
  const { group } = placeOf(world, bot, p)
  if (!group?.isForum) return {}
  const topic = group.topics?.get(id)
  if (!topic) throw bad('message thread not found')
  if (topic.closed && !isAdmin(group.members.get(bot.id))) throw bad('TOPIC_CLOSED')
  return { message_thread_id: id, is_topic_message: true }
}

export const topics: Record<string, Method> = {
  createForumTopic,
  editForumTopic,
  closeForumTopic: turn(true),
  reopenForumTopic: turn(false),
  deleteForumTopic,
}
