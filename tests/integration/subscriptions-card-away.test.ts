import { sql as q } from 'kysely'
import { expect } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { setBan } from '#shop/admin/person.ts'
import { keptCard } from '#shop/payments/kept-cards.ts'
import { onCharge } from '#shop/payments/worker/charge.ts'
import type { ProviderContext } from '#shop/payments/worker/context.ts'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { openCardShop } from '../lib/kept-cards.ts'
import { BOT } from '../lib/payment-shop.ts'
import { testOnRedis } from '../lib/redis.ts'

let kit: ReturnType<typeof openCardShop> | undefined
const opened = () =>
  (kit ??= openCardShop().then((made) => {
    atEnd(() => made.shop.close())
    return made
  }))

testOnRedis(
  'two plans that end on one day are told with the balance counted once, and one card pays for both on that day',
  async () => {
    const { shop, subscriber, plan, charges, told, renew, ended } = await opened()
    const { db } = shop
    const { personId, id } = await subscriber()
    const pro = newId()
    await db.rows(q`
      insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
      values (${pro}, ${personId}, 'pro', ${BOT.name}, 'balance', true, now())`)
    // "plus" ends first; the balance is enough for either of them, and not for both.
    const prices = await db.rows(
      q<{
        code: string
        price: bigint
      }>`select code, price_tokens as price from plans where code in ('plus', 'pro')`,
    )
    const price = (code: string) => prices.find((one) => one.code === code)!.price
    await give(db, personId, price('pro'), 'TOK')
    await db.rows(q`
      update subscriptions set expires_at = now() + interval '2 days' + case when id = ${id} then interval '0' else interval '1 minute' end
      where person_id = ${personId}`)
    await renew()
    expect(await told(personId), 'three days before').toEqual(['subscription-card-notice'])
    const [announced] = await db.rows(
      q<{ most: bigint }>`select most from card_renewals where subscription_id = ${pro}`,
    )
    // A day later than the notice, both end.
    await db.rows(q`
      update subscriptions set expires_at = now() - case when id = ${id} then interval '2 seconds' else interval '1 second' end
      where person_id = ${personId}`)
    await db.rows(q`update card_renewals set next_at = now() where subscription_id in (${id}, ${pro})`)
    for (const _run of [1, 2]) await renew()
    await ended(personId)
    expect([(await plan(id)).period, (await plan(pro)).period], 'both are renewed').toEqual([2, 2])
    const [charge] = await charges(personId)
    expect(charge!.amount).toBeLessThanOrEqual(announced!.most)
    expect(charge!.amount).toBeGreaterThan(0n)
  },
)

testOnRedis(
  'F3 a charge whose provider stays away for longer than its tries last is made once the provider is back, while the plan holds',
  async () => {
    const { shop, app, vendor, subscriber, plan, charges, renew, later, asked, heal } = await opened()
    const { personId, id, card } = await subscriber()
    await renew()
    vendor.faults.add({ on: 'call', name: 'POST payments', times: 0, do: { drop: 'before' } })
    await later(id)
    const [charge] = await charges(personId)
    const key = `charge-${charge!.id}`
    await eventually(() => asked(card) > 0, { what: 'a first try' })
    // The last try of the job, two hours later.
    const [queue] = shop.producer.queues.get('billing')!
    const context = {
      ...app,
      db: shop.db,
      secrets: secretsFrom(app.config),
      bots: new Map(),
      log: createLog({ level: 'silent', name: 'test' }),
      payments: new Map([['yookassa', shop.provider('yookassa')]]),
    } as unknown as ProviderContext
    expect(await onCharge(context, { paymentId: charge!.id }, { lastTry: true })).toEqual({ verdict: 'done' })
    await eventually(
      async () => {
        const job = await queue!.getJob(key)
        // While a worker has it in hand, it cannot be removed.
        await job?.remove().catch(() => {})
        return job === undefined
      },
      { what: 'the job is over' },
    )
    await shop.db.rows(q`update outbox set state = 'done' where key = ${key}`)

    heal()
    await later(id)
    await eventually(async () => (await plan(id)).period === 2, { what: 'the plan goes on' })
    expect(await charges(personId)).toMatchObject([{ id: charge!.id, state: 'paid' }])
  },
)

testOnRedis(
  'a ban forgets the card: no bot answers its owner any more, and nothing is charged to it',
  async () => {
    const { shop, vendor, subscriber, heal } = await opened()
    heal()
    const [one, other] = [await subscriber(), await subscriber()]
    const sealed = (personId: bigint) =>
      shop.db.rows(q`select 1 from secrets where name = ${`kept-card-${personId}`}`)
    expect(await sealed(one.personId)).toHaveLength(1)
    await setBan(shop.db, { personId: one.personId, reason: 'fraud', by: 77n, bot: BOT.name })
    expect([await keptCard(shop.db, one.personId), await sealed(one.personId)]).toEqual([undefined, []])
    expect(await sealed(other.personId)).toHaveLength(1)
    // A payment that was under way when the ban came keeps no card either.
    const late = await shop.begin('yookassa', {
      personId: one.personId,
      keepCard: true,
      pay: { asset: 'RUB', amount: 100n },
    })
    await vendor.vendor.pay(late.providerRef!, 'exact', {})
    await eventually(async () => (await shop.payment(late.id)).state === 'paid', { what: 'the payment' })
    expect(await keptCard(shop.db, one.personId)).toBeUndefined()
    // A ban that is lifted brings nothing back.
    await setBan(shop.db, { personId: one.personId, reason: undefined, by: 77n, bot: BOT.name })
    expect(await keptCard(shop.db, one.personId)).toBeUndefined()
  },
)
