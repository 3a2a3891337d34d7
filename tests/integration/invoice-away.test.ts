import { expect, test } from 'vitest'
import { sql as q } from 'kysely'
import type { VendorName } from '../../sandbox/payments/start.ts'
import { Transient, UnknownOutcome } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { ensurePerson } from '#shared/people.ts'
import { beginTopUp } from '#shop/payments/top-up.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { onMakeInvoice } from '#shop/payments/worker/invoice.ts'
import { onCheck } from '#shop/payments/worker/poll.ts'
import { atEnd } from '../lib/at-end.ts'
import { openPaymentShop } from '../lib/payment-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { VENDOR_CALLS } from '../lib/vendor-calls.ts'

const vendors = ['cryptomus', 'mulenpay', 'cryptopay', 'yookassa'] as const satisfies VendorName[]

const opened = async () => {
  const shop = await openPaymentShop({ vendors: [...vendors], workers: [], gateway: false })
  atEnd(() => shop.close())
  const context = {
    db: shop.db,
    payments: new Map(vendors.map((name) => [name as string, shop.provider(name)])),
    log: createLog({ level: 'silent', name: 'test' }),
    returnUrl: () => Promise.resolve(undefined),
  } as unknown as Parameters<typeof onMakeInvoice>[0]
  return { shop, context }
}

test.skipIf(!redisAvailable())(
  'F3 a provider that is away at the last try ends the payment, and the person is offered other ways; money that comes is credited',
  async () => {
    const { shop, context } = await opened()
    for (const name of vendors) {
      await ensurePerson(shop.db, 5n, 'main')
      const id = newId()
      const topUp = {
        id,
        personId: 5n,
        bot: 'main',
        pay: { asset: 'RUB', amount: 100_000n },
        description: 'Пополнение',
        language: 'ru',
      } as const
      await shop.db.tx((tx) => beginTopUp(tx, shop.provider(name), topUp))
      const calls = VENDOR_CALLS[name]
      const faults = shop.vendors[name]!.faults
      for (const call of new Set([calls.create, calls.lookup, calls.list]))
        faults.add({ on: 'call', name: call, times: 0, do: { drop: 'after' } })

      const first = await onMakeInvoice(context, { paymentId: id }, { lastTry: false }).catch(
        (error: unknown) => error,
      )
      expect(first instanceof Transient || first instanceof UnknownOutcome, name).toBe(true)
      expect(await shop.payment(id)).toMatchObject({ state: 'created' })

      expect(await onMakeInvoice(context, { paymentId: id }, { lastTry: true })).toEqual({ verdict: 'done' })
      expect(await shop.payment(id)).toMatchObject({ state: 'failed', providerRef: null })
      expect(
        await shop.db.rows(q`select 1 from outbox where key = ${`card-${id}-failed`}`),
        'the card is drawn again',
      ).toHaveLength(1)

      // The reply was lost, so the provider has an invoice whose page nobody was shown.
      faults.replace([])
      const reference = paymentReference(await shop.payment(id))
      const [made] = shop.vendors[name]!.vendor.invoices().filter((one) => one.reference === reference)
      await shop.vendors[name]!.vendor.pay(made!.id, 'exact', {})
      await onCheck(context, { paymentId: id, round: '1' })
      expect(await shop.payment(id)).toMatchObject({ state: 'paid', booked: 100_000n })
    }
    expect(await shop.has(5n)).toBe(400_000n)
  },
)

test.skipIf(!redisAvailable())(
  'F3 F39 nobody waits more than a minute for a link: not while a provider asks for patience without end, and not while each try of it takes a minute',
  async () => {
    const { shop, context } = await opened()
    const name = 'cryptomus'
    const calls = VENDOR_CALLS[name]
    const { faults } = shop.vendors[name]!
    await ensurePerson(shop.db, 6n, 'main')
    const wished = async (secondsAgo: number) => {
      const id = newId()
      const pay = { asset: 'RUB', amount: 100_000n } as const
      const topUp = { id, personId: 6n, bot: 'main', pay, description: 'Пополнение', language: 'ru' } as const
      await shop.db.tx((tx) => beginTopUp(tx, shop.provider(name), topUp))
      await shop.db.rows(q`
        update payments set created_at = now() - ${secondsAgo} * interval '1 second' where id = ${id}`)
      return id
    }
    const tried = (id: string) => onMakeInvoice(context, { paymentId: id }, { lastTry: false })
    const stateOf = async (id: string) => (await shop.payment(id)).state

    faults.replace([{ on: 'call', name: calls.create, times: 0, do: { retry_after: 3_600 } }])
    const first = await wished(0)
    await tried(first)
    expect(await stateOf(first), 'the provider would answer in an hour').toBe('failed')

    faults.replace([{ on: 'call', name: calls.create, times: 0, do: { retry_after: 1 } }])
    const second = await wished(0)
    await expect(tried(second)).rejects.toMatchObject({ retryAfterMs: 1_000 })
    expect(await stateOf(second), 'a second of patience costs nobody anything').toBe('created')
    const third = await wished(61)
    await tried(third)
    expect(await stateOf(third)).toBe('failed')

    faults.replace([{ on: 'call', name: calls.create, times: 0, do: { drop: 'before' } }])
    const fourth = await wished(61)
    await tried(fourth)
    expect(await stateOf(fourth)).toBe('failed')
    faults.replace([])
    const fifth = await wished(61)
    await tried(fifth)
    expect(await stateOf(fifth), 'who waited long and gets the link has it').toBe('pending')
  },
)

test.skipIf(!redisAvailable())(
  'F3 F62 a look-up that is refused, and an answer that nobody foresaw, leave nobody waiting for a link for ever',
  async () => {
    const { shop, context } = await opened()
    await ensurePerson(shop.db, 7n, 'main')
    const wished = async (name: VendorName) => {
      const id = newId()
      const pay = { asset: 'RUB', amount: 100_000n } as const
      const topUp = { id, personId: 7n, bot: 'main', pay, description: 'Пополнение', language: 'ru' } as const
      await shop.db.tx((tx) => beginTopUp(tx, shop.provider(name), topUp))
      return id
    }
    // The reply is lost, and meanwhile our key is refused: nobody can say whether there is an invoice.
    const { create, lookup } = VENDOR_CALLS['cryptopay']
    const { faults } = shop.vendors['cryptopay']!
    faults.add({ on: 'call', name: create, do: { drop: 'after' } })
    faults.add({ on: 'call', name: lookup, times: 0, do: { status: 401, body: '{}' } })
    const first = await wished('cryptopay')
    expect(await onMakeInvoice(context, { paymentId: first }, { lastTry: false })).toEqual({
      verdict: 'done',
    })
    expect(await shop.payment(first)).toMatchObject({ state: 'failed' })

    // A deadline that no calendar has.
    const second = await wished('cryptomus')
    const cryptomus = shop.provider('cryptomus')
    const odd = {
      ...cryptomus,
      createInvoice: async (wish: Parameters<typeof cryptomus.createInvoice>[0]) => ({
        ...(await cryptomus.createInvoice(wish)),
        expiresAt: new Date(1e20),
      }),
    }
    const payments = new Map([['cryptomus', odd]])
    for (const lastTry of [false, true])
      await expect(
        onMakeInvoice({ ...context, payments }, { paymentId: second }, { lastTry }),
      ).rejects.toThrow()
    expect(await shop.payment(second)).toMatchObject({ state: 'failed' })
  },
)
