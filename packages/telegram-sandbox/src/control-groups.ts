import { memberUser, TELEGRAM } from './group-members.ts'
import { chatOfGroup, seconds, userOfPerson, type Group, type World } from './store.ts'
import { numbersOf, objectOf, personOf, withStatus201, type Ask, type Route } from './control-lib.ts'
import { detect, trim } from './entities.ts'
import { bad } from './errors.ts'
import { callGuests } from './guests.ts'
import { shallow } from './messages.ts'
import { vote } from './methods/polls.ts'
import { isObj, str, type Obj } from './params.ts'
import { pressIn } from './people.ts'
import { hears } from './privacy.ts'
import { Refused } from './refused.ts'
import { checkMaySend, checkSlowMode, isAdmin, isPermitted, whyNot } from './rights.ts'
import { happen } from './updates.ts'
import { messageView } from './view.ts'

const groupOf = (world: World, id: string | undefined): Group => {
  const group = world.groups.get(Number(id))
  if (!group) throw new Refused(404, 'there is no such chat')
  return group
}

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

/** Somebody writes in a group, or Telegram forwards a channel's post there; bots in it hear of it, as their privacy lets them. */
const write: Route = ({ world, path, body }) => {
  const group = groupOf(world, path['id'])
  if (group.type === 'channel') throw new Refused(404, 'there is no such group')
  const asked = objectOf(body)
  const user = memberUser(world, Number(asked['from']))
  if (!user) throw new Refused(404, 'there is no such person')
  const refused =
    user === TELEGRAM ? undefined : whyNot(() => checkSpeaking(world, group, Number(asked['from'])))
  if (refused !== undefined) throw new Refused(409, refused)
  const replyTo =
    asked['reply_to'] === undefined ? undefined : group.box.messages.get(Number(asked['reply_to']))
  if (asked['reply_to'] !== undefined && !replyTo) throw new Refused(404, 'there is no message to reply to')
  const { text, entities } = detect(trim({ text: str(asked['text']), entities: [] }))
  const api = {
    message_id: ++group.lastMessageId,
    from: user,
    chat: chatOfGroup(group),
    date: seconds(world),
    ...(replyTo && { reply_to_message: shallow(replyTo.api) }),
    ...suggestion(asked, group, user),
    text,
    ...(entities.length > 0 && { entities }),
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

/** The messages of a group as one of its people sees them, with those that are for that person alone. */
const seen: Route = ({ world, path }) => {
  const group = groupOf(world, path['id'])
  const person = personOf(world, path['person'])
  const whispered = [...(group.ephemeral?.values() ?? [])].filter(
    ({ api }) => (api['receiver_user'] as { id: number }).id === person.id,
  )
  const all = [...group.box.messages.values(), ...whispered]
  const messages = all.flatMap((stored) => {
    const bot = world.bots.get(stored.botId) ?? [...world.bots.values()][0]
    if (!bot) return []
    const { from, ephemeral_message_id: id } = stored.api
    const more = {
      ...(isObj(from) && { sender: from }),
      ...(id !== undefined && { ephemeral_message_id: id }),
    }
    return [{ ...messageView(bot, stored), ...more }]
  })
  return { messages }
}

/** A message of a bot with its bot: a message of the group, or one that this person alone sees. */
function ofBot({ world, path, body }: Ask) {
  const group = groupOf(world, path['id'])
  const asked = objectOf(body)
  const id = asked['ephemeral_message_id']
  const stored =
    id === undefined ? group.box.messages.get(Number(asked['message_id'])) : group.ephemeral?.get(Number(id))
  const bot = world.bots.get(stored?.botId ?? 0)
  if (!stored || !bot) throw new Refused(404, 'there is no such message of a bot')
  const place = { chat: group.id, box: group.box, group }
  return { asked, stored, bot, place, person: personOf(world, str(asked['person'])) }
}

const pressInGroup: Route = (ask) => {
  const { asked, stored, bot, place, person } = ofBot(ask)
  return pressIn(ask.world, bot, person, place, stored, asked)
}

const voteInGroup: Route = (ask) => {
  const { asked, bot, place, person } = ofBot(ask)
  return vote(ask.world, bot, person, place, Number(asked['message_id']), numbersOf(asked['options']))
}

/** Somebody reacts to a message; bots that administer the group and ask for `message_reaction` hear of it. */
const reactInGroup: Route = ({ world, path, body }) => {
  const group = groupOf(world, path['id'])
  const { person: given, emoji } = objectOf(body)
  const person = personOf(world, str(given))
  const stored = group.box.messages.get(Number(path['message']))
  if (!stored || stored.deleted) throw new Refused(404, 'there is no such message')
  if (!Array.isArray(emoji)) throw new Refused(400, 'emoji must be an array of texts')
  if (!isPermitted(group, person.id, 'can_react_to_messages'))
    throw new Refused(409, 'this person may not react')
  const all = (stored.reactions ??= new Map())
  const shown = (list: string[]) => list.map((one) => ({ type: 'emoji', emoji: one }))
  const before = shown(all.get(person.id) ?? [])
  all.set(person.id, emoji.map(String))
  stored.extra['reactions'] = [...all.values()].flat()
  for (const bot of world.bots.values())
    if (isAdmin(group.members.get(bot.id)))
      happen(world, bot, 'message_reaction', {
        chat: chatOfGroup(group),
        message_id: stored.api['message_id'],
        user: userOfPerson(person),
        date: seconds(world),
        old_reaction: before,
        new_reaction: shown(emoji.map(String)),
      })
  return { reacted: true }
}

export const groupRoutes: Record<string, Route> = {
  'POST /chats/:id/messages': write,
  'GET /chats/:id/seen/:person': seen,
  'POST /chats/:id/callbacks': pressInGroup,
  'POST /chats/:id/votes': voteInGroup,
  'POST /chats/:id/reactions/:message': reactInGroup,
}
