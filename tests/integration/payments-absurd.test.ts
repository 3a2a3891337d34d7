import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import type { Asset } from '#shared/money.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { createPayment, movePayment, readPayment, shopMark } from '#shop/payments/payments.ts'
import type { PaymentProvider, Reading } from '#shop/payments/providers/port.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { onCompare } from '#shop/payments/worker/compare.ts'
import type { ProviderContext } from '#shop/payments/worker/context.ts'
import { heed } from '#shop/payments/worker/heed.ts'
import { atEnd } from '../lib/at-end.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'

async function opened(listed: Reading[] = []) {
  const shop = await openWalletShop()
  atEnd(() => shop.close())
  const provider = {
    name: 'heleket',
    lookup: ({ invoice }: { invoice?: string }) =>
      Promise.resolve(listed.find((one) => one.invoice === invoice)),
    async *listPayments() {
      yield* listed
    },
  } as unknown as PaymentProvider
  const context = {
    ...shop,
    log: createLog({ level: 'silent', name: 'test' }),
    secrets: secretsFrom(shop.config),
    payments: new Map([['heleket', provider]]),
  } as unknown as ProviderContext
  let people = 100
  return {
    db: shop.db,
    has: shop.has,
    person: (id: number) => shop.person(id),
    provider,
    context,
    /** An invoice for ten roubles, which somebody may pay. */
    invoice: async () => {
      const id = newId()
      const personId = await shop.person(++people)
      const sum = { asset: 'RUB', amount: 1_000n, creditAsset: 'RUB', creditAmount: 1_000n } as const
      await createPayment(shop.db, { id, personId, bot: 'shop', provider: 'heleket', ...sum })
      await movePayment(shop.db, id, 'pending', { providerRef: `i-${id}` })
      return { personId, payment: (await readPayment(shop.db, id))! }
    },
  }
}
const paid = (
  reference: string,
  invoice: string,
  amount: bigint,
  asked = amount,
  asset: Asset = 'RUB',
): Reading => ({
  invoice,
  reference,
  state: 'paid',
  status: 'paid',
  asked: { asset, amount: asked },
  received: { asset, amount },
  sent: undefined,
  deposit: false,
  createdAt: undefined,
})

test('F62 a payment that cannot be booked keeps the daily comparison from none of the others, and its job says so', async () => {
  const listed: Reading[] = []
  const { context, invoice, db, has } = await opened(listed)
  const [absurd, good] = [await invoice(), await invoice()]
  listed.push(paid(paymentReference(absurd.payment), absurd.payment.providerRef!, 2n ** 70n, 1_000n))
  listed.push(paid(paymentReference(good.payment), good.payment.providerRef!, 1_000n))
  const day = new Date().toISOString().slice(0, 10)
  await expect(onCompare(context, { provider: 'heleket', day })).rejects.toThrow(
    '1 payments cannot be booked',
  )
  expect([await has(good.personId, 'RUB'), await has(absurd.personId, 'RUB')]).toEqual([1_000n, 0n])
  const reported = q`select 1 from payment_events where event_id = ${`compared-${day}`} and payload -> 'healed' ? ${good.payment.id}`
  expect(await db.rows(reported)).toHaveLength(1)
})

test('F62 nothing, and less than nothing, under a reference that the database has lost is kept for the admins and stops no job', async () => {
  const { context, provider, db, person } = await opened()
  const [mark] = await db.rows(q<{ details: { shop: string } }>`select ${shopMark} as details`)
  for (const [at, amount] of [0n, -500n].entries()) {
    const lost = { id: newId(), personId: await person(900 + at), details: mark!.details }
    await heed(context, provider, paid(paymentReference(lost), `lost-${at}`, 1_000n, amount), 'webhook')
    expect(await readPayment(db, lost.id)).toBeUndefined()
    const kept = q`select 1 from payment_events where kind = 'orphan' and event_id like ${`lost-${at}-%`}`
    expect(await db.rows(kept)).toHaveLength(1)
  }
})

test('F62 less than nothing that came of our own invoice moves nothing', async () => {
  const { context, provider, db, invoice, has } = await opened()
  const { personId, payment } = await invoice()
  for (const state of ['paid', 'overpaid', 'underpaid'] as const) {
    const reading = { ...paid(paymentReference(payment), payment.providerRef!, -1_000n, 1_000n), state }
    await heed(context, provider, reading, 'webhook')
  }
  expect(await readPayment(db, payment.id)).toMatchObject({ state: 'pending', booked: 0n })
  expect(await has(personId, 'RUB')).toBe(0n)
})
