import { sql as q } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { prove } from '#shared/money/proof.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { starsPerToken } from '#shared/settings/economy.ts'
import { setBan } from '#shop/admin/person.ts'
import { readPlan } from '#shop/loyalty/subscriptions/plans.ts'
import { awaitPlanMoney } from '#shop/loyalty/subscriptions/waiting.ts'
import { resumeAwaitedPlan } from '#shop/loyalty/worker/resume-plan.ts'
import { followCard, keptCard } from '#shop/payments/kept-cards.ts'
import { createPayment, movePayment, readPayment } from '#shop/payments/payments.ts'
import type { PaymentProvider, Reading } from '#shop/payments/providers/port.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import type { HeedContext } from '#shop/payments/worker/context.ts'
import { heed } from '#shop/payments/worker/heed.ts'
import { creditStars } from '#shop/payments/worker/stars.ts'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
  atEnd(async () => {
    expect(await prove(shop.db)).toMatchObject({ ok: true })
    await shop.close()
  })
})
let people = 60_000
const somebody = () => shop.person(++people)
const bans = (personId: bigint, reason: string | undefined = 'fraud') =>
  setBan(shop.db, { personId, reason, by: 77n, bot: 'shop' })

/** An invoice in Stars for so many tokens at 5 Stars each, and its payment. */
async function invoice(personId: bigint, tokens: bigint, orderId?: string) {
  const id = newId()
  const stars = tokens * 5n
  const sums = { asset: 'XTR', amount: stars, creditAsset: 'TOK', creditAmount: tokens } as const
  const order = orderId === undefined ? {} : { orderId }
  await createPayment(shop.db, { id, personId, bot: 'shop', provider: 'stars', ...sums, ...order })
  const charge = { bot: 'shop', personId: String(personId), chargeId: `stx${id}`, payload: id }
  return { id, pay: () => creditStars(shop, { ...charge, stars: Number(stars) }) }
}

/** An order for a plan that waits for its money. */
async function waitingPlan(personId: bigint) {
  const plan = (await readPlan(shop.db, 'plus'))!
  const id = newId()
  await shop.db.tx((tx) => awaitPlanMoney(tx, { id, personId, bot: 'shop', plan, name: 'Plus', agreed: 0n }))
  return { id, price: plan.priceTokens! }
}
const resumed = (orderId: string) =>
  shop.db.rows(q`select 1 from outbox where payload ->> 'orderId' = ${orderId} and payload ? 'paymentId'`)
const stateOf = async (orderId: string) =>
  (await shop.db.rows(q<{ state: string }>`select state from orders where id = ${orderId}`))[0]!.state

test('F54 prices that change between an invoice and its payment change nothing for its payer: the pack has its tokens, the order its price', async () => {
  const [forPack, forPlan] = [await somebody(), await somebody()]
  const order = await waitingPlan(forPlan)
  const [pack, rest] = [await invoice(forPack, 10n), await invoice(forPlan, order.price, order.id)]
  await shop.settings.set(shop.db, starsPerToken, { value: 50, by: 77n })
  await shop.db.rows(q`update plans set price_tokens = price_tokens * 3 where code = 'plus'`)
  await Promise.all([pack.pay(), rest.pay()])
  expect(await shop.has(forPack)).toBe(10n)
  await resumeAwaitedPlan({ ...shop }, { orderId: order.id, paymentId: rest.id })
  expect([await stateOf(order.id), await shop.has(forPlan)]).toEqual(['delivered', 0n])
  await shop.db.rows(q`update plans set price_tokens = price_tokens / 3 where code = 'plus'`)
})

test('money of a banned person is theirs, and no order of theirs goes on with it until the ban is lifted', async () => {
  const personId = await somebody()
  const order = await waitingPlan(personId)
  const rest = await invoice(personId, order.price, order.id)
  await bans(personId)
  await rest.pay()
  await shop.follow()
  expect([await shop.has(personId), await resumed(order.id)]).toEqual([order.price, []])
  expect(await stateOf(order.id)).toBe('awaiting_payment')
  await bans(personId, undefined)
  await rest.pay()
  expect(await shop.has(personId)).toBe(order.price)
})

test('a ban and a credit at once: both happen, whoever is first', async () => {
  for (const first of ['ban', 'credit'] as const) {
    const personId = await somebody()
    const { id, pay } = await invoice(personId, 10n)
    const acts = { ban: () => bans(personId), credit: pay }
    const running: Promise<unknown>[] = []
    await shop.db.tx(async (tx) => {
      await tx.rows(q`select 1 from payments where id = ${id} for update`)
      await tx.rows(q`select 1 from persons where id = ${personId} for update`)
      for (const act of first === 'ban' ? [acts.ban, acts.credit] : [acts.credit, acts.ban])
        running.push(act())
      await eventually(async () => (await waiting()) > 0, { what: 'one of them waits' })
    })
    await Promise.all(running)
    const [row] = await shop.db.rows(
      q`select 1 from persons where id = ${personId} and banned_at is not null`,
    )
    expect([first, await shop.has(personId), row !== undefined]).toEqual([first, 10n, true])
  }
})

const waiting = async () =>
  (
    await shop.db.rows(q`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
  ).length

/** A payment whose payer agreed that the card is kept, and what the vendor says once it is paid. */
async function keeping(personId: bigint) {
  const id = newId()
  const sum = { asset: 'RUB', amount: 100n, creditAsset: 'RUB', creditAmount: 100n } as const
  const details = { keepCard: true }
  await createPayment(shop.db, { id, personId, bot: 'shop', provider: 'yookassa', ...sum, details })
  const payment = (await movePayment(shop.db, id, 'pending', { providerRef: `card-${id}` }))!
  const reading: Reading = {
    invoice: `card-${id}`,
    reference: paymentReference(payment),
    state: 'paid',
    status: 'succeeded',
    asked: { asset: 'RUB', amount: 100n },
    received: { asset: 'RUB', amount: 100n },
    sent: undefined,
    keptCard: { card: `name-of-${id}`, digits: '4242' },
    deposit: false,
    createdAt: undefined,
  }
  return { payment, reading }
}

test('a ban at the moment in which a card is kept leaves no card behind', async () => {
  const personId = await somebody()
  const secrets = secretsFrom(shop.config)
  const heard = await keeping(personId)
  let ban: Promise<void> | undefined
  await shop.db.tx(async (tx) => {
    await followCard(tx, secrets, heard, 'paid')
    let over = false
    ban = bans(personId).finally(() => (over = true))
    await eventually(async () => over || (await waiting()) > 0, { what: 'the ban waits or is over' })
  })
  await ban
  expect(await keptCard(shop.db, personId)).toBeUndefined()
})

test('a card whose payment is heard after the ban is not kept, and its money is credited', async () => {
  const personId = await somebody()
  const { payment, reading } = await keeping(personId)
  await bans(personId)
  const context = {
    ...shop,
    log: createLog({ level: 'silent', name: 'test' }),
    secrets: secretsFrom(shop.config),
  } as unknown as HeedContext
  await heed(context, { name: 'yookassa' } as PaymentProvider, reading, 'webhook')
  expect((await readPayment(shop.db, payment.id))!.state).toBe('paid')
  expect(await keptCard(shop.db, personId)).toBeUndefined()
})
