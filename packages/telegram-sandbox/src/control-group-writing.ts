import { memberUser, TELEGRAM } from './group-members.ts'
import { chatOfGroup, seconds, type Bot, type Group, type Stored, type World } from './store.ts'
import { groupOf, objectOf, withStatus201, type Route } from './control-lib.ts'
import { detect, trim } from './entities.ts'
import { bad } from './errors.ts'
import { storeFile, mediaFields } from './files.ts'
import { callGuests } from './guests.ts'
import { shallow } from './messages.ts'
import { isObj, str, type Obj } from './params.ts'
import { contentOf } from './people.ts'
import { hears } from './privacy.ts'
import { Refused } from './refused.ts'
import { checkMaySend, checkSlowMode, isAdmin, whyNot } from './rights.ts'
import { happen } from './updates.ts'

/** Who stands as the author of what an administrator writes anonymously, and of what is written as a channel. */
const ANONYMOUS = { id: 1_087_968_824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' }
const AS_CHANNEL = { id: 136_817_688, is_bot: true, first_name: 'Channel', username: 'Channel_Bot' }

/** A post that somebody suggests to a channel in its direct messages: the price and the time of its publication. */
function suggestion({ suggested_post: post }: Obj, group: Group, user: Obj): Obj {
  if (!group.messagesOf) return {}
  return {
    direct_messages_topic: { topic_id: user['id'], user },
    ...(isObj(post) && {
      suggested_post_info: {
        state: 'pending',
        ...(isObj(post['price']) && { price: post['price'] }),
        ...(typeof post['send_date'] === 'number' && { send_date: post['send_date'] }),
      },
    }),
  }
}

/** @throws ApiError if this person may not write now */
function checkSpeaking(world: World, group: Group, id: number): void {
  if (group.members.get(id) === 'kicked') throw bad('USER_BANNED_IN_CHANNEL')
  checkMaySend(group, id, { text: '' })
  checkSlowMode(world, group, id)
}

/** The author of a message: the person, or the chat in whose name they write. @throws Refused */
function authorOf(world: World, group: Group, { from, as }: Obj): Obj {
  const user = memberUser(world, Number(from))
  if (!user) throw new Refused(404, 'there is no such person')
  if (as === undefined) return { from: user }
  const channel = world.groups.get(Number(as))
  if (as === 'anonymous' && isAdmin(group.members.get(Number(from))))
    return { from: ANONYMOUS, sender_chat: chatOfGroup(group) }
  if (channel?.type === 'channel' && isAdmin(channel.members.get(Number(from))))
    return { from: AS_CHANNEL, sender_chat: chatOfGroup(channel) }
  throw new Refused(409, 'this person may not write in that name')
}

/**
 * Where a message stands in a forum. What answers nothing there answers the message that made the topic, as Telegram's
 * apps send it. @throws Refused
 */
function placeIn(group: Group, asked: Obj, replyTo: Stored | undefined): Obj {
  const thread = asked['message_thread_id'] ?? replyTo?.api['message_thread_id']
  if (!group.isForum || thread === undefined) return replyTo ? { reply_to_message: shallow(replyTo.api) } : {}
  const topic = group.topics?.get(Number(thread))
  if (!topic) throw new Refused(404, 'there is no such topic')
  if (topic.closed && !isAdmin(group.members.get(Number(asked['from']))))
    throw new Refused(409, 'this topic is closed')
  const answered = replyTo ?? group.box.messages.get(topic.message_thread_id)
  return {
    message_thread_id: topic.message_thread_id,
    is_topic_message: true,
    ...(answered && { reply_to_message: shallow(answered.api) }),
  }
}

/** What stands in a message. A file belongs to the bot that is answered, or to the first bot of the group. */
function wordsOf(world: World, group: Group, asked: Obj, replyTo: Stored | undefined): Obj {
  if (typeof asked['text'] === 'string') {
    const { text, entities } = detect(trim({ text: asked['text'], entities: [] }))
    return { text, ...(entities.length > 0 && { entities }) }
  }
  const bot =
    world.bots.get(replyTo?.botId ?? 0) ?? [...world.bots.values()].find(({ id }) => group.members.has(id))
  const person = world.people.get(Number(asked['from']))
  if (!bot || !person) throw new Refused(409, 'there is no bot or no person here')
  const album = typeof asked['media_group_id'] === 'string' && { media_group_id: asked['media_group_id'] }
  if (typeof asked['voice'] === 'string')
    return mediaFields(voice(world, bot, Buffer.from(asked['voice'], 'base64')))
  return { ...contentOf(world, bot, person, asked), ...album }
}

const voice = (world: World, bot: Bot, bytes: Buffer) =>
  storeFile(world, bot, 'voice', { name: 'voice.ogg', type: 'audio/ogg', bytes })

/** Somebody writes in a group, or Telegram forwards a channel's post there; bots in it hear of it, as their privacy lets them. */
const write: Route = ({ world, path, body }) => {
  const group = groupOf(world, path['id'])
  if (group.type === 'channel') throw new Refused(404, 'there is no such group')
  const asked = objectOf(body)
  const author = authorOf(world, group, asked)
  const user = author['from'] as Obj
  const refused =
    user === TELEGRAM ? undefined : whyNot(() => checkSpeaking(world, group, Number(asked['from'])))
  if (refused !== undefined) throw new Refused(409, refused)
  const replyTo =
    asked['reply_to'] === undefined ? undefined : group.box.messages.get(Number(asked['reply_to']))
  if (asked['reply_to'] !== undefined && (!replyTo || replyTo.deleted))
    throw new Refused(404, 'there is no message to reply to')
  const place = placeIn(group, asked, replyTo)
  const api = {
    message_id: ++group.lastMessageId,
    ...author,
    chat: chatOfGroup(group),
    date: seconds(world),
    ...place,
    ...suggestion(asked, group, user),
    ...wordsOf(world, group, asked, replyTo),
    ...(user === TELEGRAM && { is_automatic_forward: true }),
  }
  const { messages } = group.box
  const stored = { api, from: 'person' as const, botId: 0, deleted: false, edits: [], extra: {} }
  messages.set(api.message_id, stored)
  if (messages.size > world.settings.keepMessages) messages.delete(messages.keys().next().value!)
  for (const bot of world.bots.values())
    if (hears(bot, group, api, replyTo)) happen(world, bot, 'message', api)
  callGuests(world, group, stored)
  return withStatus201({ message_id: api.message_id })
}

/** Somebody changes the words of a message; the bots that heard of it hear of the change. */
const rewrite: Route = ({ world, path, body }) => {
  const group = groupOf(world, path['id'])
  const stored = group.box.messages.get(Number(path['message']))
  if (!stored || stored.deleted || stored.from !== 'person')
    throw new Refused(404, 'there is no such message')
  const field = stored.api['text'] === undefined ? 'caption' : 'text'
  // The message as it was may still be on its way to a bot.
  stored.api = { ...stored.api, [field]: str(objectOf(body)['text']), edit_date: seconds(world) }
  const { reply_to_message: to } = stored.api
  const replyTo = isObj(to) ? group.box.messages.get(Number(to['message_id'])) : undefined
  for (const bot of world.bots.values())
    if (hears(bot, group, stored.api, replyTo)) happen(world, bot, 'edited_message', stored.api)
  return { message_id: stored.api['message_id'] }
}

/** People delete a topic with all that stands in it, close it or open it again. */
const changeTopic: Route = ({ world, path, body }) => {
  const group = groupOf(world, path['id'])
  const topic = group.topics?.get(Number(path['topic']))
  if (!topic) throw new Refused(404, 'there is no such topic')
  const { closed, deleted } = objectOf(body)
  if (typeof closed === 'boolean') topic.closed = closed
  if (deleted === true) {
    group.topics!.delete(topic.message_thread_id)
    for (const stored of group.box.messages.values())
      if (stored.api['message_thread_id'] === topic.message_thread_id) stored.deleted = true
  }
  return { message_thread_id: topic.message_thread_id }
}

export const groupWritingRoutes: Record<string, Route> = {
  'POST /chats/:id/messages': write,
  'PATCH /chats/:id/messages/:message': rewrite,
  'PATCH /chats/:id/topics/:topic': changeTopic,
}
