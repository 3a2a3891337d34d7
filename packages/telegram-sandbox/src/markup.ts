import { linkOf } from './entities.ts'
import { bad } from './errors.ts'
import { byteLength, charLength, isObj, json, type Obj, type Params } from './params.ts'

export interface Markup {
  inline?: Obj
  reply?: Obj
  remove?: boolean
  forceReply?: Obj
}

interface Place {
  invoice: boolean
  game?: boolean
  privateChat: boolean
}

const MOST_BUTTONS = 100
const STYLES = ['danger', 'success', 'primary']

/** `reply_markup` of a call, checked as the server checks it. @throws bad */
export function markupOf(p: Params, place: Place): Markup {
  const value = json(p, 'reply_markup', 'reply keyboard markup')
  if (value === undefined) return {}
  if (!isObj(value)) throw bad('object expected as reply markup')
  if (value['inline_keyboard'] !== undefined) {
    const rows = rowsOf(value['inline_keyboard'], 'inline_keyboard')
    checkInline(rows, place)
    const filled = rows.filter((row) => row.length > 0)
    return filled.length > 0 ? { inline: { inline_keyboard: filled } } : {}
  }
  if ((place.invoice || place.game) && Object.keys(value).length > 0) throw bad('REPLY_MARKUP_INVALID')
  if (value['keyboard'] !== undefined) return { reply: checkReply(value, place) }
  if (value['remove_keyboard'] === true) return { remove: true }
  if (value['force_reply'] === true) return { forceReply: value }
  return {}
}

function rowsOf(value: unknown, field: string): unknown[][] {
  const kind =
    field === 'keyboard' ? 'Field "keyboard"' : 'Field "inline_keyboard" of the InlineKeyboardMarkup'
  if (!Array.isArray(value)) throw bad(`field "${field}" must be of type Array`)
  for (const row of value as unknown[])
    if (!Array.isArray(row)) throw bad(`${kind} must be an Array of Arrays`)
  const count = (value as unknown[][]).reduce((sum, row) => sum + row.length, 0)
  if (count > MOST_BUTTONS) throw bad('reply markup is too long')
  return value as unknown[][]
}

function checkInline(rows: unknown[][], place: Place): void {
  for (const [r, row] of rows.entries())
    for (const [c, button] of row.entries()) {
      const fail = (what: string) => bad(`can't parse inline keyboard button: ${what}`)
      if (!isObj(button)) throw fail('InlineKeyboardButton must be an Object')
      checkLook(button, fail)
      checkInlineAction(button, place, r === 0 && c === 0, fail)
    }
  const first = rows.find((row) => row.length > 0)?.[0]
  if (place.invoice && first !== undefined && (first as Obj)['pay'] === undefined)
    throw bad('REPLY_MARKUP_BUY_EMPTY')
  if (place.game && first !== undefined && (first as Obj)['callback_game'] === undefined)
    throw bad('REPLY_MARKUP_GAME_EMPTY')
}

function checkLook(button: Obj, fail: (what: string) => Error): void {
  const { text, style, icon_custom_emoji_id: icon } = button
  if (text === undefined) throw fail('Can\'t find field "text"')
  if (typeof text !== 'string') throw fail('Field "text" must be of type String')
  if (text.trim() === '') throw bad('BUTTON_TEXT_INVALID')
  if (style !== undefined && style !== '' && !STYLES.includes(style as string))
    throw fail('invalid button style specified')
  if (icon !== undefined && !/^\d+$/.test(String(icon as string)))
    throw fail('Field "icon_custom_emoji_id" must be a valid Number')
}

