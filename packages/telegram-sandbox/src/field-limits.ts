import { bad } from './errors.ts'
import { LIMITS, type Limit } from './described.ts'
import { byteLength, charLength, text, type Params } from './params.ts'

/**
 * What becomes of a field that is longer, more or larger than the description of the Bot API allows, by `method.field`,
 * else by the field: the words of the refusal; or `cut`, where TDLib shortens it (clean_name, strip_empty_characters);
 * or `nearest`, where the server takes the nearest number (`int`); or `method`, where the limit holds after the markup
 * was taken out, or together with other fields, so that the method checks it.
 */
export const BEYOND: Record<string, string> = {
  text: 'method',
  caption: 'method',
  'sendPoll.explanation': 'method',
  'sendPoll.description': 'method',
  'sendLocation.live_period': 'method',
  'sendGift.text': 'GIFT_TEXT_INVALID',
  'giftPremiumSubscription.text': 'GIFT_TEXT_INVALID',
  'answerCallbackQuery.text': 'MESSAGE_TOO_LONG',
  limit: 'nearest',
  max_connections: 'nearest',
  open_period: 'nearest',
  horizontal_accuracy: 'invalid horizontal accuracy specified',
  heading: 'wrong live location heading specified',
  secret_token: 'method',
  message_ids: 'too many message identifiers specified',
  star_count: 'STARS_AMOUNT_INVALID',
  'transferBusinessAccountStars.star_count': 'invalid amount of Telegram Stars to transfer specified',
  subscription_price: 'STARS_AMOUNT_INVALID',
  month_count: 'PREMIUM_MONTHS_INVALID',
  icon_color: 'invalid icon color specified',
  member_limit: 'USAGE_LIMIT_INVALID',
  'sendPaidMedia.media': 'wrong number of paid media specified',
  'sendPaidMedia.payload': 'paid media payload is too long',
  'sendMediaGroup.media': 'too many messages to send as an album',
  vcard: 'VCARD_INVALID',
  question: 'poll question length must not exceed 300',
  options: "poll can't have more than 12 options",
  country_codes: 'too many countries specified',
  custom_title: 'cut',
  tag: 'cut',
  comment: 'MESSAGE_TOO_LONG',
  added_user_ids: 'too many user identifiers specified',
  commands: 'BOT_COMMANDS_TOO_MUCH',
  'setMyName.name': 'name is too long',
  'setMyDescription.description': 'description is too long',
  short_description: 'short description is too long',
  'setChatDescription.description': 'cut',
  'setChatTitle.title': 'cut',
  'createNewStickerSet.title': 'cut',
  'setStickerSetTitle.title': 'cut',
  name: 'cut',
  first_name: 'cut',
  last_name: 'cut',
  username: 'username is invalid',
  bio: 'ABOUT_TOO_LONG',
  custom_emoji_ids: 'too many custom emoji identifiers specified',
  stickers: 'too many stickers specified',
  emoji_list: "can't parse emoji list: too many emoji specified",
  keywords: 'KEYWORDS_INVALID',
  next_offset: 'NEXT_OFFSET_INVALID',
  title: 'INVOICE_TITLE_INVALID',
  description: 'INVOICE_DESCRIPTION_INVALID',
  payload: 'INVOICE_PAYLOAD_INVALID',
  suggested_tip_amounts: 'there can be at most 4 suggested tip amounts',
  custom_description: 'CUSTOM_DESCRIPTION_INVALID',
}

export const beyond = (method: string, field: string): string | undefined =>
  BEYOND[`${method}.${field}`] ?? BEYOND[field]

/** @returns the call with what Telegram shortens shortened @throws bad for what is too much */
export function withinLimits(method: string, p: Params): Params {
  let values = p.values
  for (const [field, limit] of Object.entries(LIMITS[method] ?? {})) {
    const way = beyond(method, field)
    if (way === undefined || way === 'method' || way === 'nearest') continue
    const given = text(p, field)
    if (given === undefined || given === '' || isWithin(given, limit)) continue
    if (way !== 'cut') throw bad(way)
    values = { ...values, [field]: firstOf(given, limit.values[1]!) }
  }
  return values === p.values ? p : { ...p, values }
}

function isWithin(given: string, { of, values }: Limit): boolean {
  const [least = 0, most = 0] = values
  switch (of) {
    case 'characters':
      return given.length <= most || charLength(given) <= most
    case 'bytes':
      return byteLength(given) <= most
    case 'items':
      return itemsIn(given) <= most
    case 'number':
      return !(Number(given) > most) && !(Number(given) < least)
    case 'one of':
      return values.includes(Number(given))
  }
}

/** A value that is no list is refused elsewhere. */
function itemsIn(given: string): number {
  try {
    const value: unknown = JSON.parse(given)
    return Array.isArray(value) ? value.length : 0
  } catch {
    return 0
  }
}

/** The first characters of a text, up to a count, none of them cut in half. */
function firstOf(given: string, count: number): string {
  let kept = ''
  let left = count
  for (const character of given) {
    if (left-- <= 0) break
    kept += character
  }
  return kept
}
