import type { Secrets } from '#shared/secrets.ts'

const PURPOSE = 'fragment callback'
const CODE_LENGTH = 22

/**
 * The last part of `response_url`: it names our order and attempt and is signed with 132 bits, so nobody else can make
 * one. So a callback can settle an order whose reply was lost, and the door recognises a forged token without a
 * database.
 */
export function orderToken(secrets: Secrets, orderId: string, attempt: number): string {
  const name = `${orderId}.${attempt}`
  return `${name}.${secrets.sign(PURPOSE, name, CODE_LENGTH)}`
}

/** @returns undefined when the token is not ours */
export function readOrderToken(
  secrets: Secrets,
  token: string,
): { orderId: string; attempt: number } | undefined {
  const [orderId = '', attempt = '', code = '', ...rest] = token.split('.')
  if (rest.length > 0 || code.length !== CODE_LENGTH || !/^[1-9]\d{0,5}$/.test(attempt)) return undefined
  if (!secrets.verify(PURPOSE, `${orderId}.${attempt}`, code)) return undefined
  return { orderId, attempt: Number(attempt) }
}
