import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql as q } from 'kysely'
import { environment } from '../../sandbox/payments/start.ts'
import type { Payment } from '#shared/money/tables.ts'
import { phpJson, sign } from '#shop/payments/providers/cryptomus-engine/signature.ts'
import { cryptoPaySignature } from '#shop/payments/providers/cryptopay.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { starsPaid } from '#shared/queue/jobs/stars.ts'
import { bury } from '#shared/queue/outbox.ts'
import { ensurePerson } from '#shared/people.ts'
import { refundPayment } from '#shop/payments/jobs.ts'
import { createPayment, readPayment } from '#shop/payments/payments.ts'
import { askRefund, openRefund, readRefund } from '#shop/payments/refunds.ts'
import { eventually } from '../lib/eventually.ts'
import { BOT, openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

const ADDRESS = 'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj'

describe.skipIf(!redisAvailable())('the doors that providers knock on', () => {
  let shop: PaymentShop
  beforeAll(async () => {
    shop = await openPaymentShop({ vendors: ['cryptomus', 'heleket', 'mulenpay', 'cryptopay'] })
  })
  afterAll(() => shop.close())

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${shop.url}/webhooks/${path}`, { method: 'POST', headers, body })
  const paid = (ref: string) =>
    JSON.stringify({ id: 1, amount: 1, currency: 'RUB', uuid: ref, payment_status: 'success' })

  test('F17 a forged delivery gets 401 and leaves nothing behind but a count', async () => {
    const rows = () => shop.db.rows(q`select 1 from payment_events`)
    const before = (await rows()).length
    const body = phpJson({ uuid: 'x', order_id: 'y', status: 'paid', amount: '1', currency: 'RUB' })
    const forged = `${body.slice(0, -1)},"sign":"${sign(body, 'another key')}"}`
    for (const [path, text, headers] of [
      ['cryptomus', forged, {}],
      ['heleket', forged, {}],
      ['cryptopay', body, { 'crypto-pay-api-signature': '0'.repeat(64) }],
      ['cryptopay', body, {}],
      ['mulenpay/guess', paid('x'), {}],
      ['mulenpay', paid('x'), {}],
      ['mulenpay/sim-mulenpay-tokenx', paid('x'), {}],
    ] as const) {
      const answer = await post(path, text, headers)
      expect(answer.status, path).toBe(401)
    }
    expect(await rows()).toHaveLength(before)
    const metrics = await (await fetch(`${shop.url}/metrics`)).text()
    expect(metrics).toMatch(/door_refused_total\{door="webhooks",reason="cryptomus: signature"\} 1/)
    // The worker that calls a provider also knows how to look whether it can be reached.
    expect(metrics).toMatch(/^telekassa_server_away\{worker="billing",server="cryptomus"\} 0$/m)
  })

  test('a provider that nobody has heard of is 404, nonsense behind the right secret is 400', async () => {
    expect((await post('nobody', '{}')).status).toBe(404)
    expect((await post('mulenpay/sim-mulenpay-token', 'not json')).status).toBe(400)
  })

  test('F23 a body that is too large is refused, and slow clients hold nobody up', async () => {
    const { port, hostname } = new URL(shop.url)
    const slow = Array.from({ length: 60 }, () => net.connect(Number(port), hostname))
    for (const socket of slow) {
      socket.on('error', () => undefined)
      socket.write('POST /webhooks/heleket HTTP/1.1\r\nHost: shop\r\nContent-Length: 5000\r\n\r\n{')
    }
    const large = await post('cryptopay', 'x'.repeat(70 * 1024), { 'crypto-pay-api-signature': '0' })
    expect(large.status).toBe(413)
    const payment = await shop.begin('heleket', { personId: 31n })
    await shop.vendors['heleket']!.vendor.pay(payment.providerRef ?? '', 'exact', {})
    await eventually(async () => (await shop.payment(payment.id)).state === 'paid')
    for (const socket of slow) socket.destroy()
  })

  describe('characters that PostgreSQL does not store: a NUL, and half of a pair of surrogates', () => {
    const bad = '\u0000 \ud83d'
    const cryptomus = (event: object) => {
      const body = phpJson(event)
      const signed = `${body.slice(0, -1)},"sign":"${sign(body, shop.env['CRYPTOMUS_API_KEY']!)}"}`
      return post('cryptomus', signed)
    }
    const cryptopay = (body: string) =>
      post('cryptopay', body, {
        'crypto-pay-api-signature': cryptoPaySignature(Buffer.from(body), shop.env['CRYPTO_BOT_TOKEN']!),
      })
    const mulenpay = (event: object) => post('mulenpay/sim-mulenpay-token', JSON.stringify(event))
    const orphans = async () =>
      (
        await shop.db.rows(q<{ invoice: string }>`
        select payload ->> 'invoice' as invoice from payment_events where kind = 'orphan' order by id`)
      ).map(({ invoice }) => invoice)

    test('in an event of a payment they keep nobody from their money', async () => {
      const [first, second, third] = await Promise.all([
        shop.begin('cryptomus', { personId: 41n }),
        shop.begin('heleket', { personId: 42n }),
        shop.begin('cryptopay', { personId: 43n }),
      ])
      const pay = (name: string, { providerRef }: Payment, odd: object) =>
        shop.vendors[name]!.vendor.pay(providerRef ?? '', 'exact', { ...odd })
      await Promise.all([
        pay('cryptomus', first, { txid: `tx${bad}` }),
        pay('heleket', second, { txid: `tx${bad}` }),
        pay('cryptopay', third, { paid_asset: `USDT${bad}` }),
      ])
      for (const { id, personId } of [first, second, third]) {
        await eventually(async () => (await shop.payment(id)).state === 'paid')
        expect(await shop.has(personId)).toBe(100_000n)
      }
      const sent = async ({ id }: Payment) => (await shop.payment(id)).details['sent']
      expect(await sent(first)).toMatchObject({ txid: 'tx\ufffd \ufffd' })
      expect(await sent(second)).toMatchObject({ txid: 'tx\ufffd \ufffd' })
      expect(await sent(third)).toMatchObject({ currency: 'USDT\ufffd \ufffd' })
    })

    test('in the ids of a payment they make it nobody’s: it is kept once, and not asked for again', async () => {
      const event = {
        uuid: `u${bad}`,
        order_id: `tk-${bad}`,
        amount: '5.00',
        currency: 'RUB',
        status: `done${bad}`,
      }
      const invoice = {
        invoice_id: 987_654,
        status: `x${bad}`,
        payload: `tk-${bad}`,
        amount: '5',
        fiat: 'RUB',
      }
      for (let time = 0; time < 2; time++) {
        expect((await cryptomus(event)).status).toBe(200)
        expect((await cryptopay(JSON.stringify({ update_id: 2, payload: invoice }))).status).toBe(200)
        // The event is not signed, so MulenPay is asked about it, and knows no such payment.
        const callback = { id: 987_654, amount: 5, currency: 'RUB', uuid: `tk-${bad}`, payment_status: bad }
        expect((await mulenpay(callback)).status).toBe(200)
      }
      await eventually(async () => (await orphans()).length === 2)
      expect((await orphans()).toSorted()).toEqual(['987654', 'u\ufffd \ufffd'])
    })

    test('as bytes of a body they are no JSON: refused, without a second try where the sender is certain', async () => {
      expect((await cryptopay('{"update_id":3,"payload":{"status":"\u0000"}}')).status).toBe(200)
      expect(
        (await post('mulenpay/sim-mulenpay-token', paid('\u0000').replace('\\u0000', '\u0000'))).status,
      ).toBe(400)
      expect((await post('cryptomus', '{"uuid":"\u0000","sign":"x"}')).status).toBe(401)
      // An event with a state too long for the name of a job is not asked about again and again either.
      expect((await cryptomus({ uuid: 'u', status: 'x'.repeat(400) })).status).toBe(200)
    })

    test('leave no job that is tried again and again or given up', async () => {
      expect(await shop.db.rows(q`select key, reason from outbox where state = 'dead'`)).toEqual([])
      const [billing] = shop.producer.queues.get('billing')!
      const left = () => billing!.getJobCountByTypes('active', 'delayed', 'failed', 'prioritized', 'waiting')
      await eventually(async () => (await left()) === 0, { what: 'an empty queue' })
      // A job that has to be given up can be: if it could not be kept as a dead letter, it would wait for ever.
      await bury(shop.db, { key: 'odd', job: 'odd', payload: { body: [bad] }, reason: bad })
      const [letter] = await shop.db.rows(
        q`delete from outbox where key = 'odd' returning payload, reason, state`,
      )
      const shown = '\ufffd \ufffd'
      expect(letter).toEqual({ payload: { body: [shown] }, reason: shown, state: 'dead' })
    })
  })

  test('F18 an old genuine event, sent again by somebody, credits nothing', async () => {
    const payment = await shop.begin('cryptopay', { personId: 32n })
    await shop.vendors['cryptopay']!.vendor.pay(payment.providerRef ?? '', 'exact', {})
    await eventually(async () => (await shop.payment(payment.id)).state === 'paid')
    const { body } = shop.vendors['cryptopay']!.deliveries.at(-1)!
    const headers = {
      'crypto-pay-api-signature': cryptoPaySignature(Buffer.from(body), shop.env['CRYPTO_BOT_TOKEN']!),
    }
    for (let n = 0; n < 3; n += 1) expect((await post('cryptopay', body, headers)).status).toBe(200)
    const next = await shop.begin('cryptopay', { personId: 32n })
    await shop.vendors['cryptopay']!.vendor.pay(next.providerRef ?? '', 'exact', {})
    await eventually(async () => (await shop.payment(next.id)).state === 'paid')
    expect(await shop.has(32n)).toBe(200_000n)
  })

  test('F19 while a key is being changed, events under the old and the new one are both genuine', () => {
    const urls = { cryptomus: 'http://x', heleket: 'http://x', cryptopay: 'http://x' }
    const changing = paymentProviders({
      ...environment(urls),
      CRYPTOMUS_WEBHOOK_SECRET: 'old-key',
      HELEKET_OLD_API_KEY: 'old-key',
      CRYPTO_BOT_OLD_TOKEN: 'old-key',
    })
    const body = phpJson({ uuid: 'u', status: 'paid' })
    const env = environment(urls)
    const genuine = (name: string, key: string) => {
      const provider = changing.get(name) as PaymentProvider
      if (name === 'cryptopay') {
        const headers = { 'crypto-pay-api-signature': cryptoPaySignature(Buffer.from(body), key) }
        return provider.isGenuine({ body: Buffer.from(body), headers })
      }
      return provider.isGenuine({
        body: Buffer.from(`${body.slice(0, -1)},"sign":"${sign(body, key)}"}`),
        headers: {},
      })
    }
    for (const [name, key] of [
      ['cryptomus', env['CRYPTOMUS_API_KEY']!],
      ['heleket', env['HELEKET_API_KEY']!],
      ['cryptopay', env['CRYPTO_BOT_TOKEN']!],
    ] as const) {
      expect(genuine(name, key), name).toBe(true)
      expect(genuine(name, 'old-key'), name).toBe(true)
      expect(genuine(name, 'nobodys'), name).toBe(false)
    }
  })

  test('F24 an old Stars invoice paid again is a credit of its own, never a silent loss', async () => {
    await ensurePerson(shop.db, 33n, BOT.name)
    await createPayment(shop.db, {
      id: 'stars00000000000',
      personId: 33n,
      bot: BOT.name,
      provider: 'stars',
      asset: 'XTR',
      amount: 50n,
      creditAsset: 'TOK',
      creditAmount: 10n,
    })
    const charge = { bot: BOT.name, personId: '33', stars: 50, payload: 'stars00000000000' }
    for (const chargeId of ['first', 'second', 'first']) {
      await shop.producer.add(
        starsPaid,
        { ...charge, chargeId },
        { id: `again-${chargeId}-${Math.random()}` },
      )
    }
    await eventually(async () => (await shop.has(33n, 'TOK')) === 20n)
  })

  test('F61 two taps that take the same suspended money race, and one wins', async () => {
    const { takeSuspended } = await import('#shop/payments/suspense.ts')
    const payment = await shop.begin('cryptomus', { personId: 34n })
    await shop.vendors['cryptomus']!.vendor.pay(payment.providerRef ?? '', 'more', {})
    await eventually(async () => (await shop.payment(payment.id)).state === 'overpaid')
    const taken = await Promise.all(
      Array.from({ length: 8 }, () => shop.db.tx((tx) => takeSuspended(tx, payment.id, 34n, 'person:34'))),
    )
    expect(taken.filter((one) => one !== undefined)).toHaveLength(1)
    expect(await shop.has(34n)).toBe(125_000n)
  })

  test('F21 a second transfer before the refund was sent is neither given back unasked nor had twice', async () => {
    const { vendor, faults, requests } = shop.vendors['heleket']!
    for (const [told, personId] of [[true, 36n] as const, [false, 37n] as const]) {
      const { id, providerRef } = await shop.begin('heleket', { personId })
      await vendor.pay(providerRef!, 'exact', {})
      await eventually(async () => (await shop.payment(id)).state === 'paid')
      const { refund } = await shop.db.tx(async (tx) =>
        openRefund(tx, (await readPayment(tx, id, true))!, {
          adminId: 77n,
          address: ADDRESS,
          reason: 'test',
        }),
      )
      // The vendor's refund has no sum: it gives back whatever has come.
      if (!told) faults.add({ on: 'webhook', name: 'paid_over', do: { lose: true } })
      await vendor.pay(providerRef!, 'exact', {})
      if (told) await eventually(async () => (await shop.payment(id)).booked === 200_000n)
      const before = requests.length
      await shop.producer.add(refundPayment, { refundId: refund.id })
      await eventually(async () => (await readRefund(shop.db, refund.id))?.state === 'refused')
      expect(requests.slice(before).map(({ name }) => name)).not.toContain('payment/refund')
      expect(await shop.has(personId)).toBe(100_000n)
      expect(await shop.payment(id)).toMatchObject({ booked: 200_000n, suspended: 100_000n })
      await shop.db.tx((tx) =>
        askRefund(tx, { paymentId: id, adminId: 77n, address: ADDRESS, reason: 'test' }),
      )
      await eventually(async () => (await shop.payment(id)).state === 'refunded')
      expect(await shop.payment(id)).toMatchObject({ suspended: 0n })
      expect(await shop.has(personId)).toBe(0n)
    }
  })

  test('F33 with every connection of the other workers taken, payments are credited all the same', async () => {
    const { openDb } = await import('#shared/db/db.ts')
    const others = await openDb(shop.env['DATABASE_URL']!, { max: 3, name: 'broadcasts' })
    // Three jobs wait for a lock that the test holds, and three wait for a connection.
    const holder = await shop.db.pool.connect()
    await holder.query('select pg_advisory_lock(33)')
    const stuck = Array.from({ length: 6 }, () =>
      others.tx((tx) => tx.rows(q`select pg_advisory_xact_lock_shared(33)`)),
    )
    const payment = await shop.begin('heleket', { personId: 35n })
    await shop.vendors['heleket']!.vendor.pay(payment.providerRef ?? '', 'exact', {})
    await eventually(async () => (await shop.payment(payment.id)).state === 'paid')
    expect(others.pool.waitingCount).toBe(3)
    await holder.query('select pg_advisory_unlock(33)')
    holder.release()
    await Promise.all(stuck)
    await others.close()
  })
})
