import { checkWritable, placeOf, type Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { spend } from '../limits.ts'
import { markupOf, type Markup } from '../markup.ts'
import { addMessage } from '../messages.ts'
import { bool, int, isObj, json, text, type Obj, type Params } from '../params.ts'
import { checkMaySend, checkSlowMode } from '../rights.ts'
import { userOfPerson, type Invoice, type Stored } from '../store.ts'
import type { Call } from './call.ts'
import { threadOf } from './topics.ts'
import { receiverOf, whisper } from './whisper.ts'

/** The effects that every bot may use: 🔥 👍 👎 ❤ 🎉 💩. */
const EFFECTS = new Set([
  '5104841245755180586',
  '5107584321108051014',
  '5104858069142078462',
  '5159385139981059251',
  '5046509860389126442',
  '5046589136895476101',
])

function checkEffect({ world, p }: Call, { person }: Place): void {
  const effect = text(p, 'message_effect_id') ?? ''
  if (effect === '') return
  if (!person) throw bad("can't use message effects in the chat")
  if (!world.settings.messageEffects || !EFFECTS.has(effect)) throw bad('EFFECT_ID_INVALID')
}

/** Sends one message of a bot: chat, keyboard, reply, limits, then the message. @throws ApiError */
export function deliver(
  call: Call,
  content: Obj,
  more: {
    invoice?: Stored['invoice']
    game?: Stored['game']
    paid?: { stars: number; payload: string }
    extra?: Obj
  } = {},
): Obj {
  const { world, bot, p } = call
  const place = placeOf(world, bot, p)
  const { invoice, game } = more
  const markup = markupOf(p, {
    invoice: invoice !== undefined,
    game: game !== undefined,
    privateChat: place.person !== undefined,
  })
  checkEffect(call, place)
  const replyTo = repliedTo(p, place)
  const receiver = receiverOf(call, place, content)
  if (place.group) checkMaySend(place.group, bot.id, content)
  spend(world, bot, place.chat, 1, bool(p, 'allow_paid_broadcast'))
  checkWritable(world, bot, place)
  if (place.group) checkSlowMode(world, place.group, bot.id)
  const keyboard = markup.inline ?? (invoice && payKeyboard(invoice)) ?? (game && playKeyboard(game.title))
  if (receiver)
    return whisper(
      call,
      place,
      receiver,
      { ...content, ...(keyboard && { reply_markup: keyboard }) },
      extraOf(p, markup),
    )
  const stored = addMessage(world, bot, place, {
    from: 'bot',
    content: {
      ...threadOf(call),
      ...topicWith(call, place),
      ...content,
      ...(bool(p, 'protect_content') && { has_protected_content: true }),
      ...(text(p, 'message_effect_id') && { effect_id: text(p, 'message_effect_id') }),
    },
    extra: { ...extraOf(p, markup), ...more.extra },
    ...(replyTo && { replyTo }),
    ...(keyboard && { keyboard }),
    ...(invoice && { invoice }),
    ...(game && { game }),
    ...(more.paid && { paid: { ...more.paid, buyers: new Set() } }),
  })
  return stored.api
}

/** The person whose conversation with the channel a message belongs to, in a chat of direct messages. */
function topicWith({ world, p }: Call, { group }: Place): Obj {
  const person = world.people.get(int(p, 'direct_messages_topic_id'))
  if (!group?.messagesOf || !person) return {}
  return { direct_messages_topic: { topic_id: person.id, user: userOfPerson(person) } }
}

export const playKeyboard = (title: string) => ({
  inline_keyboard: [[{ text: `Play ${title}`, callback_game: {} }]],
})

/** A sum as Telegram writes it: Stars by their sign, another currency by its code. */
export const payKeyboard = ({ amount, currency }: Invoice) => ({
  inline_keyboard: [
    [
      {
        text: currency === 'XTR' ? `Pay ⭐️${amount}` : `Pay ${currency} ${(amount / 100).toFixed(2)}`,
        pay: true,
      },
    ],
  ],
})

export function extraOf(p: Params, markup: Markup): Obj {
  const preview = json(p, 'link_preview_options', 'link preview options')
  return {
    ...(markup.reply && { reply_keyboard: markup.reply }),
    ...(markup.remove && { remove_keyboard: true }),
    ...(markup.forceReply && { force_reply: markup.forceReply }),
    ...(isObj(preview) && preview['is_disabled'] === true && { link_preview_disabled: true }),
    ...(bool(p, 'disable_web_page_preview') && { link_preview_disabled: true }),
    ...(bool(p, 'protect_content') && { protect_content: true }),
    ...(text(p, 'message_effect_id') && { effect: text(p, 'message_effect_id') }),
  }
}

export function repliedTo(p: Params, place: Place): Stored | undefined {
  const given = json(p, 'reply_parameters', 'reply parameters')
  if (given !== undefined && !isObj(given)) throw bad('object expected as reply parameters')
  const id = given ? Number(given['message_id']) : int(p, 'reply_to_message_id')
  if (!id) return undefined
  const found = place.box.messages.get(id)
  if (found && !found.deleted) return found
  const anyway = given
    ? given['allow_sending_without_reply'] === true
    : bool(p, 'allow_sending_without_reply')
  if (anyway) return undefined
  throw bad('message to be replied not found')
}
