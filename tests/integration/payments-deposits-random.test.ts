import fc from 'fast-check'
import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import type { Asset } from '#shared/money.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { toReading } from '#shop/payments/providers/cryptomus-engine/reading.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { askWallet, keepAddress } from '#shop/payments/wallets.ts'
import type { HeedContext } from '#shop/payments/worker/context.ts'
import { heed } from '#shop/payments/worker/heed.ts'
import { atEnd } from '../lib/at-end.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'

/** `DEPOSITS_RUNS=2000` is the long run. */
const RUNS = Number(process.env['DEPOSITS_RUNS'] ?? 60)
const PEOPLE = 3

interface Transfer {
  /** Whose address; undefined = an address of which we know nothing. */
  whose: number | undefined
  coin: string
  sum: string
  /** What the vendor says on the way, the last word excepted. */
  said: readonly string[]
  end: 'paid' | 'paid_over' | 'fail'
}

const GOOD_SUMS = ['1', '12.345678', '0.000001', '7.12345678901234567890', '1000000']
/** Nothing, less than nothing, no numbers, more than the books hold, more than a bigint holds. */
const ODD_SUMS = ['0', '0.0000000001', '-5', '1e9', 'NaN', '', '9999999999999', '99999999999999999999']

const transfer: fc.Arbitrary<Transfer> = fc.record({
  whose: fc.oneof(
    { weight: 5, arbitrary: fc.nat(PEOPLE - 1) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  coin: fc.constantFrom('USDT', 'USDT', 'TON', 'SOL', 'DOGE'),
  sum: fc.constantFrom(...GOOD_SUMS, ...ODD_SUMS),
  said: fc.array(
    fc.constantFrom(
      'process',
      'check',
      'confirm_check',
      'wrong_amount',
      'refund_paid',
      'locked',
      'brand_new',
    ),
    { maxLength: 3 },
  ),
  end: fc.constantFrom('paid', 'paid', 'paid_over', 'fail'),
})

/** What the person must have of a transfer, minor units: a millionth of USDT, a billionth of TON and SOL. */
const WORTH: Record<string, readonly [bigint, bigint]> = {
  '1': [1_000_000n, 1_000_000_000n],
  '12.345678': [12_345_678n, 12_345_678_000n],
  '0.000001': [1n, 1_000n],
  '7.12345678901234567890': [7_123_456n, 7_123_456_789n],
  '1000000': [1_000_000_000_000n, 1_000_000_000_000_000n],
  // Ten thousand milliards of a coin are more than the books hold where the coin has nine digits after the point.
  '9999999999999': [0n, 0n],
}
const worth = ({ coin, sum, end }: Transfer): bigint =>
  coin === 'DOGE' || end === 'fail' ? 0n : (WORTH[sum]?.[coin === 'USDT' ? 0 : 1] ?? 0n)

test('F14 F21 F62 coins on permanent addresses are credited to their person once, however often, late and side by side they are told, and a sum that nobody can book stops nothing', async () => {
  const shop = await openWalletShop()
  atEnd(() => shop.close())
  const { db } = shop
  const context = { ...shop, log: createLog({ level: 'silent', name: 'test' }) } as unknown as HeedContext
  const vendor = { name: 'cryptomus' } as PaymentProvider
  let people = 5_000
  await fc.assert(
    fc.asyncProperty(
      fc.array(transfer, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat(1_000_000)),
      async (transfers, chance) => {
        const owners = await Promise.all(Array.from({ length: PEOPLE }, () => shop.person(++people)))
        const references = await Promise.all(
          owners.map((personId) =>
            db.tx(async (tx) => {
              const wish = {
                personId,
                bot: 'shop',
                provider: 'cryptomus',
                asset: 'USDT',
                network: 'tron',
              } as const
              const reference = await askWallet(tx, wish)
              await keepAddress(tx, reference, `w-${personId}`, `T-${personId}`)
              return reference
            }),
          ),
        )
        const news = transfers.flatMap((one) => {
          const uuid = newId()
          const order_id = one.whose === undefined ? `tw-${newId()}-1` : references[one.whose]!
          // The last word comes twice at least: by a webhook, and by the daily comparison.
          return [...one.said, one.end, one.end].map((status) => ({
            uuid,
            order_id,
            status,
            type: 'wallet',
            currency: one.coin,
            payer_currency: one.coin,
            payment_amount: one.sum,
          }))
        })
        const mixed = news
          .map((one) => ({ one, at: chance.next().value as number }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one }) => one)
        const outcomes = await Promise.allSettled(
          mixed.map((one) => heed(context, vendor, toReading(one as never), 'webhook')),
        )
        for (const one of outcomes) if (one.status === 'rejected') throw one.reason

        for (const [at, personId] of owners.entries())
          for (const asset of ['USDT', 'TON', 'SOL'] as Asset[]) {
            const mine = transfers.filter(({ whose, coin }) => whose === at && coin === asset)
            const has = (await readBalance(db, personId, asset)).available
            expect([asset, has]).toEqual([asset, mine.map(worth).reduce((sum, one) => sum + one, 0n)])
          }
        // What came for nobody, or cannot be counted, is told to the admins.
        const keys = [...new Set(news.map(({ uuid }) => `deposit-${uuid}`))]
        const told = await db.rows(q`select 1 from alerts where key = any(${keys})`)
        expect(told).toHaveLength(
          transfers.filter((one) => one.end !== 'fail' && (one.whose === undefined || worth(one) === 0n))
            .length,
        )
      },
    ),
    { numRuns: RUNS },
  )
  expect(await prove(db)).toMatchObject({ ok: true })
  const [books] = await db.rows(q<{ wrong: bigint }>`
      select count(*) as wrong from payments p where details ? 'deposit' and booked is distinct from amount`)
  expect(books!.wrong).toBe(0n)
}, 300_000)
