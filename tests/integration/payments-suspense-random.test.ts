import fc from 'fast-check'
import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { prove } from '#shared/money/proof.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { besides, createPayment, movePayment, readPayment } from '#shop/payments/payments.ts'
import { creditReviewed, giveSuspended } from '#shop/payments/give-back.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { openRefund, refundOf } from '#shop/payments/refunds.ts'
import { takeSuspended } from '#shop/payments/suspense.ts'
import { bookRefund } from '#shop/payments/worker/book-refund.ts'
import type { HeedContext } from '#shop/payments/worker/context.ts'
import { heedRefund } from '#shop/payments/worker/heed-refund.ts'
import { heed } from '#shop/payments/worker/heed.ts'
import { atEnd } from '../lib/at-end.ts'
import { ASKED, lastWord, readingOf, statementsOf, truths } from '../lib/vendor-statements.ts'
import type { Statement, Truth } from '../lib/vendor-statements.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

/** `SUSPENSE_RUNS=2000` is the long run. */
const RUNS = Number(process.env['SUSPENSE_RUNS'] ?? 60)
const ADMIN = 77n

type Event =
  | { do: 'say'; said: Statement }
  | {
      do:
        'take' | 'give' | 'credit' | 'ask refund' | 'refund sent' | 'refund done' | 'refund refused' | 'spend'
    }

const events = (truth: Truth): fc.Arbitrary<Event> =>
  fc.oneof(
    { weight: 5, arbitrary: statementsOf(truth).map((said): Event => ({ do: 'say', said })) },
    {
      weight: 4,
      arbitrary: fc
        .constantFrom(
          'take',
          'give',
          'credit',
          'ask refund',
          'refund sent',
          'refund done',
          'refund refused',
          'spend',
        )
        .map((what) => ({ do: what }) as Event),
    },
  )
const story = fc
  .record({ truth: truths, credit: fc.constantFrom('RUB' as const, 'TOK' as const) })
  .chain((made) =>
    fc.record({
      truth: fc.constant(made.truth),
      credit: fc.constant(made.credit),
      // What stands in one list happens side by side.
      rounds: fc.array(fc.array(events(made.truth), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 8,
      }),
    }),
  )

const says = (invoice: Statement['invoice'], state: Statement['state'], received: bigint): Event[] => [
  { do: 'say', said: { invoice, state, received } },
]
/** Was a fault once: dollars wait, more roubles come, and all the roubles go back. */
const OTHER_CURRENCY = {
  truth: { own: 2_000n, second: 1_000n, secondAsset: 'USD' as const },
  credit: 'RUB' as const,
  rounds: [
    says('own', 'paid', 1_000n),
    says('second', 'paid', 1_000n),
    says('own', 'overpaid', 2_000n),
    [{ do: 'ask refund' } as Event],
    [{ do: 'refund done' } as Event],
  ],
}

/** Refusals that people and admins read; they change nothing. */
const isRefusal = (error: unknown) =>
  error instanceof UserError && /^(refund\.|balance\.insufficient|admin\.)/.test(error.code)

async function begin(shop: WalletShop, credit: 'RUB' | 'TOK') {
  const { db } = shop
  const id = newId()
  const personId = await shop.person(1_000 + Math.floor(Math.random() * 1e9))
  await createPayment(db, {
    id,
    personId,
    bot: 'shop',
    provider: 'heleket',
    asset: 'RUB',
    amount: ASKED,
    creditAsset: credit,
    creditAmount: credit === 'RUB' ? ASKED : 70n,
  })
  await movePayment(db, id, 'pending', { providerRef: `own-${id}` })
  const reference = paymentReference((await readPayment(db, id))!)
  const context = {
    ...shop,
    log: createLog({ level: 'silent', name: 'test' }),
    secrets: secretsFrom(shop.config),
  } as unknown as HeedContext
  return { id, personId, reference, context, own: `own-${id}` }
}
type Begun = Awaited<ReturnType<typeof begin>>

const vendor = { name: 'heleket' } as PaymentProvider
let spendings = 0

async function happen(shop: WalletShop, begun: Begun, truth: Truth, event: Event): Promise<void> {
  const { db } = shop
  const { id, personId, context } = begun
  const underWay = () => db.tx(async (tx) => (await readPayment(tx, id, true)) && (await refundOf(tx, id)))
  switch (event.do) {
    case 'say':
      return await heed(
        context,
        vendor,
        readingOf(event.said, { ...begun, secondAsset: truth.secondAsset }),
        'webhook',
      )
    case 'take':
      return void (await db.tx((tx) => takeSuspended(tx, id, personId, 'person')))
    case 'give':
      return void (await giveSuspended(shop, { bot: 'shop', by: ADMIN, id }))
    case 'credit':
      return void (await creditReviewed(shop, { bot: 'shop', by: ADMIN, id }))
    case 'ask refund':
      return void (await db.tx(async (tx) =>
        openRefund(tx, (await readPayment(tx, id, true))!, { adminId: ADMIN, reason: 'test' }),
      ))
    case 'refund sent':
      return void (await db.rows(q`
        update payment_refunds set state = 'sent' where payment_id = ${id} and state = 'asked'`))
    case 'refund done': {
      const refund = await underWay()
      if (refund && refund.state !== 'done') await db.tx((tx) => bookRefund(tx, refund))
      return
    }
    case 'refund refused': {
      const refund = await underWay()
      if (refund) await db.tx((tx) => heedRefund(tx, context.bots, refund, 'refund_failed'))
      return
    }
    case 'spend': {
      const price = { asset: 'RUB', amount: 700n } as const
      const order = { reference: `spent-${++spendings}`, kind: 'stars' } as const
      return void (await post(db, transfer({ person: personId }, { system: 'sales' }, price, order)))
    }
  }
}

