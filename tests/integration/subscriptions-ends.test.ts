import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#shared/log.ts'
import type { Bots, ServedBot } from '#shared/telegram/bots.ts'
import { setBan } from '#shop/admin/person.ts'
import { removeBot } from '#shop/admin/run-time-bots.ts'
import type { EndStarsCharges } from '#shop/loyalty/jobs.ts'
import { subscriptionsOf } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { endAtTelegram } from '#shop/loyalty/worker/end-charges.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { creditStars } from '#shop/payments/worker/stars.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
  await shop.db.rows(q`update bots set home = 'shop' where name = 'second'`)
})
afterAll(() => shop.close())

/** @returns the charge with which Telegram begins to charge this person for a plan in this bot every month */
async function subscribed(person: number, bot: string): Promise<{ id: bigint; charge: string }> {
  const [id, payload, charge] = [await shop.person(person, bot), `link-${person}`, `charge-${person}`]
  const sum = { asset: 'XTR', amount: 150n, creditAsset: 'TOK', creditAmount: 30n } as const
  await createPayment(shop.db, {
    id: payload,
    personId: id,
    bot,
    provider: 'stars',
    ...sum,
    details: { plan: 'plus' },
  })
  await creditStars(shop, { bot, personId: String(id), chargeId: charge, stars: 150, payload })
  return { id, charge }
}
const current = async (personId: bigint) => (await subscriptionsOf(shop.db, personId))[0]!
const owed = () =>
  shop.db.rows(q<{ bot: string; payload: EndStarsCharges }>`
    select bot, payload from outbox where job = 'subscription.stop' order by id`)
/** Carries out all that is owed. @returns what Telegram was told */
async function carriedOut(): Promise<unknown[][]> {
  const told: unknown[][] = []
  const edit = async (...call: unknown[]) => void told.push(call)
  const bots = ['shop', 'second'].map((name): [string, ServedBot] => [
    name,
    { name, api: { editUserStarSubscription: edit } } as unknown as ServedBot,
  ])
  const app = { db: shop.db, bots: new Map(bots) as Bots, log: createLog({ level: 'silent', name: 'ends' }) }
  for (const { payload } of await owed()) await endAtTelegram(app, payload)
  await shop.db.rows(q`delete from outbox where job = 'subscription.stop'`)
  return told
}

test('Telegram charges nobody any more who is banned, unless they resume it themselves', async () => {
  const { id, charge } = await subscribed(1, 'shop')
  const ban = (reason: string | undefined) => setBan(shop.db, { personId: id, reason, by: 9n, bot: 'shop' })
  await ban('fraud')
  await ban('fraud')
  expect(await current(id)).toMatchObject({ state: 'active', renews: false })
  expect(await carriedOut()).toEqual([[1, charge, true]])
  await ban(undefined)
  await shop.db.rows(q`update subscriptions set renews = true where person_id = ${id}`)
  await ban('again')
  await shop.db.rows(q`update subscriptions set renews = true where person_id = ${id}`)
  expect(await carriedOut()).toEqual([])
})

test('Telegram charges nobody any more for a bot that is removed, and the bot keeps its token until Telegram knows', async () => {
  const [theirs, others] = [await subscribed(2, 'second'), await subscribed(3, 'shop')]
  expect(await shop.db.tx((tx) => removeBot(tx, 'second'))).toBe(true)
  expect((await owed()).map(({ bot }) => bot)).toEqual(['second'])
  expect([(await current(theirs.id)).renews, (await current(others.id)).renews]).toEqual([false, true])
  expect(await carriedOut()).toEqual([[2, theirs.charge, true]])
})
