import type { InlineKeyboardButton } from 'grammy/types'
import type { Secrets } from '../secrets.ts'

/** Telegram's limit for callback_data, in bytes. */
const LIMIT_BYTES = 64
/** 36 bits: forging one button takes tens of billions of tries against a bot that limits the rate of taps. */
const CODE_LENGTH = 6

export interface Press {
  route: string
  args: string[]
}

/**
 * callback_data of a button: route and ids, never prices, with a code that binds it to the person it was made for.
 * A client can send any data it likes; without the code it is refused.
 * @throws when it does not fit into 64 bytes: a bug that the tests find
 */
export function pack(
  secrets: Secrets,
  personId: bigint,
  route: string,
  ...args: (string | number)[]
): string {
  const plain = [route, ...args].join(':')
  const data = `${plain}~${secrets.sign('button', `${personId} ${plain}`, CODE_LENGTH)}`
  if (Buffer.byteLength(data) > LIMIT_BYTES)
    throw new Error(`button ${plain} is longer than ${LIMIT_BYTES} bytes`)
  return data
}

/** @returns undefined when the data was not made by us for this person */
export function unpack(secrets: Secrets, personId: bigint, data: string): Press | undefined {
  const at = data.lastIndexOf('~')
  const plain = data.slice(0, at)
  const code = data.slice(at + 1)
  if (at < 0 || code.length !== CODE_LENGTH || !secrets.verify('button', `${personId} ${plain}`, code))
    return undefined
  const [route = '', ...args] = plain.split(':')
  return { route, args }
}

export type Style = 'primary' | 'success' | 'danger'

/** A button that calls a route of a feature. `style` colours it (Bot API 9.4). */
export function callbackButton(text: string, data: string, style?: Style): InlineKeyboardButton {
  return { text, callback_data: data, ...(style && { style }) }
}
