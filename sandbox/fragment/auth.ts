import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, State } from './state.ts'

/** POST /v1/auth/authenticate/ */
export async function authenticate(state: State, body: Record<string, unknown>): Promise<Answer> {
  const { settings } = state
  state.logins += 1
  if (settings.loginMs) await sleep(settings.loginMs)
  for (const field of ['api_key', 'phone_number', 'mnemonics']) {
    if (!(field in body)) return { status: 400, json: { [field]: ['This field is required.'] } }
  }
  if (typeof body.phone_number !== 'string' || !/^\d{11}$/.test(body.phone_number)) {
    return { status: 400, json: { phone_number: ['Enter a valid phone number.'] } }
  }
  if (!Array.isArray(body.mnemonics) || body.mnemonics.length !== 24) {
    return { status: 400, json: { mnemonics: ['Expected a list of 24 items.'] } }
  }
  if (body.version !== undefined && body.version !== settings.walletVersion) {
    return refused('0', `Wallet version ${JSON.stringify(body.version)} does not match`)
  }
  if (body.api_key !== settings.apiKey) return { status: 403, json: { detail: 'Invalid API key.' } }
  if (body.phone_number !== settings.phoneNumber || body.mnemonics.join() !== settings.mnemonics.join()) {
    return refused('13', 'Could not connect to Fragment with this phone number and wallet')
  }
  if (settings.newLoginEndsOldTokens) state.tokens.clear()
  const now = Date.now()
  const claims = { sub: settings.phoneNumber, iat: Math.floor(now / 1000) }
  const expires = settings.tokenTellsExpiry
    ? { exp: Math.floor((now + settings.tokenLifeMs) / 1000) }
    : undefined
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, ...expires })}.${randomBytes(24).toString('base64url')}`
  state.tokens.set(token, { expiresAt: now + settings.tokenLifeMs })
  return { status: 200, json: { token } }
}

/**
 * Checks that the header is the literal prefix `JWT ` and a valid token.
 * @returns the answer that refuses it, or undefined
 */
export function checkToken(state: State, header: string | undefined): Answer | undefined {
  const token = header?.startsWith('JWT ') ? header.slice(4) : undefined
  if (token === undefined) {
    return { status: 401, json: { detail: 'Authentication credentials were not provided.' } }
  }
  const known = state.tokens.get(token)
  if (known && known.expiresAt > Date.now()) return undefined
  return {
    status: state.settings.expiredStatus,
    json: { detail: known ? 'Signature has expired.' : 'Error decoding signature.' },
  }
}

export function refused(code: string, error: string): Answer {
  return { status: 400, json: { errors: [{ code, error }] } }
}
