import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setRole } from '#shared/roles.ts'
import { book } from '#shop/payments/book.ts'
import { createPayment, movePayment, readPayment } from '#shop/payments/payments.ts'
import { payersAddress } from '#shop/payments/payers-address.ts'
import { askRefund, moveRefund, refundOf } from '#shop/payments/refunds.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { giveBack, giveSuspended } from '#shop/payments/give-back.ts'
import { approveAs } from '#shop/payments/requests.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { OWNER, SECOND, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

const THIRD = 3
const ANNA = 100

describe.skipIf(!redisAvailable())('buttons by which admins decide about money', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({
      workers: ['bot'],
      env: {
        FRAGMENT_API_URL: 'http://127.0.0.1:9',
        CRYPTOMUS_API_KEY: 'k'.repeat(32),
        CRYPTOMUS_MERCHANT_ID: 'm',
        CRYPTOMUS_PAYOUT_KEY: 'p'.repeat(32),
      },
    })
    await shop.person(ANNA, 'Anna')
    await shop.person(THIRD, 'Third')
    for (const id of [OWNER, SECOND, THIRD, ANNA]) await shop.say(id, '/start')
    for (const id of [OWNER, SECOND, THIRD, ANNA]) await shop.sees(id, 'Balance')
    const bot = shop.config.bots[0]!.name
    for (const id of [SECOND, THIRD])
      await shop.db.tx((tx) => setRole(tx, { bot, personId: BigInt(id), role: 'admin', by: BigInt(OWNER) }))
  })
  afterAll(() => shop?.close())

  const roubles = async (personId: number) => {
    const [row] = await shop.db.rows(q<{ sum: bigint }>`
      select coalesce(sum(available), 0)::bigint as sum from wallets where person_id = ${personId} and asset = 'RUB'`)
    return row!.sum
  }

  /** A payment of 20,000 roubles that was paid, or that the machine could not decide about. */
  async function payment(id: string, personId: number, state: 'review' | 'paid', amount = 2_000_000n) {
    const money = { asset: 'RUB', amount, creditAsset: 'RUB', creditAmount: amount } as const
    const bot = shop.config.bots[0]!.name
    await createPayment(shop.db, { id, personId: BigInt(personId), bot, provider: 'platega', ...money })
    await shop.db.tx(async (tx) => {
      const moved = await movePayment(tx, id, state, { providerRef: `ref-${id}` })
      if (state === 'paid')
        await book(tx, moved!, { book: amount, asset: 'RUB', price: amount }, String(amount))
    })
    return id
  }

  async function pressed(admin: number, id: string, ...buttons: (string | RegExp)[]) {
    await shop.say(admin, `/payments ${id}`)
    await shop.sees(admin, id)
    let said: string | undefined
    for (const button of buttons) said = (await shop.press(admin, button)).text
    return said
  }

  const calls = async (kind: string) =>
    (
      await shop.db.rows(
        q`select 1 from alerts where topic = 'alert-decision' and params ->> 'kind' = ${kind}`,
      )
    ).length

  test('F84 crediting a payment by hand takes two admins above the limit, and nobody does it for himself', async () => {
    const own = await payment('c0c0c0c0c0c0c0c1', OWNER, 'review', 100n)
    const answer = await pressed(OWNER, own, 'Credit the promise', /I saw the money/)
    expect(answer).toContain('Another admin decides about your own money')
    expect((await readPayment(shop.db, own))!.state).toBe('review')

    const large = await payment('c0c0c0c0c0c0c0c2', ANNA, 'review')
    await pressed(OWNER, large, 'Credit the promise', /I saw the money/)
    await eventually(async () => (await calls('credit')) === 1)
    await pressed(OWNER, large, 'Credit the promise', /I saw the money/)
    expect(await roubles(ANNA)).toBe(0n)
    await pressed(SECOND, large, 'Credit the promise', /I saw the money/)
    await eventually(async () => (await roubles(ANNA)) === 2_000_000n)
    expect(await calls('credit')).toBe(1)
    expect(await roubles(OWNER)).toBe(0n)
  })

  test('F84 nobody approves his own request, gives himself suspended money or sends his own payment back', async () => {
    const app = { ...shop, settings: createSettings(shop.db, shop.config), bots: new Map() }
    const me = { bot: shop.config.bots[0]!.name, by: BigInt(OWNER) }
    const own = { code: 'admin.own-money' }
    const paid = await payment('c0c0c0c0c0c0c0c7', OWNER, 'paid', 100n)
    await shop.db.rows(q`update payments set provider = 'heleket' where id = ${paid}`)
    await expect(giveBack(app, { ...me, id: paid, address: 'x' })).resolves.toBe('stale')
    await shop.db.rows(q`update payments set provider = 'stars' where id = ${paid}`)
    await expect(giveBack(app, { ...me, id: paid })).rejects.toMatchObject(own)
    await shop.db.rows(q`
      update payments set suspended = 100, suspended_asset = 'RUB' where id = ${paid}`)
    await expect(giveSuspended(app, { ...me, id: paid })).rejects.toMatchObject(own)
    const money = { asset: 'RUB', amount: 100n, creditAsset: 'RUB', creditAmount: 100n } as const
    const id = 'c0c0c0c0c0c0c0c8'
    await createPayment(shop.db, { id, personId: me.by, bot: me.bot, provider: 'manual', ...money })
    await movePayment(shop.db, id, 'pending', {})
    const approve = { bot: me.bot, adminId: me.by, adminName: 'Olga', paymentId: id }
    await expect(approveAs(app, approve)).rejects.toMatchObject(own)
    expect((await readPayment(shop.db, id))!.state).toBe('pending')
    expect(await refundOf(shop.db, paid)).toBeUndefined()
  })

  test('F83 what was spent before it is paid back counts in what the owner’s bots give away', async () => {
    await shop.db.rows(q`insert into settings (bot, key, value) values ('', 'minted-per-day', '"50"')`)
    const app = { ...shop, settings: createSettings(shop.db, shop.config), bots: new Map() }
    const paid = async (id: string) => {
      await payment(id, THIRD, 'paid', 100n)
      await shop.db.rows(q`update payments set provider = 'stars' where id = ${id}`)
      return { bot: shop.config.bots[0]!.name, by: BigInt(SECOND), id }
    }
    expect(await giveBack(app, await paid('c0c0c0c0c0c0c0c9'))).toBe('accepted')
    const second = await paid('c0c0c0c0c0c0c0d0')
    const money = { asset: 'RUB', amount: 100n } as const
    const how = { reference: 'spent-before', kind: 'item' } as const
    await post(shop.db, transfer({ person: BigInt(THIRD) }, { system: 'sales' }, money, how))
    expect(await giveBack(app, second)).toBe('second-needed')
    await shop.db.rows(q`delete from settings where key = 'minted-per-day'`)
  })

  test('F84 money from suspense is given by two admins above the limit', async () => {
    const id = await payment('c0c0c0c0c0c0c0c3', ANNA, 'review')
    await shop.db.rows(q`
      update payments set suspended = 1500000, suspended_asset = 'RUB', booked = 1500000 where id = ${id}`)
    const before = await roubles(ANNA)
    await pressed(OWNER, id, 'Credit the held sum', /Yes, credit/)
    await eventually(async () => (await calls('suspense')) === 1)
    expect(await roubles(ANNA)).toBe(before)
    await pressed(SECOND, id, 'Credit the held sum', /Yes, credit/)
    await eventually(async () => (await roubles(ANNA)) === before + 1_500_000n)
  })

  test('F84 a payback that is said not to have happened gives nothing twice by one admin alone', async () => {
    const id = await payment('c0c0c0c0c0c0c0c4', ANNA, 'paid')
    await shop.db.tx((tx) => askRefund(tx, { paymentId: id, adminId: BigInt(OWNER), reason: 'admin' }))
    const refund = (await refundOf(shop.db, id))!
    await moveRefund(shop.db, refund.id, ['asked'], 'unknown')
    const settled = async () =>
      (await shop.db.rows(q`select 1 from outbox where job = 'payment.refund-settled'`)).length
    await pressed(OWNER, id, 'It did not', /Yes, nothing went out/)
    await eventually(async () => (await calls('payback')) === 1)
    expect(await settled()).toBe(0)
    await pressed(SECOND, id, 'It did not', /Yes, nothing went out/)
    await eventually(async () => (await settled()) === 1)
  })

  test('F84 a payback goes only to the address that the payer gave, checked and confirmed, and one admin may send it', async () => {
    const id = await payment('c0c0c0c0c0c0c0c5', ANNA, 'paid', 100n)
    await shop.db.rows(q`update payments set provider = 'cryptomus' where id = ${id}`)
    const refunds = () =>
      shop.db.rows(q<{ address: string }>`select address from payment_refunds where payment_id = ${id}`)
    const given = async () => (await payersAddress(shop.db, id))?.address
    const [hers, other] = ['TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t', 'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj']

    await pressed(OWNER, id, 'Return the money')
    await shop.sees(OWNER, 'Only the customer names the address')
    await shop.press(OWNER, 'Ask for the address')
    await shop.say(OWNER, hers)
    await shop.sees(ANNA, 'nobody but you can give it')
    expect(await given()).toBeNull()

    await shop.press(ANNA, 'Give the address')
    await shop.sees(ANNA, 'Send the address of your wallet')
    await shop.say(ANNA, hers.replace('R7', 'R8'))
    await shop.sees(ANNA, 'does not look like a wallet address')
    await shop.say(ANNA, other)
    await shop.sees(ANNA, other)
    expect(await given()).toBeNull()
    await shop.press(ANNA, 'Yes, it is mine')
    await eventually(async () => (await given()) === other)

    // The payer gives another address while the admin looks at the first. What stood above the key has changed, so
    // the key does nothing.
    await pressed(OWNER, id, 'Return the money')
    await shop.sees(OWNER, other)
    await shop.press(ANNA, 'Another address')
    await shop.sees(ANNA, 'Send the address of your wallet')
    await shop.say(ANNA, hers)
    await shop.sees(ANNA, hers)
    await shop.press(ANNA, 'Yes, it is mine')
    await eventually(async () => (await given()) === hers)
    expect((await shop.press(OWNER, /^Send/)).text).toContain('out of date')
    expect(await refunds()).toEqual([])
    await pressed(OWNER, id, 'Return the money')
    await shop.sees(OWNER, hers)
    await shop.press(OWNER, /^Send/)
    await eventually(async () => (await refunds()).length === 1)
    expect(await refunds()).toEqual([{ address: hers }])
  })

  test('F84 codes that give away more than the limit rest until a second admin resumes them', async () => {
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, /Promo codes/)
    await shop.press(OWNER, 'New campaign')
    await shop.say(OWNER, 'amount 5000 RICH 10 asset=RUB bot=main')
    await shop.sees(OWNER, /Make the promo code RICH.*5,000/s)
    await shop.press(OWNER, 'Make it')
    await shop.sees(OWNER, 'too much for one admin')
    const paused = async () =>
      (await shop.db.rows(q<{ paused: boolean }>`select paused from promo_campaigns where name = 'RICH'`))[0]
        ?.paused
    expect(await paused()).toBe(true)
    await shop.press(OWNER, 'Resume')
    // A person who has pressed twenty keys within ten seconds is not heard for a while, so this is another admin
    // than above.
    await shop.say(THIRD, '/admin')
    await shop.press(THIRD, /Promo codes/)
    expect(await paused()).toBe(true)
    await shop.press(THIRD, /RICH/)
    await shop.press(THIRD, 'Resume')
    await eventually(async () => (await paused()) === false)
  })
})
