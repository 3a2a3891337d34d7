import { z } from 'zod'
import { noteOrder } from '#shared/money/orders.ts'
import { findCode, useCode } from '#shop/shelf/codes.ts'
import type { FoundCode } from '#shop/shelf/codes.ts'
import { shelfSecrets } from '#shop/shelf/seal.ts'
import { defineRoute } from './route.ts'
import { moment, telegramId, words } from './schemas.ts'

/** The code is in the body, because logs keep addresses, and anybody who reads a code can use it. */
const code = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'As the buyer typed it', examples: ['7K2M-9QXB-04TR-WN5E'] })

const bought = z.object({
  state: z.enum(['made', 'used', 'withdrawn']).meta({
    description:
      'made: good for one use; withdrawn: the shop gave the money back or made another code instead',
  }),
  item: z.object({ id: z.string(), name: words }),
  order: z.string(),
  telegramId: telegramId.meta({ description: 'Who bought it' }),
  boughtAt: moment,
  usedAt: moment.nullable(),
  usedBy: z.string().nullable().meta({ description: 'The bot whose key used it' }),
  reference: z.string().nullable().meta({ description: 'The Idempotency-Key of the use' }),
  usedFor: z.string().nullable(),
})

const shown = (found: FoundCode): z.infer<typeof bought> => ({
  state: found.state,
  item: { id: String(found.itemId), name: found.name },
  order: found.orderId,
  telegramId: String(found.personId),
  boughtAt: found.boughtAt.toISOString(),
  usedAt: found.usedAt?.toISOString() ?? null,
  usedBy: found.usedBy,
  reference: found.reference,
  usedFor: found.usedFor,
})

const UNKNOWN = "There is no such code, or none that was bought in a bot of the key's owner"

export const checkCode = defineRoute({
  method: 'POST',
  path: '/v1/codes/check',
  name: 'checkCode',
  summary: 'Shows what a code of the shop is good for, and uses nothing',
  scope: 'codes',
  params: z.object({}),
  body: z.strictObject({ code }),
  answers: { 200: { description: 'The code', schema: bought } },
  problems: { 404: UNKNOWN },
  async run({ api, key, body }) {
    const shelf = await shelfSecrets(api)
    const found = await api.guesses({ key: key.id }, () => findCode(api.db, shelf, key.bot, body.code))
    return { status: 200, body: shown(found) }
  },
})

export const redeemOwnCode = defineRoute({
  method: 'POST',
  path: '/v1/codes/redeem',
  name: 'redeemCode',
  summary:
    'Uses a code of the shop, once. Sending it again with the same Idempotency-Key gives the same answer',
  scope: 'codes',
  idempotency: 'required',
  params: z.object({}),
  body: z.strictObject({
    code,
    usedFor: z.string().max(200).optional().meta({ description: 'Kept with the order, for its admins' }),
  }),
  answers: {
    200: {
      description: 'The code, used by this call or by an earlier one with the same key',
      schema: bought,
    },
  },
  problems: {
    404: UNKNOWN,
    409: 'The code was used before, or the Idempotency-Key belongs to another code',
    422: 'The code was withdrawn',
  },
  async run({ api, key, body, idempotencyKey = '' }) {
    const shelf = await shelfSecrets(api)
    const found = await api.guesses({ key: key.id }, () =>
      api.db.tx(async (tx) => {
        const { used, fresh } = await useCode(tx, shelf, { ...body, bot: key.bot, reference: idempotencyKey })
        if (fresh)
          await noteOrder(tx, used.orderId, {
            actor: `api:${key.bot}`,
            reason: `the code was used${body.usedFor ? `: ${body.usedFor}` : ''}`,
            details: { reference: idempotencyKey },
          })
        return used
      }),
    )
    return { status: 200, body: shown(found) }
  },
})
