import type { Place } from './chats.ts'
import { detect, trim } from './entities.ts'
import { forwarded } from './people-changes.ts'
import { mediaFields, storeFile } from './files.ts'
import { imageSize } from './images.ts'
import { addMessage, deleteMessage, tell } from './messages.ts'
import { isObj, str, type Obj } from './params.ts'
import { placeOfPerson, queryId } from './payments.ts'
import { Refused } from './refused.ts'
import { sharedChat } from './shared-chats.ts'
import { sharedUsers } from './shared-users.ts'
import { seconds, userOfBot, userOfPerson, type Bot, type Person, type Stored, type World } from './store.ts'
import { happen } from './updates.ts'

/** Sends what a person typed, chose or attached. @throws Refused */
export function write(world: World, bot: Bot, person: Person, body: Obj): Stored {
  const place = placeOfPerson(bot, person)
  if (person.deactivated) throw new Refused(409, 'this person is deactivated')
  if (place.box.blocked) throw new Refused(409, 'this person has blocked the bot')
  if (!mayUse(bot, person)) throw new Refused(409, 'this bot is there for others only')
  const replyTo =
    body['reply_to'] === undefined ? undefined : place.box.messages.get(Number(body['reply_to']))
  if (body['reply_to'] !== undefined && !replyTo) throw new Refused(404, 'there is no message to reply to')
  const thread = threadFor(place.box.topics, body)
  const content = {
    ...thread,
    ...contentOf(world, bot, person, body),
    ...(typeof body['media_group_id'] === 'string' && { media_group_id: body['media_group_id'] }),
  }
  place.box.started = true
  const stored = addMessage(world, bot, place, { from: 'person', content, ...(replyTo && { replyTo }) })
  hideOneTimeKeyboard(world, bot, person, body)
  happen(world, bot, 'message', stored.api)
  return stored
}

/** In which topic of the chat a person writes. @throws Refused */
function threadFor(topics: Map<number, unknown> | undefined, { message_thread_id: thread }: Obj): Obj {
  if (thread === undefined) return {}
  if (!topics?.has(Number(thread))) throw new Refused(404, 'there is no such topic')
  return { message_thread_id: Number(thread), is_topic_message: true }
}

/** A bot that somebody manages may be there only for its owner and for those who were added. */
function mayUse({ managed }: Bot, { id }: Person): boolean {
  return !managed?.isRestricted || managed.owner === id || managed.added.includes(id)
}

/** The keys that somebody can press: of the keyboard on the screen, or the one that was prepared for a Mini App. */
function keysBefore(world: World, bot: Bot, person: Person, { prepared }: Obj): Obj | null {
  if (prepared === undefined) return placeOfPerson(bot, person).box.replyKeyboard
  const known = world.prepared.get(`${bot.id}:${str(prepared)}`)
  if (!known?.button || known.person !== person.id || known.expires <= seconds(world))
    throw new Refused(404, 'there is no such key for this person')
  return { keyboard: [[known.button]] }
}

/** What somebody types or attaches, as fields of a message. @throws Refused */
export function contentOf(world: World, bot: Bot, person: Person, body: Obj): Obj {
  const keyboard = keysBefore(world, bot, person, body)
  if (isObj(body['users_shared'])) return { users_shared: sharedUsers(world, keyboard, body['users_shared']) }
  if (isObj(body['chat_shared']))
    return { chat_shared: sharedChat(world, bot, person, keyboard, body['chat_shared']) }
  if (typeof body['text'] === 'string') {
    const { text, entities } = detect(trim({ text: body['text'], entities: [] }))
    if (text === '' || text.length > 4096) throw new Refused(400, 'a text has 1 to 4096 characters')
    return { text, ...(entities.length > 0 && { entities }) }
  }
  if (typeof body['photo'] === 'string') {
    const bytes = Buffer.from(body['photo'], 'base64')
    if (!imageSize(bytes)) throw new Refused(400, 'the photo is not a PNG, JPEG, GIF or WebP')
    const file = storeFile(world, bot, 'photo', { name: 'photo.jpg', type: 'image/jpeg', bytes })
    return { ...mediaFields(file), ...captionOf(body) }
  }
  if (typeof body['document'] === 'string') {
    const file = storeFile(world, bot, 'document', {
      name: str(body['file_name']) || 'file',
      type: str(body['mime_type']) || 'application/octet-stream',
      bytes: Buffer.from(body['document'], 'base64'),
    })
    return { ...mediaFields(file), ...captionOf(body) }
  }
  if (body['forward'] !== undefined) return forwarded(bot, person, Number(body['forward']))
  if (isObj(body['passport_data']) && !Array.isArray(body['passport_data']['data']))
    throw new Refused(400, 'passport_data has data and credentials')
  for (const name of ['contact', 'web_app_data', 'passport_data'])
    if (isObj(body[name])) return { [name]: body[name] }
  throw new Refused(
    400,
    'a message needs text, photo, document, users_shared, chat_shared, contact, web_app_data, passport_data or forward',
  )
}

