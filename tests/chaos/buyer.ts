import { sql as q } from 'kysely'
import type { PageInvoice } from '../../sandbox/payments/vendor.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import type { Money } from '#shared/money.ts'
import { ensurePerson } from '#shared/people.ts'
import { DeadEnd, insistent } from './insistent.ts'
import type { Insistent } from './insistent.ts'
import { beginPlan, keepsCard } from './kept-cards.ts'
import { patiently } from './patiently.ts'
import type { OrderPlan } from './plan.ts'
import { BOT } from './fleet.ts'
import { shelfActs } from './shelf-buyer.ts'
import type { World } from './world.ts'

/**
 * What people have on their balance before they come, by the kind of their order. What the balance lacks they
 * pay on the way.
 */
export function giftOf({ kind }: OrderPlan): Money | undefined {
  if (kind === 'stars-by-balance') return { asset: 'RUB', amount: 20_000n }
  if (kind === 'telegram-gift') return { asset: 'RUB', amount: 20_000n }
  if (kind === 'premium') return { asset: 'RUB', amount: 100_000n }
  // This is enough for several items, in case the shop sells a person more than one.
  if (kind.startsWith('item-') && kind !== 'item-code') return { asset: 'RUB', amount: 5_000n }
  if (kind === 'picture') return { asset: 'TOK', amount: 100n }
  return undefined
}

/**
 * One person buys one thing.
 * @returns what the person did in the end, by the person's own view
 * @throws when the shop left the person without an answer
 */
export async function buy(world: World, plan: OrderPlan): Promise<string> {
  const { person } = plan
  await world.phone(person).create({ first_name: 'Buyer', username: `buyer_${person}` })
  await prepareFaults(world, plan)
  const gift = giftOf(plan)
  if (gift) {
    const reference = { reference: `gift-${person}`, kind: 'adjustment' as const }
    const posting = transfer({ system: 'adjustments' }, { person: BigInt(person) }, gift, reference)
    await patiently(async () => {
      await ensurePerson(world.db, BigInt(person), 'main')
      await post(world.db, posting)
    })
  }
  const me = insistent(world, person, plan.nervous)
  for (let attempt = 1; ; attempt++) {
    try {
      return await act[plan.kind](world, plan, me)
    } catch (error) {
      if (!(error instanceof DeadEnd)) throw error
      if (ORDERS.includes(plan.kind) && (await isPlaced(world, plan))) return 'ordered'
      if (attempt === BEGINNINGS) throw error
    }
  }
}

/**
 * Nothing was paid before a dead end, so the person may begin again, unless the shop has meanwhile worked on
 * an earlier press.
 */
const BEGINNINGS = 6
const ORDERS: readonly OrderPlan['kind'][] = ['stars-by-balance', 'premium', 'telegram-gift', 'picture']

async function prepareFaults(world: World, plan: OrderPlan): Promise<void> {
  const username = `buyer_${plan.person}`
  const faults = plan.reseller.map((what) => ({ on: 'order', username, what }))
  if (faults.length > 0) await world.reseller('/faults', 'POST', faults)
  const pays = plan.kind === 'top-up' || plan.kind === 'stars-by-vendor'
  for (const rule of pays ? plan.rules : []) await world.vendor(plan.vendor)('/faults', 'POST', rule)
  for (const rule of plan.telegram as { on: string }[]) {
    const whose = rule.on === 'call' ? { chat: plan.person } : { person: plan.person }
    await world.control('/faults', 'POST', { ...rule, ...whose, bot: BOT.username })
  }
}

type Act = (world: World, plan: OrderPlan, me: Insistent) => Promise<string>

