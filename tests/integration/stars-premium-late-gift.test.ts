import { expect } from 'vitest'
import { draftOrder } from '#shop/stars-premium/orders.ts'
import { quote } from '#shop/stars-premium/quote.ts'
import { knownRecipients } from '#shop/stars-premium/recipients.ts'
import { telegramGiftPrices } from '#shop/stars-premium/settings.ts'
import { newId } from '#shared/ids.ts'
import { ensurePerson } from '#shared/people.ts'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openKit } from '../lib/stars-premium-kit.ts'

const TEDDY = { kind: 'telegram-gift', gift: '5170233102089322756', emoji: '🧸', stars: 15 } as const

/** A gift for a friend that is paid for, while Telegram does with the call what `fault` says. */
async function ordered(env: Record<string, string>, fault: object) {
  const kit = await openKit(env)
  atEnd(kit.close)
  await kit.control('PATCH', '/bots/shop_bot', { stars: 1_000 })
  await kit.settings.set(kit.db, telegramGiftPrices, { value: { [TEDDY.gift]: '49' }, bot: 'main', by: 1n })
  const friend = { id: 901, first_name: 'Friend', username: 'friend', started: ['shop_bot'] }
  await kit.control('POST', '/people', friend)
  await ensurePerson(kit.db, 901n, 'main')
  await kit.db.rows({ text: `update persons set username = 'friend' where id = 901`, values: [] })
  const [id, person] = [newId(), await kit.person(4_900n)]
  await draftOrder(kit.db, {
    id,
    personId: person,
    bot: 'main',
    quote: await quote(kit.settings, undefined, 'main', TEDDY),
    recipients: await knownRecipients(kit.context, 'main', ['friend']),
  })
  await kit.control('POST', '/faults', { on: 'call', method: 'sendGift', do: fault })
  await kit.place(id, person)
  await kit.worker()
  await kit.until(id, 'unknown')
  return { kit, id, person }
}

test('F3 a gift that Telegram carries out long after nobody waits for its call any more is paid for, and not given for nothing', async () => {
  const impatient = { FRAGMENT_TIMEOUT_MS: '3000', FRAGMENT_REVIEW_AFTER_MS: '1000' }
  const { kit, id, person } = await ordered(impatient, { arrive_ms: 9_000 })
  await eventually(async () => {
    await kit.hurry()
    return (await kit.state(id)) !== 'unknown'
  })
  expect(await kit.state(id)).toBe('delivered')
  expect(await kit.control('GET', '/people/901')).toMatchObject({ gifts: [{ id: TEDDY.gift }] })
  expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
})

test('F3 however short the time of a call is set, a gift that is not in the list is paid back after five minutes and not before', async () => {
  const brief = { FRAGMENT_TIMEOUT_MS: '1500', FRAGMENT_REVIEW_AFTER_MS: '600000' }
  const { kit, id, person } = await ordered(brief, { drop: 'before' })
  const looks = async () =>
    (await kit.control<unknown[]>('GET', '/requests?method=getStarTransactions')).length
  await kit.timePasses(240_000)
  const before = await looks()
  await eventually(async () => {
    await kit.hurry()
    return (await looks()) > before + 1
  })
  expect(await kit.state(id)).toBe('unknown')
  await kit.timePasses(120_000)
  await eventually(async () => {
    await kit.hurry()
    return (await kit.state(id)) === 'failed'
  })
  expect(await kit.money(person)).toMatchObject({ available: 4_900n, held: 0n })
})
