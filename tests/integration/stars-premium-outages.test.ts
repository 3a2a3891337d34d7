import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensurePerson } from '#shared/people.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit, TOKEN } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

const REVOKED = '7000000009:AArevokedrevokedrevokedrevokedrevoke'

describe.skipIf(!redisAvailable())('orders while something else is broken', () => {
  let kit: Kit
  beforeAll(async () => {
    const bots = [
      { name: 'main', token: TOKEN, admins: ['1'] },
      { name: 'dead', token: REVOKED, admins: ['1'] },
    ]
    kit = await openKit({ BOTS: JSON.stringify(bots) })
    await Promise.all([kit.gateway(), kit.worker('bot', 'fragment')])
  })
  afterAll(() => kit.close())

  const price = 9_000n

  test('F31 connections cut in the middle of commits lose no order and buy none twice', async () => {
    const orders = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const person = await kit.person(price)
        return { person, name: `cut_${index}`, id: await kit.draft(person, [`cut_${index}`]) }
      }),
    )
    await Promise.all(orders.map(({ id, person }) => kit.place(id, person)))
    const delivered = async () => {
      const [row] = await kit.db.rows(q<{ n: bigint }>`
        select count(*) as n from orders where id = any(${orders.map(({ id }) => id)}) and state = 'delivered'`)
      return Number(row!.n)
    }
    for (let cuts = 0; cuts < 15; cuts++) {
      await kit.db.rows(q`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'telekassa-fragment'`)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    await eventually(
      async () => {
        await kit.hurry()
        return (await delivered()) === orders.length
      },
      { timeoutMs: 60_000, everyMs: 200 },
    )
    for (const { person, name } of orders) {
      expect(kit.deliveries(name), name).toHaveLength(1)
      expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
    }
  })

  test('F50 a bot whose token was revoked delivers what was paid in it, and the others go on', async () => {
    const person = await kit.person(price)
    await ensurePerson(kit.db, person, 'dead')
    const lost = await kit.draft(person, ['paid_in_dead_bot'], undefined, 'dead')
    await kit.place(lost, person)
    await kit.until(lost, 'delivered')
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })

    const buyer = await kit.person(price)
    await kit.control('POST', '/people', { id: Number(buyer), first_name: 'Buyer', started: ['shop_bot'] })
    const id = await kit.draft(buyer, ['paid_in_living_bot'])
    await kit.place(id, buyer)
    await kit.until(id, 'delivered')
    await eventually(async () => {
      const chat = await kit.control<{ messages: { text?: string }[] }>('GET', `/chats/shop_bot/${buyer}`)
      return chat.messages.some((one) => /paid_in_living_bot/.test(one.text ?? ''))
    })
  })
})