/** What the books say of a payment: minor units by account and asset. */
async function booksOf(shop: WalletShop, id: string): Promise<Record<string, bigint>> {
  const rows = await shop.db.rows(q<{ account: string; sum: bigint }>`
    select coalesce(e.system, 'person') || ' ' || e.asset as account, sum(e.amount)::bigint as sum
    from postings p join entries e on e.posting_id = p.id
    where p.details ->> 'payment' = ${id} group by 1`)
  return Object.fromEntries(rows.map(({ account, sum }) => [account, sum]))
}

test('F14 F16 F21 whatever a vendor says of a payment, what its person takes, and what admins do, in any order and side by side: nothing paid is lost, nobody has what nobody paid, and all of it is booked once', async () => {
  const shop = await openWalletShop()
  atEnd(() => shop.close())
  await fc.assert(
    fc.asyncProperty(story, async ({ truth, credit, rounds }) => {
      const begun = await begin(shop, credit)
      const { id } = begun
      const errors: unknown[] = []
      for (const round of rounds) {
        const outcomes = await Promise.allSettled(round.map((event) => happen(shop, begun, truth, event)))
        for (const one of outcomes)
          if (one.status === 'rejected' && !isRefusal(one.reason)) errors.push(one.reason)
      }
      if (errors.length > 0) throw errors[0]
      for (const invoice of ['own', 'second'] as const)
        await happen(shop, begun, truth, { do: 'say', said: lastWord(truth, invoice) })

      const payment = (await readPayment(shop.db, id))!
      const books = await booksOf(shop, id)
      const refund = await refundOf(shop.db, id)
      const back = refund?.state === 'done' ? refund.back! : 0n
      const isByAdmin = payment.details['creditedBy'] !== undefined
      // An admin's word counts as much as the whole price, also if less has come.
      const cameOwn = isByAdmin && truth.own < ASKED ? ASKED : truth.own
      const cameSecond = truth.second
      const here = (asset: string) => -(books[`provider:heleket ${asset}`] ?? 0n)

      expect(payment.booked, 'all that came under our invoice').toBe(cameOwn)
      const sameAsset = truth.secondAsset === 'RUB'
      expect(here('RUB'), 'roubles at the vendor').toBe(cameOwn + (sameAsset ? cameSecond : 0n) - back)
      expect(here('USD'), 'dollars at the vendor').toBe(sameAsset ? 0n : cameSecond)
      expect(besides(payment)).toEqual(cameSecond > 0n ? { [truth.secondAsset]: String(cameSecond) } : {})
      const waits = (asset: string) => (payment.suspendedAsset === asset ? payment.suspended : 0n)
      for (const asset of ['RUB', 'USD'])
        expect(books[`suspense ${asset}`] ?? 0n, `${asset} that wait`).toBe(waits(asset))
      const promised = credit === 'RUB' ? ASKED : 70n
      const conversion = -(books['conversion TOK'] ?? 0n)
      if (credit === 'TOK') expect([0n, promised]).toContain(conversion)

      // In the end the person takes what waits, and has all that came and did not go back.
      if (!refund || refund.state === 'done') await happen(shop, begun, truth, { do: 'take' })
      const after = await booksOf(shop, id)
      if (!refund || refund.state === 'done') {
        const left = (asset: string) => (after[`person ${asset}`] ?? 0n) + (after[`shortfall ${asset}`] ?? 0n)
        if (credit === 'RUB') expect(left('RUB')).toBe(here('RUB'))
        expect(left('USD')).toBe(here('USD'))
        expect((await readPayment(shop.db, id))!.suspended).toBe(0n)
      }
    }),
    { numRuns: RUNS, examples: [[OTHER_CURRENCY]] },
  )
  expect(await prove(shop.db)).toMatchObject({ ok: true })
}, 300_000)

test('F21 each further sum under a second invoice is told to its person', async () => {
  const shop = await openWalletShop()
  atEnd(() => shop.close())
  const begun = await begin(shop, 'RUB')
  const truth: Truth = { own: ASKED, second: 2_000n, secondAsset: 'RUB' }
  const news = [
    ...says('own', 'paid', ASKED),
    ...says('second', 'paid', ASKED),
    ...says('second', 'overpaid', 2_000n),
    ...says('second', 'overpaid', 2_000n),
  ]
  for (const one of news) await happen(shop, begun, truth, one)
  const told = await shop.db.rows(q<{ sum: string }>`
    select payload #>> '{params,received,amount}' as sum from outbox
    where payload ->> 'text' = 'payment-extra' and payload ->> 'personId' = ${String(begun.personId)} order by id`)
  expect(told.map(({ sum }) => sum)).toEqual(['1000', '1000'])
})
