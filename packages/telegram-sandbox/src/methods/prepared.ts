import { bad } from '../errors.ts'
import { addMessage } from '../messages.ts'
import { isObj, json, required, str, userId, type Obj } from '../params.ts'
import { placeOfPerson, queryId } from '../payments.ts'
import { seconds, userOfBot } from '../store.ts'
import type { Call, Method } from './call.ts'

/** How long a prepared message can be sent; Telegram names no span. */
const PREPARED_S = 24 * 60 * 60

function resultOf({ p }: Call): Obj {
  const result = json(p, 'result', 'inline query result')
  if (!isObj(result) || typeof result['type'] !== 'string')
    throw bad('can\'t parse inline query result: Can\'t find field "type"')
  return result
}

/**
 * The end of a Mini App: the message that it made is sent into the chat from which it was opened, as the person's
 * own.
 */
const answerWebAppQuery: Method = (call) => {
  const { world, bot, p } = call
  const result = resultOf(call)
  const id = required(p, 'web_app_query_id')
  const person = world.people.get(world.webAppQueries.get(`${bot.id}:${id}`) ?? 0)
  if (!person) throw bad('query is too old and response timeout expired or query ID is invalid')
  world.webAppQueries.delete(`${bot.id}:${id}`)
  const content = isObj(result['input_message_content']) ? result['input_message_content'] : {}
  addMessage(world, bot, placeOfPerson(bot, person), {
    from: 'person',
    content: { text: str(content['message_text'] ?? result['title']), via_bot: userOfBot(bot) },
    ...(isObj(result['reply_markup']) && { keyboard: result['reply_markup'] }),
  })
  return { inline_message_id: queryId() }
}

const savePreparedInlineMessage: Method = (call) => {
  if (!call.world.people.has(userId(call.p))) throw bad('user not found')
  resultOf(call)
  return { id: queryId(), expiration_date: seconds(call.world) + PREPARED_S }
}

const BUTTONS = ['request_users', 'request_chat', 'request_managed_bot']

const savePreparedKeyboardButton: Method = ({ world, p }) => {
  if (!world.people.has(userId(p))) throw bad('user not found')
  const button = json(p, 'button', 'keyboard button')
  if (!isObj(button) || !BUTTONS.some((kind) => isObj(button[kind]))) throw bad('BUTTON_TYPE_INVALID')
  return { id: queryId() }
}

export const prepared: Record<string, Method> = {
  answerWebAppQuery,
  savePreparedInlineMessage,
  savePreparedKeyboardButton,
}
