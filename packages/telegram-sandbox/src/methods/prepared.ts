import { bad } from '../errors.ts'
import { nameInline } from '../inline-messages.ts'
import { checkResult, shownOf } from '../inline-results.ts'
import { addInline, resultAsSent, sendThrough } from '../inline-sending.ts'
import { checkKey } from '../markup.ts'
import { bool, isObj, json, required, text, userId, type Obj } from '../params.ts'
import { placeOfPerson, queryId } from '../payments.ts'
import { seconds, userOfPerson } from '../store.ts'
import type { Call, Method } from './call.ts'

/** A message or a key that a Mini App shows to its person, who sends it or presses it. */
export interface Prepared {
  person: number
  expires: number
  /** An inline result, and into which kinds of chats it may be sent. */
  result?: Obj
  into?: string[]
  button?: Obj
}

/** How long a prepared message can be sent; Telegram names no span. */
const PREPARED_S = 24 * 60 * 60

const lowerFirst = (words: string) => words.charAt(0).toLowerCase() + words.slice(1)

async function resultOf(call: Call): Promise<Obj> {
  if ((text(call.p, 'result') ?? '') === '') throw bad("result isn't specified")
  const result = json(call.p, 'result', 'JSON encoded web view query results')
  checkResult(result, (why) => bad(lowerFirst(why)))
  await shownOf(call, result as Obj, false)
  return result as Obj
}

/**
 * The end of a Mini App: the message that it made is sent into the chat from which it was opened, as the person's
 * own.
 */
const answerWebAppQuery: Method = async (call) => {
  const { world, bot, p } = call
  const result = await resultOf(call)
  const key = `${bot.id}:${required(p, 'web_app_query_id')}`
  const person = world.people.get(world.webAppQueries.get(key) ?? 0)
  if (!person) throw bad('query is too old and response timeout expired or query ID is invalid')
  const shown = await resultAsSent(world, bot, result)
  world.webAppQueries.delete(key)
  const { inlineId } = sendThrough(world, bot, person, placeOfPerson(bot, person), shown)
  return { ...(inlineId !== undefined && { inline_message_id: inlineId }) }
}

/** The bot answers in a chat where it is a guest, under the message that called it. */
const answerGuestQuery: Method = async (call) => {
  const { world, bot, p } = call
  const result = await resultOf(call)
  const key = `${bot.id}:${required(p, 'guest_query_id')}`
  const asked = world.guestQueries.get(key)
  if (!asked) throw bad('query is too old and response timeout expired or query ID is invalid')
  const shown = await resultAsSent(world, bot, result)
  world.guestQueries.delete(key)
  const { place, message, caller } = asked
  const stored = addInline(world, bot, place, shown, {
    from: 'bot',
    replyTo: message,
    content: { ...shown.content, guest_bot_caller_user: userOfPerson(caller) },
  })
  return { inline_message_id: stored.inlineId ?? nameInline(world, bot, place, stored) }
}

const INTO = ['user', 'bot', 'group', 'channel']

const savePreparedInlineMessage: Method = async (call) => {
  const { world, bot, p } = call
  const person = userId(p)
  const result = await resultOf(call)
  if (!world.people.has(person)) throw bad('user not found')
  const id = queryId()
  const expires = seconds(world) + PREPARED_S
  const into = INTO.filter((kind) => bool(p, `allow_${kind}_chats`))
  world.prepared.set(`${bot.id}:${id}`, { person, expires, result, into })
  return { id, expiration_date: expires }
}

const BUTTONS = ['request_users', 'request_chat', 'request_managed_bot']

const savePreparedKeyboardButton: Method = ({ world, bot, p }) => {
  const person = userId(p)
  const given = json(p, 'button', 'keyboard button') ?? {}
  const button = checkKey(given)
  if (!BUTTONS.some((kind) => isObj(button[kind]))) throw bad('BUTTON_TYPE_INVALID')
  if (!world.people.has(person)) throw bad('user not found')
  const id = queryId()
  world.prepared.set(`${bot.id}:${id}`, { person, expires: seconds(world) + PREPARED_S, button })
  return { id }
}

export const prepared: Record<string, Method> = {
  answerWebAppQuery,
  answerGuestQuery,
  savePreparedInlineMessage,
  savePreparedKeyboardButton,
}