function captionOf(body: Obj): Obj {
  if (typeof body['caption'] !== 'string') return {}
  const { text, entities } = detect(trim({ text: body['caption'], entities: [] }))
  return { caption: text, ...(entities.length > 0 && { caption_entities: entities }) }
}

function hideOneTimeKeyboard(world: World, bot: Bot, person: Person, body: Obj): void {
  const place = placeOfPerson(bot, person)
  const keyboard = place.box.replyKeyboard as {
    one_time_keyboard?: boolean
    keyboard: { text: string }[][]
  } | null
  if (!keyboard?.one_time_keyboard) return
  const pressed = keyboard.keyboard.flat().some(({ text }) => text === body['text'])
  if (
    !pressed &&
    body['users_shared'] === undefined &&
    body['chat_shared'] === undefined &&
    body['contact'] === undefined
  )
    return
  place.box.replyKeyboard = null
  tell(world, bot, place, 'keyboard', { replyKeyboard: null })
}

/** Presses Start, with the parameter of a deep link. */
export function start(world: World, bot: Bot, person: Person, parameter: string): Stored {
  if (!/^[A-Za-z0-9_-]{0,64}$/.test(parameter))
    throw new Refused(400, 'a start parameter has at most 64 characters of A-Z, a-z, 0-9, _ and -')
  if (placeOfPerson(bot, person).box.blocked) setBlocked(world, bot, person, false)
  return write(world, bot, person, { text: parameter === '' ? '/start' : `/start ${parameter}` })
}

/** Blocks or unblocks; the bot is told by `my_chat_member`. */
export function setBlocked(world: World, bot: Bot, person: Person, blocked: boolean): void {
  const place = placeOfPerson(bot, person)
  if (place.box.blocked === blocked) return
  place.box.blocked = blocked
  const user = userOfBot(bot)
  const kicked = { user, status: 'kicked', until_date: 0 }
  const member = { user, status: 'member' }
  happen(world, bot, 'my_chat_member', {
    chat: { id: person.id, first_name: person.first_name, type: 'private' },
    from: userOfPerson(person),
    date: seconds(world),
    old_chat_member: blocked ? member : kicked,
    new_chat_member: blocked ? kicked : member,
  })
  tell(world, bot, place, 'person', {})
}

/** Presses an inline button in the chat with a bot and waits for its answer. @throws Refused */
export function press(world: World, bot: Bot, person: Person, body: Obj): Promise<Obj> {
  const place = placeOfPerson(bot, person)
  const stored = place.box.messages.get(Number(body['message_id']))
  if (place.box.blocked) throw new Refused(409, 'this person has blocked the bot')
  return pressIn(world, bot, person, place, stored, body)
}

/**
 * Presses an inline button in any chat, and waits for its answer.
 * @throws Refused
 */
export function pressIn(
  world: World,
  bot: Bot,
  person: Person,
  place: Place,
  stored: Stored | undefined,
  { data, game, timeout_ms: timeout }: Obj,
): Promise<Obj> {
  if (person.deactivated) throw new Refused(409, 'this person is deactivated')
  if (!stored || stored.deleted) throw new Refused(404, 'there is no such message')
  if (game === true && !stored.game) throw new Refused(409, 'this message is no game')
  if (game !== true && (typeof data !== 'string' || data === ''))
    throw new Refused(400, 'data must be a text')
  return new Promise((resolve) => {
    const id = queryId()
    const finish = (result: Obj) => {
      cancel()
      tell(world, bot, place, 'callback', { id, ...result })
      resolve({ id, ...result })
    }
    const patience = Number(timeout ?? world.settings.callbackAnswerMs)
    const cancel = world.clock.after(patience, () => finish({ answered: false }))
    world.clock.after(world.settings.callbackAnswerMs, () => world.callbacks.delete(id))
    world.callbacks.set(id, {
      id,
      botId: bot.id,
      person: person.id,
      expires: world.clock.now() + world.settings.callbackAnswerMs,
      game: game === true,
      answer: (result) => finish({ answered: true, ...result }),
    })
    happen(world, bot, 'callback_query', {
      id,
      from: userOfPerson(person),
      ...(stored.inlineId === undefined ? { message: stored.api } : { inline_message_id: stored.inlineId }),
      chat_instance: `-${bot.id}${Math.abs(place.chat)}`,
      ...(game === true ? { game_short_name: stored.game?.shortName } : { data }),
    })
  })
}

export function erase(world: World, bot: Bot, person: Person, messageId: number): void {
  const place = placeOfPerson(bot, person)
  const stored = place.box.messages.get(messageId)
  if (!stored || stored.deleted) throw new Refused(404, 'there is no such message')
  deleteMessage(world, bot, place, stored)
}
