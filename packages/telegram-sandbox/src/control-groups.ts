import { chatOfGroup, seconds, userOfPerson } from './store.ts'
import { groupOf, numbersOf, objectOf, personOf, type Ask, type Route } from './control-lib.ts'
import { vote } from './methods/polls.ts'
import { isObj, str } from './params.ts'
import { pressIn } from './people.ts'
import { Refused } from './refused.ts'
import { isAdmin, isPermitted } from './rights.ts'
import { happen } from './updates.ts'
import { messageView } from './view.ts'

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
  'GET /chats/:id/seen/:person': seen,
  'POST /chats/:id/callbacks': pressInGroup,
  'POST /chats/:id/votes': voteInGroup,
  'POST /chats/:id/reactions/:message': reactInGroup,
}
