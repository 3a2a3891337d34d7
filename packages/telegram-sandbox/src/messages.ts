import { chatOf, type Place } from './chats.ts'
import type { Obj } from './params.ts'
import { seconds, userOfBot, userOfPerson, type Bot, type Person, type Stored, type World } from './store.ts'
import { messageView } from './view.ts'

export interface NewMessage {
  from: 'bot' | 'person' | 'service'
  /** The author of the message in a chat of a business account: the owner or the other person. */
  by?: Person
  content: Obj
  extra?: Obj
  replyTo?: Stored
  keyboard?: Obj
  invoice?: Stored['invoice']
  paid?: Stored['paid']
  game?: Stored['game']
}

/** Puts a message into a chat and tells whoever watches. */
export function addMessage(world: World, bot: Bot, place: Place, message: NewMessage): Stored {
  const { box, group, business } = place
  const id = ++(group ?? business ?? bot).lastMessageId
  const api: Obj = {
    message_id: id,
    ...(group?.type === 'channel' ? { sender_chat: chatOf(place) } : { from: senderOf(bot, place, message) }),
    ...(business && { business_connection_id: business.id }),
    ...(business && message.from === 'bot' && { sender_business_bot: userOfBot(bot) }),
    chat: chatOf(place),
    date: seconds(world),
    ...(message.replyTo && { reply_to_message: shallow(message.replyTo.api) }),
    ...message.content,
    ...(message.keyboard && { reply_markup: message.keyboard }),
  }
  const stored: Stored = {
    api,
    from: message.from,
    botId: bot.id,
    deleted: false,
    edits: [],
    extra: message.extra ?? {},
    ...(message.invoice && { invoice: message.invoice }),
    ...(message.paid && { paid: message.paid }),
    ...(message.game && { game: message.game }),
  }
  box.messages.set(id, stored)
  if (box.messages.size > world.settings.keepMessages) box.messages.delete(box.messages.keys().next().value!)
  if (message.from === 'bot') {
    delete box.action
    delete box.draft
  }
  tell(world, bot, place, 'message', { message: messageView(bot, stored) })
  showKeyboard(world, bot, place, stored)
  return stored
}

/** For a business account the bot writes in the name of its owner. */
function senderOf(bot: Bot, { person, business }: Place, { from, by }: NewMessage): Obj | undefined {
  if (by) return userOfPerson(by)
  if (from === 'bot') return business ? userOfPerson(business.owner) : userOfBot(bot)
  return person && userOfPerson(person)
}

/** A reply shows the message that it answers, but not the message that was answered by that one. */
export function shallow(api: Obj): Obj {
  const { reply_to_message: _, ...rest } = api
  return rest
}

function showKeyboard(world: World, bot: Bot, place: Place, stored: Stored): void {
  const { reply_keyboard: keyboard, remove_keyboard: removed } = stored.extra
  if (keyboard) place.box.replyKeyboard = keyboard as Obj
  else if (removed) place.box.replyKeyboard = null
  else return
  tell(world, bot, place, 'keyboard', { replyKeyboard: place.box.replyKeyboard })
}

/** How long a draft is shown after its last part ("Bot API", sendMessageDraft). */
const DRAFT_MS = 30_000

/** Shows a draft that the bot is still writing, until its message comes. */
export function showDraft(world: World, bot: Bot, place: Place, id: number, shown: Obj): void {
  place.box.draft = { until: world.clock.now() + DRAFT_MS, shown: { draft_id: id, ...shown } }
  tell(world, bot, place, 'draft', { draft_id: id, ...shown })
}

/** Replaces what a message shows, keeping its former state. */
export function editMessage(world: World, bot: Bot, place: Place, stored: Stored, next: Obj): void {
  const { edit_date, date, text, entities, caption, caption_entities, reply_markup } = stored.api
  const before = {
    edit_date: edit_date ?? date,
    ...(text !== undefined && { text, entities: entities ?? [] }),
    ...(caption !== undefined && { caption, caption_entities: caption_entities ?? [] }),
    ...(reply_markup !== undefined && { inline_keyboard: (reply_markup as Obj)['inline_keyboard'] }),
  }
  stored.edits.push(before)
  if (stored.edits.length > 50) stored.edits.shift()
  stored.api = { ...next, edit_date: seconds(world) }
  tell(world, bot, place, 'edit', { message: messageView(bot, stored) })
}

/** Tells that people see something else of a message, although the message itself has not changed. */
export function editView(world: World, bot: Bot, place: Place, stored: Stored): void {
  tell(world, bot, place, 'edit', { message: messageView(bot, stored) })
}

export function deleteMessage(world: World, bot: Bot, place: Place, stored: Stored): void {
  stored.deleted = true
  place.box.pinned = place.box.pinned.filter((id) => id !== stored.api['message_id'])
  tell(world, bot, place, 'delete', { message_id: stored.api['message_id'] })
}

export function tell(world: World, bot: Bot, place: Place, type: string, data: Obj): void {
  world.events.emit(type, {
    at: world.clock.now(),
    bot: bot.username,
    ...(place.business
      ? { business: place.business.id, chat: place.chat }
      : place.person
        ? { person: place.person.id }
        : { chat: place.chat }),
    ...data,
  })
}
