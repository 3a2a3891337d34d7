import { UserError } from '../errors.ts'

/**
 * Reads a chat from a link to any message in it, `@name`, or a number.
 * @throws UserError `access.chat`
 */
export function chatTyped(typed: string): string {
  const text = typed.trim()
  const [, inner] = /^(?:https?:\/\/)?t\.me\/c\/(\d{5,15})(?:\/|$)/i.exec(text) ?? []
  if (inner) return `-100${inner}`
  if (/^-100\d{5,15}$/.test(text)) return text
  const [, name] = /^(?:@|(?:https?:\/\/)?t\.me\/)([a-z]\w{3,31})\/?$/i.exec(text) ?? []
  if (name) return `@${name}`
  throw new UserError('access.chat')
}