const act: Record<OrderPlan['kind'], Act> = {
  ...shelfActs,
  async tokens(_world, _plan, me) {
    await me.say('/buy', /^5 tokens ·/)
    const invoice = await me.tap(/^5 tokens ·/, /^Pay \d+ ⭐/)
    return me.pay(invoice.key.url!)
  },
  async 'stars-by-stars'(_world, plan, me) {
    await me.say(`/stars buyer_${plan.person}`, /^50 ·/)
    await me.tap(/^50 ·/, /^Pay .*token.* more and buy/)
    const invoice = await me.tap(/^Pay .*token.* more and buy/, /^Pay \d+ ⭐/)
    return me.pay(invoice.key.url!)
  },
  async 'stars-by-balance'(world, plan, me) {
    await me.say(`/stars buyer_${plan.person}`, /^50 ·/)
    await me.tap(/^50 ·/, /^Buy for ₽/)
    return placed(world, plan, me, /^Buy for ₽/)
  },
  async premium(world, plan, me) {
    await me.say(`/premium buyer_${plan.person}`, /^3 months/)
    await me.tap(/^3 months/, /^Buy for ₽/)
    return placed(world, plan, me, /^Buy for ₽/)
  },
  async 'telegram-gift'(world, plan, me) {
    await me.say('/start', /Gifts$/)
    await me.tap(/Gifts$/, /^For me$/)
    await me.tap(/^For me$/, /^🧸 ·/)
    await me.tap(/^🧸 ·/, /^Buy for ₽/)
    return placed(world, plan, me, /^Buy for ₽/)
  },
  async picture(world, plan, me) {
    await me.say(`/generate ${promptOf(plan)}`, /^Draw ·/)
    return placed(world, plan, me, /^Draw ·/)
  },
  async 'stars-by-vendor'(world, plan, me) {
    await me.say(`/stars buyer_${plan.person}`, /^50 ·/)
    await me.tap(/^50 ·/, /^Pay ₽.* more and buy/)
    await me.tap(/^Pay ₽.* more and buy/, /^Top up ₽/)
    await me.tap(/^Top up ₽/, METHODS[plan.vendor])
    return payVendor(world, plan, me, METHODS[plan.vendor])
  },
  async 'top-up'(world, plan, me) {
    if (keepsCard(plan)) {
      await beginPlan(world, plan)
      await me.say('/subscription', /Renew from a card$/)
      await me.tap(/Renew from a card$/, /and remember it$/)
      const end = await payVendor(world, plan, me, /and remember it$/)
      // The charge of the card, a little later, meets what the payment has met.
      for (const rule of plan.rules) await world.vendor(plan.vendor)('/faults', 'POST', rule)
      return `with a kept card ${end}`
    }
    await me.say('/topup', METHODS[plan.vendor])
    await me.tap(METHODS[plan.vendor], /^₽/)
    return payVendor(world, plan, me, /^₽/)
  },
}

const METHODS: Record<OrderPlan['vendor'], RegExp> = {
  cryptomus: /Cryptomus/,
  heleket: /Heleket/,
  mulenpay: /^Russian card/,
  cryptopay: /^Crypto Pay/,
  yookassa: /YooKassa/,
}

/** The prompt tells the simulated provider of pictures whose picture it is, and what shall become of it. */
export const promptOf = ({ person, fate }: OrderPlan): string => `a ${fate} cat for buyer_${person}.`

const isPlaced = ({ db }: World, { person }: OrderPlan) =>
  patiently(async () => {
    const rows = await db.rows(q`select 1 from orders where person_id = ${person} and state <> 'draft'`)
    return rows.length > 0 || undefined
  })

async function placed(world: World, plan: OrderPlan, me: Insistent, key: RegExp): Promise<string> {
  await me.tapUntil(key, 'an order', () => isPlaced(world, plan))
  return 'ordered'
}

/** The link may never come. Then nothing was paid, and the person leaves. */
async function payVendor(world: World, plan: OrderPlan, me: Insistent, key: RegExp): Promise<string> {
  const payment = () =>
    patiently(async () => {
      const [row] = await world.db.rows(q<{ ref: string | null; state: string }>`
        select case when details ? 'payUrl' then provider_ref end as ref, state from payments
        where person_id = ${plan.person} and provider = ${plan.vendor} order by created_at desc limit 1`)
      return row
    })
  await me.tapUntil(key, 'a payment', async () => {
    const row = await payment()
    return (row && (row.ref !== null || row.state === 'failed')) || undefined
  })
  const ref = (await payment())?.ref
  if (!ref) return 'no link'
  const vendor = world.vendor(plan.vendor)
  for (;;) {
    const invoice = await vendor<PageInvoice>(`/invoices/${ref}`)
    // A payment is made even if the killed vendor could not answer the call that made it.
    if (invoice.paid !== undefined || !invoice.ways.includes(plan.way)) break
    await vendor(`/invoices/${ref}/payments`, 'POST', { way: plan.way })
  }
  return plan.way === 'decline' ? 'declined' : 'paid'
}
