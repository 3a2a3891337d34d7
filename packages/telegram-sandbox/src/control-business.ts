import { businessChat, businessMessage, BUSINESS_RIGHTS, connect, type Business } from './business.ts'
import { botOf, numbersOf, objectOf, personOf, withStatus201, type Ask, type Route } from './control-lib.ts'
import { addMessage, deleteMessage } from './messages.ts'
import { markTasks } from './methods/checklists.ts'
import { str, type Obj } from './params.ts'
import { contentOf, pressIn } from './people.ts'
import { editContent } from './people-changes.ts'
import { Refused } from './refused.ts'
import { chatOfPerson, type Bot, type Person } from './store.ts'
import { happen } from './updates.ts'
import { messageView } from './view.ts'

/** A person with Telegram Business connects the bot with their account. */
const connectBot: Route = (ask) => {
  const bot = botOf(ask.world, ask.path['bot'])
  const person = personOf(ask.world, ask.path['person'])
  const { rights, is_enabled: enabled } = objectOf(ask.body)
  if (!bot.doesBusiness) throw new Refused(409, 'this bot has no business mode (can_connect_to_business)')
  const given = Array.isArray(rights) ? rights.map(String) : BUSINESS_RIGHTS
  const unknown = given.find((right) => !BUSINESS_RIGHTS.includes(right))
  if (unknown !== undefined) throw new Refused(400, `there is no right "${unknown}"`)
  const { id } = connect(ask.world, bot, person, { rights: given, isEnabled: enabled !== false })
  return withStatus201({ id })
}

function partiesOf({ world, path }: Ask) {
  const business = world.businesses.get(path['id'] ?? '')
  const bot = world.bots.get(business?.botId ?? 0)
  if (!business || !bot) throw new Refused(404, 'there is no such connection')
  const other = personOf(world, path['other'])
  const { box } = businessChat(business, other.id)
  return { business, bot, other, place: { chat: other.id, box, person: other, business } }
}

/** The bot hears of the messages of both, the owner and the other person. */
const write: Route = (ask) => {
  const { world } = ask
  const { business, bot, other, place } = partiesOf(ask)
  const body = objectOf(ask.body)
  const from = body['from'] === undefined ? other : personOf(world, str(body['from']))
  if (from !== other && from !== business.owner) throw new Refused(409, 'this person is not in the chat')
  const replyTo =
    body['reply_to'] === undefined ? undefined : place.box.messages.get(Number(body['reply_to']))
  if (from === other) businessChat(business, other.id).heardAt = world.clock.now()
  const stored = addMessage(world, bot, place, {
    from: 'person',
    by: from,
    content: contentOf(world, bot, from, body),
    ...(replyTo && { replyTo }),
  })
  tellBot(ask, business, bot, 'business_message', stored.api)
  return withStatus201({ message_id: stored.api['message_id'] })
}

function tellBot({ world }: Ask, business: Business, bot: Bot, kind: string, payload: Obj): void {
  if (business.isEnabled) happen(world, bot, kind, payload)
}

const seen: Route = (ask) => {
  const { business, bot, other, place } = partiesOf(ask)
  const messages = [...place.box.messages.values()]
  return {
    read_up_to: businessChat(business, other.id).readUpTo,
    messages: messages.map((stored) => ({
      ...messageView(bot, stored),
      sender: stored.api['from'],
      ...(stored.api['checklist'] !== undefined && { checklist: stored.api['checklist'] }),
    })),
  }
}

const change: Route = (ask) => {
  const { business, bot, other, place } = partiesOf(ask)
  const stored = businessMessage(business, other.id, Number(ask.path['message']))
  editContent(ask.world, bot, place, stored, str(objectOf(ask.body)['text']))
  tellBot(ask, business, bot, 'edited_business_message', stored.api)
  return { message_id: stored.api['message_id'] }
}

const erase: Route = (ask) => {
  const { business, bot, other, place } = partiesOf(ask)
  const stored = businessMessage(business, other.id, Number(ask.path['message']))
  deleteMessage(ask.world, bot, place, stored)
  tellBot(ask, business, bot, 'deleted_business_messages', {
    business_connection_id: business.id,
    chat: chatOfPerson(other),
    message_ids: [stored.api['message_id']],
  })
  return { deleted: true }
}

const press: Route = (ask) => {
  const { business, bot, other, place } = partiesOf(ask)
  const body = objectOf(ask.body)
  const stored = businessMessage(business, other.id, Number(body['message_id']))
  return pressIn(ask.world, bot, other, place, stored, body)
}

const mark: Route = (ask) => {
  const { business, bot, other, place } = partiesOf(ask)
  const body = objectOf(ask.body)
  const stored = businessMessage(business, other.id, Number(body['message_id']))
  const by: Person = body['person'] === undefined ? other : personOf(ask.world, str(body['person']))
  const is = { done: numbersOf(body['done'] ?? []), undone: numbersOf(body['undone'] ?? []) }
  if (!stored.api['checklist'] || !markTasks(ask.world, bot, place, stored, by, is))
    throw new Refused(409, 'this person may not mark the tasks')
  const told = addMessage(ask.world, bot, place, {
    from: 'service',
    by,
    content: {
      checklist_tasks_done: {
        checklist_message: stored.api,
        marked_as_done_task_ids: is.done,
        marked_as_not_done_task_ids: is.undone,
      },
    },
  })
  tellBot(ask, business, bot, 'business_message', told.api)
  return { marked: true }
}

const CHAT = '/business/:id/:other'

export const businessRoutes: Record<string, Route> = {
  'POST /chats/:bot/:person/business': connectBot,
  [`POST ${CHAT}/messages`]: write,
  [`GET ${CHAT}/messages`]: seen,
  [`PATCH ${CHAT}/messages/:message`]: change,
  [`DELETE ${CHAT}/messages/:message`]: erase,
  [`POST ${CHAT}/callbacks`]: press,
  [`POST ${CHAT}/checklist`]: mark,
}
