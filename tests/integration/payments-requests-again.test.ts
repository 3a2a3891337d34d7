import { beforeAll, expect } from 'vitest'
import { rejectRequest } from '#shop/payments/requests.ts'
import { manualRequisites } from '#shop/payments/settings.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { guestsOf } from '../lib/mini-app.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

/** A page may ask 60 times in 10 s. */
const RARELY = { everyMs: 500 }

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop({ env: { PUBLIC_URL: 'https://shop.example' } })
})

test('F105 an order whose transfer by hand was taken back or declined takes another one for the same sum', async () => {
  const value = { card_ru: { ru: 'Карта 2200', en: 'Card 2200' } }
  const settings = createSettings(shop.db, shop.config)
  await settings.set(shop.db, manualRequisites, { value, bot: 'main', by: BigInt(ADMIN) })
  const one = await guestsOf(shop).guest()
  await eventually(async () => (await one.ask('GET', '/by-hand')).body['methods'].length > 0, RARELY)
  const { code } = (await one.ask('GET', '/plans')).body['plans'][0] as { code: string }
  const { terms } = (await one.ask('GET', `/plans/${code}`)).body['tokens'] as { terms: string }
  const wish = { terms, draft: 'abcdefgh12' }
  const orderId = (await one.ask('POST', `/plans/${code}/buy`, wish)).body['waiting'] as string
  const { kopecks } = (await one.ask('GET', `/waiting/${orderId}`)).body['rest'] as { kopecks: string }

  let drafts = 10
  const ask = (draft = `abcdefgh${++drafts}`) =>
    one.ask('POST', '/requests', { method: 'card_ru', kind: 'r', count: kopecks, orderId, draft })
  const first = (await ask()).body
  expect(first).toMatchObject({ state: 'created', order: { id: orderId } })
  expect((await one.ask('POST', `/requests/${first['id']}/withdraw`, {})).body['state']).toBe('cancelled')
  // A second press of the same key is the same request, also when both come at once.
  const [second, double] = await Promise.all([ask('abcdefgh99'), ask('abcdefgh99')])
  expect(second.body).toMatchObject({ state: 'created', requisites: 'Card 2200' })
  expect(double.body['id']).toBe(second.body['id'])
  const paymentId = second.body['id'] as string
  expect(paymentId).not.toBe(first['id'])

  await one.ask('POST', `/requests/${paymentId}/words`, { words: 'paid at noon' })
  const decision = { paymentId, adminId: BigInt(ADMIN), adminName: 'Olga', reason: 'unreadable' }
  expect(await shop.db.tx((tx) => rejectRequest(tx, decision))).toBe(true)
  const third = (await ask()).body
  expect([third['state'], new Set([first['id'], paymentId, third['id']]).size]).toEqual(['created', 3])
})
