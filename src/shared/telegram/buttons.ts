import type { InlineKeyboardButton } from 'grammy/types'
import type { Secrets } from '../secrets.ts'

/** Telegram's limit for callback_data, in bytes. */
const LIMIT_BYTES = 64
/** 36 bits: forging one button takes tens of billions of attempts, and the bot limits the rate of presses. */
const CODE_LENGTH = 6
/** The day on which a button was made, as two characters of 6 bits: the numbers repeat after eleven years. */
const DAY_LENGTH = 2
const DAYS = 64 ** DAY_LENGTH
const CODE = new RegExp(`^([\\w-]{${DAY_LENGTH}})?([\\w-]{${CODE_LENGTH}})$`)
const DAY_MS = 86_400_000
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export interface Press {
  route: string
  args: string[]
  /** How many days ago the button was made; undefined for a button of the release before, whose code has no day. */
  days?: number
}

/**
 * Makes the callback_data of a button: route and ids, never prices, with a code that binds them to the person and the
 * day. A client can send any data it likes, an old button's too; data without the right code is refused.
 * @throws when the data exceeds 64 bytes: a bug that the tests find
 */
export function pack(
  secrets: Secrets,
  personId: bigint,
  route: string,
  ...args: (string | number)[]
): string {
  const plain = [route, ...args].join(':')
  const day = dayLetters(dayOf(Date.now()))
  const data = `${plain}~${day}${secrets.sign('button', `${personId} ${day} ${plain}`, CODE_LENGTH)}`
  if (Buffer.byteLength(data) > LIMIT_BYTES)
    throw new Error(`button ${plain} is longer than ${LIMIT_BYTES} bytes`)
  return data
}

/**
 * Checks and splits callback_data.
 * @returns undefined when we did not make the data for this person
 */
export function unpack(secrets: Secrets, personId: bigint, data: string): Press | undefined {
  const at = data.lastIndexOf('~')
  const plain = data.slice(0, at)
  const [, day = '', code = ''] = CODE.exec(data.slice(at + 1)) ?? []
  if (at < 0 || code === '') return undefined
  // Buttons of the release before have no day. The next release refuses them.
  const signed = day === '' ? `${personId} ${plain}` : `${personId} ${day} ${plain}`
  if (!secrets.verify('button', signed, code)) return undefined
  const [route = '', ...args] = plain.split(':')
  if (day === '') return { route, args }
  const made = LETTERS.indexOf(day[0]!) * 64 + LETTERS.indexOf(day[1]!)
  return { route, args, days: (dayOf(Date.now()) - made + DAYS) % DAYS }
}

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS) % DAYS
const dayLetters = (day: number): string => LETTERS[Math.floor(day / 64)]! + LETTERS[day % 64]!

export type Style = 'primary' | 'success' | 'danger'

/** A button that calls a route of a feature. `style` colours it (Bot API 9.4). */
export function callbackButton(text: string, data: string, style?: Style): InlineKeyboardButton {
  return { text, callback_data: data, ...(style && { style }) }
}
