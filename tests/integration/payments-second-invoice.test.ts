import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { prove } from '#shared/money/proof.ts'
import type { Asset } from '#shared/money.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { besides, createPayment, movePayment, readPayment } from '#shop/payments/payments.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { onCompare } from '#shop/payments/worker/compare.ts'
import type { HeedContext, ProviderContext } from '#shop/payments/worker/context.ts'
import { heed } from '#shop/payments/worker/heed.ts'
import { atEnd } from '../lib/at-end.ts'
import { ASKED, readingOf } from '../lib/vendor-statements.ts'
import type { Statement } from '../lib/vendor-statements.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'

let opened: ReturnType<typeof openWalletShop> | undefined
const open = () =>
  (opened ??= openWalletShop().then((shop) => {
    atEnd(() => shop.close())
    return shop
  }))

let people = 1_000

/** A payment of which the own invoice is paid, and a voice for what the vendor says of it. */
async function paid() {
  const shop = await open()
  const { db } = shop
  const id = newId()
  const personId = await shop.person(++people)
  const sum = { asset: 'RUB', amount: ASKED, creditAsset: 'RUB', creditAmount: ASKED } as const
  await createPayment(db, { id, personId, bot: 'shop', provider: 'heleket', ...sum })
  await movePayment(db, id, 'pending', { providerRef: `own-${id}` })
  const reference = paymentReference((await readPayment(db, id))!)
  const context = {
    ...shop,
    log: createLog({ level: 'silent', name: 'test' }),
    secrets: secretsFrom(shop.config),
    bots: new Map([['shop', { name: 'shop', admins: [77n] }]]),
  } as unknown as HeedContext
  const names = { reference, own: `own-${id}` }
  const reading = (
    invoice: Statement['invoice'],
    state: Statement['state'],
    received: bigint,
    secondAsset: Asset = 'RUB',
  ) => readingOf({ invoice, state, received }, { ...names, secondAsset })
  const says = (...what: Parameters<typeof reading>) =>
    heed(context, { name: 'heleket' } as PaymentProvider, reading(...what), 'webhook')
  await says('own', 'paid', ASKED)
  return {
    shop,
    id,
    context,
    reading,
    says,
    row: async () => (await readPayment(db, id))!,
    /** As a build left it that did not write down what came under each of the other invoices. */
    forgets: () => db.rows(q`update payments set details = details - 'others' where id = ${id}`),
    alerts: () => db.rows(q`select 1 from alerts where key like ${`review-${id}-%`}`),
  }
}

test('F21 further money under a second invoice that a release before booked is booked as well', async () => {
  const { shop, says, forgets, row } = await paid()
  await says('second', 'paid', ASKED)
  await forgets()
  await says('second', 'overpaid', 2_000n)
  expect(await row()).toMatchObject({ booked: ASKED, suspended: 2_000n, suspendedAsset: 'RUB' })
  expect(besides(await row())).toEqual({ RUB: '2000' })
  // And what comes after that, in a shop that has written it down.
  for (const _twice of [1, 2]) await says('second', 'overpaid', 2_500n)
  expect(await row()).toMatchObject({ booked: ASKED, suspended: 2_500n })
  expect(await prove(shop.db)).toMatchObject({ ok: true })
})

test('F14 money under a second invoice that a release before booked is not booked again when its place has changed since', async () => {
  const { shop, says, forgets, row } = await paid()
  await says('second', 'paid', ASKED, 'USD')
  await forgets()
  // Roubles wait by now, so the same dollars would go to the balance.
  await shop.db.rows(q`
    update payments set suspended_asset = 'RUB', suspended = 250 where id = ${(await row()).id}`)
  await says('second', 'paid', ASKED, 'USD')
  expect(besides(await row())).toEqual({ USD: String(ASKED) })
})

test('F21 a second invoice whose money comes in another currency than before is an admin’s, who is told once', async () => {
  const { says, row, alerts } = await paid()
  await says('second', 'paid', ASKED, 'USD')
  for (const _twice of [1, 2]) await says('second', 'overpaid', 2_000n, 'RUB')
  expect(await row()).toMatchObject({ state: 'paid', suspended: ASKED, suspendedAsset: 'USD' })
  expect(await alerts()).toHaveLength(1)
})

test('F20 the daily comparison finds money under a second invoice whose webhook was lost', async () => {
  const { context, reading, row } = await paid()
  const listed = [reading('own', 'paid', ASKED), reading('second', 'paid', ASKED)]
  const provider = {
    name: 'heleket',
    async *listPayments() {
      yield* listed
    },
    lookup: async ({ invoice }: { invoice?: string }) => listed.find((one) => one.invoice === invoice),
  } as unknown as PaymentProvider
  const app = { ...context, payments: new Map([['heleket', provider]]) } as unknown as ProviderContext
  const day = new Date().toISOString().slice(0, 10)
  for (const _twice of [1, 2]) await onCompare(app, { provider: 'heleket', day })
  expect(await row()).toMatchObject({ booked: ASKED, suspended: ASKED, suspendedAsset: 'RUB' })
})
