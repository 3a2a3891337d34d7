import { z } from 'zod'
import { activities, recordActivity } from './activities-store.ts'
import { redeemPromo } from '#shop/loyalty/promo/promo.ts'
import { formatAmount } from '#shared/money.ts'
import { mustExist } from './money.ts'
import { defineRoute } from './route.ts'
import {
  asset,
  badge,
  checkOwnJson,
  decimal,
  moment,
  ownJson,
  page,
  personParams,
  telegramId,
} from './schemas.ts'

export const postActivity = defineRoute({
  method: 'POST',
  path: '/v1/users/{telegramId}/activities',
  name: 'postActivity',
  summary:
    'Writes down what a person did (a training, a lesson) and gives XP for it, once per Idempotency-Key',
  scope: 'write',
  idempotency: 'required',
  params: personParams,
  body: z.strictObject({
    kind: z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/),
    score: z.number().min(-1e9).max(1e9).optional(),
    xp: z.int().min(0).max(1_000_000).optional().meta({
      description: 'by the rule for the kind when left out; never more than the limit in the settings',
    }),
    data: ownJson.optional(),
  }),
  answers: {
    201: {
      description: 'What it brought',
      schema: z.object({
        id: z.string(),
        kind: z.string(),
        xpGiven: z.int(),
        xp: z.int().meta({ description: 'the whole XP of the person now' }),
        level: z.int(),
        nextLevelAt: z.int(),
        newBadges: z.array(badge),
        createdAt: moment,
      }),
    },
  },
  problems: { 404: 'There is no such person', 409: 'The Idempotency-Key belongs to another request' },
  async run({ api, key, params, body, idempotencyKey = '' }) {
    checkOwnJson(body.data)
    const setting = await api.settings.snapshot()
    const { activity, progress, newBadges } = await api.db.tx((tx) =>
      recordActivity(tx, setting, api.goods, {
        ...body,
        personId: BigInt(params.telegramId),
        bot: key.bot,
        key: idempotencyKey,
      }),
    )
    return {
      status: 201,
      body: {
        id: String(activity.id),
        kind: activity.kind,
        xpGiven: activity.xp,
        xp: progress.xp,
        level: progress.level,
        nextLevelAt: progress.nextLevelAt,
        newBadges: newBadges.map(({ code, sign, name, description }) => ({ code, sign, name, description })),
        createdAt: activity.createdAt.toISOString(),
      },
    }
  },
})

export const getActivities = defineRoute({
  method: 'GET',
  path: '/v1/users/{telegramId}/activities',
  name: 'getActivities',
  summary: "What a person did in the calling bot, newest first; other bots' activities are theirs",
  scope: 'read',
  params: personParams,
  query: page,
  answers: {
    200: {
      description: 'A page; nextCursor is null on the last one',
      schema: z.object({
        activities: z.array(
          z.object({
            id: z.string(),
            kind: z.string(),
            score: z.number().nullable(),
            xpGiven: z.int(),
            data: ownJson,
            createdAt: moment,
          }),
        ),
        nextCursor: z.string().nullable(),
      }),
    },
  },
  problems: { 404: 'There is no such person' },
  async run({ api, key, params, query }) {
    const id = BigInt(params.telegramId)
    const rows = await activities(api.db, id, {
      limit: query.limit + 1,
      before: query.cursor === undefined ? undefined : BigInt(query.cursor),
      bot: key.bot,
    })
    if (rows.length === 0) await mustExist(api.db, id)
    const shown = rows.slice(0, query.limit)
    return {
      status: 200,
      body: {
        activities: shown.map((one) => ({
          id: String(one.id),
          kind: one.kind,
          score: one.score,
          xpGiven: one.xp,
          data: one.data,
          createdAt: one.createdAt.toISOString(),
        })),
        nextCursor: rows.length > shown.length ? String(shown.at(-1)!.id) : null,
      },
    }
  },
})

export const redeemCode = defineRoute({
  method: 'POST',
  path: '/v1/promocodes/{code}/redemptions',
  name: 'redeemPromocode',
  summary: 'Uses a promo code for a person. With an Idempotency-Key sending it again gives the same answer',
  scope: 'write',
  idempotency: 'optional',
  params: z.object({ code: z.string().min(1).max(64) }),
  body: z.strictObject({ telegramId }),
  answers: {
    201: {
      description: 'What the code gave, or what it will give with the next top-up or purchase',
      schema: z.object({
        id: z.string(),
        code: z.string(),
        telegramId,
        type: z.enum(['amount', 'tokens', 'percent', 'discount', 'days']),
        value: decimal,
        asset: asset.nullable(),
        product: z.string().nullable(),
        plan: z.string().nullable(),
        state: z.enum(['given', 'waiting', 'taken_back']),
        createdAt: moment,
      }),
    },
  },
  problems: {
    404: 'There is no such code or person',
    409: 'The person has used it already, or the Idempotency-Key belongs to another request',
    422: 'The code is not valid now or has no uses left',
  },
  async run({ api, key, params, body, idempotencyKey }) {
    const personId = BigInt(body.telegramId)
    const { use, campaign } = await api.guesses({ key: key.id, person: body.telegramId }, () =>
      api.db.tx((tx) => redeemPromo(tx, { code: params.code, personId, bot: key.bot, key: idempotencyKey })),
    )
    const money = campaign.kind === 'tokens' ? 'TOK' : campaign.asset
    return {
      status: 201,
      body: {
        id: String(use.id),
        code: use.code,
        telegramId: body.telegramId,
        type: campaign.kind,
        value: money ? formatAmount(campaign.value, money) : String(campaign.value),
        asset: money,
        product: campaign.product,
        plan: campaign.plan,
        state: use.state,
        createdAt: use.createdAt.toISOString(),
      },
    }
  },
})
