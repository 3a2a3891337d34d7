import { z } from 'zod'
import { Rejected } from '#shared/errors.ts'
import { type Reply, retrySafe, sendCall } from '#shared/http.ts'
import { readJson } from '#shared/storable.ts'
import type { GivenGift, Goods, Purchase, StarSupplier, Supply } from './supplier.ts'

/** Months -> Stars that the bot pays (Bot API, giftPremiumSubscription). */
const STARS: Record<number, number> = { 3: 1000, 6: 1500, 12: 2500 }
const PAGE = 100
/** Telegram answers a gift within seconds. */
const TIMEOUT_MS = 30_000

const answer = z.object({ ok: z.literal(true), result: z.unknown() })
const refusal = z.object({ ok: z.literal(false), description: z.string() })
const receiver = z.looseObject({
  type: z.string(),
  transaction_type: z.string().optional(),
  user: z.looseObject({ id: z.number() }).optional(),
  gift: z.looseObject({ id: z.string() }).optional(),
})
const line = z.object({
  id: z.string(),
  amount: z.number(),
  date: z.number(),
  receiver: receiver.optional(),
})
type Line = z.infer<typeof line>
const transactions = z.object({
  ok: z.literal(true),
  result: z.object({ transactions: z.array(line) }),
})

/**
 * Premium and Telegram's gifts, given by a bot from its own Stars to people who have started it. The calls have no
 * idempotency key and their answers no id; the bot's list of transactions tells afterwards what happened.
 * @param bot with the longest time that a purchase's call may take, ms; half a minute is enough here
 * @param taken which of these ids of the list other purchases have already
 * @param place where the list was read last, so that the next look begins there
 */
export function starGiftSupplier(
  bot: { token: string; apiRoot: string; callTimeoutMs: number },
  taken: (ids: string[]) => Promise<ReadonlySet<string>>,
  place = { at: 0 },
): StarSupplier {
  const timeoutMs = Math.min(bot.callTimeoutMs, TIMEOUT_MS)
  const call = (method: string, body: object, changes: boolean) =>
    sendCall({
      name: `telegram ${method}`,
      method: 'POST',
      url: `${bot.apiRoot}/bot${bot.token}/${method}`,
      body: JSON.stringify(body),
      changes,
      expect: [400, 401, 403],
      timeoutMs,
    })

  const read = async (offset: number, limit: number) => {
    const reply = await retrySafe(() => call('getStarTransactions', { offset, limit }, false))
    if (reply.status !== 200) throw refusalOf(reply)
    return reply.parse(transactions).result.transactions
  }

  /** The lines of the list from this moment on, and a few older ones. */
  async function linesSince(since: number): Promise<Line[]> {
    const isOld = (one: Line | undefined) => one !== undefined && one.date < since
    // Looks for several gifts go on at once: each keeps its own place until it has read to the end.
    let { at } = place
    let page = await read(at, PAGE)
    // After a restart, and where the bot has another list, the place is nothing to rely on.
    const isAfterPlace = at === 0 || isOld(page[0])
    if (!isAfterPlace || (page.length === PAGE && isOld(page.at(-1)))) {
      const isOlder = async (offset: number) => isOld((await read(offset, 1))[0])
      at = await firstPage(isOlder, isAfterPlace ? at : 0)
      page = await read(at, PAGE)
    }
    const lines = [...page]
    while (page.length === PAGE) {
      page = await read(at + lines.length, PAGE)
      lines.push(...page)
    }
    place.at = at
    return lines
  }

  async function given(goods: Goods, recipient: Purchase['recipient'], since: number): Promise<GivenGift[]> {
    const found = (await linesSince(since))
      .filter(
        ({ date, receiver: to }) =>
          date >= since && to?.user?.id === Number(recipient.telegramId) && isOf(goods, to),
      )
      .map(({ id, date }) => ({ id, at: date }))
    const others = await taken(found.map(({ id }) => id))
    return found.filter(({ id }) => !others.has(id))
  }

  return {
    name: 'star-gifts',
    timeoutMs,
    given,
    async deliver({ goods, recipient }) {
      if (recipient.telegramId === null)
        throw new Rejected('gift.refused', 'the bot does not know this person')
      const since = Math.floor(Date.now() / 1000)
      const person = Number(recipient.telegramId)
      const { method, body } = callFor(goods)
      const reply = await call(method, { user_id: person, ...body }, true)
      if (reply.status !== 200) throw refusalOf(reply)
      reply.parse(answer)
      // Telegram answers only "true". The gift's id keeps a later look-up from taking this gift for another one.
      const found = await given(goods, recipient, since).catch(() => [])
      return gift(found.at(-1)?.id ?? null, goods.kind)
    },
    /** Purchases of this supplier are found by `given`, because an id of the list is known only with its gift. */
    lookup: async () => undefined,
  }
}

/**
 * The list is ordered by time and has no search, and the list of an old bot has thousands of pages.
 * @param isOlder whether the list has a line at this place that is too old
 * @param low a place before which all lines are too old
 * @returns such a place less than a page before the first line that is not too old
 */
async function firstPage(isOlder: (offset: number) => Promise<boolean>, low: number): Promise<number> {
  let step = PAGE
  for (; await isOlder(low + step); step *= 2) low += step
  for (let high = low + step; high - low > PAGE;) {
    const middle = Math.floor((low + high) / 2)
    if (await isOlder(middle)) low = middle
    else high = middle
  }
  return low
}

function callFor(goods: Goods): { method: string; body: object } {
  switch (goods.kind) {
    case 'premium':
      return {
        method: 'giftPremiumSubscription',
        body: { month_count: goods.months, star_count: STARS[goods.months] },
      }
    case 'telegram-gift':
      return { method: 'sendGift', body: { gift_id: goods.gift } }
    case 'stars':
      throw new Rejected('gift.refused', 'a bot cannot give Stars')
  }
}

function isOf(goods: Goods, to: z.infer<typeof receiver>): boolean {
  return goods.kind === 'telegram-gift'
    ? to.transaction_type === 'gift_purchase' && to.gift?.id === goods.gift
    : to.transaction_type === 'premium_purchase'
}

/** A gift of the bot's list as what a supplier has delivered. */
export const gift = (id: string | null, kind: Goods['kind']): Supply => ({
  id,
  state: 'delivered',
  cost: null,
  reference: null,
  error: null,
  receiver: null,
  quantity: null,
  kind,
})

/** Telegram refuses before it takes any Stars. */
function refusalOf(reply: Reply): Rejected {
  const parsed = refusal.safeParse(safeJson(reply.text()))
  const description = reply.quote(parsed.data?.description, 200)
  return new Rejected(codeOf(description), `telegram answered ${reply.status} ${description}`)
}

function codeOf(description: string): string {
  if (/BALANCE_TOO_LOW|not enough/i.test(description)) return 'gift.stars-empty'
  return /STARGIFT_\w*USAGE_LIMITED|STARGIFT_INVALID/.test(description) ? 'gift.sold-out' : 'gift.refused'
}

function safeJson(text: string): unknown {
  try {
    return readJson(text)
  } catch {
    return undefined
  }
}
