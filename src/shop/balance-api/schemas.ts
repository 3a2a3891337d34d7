import { z } from 'zod'
import { ASSETS } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { Problem } from './problem.ts'
import { inLanguages } from '#shared/i18n/languages.ts'

/** A Telegram id as text, because it may exceed what a JSON number holds exactly. */
export const telegramId = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, { abort: true })
  .refine((text) => BigInt(text) < 2n ** 63n, 'is too large')
  .meta({ description: 'Telegram id of a person', examples: ['123456789'] })

export const personParams = z.object({ telegramId })

export const asset = z.enum(ASSETS as [Asset, ...Asset[]])
/** The assets that a call may change. Stars only come in through Telegram and are never a balance. */
export const changeable = asset.exclude(['XTR'])

export const decimal = z
  .string()
  .regex(/^-?\d{1,19}(\.\d{1,9})?$/)
  .meta({ description: 'A decimal number as text', examples: ['12.50'] })

export const moment = z.iso.datetime().meta({ description: 'UTC' })

type JsonValue = z.infer<ReturnType<typeof z.json>>
/** z.json() under a name, because the schema refers to itself and the description needs a name to refer to. */
const json: z.ZodType<JsonValue> = z
  .lazy(() =>
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
  )
  .meta({ id: 'Json', description: 'Any JSON' })

/** The caller's own JSON, up to 64 KiB. */
export const ownJson = z.record(z.string(), json)
const OWN_JSON_BYTES = 65_536

/** @throws Problem 413 */
export function checkOwnJson(value: unknown): void {
  if (value === undefined || JSON.stringify(value).length <= OWN_JSON_BYTES) return
  throw new Problem(413, 'data-too-large', `JSON of your own is at most ${OWN_JSON_BYTES} characters long`)
}

export const words = z.object(inLanguages(() => z.string()))

export const badge = z.object({
  code: z.string(),
  sign: z.string(),
  name: words,
  description: words,
})

export const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .meta({ description: 'nextCursor of the page before' }),
})

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().meta({ description: 'for programs; the words are for people' }),
})
