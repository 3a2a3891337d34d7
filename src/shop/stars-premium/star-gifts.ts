import { z } from 'zod'
import { Rejected } from '#shared/errors.ts'
import { type Reply, retrySafe, sendCall } from '#shared/http.ts'
import { readJson } from '#shared/storable.ts'
import type { Supplier, Supply } from './supplier.ts'

/** Months -> Stars that the bot pays (Bot API, giftPremiumSubscription). */
const STARS: Record<number, number> = { 3: 1000, 6: 1500, 12: 2500 }
const PAGE = 100

const answer = z.object({ ok: z.literal(true), result: z.unknown() })
const refusal = z.object({ ok: z.literal(false), description: z.string() })
const transactions = z.object({
  ok: z.literal(true),
  result: z.object({
    transactions: z.array(
      z.object({
        id: z.string(),
        amount: z.number(),
        date: z.number(),
        receiver: z
          .looseObject({
            type: z.string(),
            transaction_type: z.string().optional(),
            user: z.looseObject({ id: z.number() }).optional(),
          })
          .optional(),
      }),
    ),
  }),
})

/**
 * Premium given by a bot from its own Stars, to people who have started it. The call has no idempotency key and its
 * answer no id; the bot's list of transactions tells afterwards whether it happened.
 */
export function starGiftSupplier(bot: { token: string; apiRoot: string }): Supplier {
  const call = (method: string, body: object, changes: boolean) =>
    sendCall({
      name: `telegram ${method}`,
      method: 'POST',
      url: `${bot.apiRoot}/bot${bot.token}/${method}`,
      body: JSON.stringify(body),
      changes,
      expect: [400, 401, 403],
      timeoutMs: 30_000,
    })

  /** The newest gift of Premium to this person since then, by the bot's list of transactions (oldest first). */
  async function find(person: number, since: number): Promise<string | undefined> {
    let newest: string | undefined
    for (let offset = 0; ; offset += PAGE) {
      const reply = await retrySafe(() => call('getStarTransactions', { offset, limit: PAGE }, false))
      if (reply.status !== 200) throw refusalOf(reply)
      const page = reply.parse(transactions).result.transactions
      for (const { id, date, receiver } of page) {
        const isGift = receiver?.transaction_type === 'premium_purchase' && receiver.user?.id === person
        if (isGift && date >= since) newest = id
      }
      if (page.length < PAGE) return newest
    }
  }

  return {
    name: 'star-gifts',
    async deliver({ goods, recipient }) {
      if (goods.kind !== 'premium' || recipient.telegramId === null) {
        throw new Rejected('gift.refused', 'only Premium, and only for a person whom the bot knows')
      }
      const since = Math.floor(Date.now() / 1000)
      const person = Number(recipient.telegramId)
      const body = { user_id: person, month_count: goods.months, star_count: STARS[goods.months] }
      const reply = await call('giftPremiumSubscription', body, true)
      if (reply.status !== 200) throw refusalOf(reply)
      reply.parse(answer)
      // Telegram answers only "true". The gift's id keeps a later look-up from taking this gift for another one.
      const id = await find(person, since).catch(() => undefined)
      return gift(id ?? null, goods.months)
    },
    /** @param key `<telegram id>:<unix seconds>`: a gift to this person at or after this moment */
    async lookup(key) {
      const [person = 0, since = 0] = key.split(':').map(Number)
      const id = await find(person, since)
      return id === undefined ? undefined : gift(id, null)
    },
  }
}

function gift(id: string | null, quantity: number | null): Supply {
  return {
    id,
    state: 'delivered',
    cost: null,
    reference: null,
    error: null,
    receiver: null,
    quantity,
    kind: 'premium',
  }
}

/** Telegram refuses before it takes any Stars. */
function refusalOf(reply: Reply): Rejected {
  const parsed = refusal.safeParse(safeJson(reply.text()))
  const description = reply.quote(parsed.data?.description, 200)
  const poor = /BALANCE_TOO_LOW|not enough/i.test(description)
  return new Rejected(
    poor ? 'gift.stars-empty' : 'gift.refused',
    `telegram answered ${reply.status} ${description}`,
  )
}

function safeJson(text: string): unknown {
  try {
    return readJson(text)
  } catch {
    return undefined
  }
}