function checkInlineAction(button: Obj, place: Place, first: boolean, fail: (what: string) => Error): void {
  const { url, callback_data: data, web_app: app, copy_text: copy, login_url: login } = button
  if (typeof url === 'string' && url !== '') {
    if (!linkOf(url)) throw bad(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`)
    return
  }
  if (data !== undefined && data !== '') {
    if (typeof data !== 'string') throw fail('Field "callback_data" must be of type String')
    if (byteLength(data) > 64) throw bad('BUTTON_DATA_INVALID')
    return
  }
  if (button['callback_game'] !== undefined) {
    if (!place.game) throw bad('BUTTON_TYPE_INVALID')
    if (!first) throw bad('BUTTON_POS_INVALID')
    return
  }
  if (button['pay'] !== undefined) {
    if (!place.invoice) throw bad('BUTTON_TYPE_INVALID')
    if (!first) throw bad('BUTTON_POS_INVALID')
    return
  }
  for (const name of ['switch_inline_query', 'switch_inline_query_current_chat'])
    if (button[name] !== undefined) {
      if (typeof button[name] !== 'string') throw fail(`Field "${name}" must be of type String`)
      return
    }
  const chosen = button['switch_inline_query_chosen_chat']
  if (chosen !== undefined) {
    if (!isObj(chosen)) throw fail('Field "switch_inline_query_chosen_chat" must be of type Object')
    const kinds = ['allow_user_chats', 'allow_bot_chats', 'allow_group_chats', 'allow_channel_chats']
    if (!kinds.some((kind) => chosen[kind] === true)) throw bad('at least one chat type must be allowed')
    return
  }
  if (login !== undefined) {
    checkHttps(isObj(login) ? login['url'] : undefined, 'inline keyboard button login URL')
    return
  }
  if (app !== undefined) {
    if (!place.privateChat) throw bad('BUTTON_TYPE_INVALID')
    checkHttps(isObj(app) ? app['url'] : undefined, 'inline keyboard button Web App URL')
    return
  }
  if (copy !== undefined) {
    const copied = isObj(copy) ? copy['text'] : undefined
    if (typeof copied !== 'string') throw fail('Can\'t find field "text"')
    if (copied === '' || charLength(copied) > 256) throw bad('BUTTON_COPY_TEXT_INVALID')
    return
  }
  if (button['disabled'] !== undefined) return
  throw fail('Text buttons are unallowed in the inline keyboard')
}

/** Telegram allows https only. An address on this machine, which the chat page of the sandbox opens, is as safe. */
export const opensSafely = (url: string): boolean =>
  /^https:\/\//i.test(url) || /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\//i.test(url)

function checkHttps(url: unknown, what: string): void {
  if (typeof url !== 'string' || url === '')
    throw bad(`can't parse inline keyboard button: Can't find field "url"`)
  if (!opensSafely(url)) throw bad(`${what} '${url}' is invalid: Only HTTPS links are allowed`)
  if (!linkOf(url)) throw bad(`${what} '${url}' is invalid: Wrong HTTP URL`)
}

function checkReply(value: Obj, place: Place): Obj {
  const rows = rowsOf(value['keyboard'], 'keyboard')
  const placeholder = value['input_field_placeholder']
  if (typeof placeholder === 'string' && charLength(placeholder) > 64)
    throw bad('INPUT_FIELD_PLACEHOLDER_INVALID')
  const keyboard = rows.map((row) =>
    row.map((button): Obj => {
      const fail = (what: string) => bad(`can't parse keyboard button: ${what}`)
      if (typeof button === 'string') return checkReply1({ text: button }, place, fail)
      if (!isObj(button)) throw fail('KeyboardButton must be a String or an Object')
      return checkReply1(button, place, fail)
    }),
  )
  if (keyboard.every((row) => row.length === 0)) throw bad('REPLY_MARKUP_INVALID')
  const asked = keyboard.flat().flatMap((button) => {
    const request = (button['request_users'] ?? button['request_chat']) as Obj | undefined
    return request ? [request['request_id']] : []
  })
  // "Must be unique within the message" (Bot API, KeyboardButtonRequestUsers); the error's text is a guess.
  if (new Set(asked).size < asked.length) throw bad('BUTTON_ID_INVALID')
  return { ...value, keyboard }
}

/** One key of a reply keyboard. @throws bad */
export function checkKey(button: unknown): Obj {
  const fail = (what: string) => bad(`can't parse keyboard button: ${what}`)
  if (!isObj(button)) throw fail('KeyboardButton must be a String or an Object')
  return checkReply1(button, { invoice: false, privateChat: true }, fail)
}

function checkReply1(button: Obj, place: Place, fail: (what: string) => Error): Obj {
  checkLook(button, fail)
  const users = button['request_users']
  const chat = button['request_chat']
  const personal = [
    'request_contact',
    'request_location',
    'request_users',
    'request_chat',
    'request_managed_bot',
    'web_app',
  ]
  if (!place.privateChat && personal.some((name) => button[name])) throw bad('BUTTON_TYPE_INVALID')
  for (const request of [users, chat]) {
    if (request === undefined) continue
    if (!isObj(request)) throw fail('Field "request_users" must be of type Object')
    const id = request['request_id']
    if (id === undefined) throw fail('Can\'t find field "request_id"')
    if (!Number.isInteger(id) || id !== (Number(id) | 0))
      throw fail('Field "request_id" must be a valid Number')
  }
  if (isObj(users)) {
    const most = users['max_quantity'] ?? 1
    if (typeof most !== 'number' || most < 1 || most > 10) throw bad('BUTTON_USER_QUANTITY_INVALID')
  }
  if (isObj(button['web_app'])) checkHttps(button['web_app']['url'], 'keyboard button Web App URL')
  return button
}
