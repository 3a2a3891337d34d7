import { UserError } from '#shared/errors.ts'
import { typedText } from './chat.ts'
import type { Chat } from './chat.ts'

/**
 * Reads a chat from a forwarded post, a link to any message, `@name`, or a number.
 * @throws UserError `access.chat`
 */
export function chatNamed(chat: Chat): string {
  const origin = chat.ctx.message?.forward_origin
  if (origin?.type === 'channel') return String(origin.chat.id)
  const text = typedText(chat).trim()
  const [, inner] = /^(?:https?:\/\/)?t\.me\/c\/(\d{5,15})(?:\/|$)/i.exec(text) ?? []
  if (inner) return `-100${inner}`
  if (/^-100\d{5,15}$/.test(text)) return text
  const [, name] = /^(?:@|(?:https?:\/\/)?t\.me\/)([a-z]\w{3,31})\/?$/i.exec(text) ?? []
  if (name) return `@${name}`
  throw new UserError('access.chat')
}
