import { CHAT, inChat, objectOf, type Ask, type Route } from './control-lib.ts'
import { ApiError } from './errors.ts'
import { placeToSend, resultAsSent, sendThrough } from './inline-sending.ts'
import { isObj, str, type Obj } from './params.ts'
import { queryId } from './payments.ts'
import { Refused } from './refused.ts'
import { seconds, userOfPerson, type Bot, type Person, type Stored } from './store.ts'
import { happen } from './updates.ts'

/** Somebody types behind the bot's name. @returns what the bot offers, or `{answered: false}` */
function ask(request: Ask, bot: Bot, person: Person): Promise<Obj> {
  const { world } = request
  if (bot.hasNoInline) throw new Refused(409, 'inline mode of this bot is off (BotFather, /setinline)')
  const { query, offset, chat } = objectOf(request.body)
  const { group } = placeToSend(world, bot, person, chat)
  const id = queryId()
  const asked = `${str(offset)}:${str(query)}`
  const kept = [`${person.id}:${asked}`, `0:${asked}`].flatMap((key) => bot.inlineCache?.get(key) ?? [])
  const fresh = kept.find(({ until }) => until > world.clock.now())
  if (fresh) return Promise.resolve({ answered: true, cached: true, ...fresh.answer })
  return new Promise((resolve) => {
    const finish = (answer: Obj) => {
      cancel()
      resolve(answer)
    }
    const patience = world.settings.callbackAnswerMs
    const cancel = world.clock.after(patience, () => {
      world.inlineQueries.delete(id)
      finish({ answered: false })
    })
    const expires = world.clock.now() + patience
    world.inlineQueries.set(id, {
      id,
      botId: bot.id,
      person: person.id,
      asked,
      expires,
      answer: (result) => finish({ answered: true, ...result }),
    })
    happen(world, bot, 'inline_query', {
      id,
      from: userOfPerson(person),
      query: str(query),
      offset: str(offset),
      chat_type: group?.type ?? 'sender',
    })
  })
}

/** Sends one result, and tells the bot that asks for it which one it was; the message's id is only there with a keyboard. */
async function send(request: Ask, bot: Bot, person: Person, result: Obj, chat: unknown): Promise<Stored> {
  const { world } = request
  const place = placeToSend(world, bot, person, chat)
  const shown = await resultAsSent(world, bot, result).catch((error: unknown) => {
    throw error instanceof ApiError ? new Refused(409, error.message) : error
  })
  const stored = sendThrough(world, bot, person, place, shown)
  happen(world, bot, 'chosen_inline_result', {
    result_id: str(result['id']),
    from: userOfPerson(person),
    query: str(objectOf(request.body)['query']),
    ...(stored.inlineId !== undefined && { inline_message_id: stored.inlineId }),
  })
  return stored
}

/** Sends one of the results, into the chat with the bot or into a group. */
async function choose(request: Ask, bot: Bot, person: Person): Promise<Obj> {
  const { result, chat } = objectOf(request.body)
  if (!isObj(result)) throw new Refused(400, 'result must be one of those that the bot offered')
  const stored = await send(request, bot, person, result, chat)
  return { message_id: stored.api['message_id'] }
}

/** Sends what the bot has prepared for a Mini App, where the bot lets it go. */
async function sendPrepared(request: Ask, bot: Bot, person: Person): Promise<Obj> {
  const { world } = request
  const { id, chat } = objectOf(request.body)
  const known = world.prepared.get(`${bot.id}:${str(id)}`)
  if (!known?.result || known.person !== person.id || known.expires <= seconds(world))
    throw new Refused(404, 'there is no such message for this person')
  const { group } = placeToSend(world, bot, person, chat)
  const kind = group === undefined ? 'bot' : group.type === 'channel' ? 'channel' : 'group'
  if (!known.into?.includes(kind)) throw new Refused(409, `the bot lets it go into no ${kind} chat`)
  const stored = await send(request, bot, person, known.result, chat)
  return { message_id: stored.api['message_id'] }
}

export const inlineRoutes: Record<string, Route> = {
  [`POST ${CHAT}/inline`]: inChat(ask),
  [`POST ${CHAT}/inline_choice`]: inChat(choose),
  [`POST ${CHAT}/prepared`]: inChat(sendPrepared),
}
