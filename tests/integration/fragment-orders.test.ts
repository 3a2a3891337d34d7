import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Kit, openKit } from '../lib/fragment-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('an order for Stars or Premium', () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit()
    await kit.gateway()
  })
  afterAll(() => kit.close())

  test('is reserved, bought once, delivered by callback and captured', async () => {
    const person = await kit.person(50_000n)
    const id = await kit.draft(person, ['alice_w'])
    expect((await kit.place(id, person)).outcome).toBe('reserved')
    expect(await kit.money(person)).toMatchObject({ available: 41_000n, held: 9_000n })
    await kit.worker()
    await kit.until(id, 'delivered')
    expect(await kit.money(person)).toMatchObject({ available: 41_000n, held: 0n })
    expect(kit.deliveries('alice_w')).toMatchObject([{ type: 'STARS', quantity: 50 }])
    expect(kit.posts('alice_w')).toHaveLength(1)
    expect(await kit.notices('fragment-done-stars')).toHaveLength(1)
  })
})
