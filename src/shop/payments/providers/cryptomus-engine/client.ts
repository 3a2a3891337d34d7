import { z } from 'zod'
import { Rejected } from '#shared/errors.ts'
import { sendCall } from '#shared/http.ts'
import { readJson, shorten } from '#shared/storable.ts'
import { sign } from './signature.ts'

export interface EngineAccount {
  name: string
  apiUrl: string
  merchant: string
  timeoutMs?: number
}

const envelope = z.looseObject({
  state: z.number(),
  result: z.unknown().optional(),
  message: z.string().nullish(),
  errors: z.unknown().optional(),
})

/**
 * One signed call. The body is serialised once and that very text is signed and sent.
 * Refusals are `{"state":1,"message":"..."}` or `{"state":1,"errors":{...}}`, as a rule with 422.
 * @returns the `result`, or undefined when the engine says that there is no such thing
 * @throws Rejected `provider.refused`, or `http.401` for a wrong key
 */
export async function askEngine<T>(
  account: EngineAccount,
  path: string,
  body: object,
  options: { key: string; changes: boolean; shape: z.ZodType<T> },
): Promise<T | undefined> {
  const text = JSON.stringify(body)
  const reply = await sendCall({
    name: `${account.name} ${path}`,
    method: 'POST',
    url: `${account.apiUrl}/v1/${path}`,
    headers: { merchant: account.merchant, sign: sign(text, options.key) },
    body: text,
    changes: options.changes,
    expect: [400, 404, 422],
    ...(account.timeoutMs ? { timeoutMs: account.timeoutMs } : {}),
  })
  // A refusal that cannot be read is still a refusal: its status says that nothing was done.
  const answer = reply.status < 300 ? reply.parse(envelope) : safeEnvelope(reply.text())
  if (reply.status < 300 && answer.state === 0) {
    return reply.parse(z.looseObject({ result: options.shape })).result
  }
  const reason = answer.message ?? JSON.stringify(answer.errors ?? {})
  if (reply.status === 404 || /not found/i.test(answer.message ?? '')) {
    if (!options.changes) return undefined
  }
  throw new Rejected('provider.refused', `${account.name} ${path}: ${reply.status} ${reply.quote(reason)}`)
}

function safeEnvelope(text: string): z.infer<typeof envelope> {
  try {
    return envelope.parse(readJson(text))
  } catch {
    return { state: 1, message: shorten(text, 300) }
  }
}
