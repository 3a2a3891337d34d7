import { Rejected } from '#shared/errors.ts'
import { sendCall } from '#shared/http.ts'
import { refusal } from './errors.ts'
import { loginSchema } from './schemas.ts'

export interface Credentials {
  apiKey: string
  phoneNumber: string
  /** The 24 words of the hot wallet. */
  mnemonics: string[]
  /** The wallet contract's version; the only value seen in use is V4R2. */
  version: string
}

export interface Login {
  jwt: string
  renewAtMs: number | null
}

/**
 * POST /auth/authenticate/ with the account's API key; the answer's token is what every other call needs.
 * There must be no Authorization header. Changes nothing over there, so a lost reply may be repeated.
 * @throws Rejected `fragment.login-version`, `fragment.login-refused`; Transient
 */
export async function login(
  baseUrl: string,
  credentials: Credentials,
  // The vendor opens a Telegram session meanwhile, so this call is slow.
  timeoutMs = 60_000,
): Promise<Login> {
  const name = 'fragment login'
  const reply = await sendCall({
    name,
    method: 'POST',
    url: `${baseUrl}/auth/authenticate/`,
    body: JSON.stringify({
      api_key: credentials.apiKey,
      // The vendor wants eleven digits without a plus.
      phone_number: credentials.phoneNumber.replace(/\D/g, ''),
      mnemonics: credentials.mnemonics,
      version: credentials.version,
    }),
    changes: false,
    expect: [400, 401, 403, 404],
    timeoutMs,
  })
  if (reply.status !== 200) {
    const cause = refusal(name, reply, false)
    const version = reply.status === 400 && /version/i.test(reply.text())
    throw new Rejected(version ? 'fragment.login-version' : 'fragment.login-refused', cause.message)
  }
  const { token, expires_in } = reply.parse(loginSchema)
  const lifeMs = expires_in ? expires_in * 1000 : readLifeMs(token)
  // Renewed two minutes before its end, which is longer than any call; a token that lives only minutes is used for nine
  // tenths of its life.
  const renewAtMs = lifeMs === null ? null : Date.now() + Math.max(lifeMs - 120_000, lifeMs * 0.9)
  return { jwt: token, renewAtMs }
}

/**
 * The token's lifetime, `exp` minus `iat`, so that a wrong clock on either side does no harm. Neither claim is
 * promised; without them a refused call shows that the token has ended.
 */
function readLifeMs(jwt: string): number | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const { exp, iat } = claims as { exp?: unknown; iat?: unknown }
    if (typeof exp !== 'number') return null
    return typeof iat === 'number' ? (exp - iat) * 1000 : exp * 1000 - Date.now()
  } catch {
    return null
  }
}
