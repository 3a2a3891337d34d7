import fc from 'fast-check'
import { sql as q } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { prove } from '#shared/money/proof.ts'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import type { NewCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { checkPromo, redeemPromo } from '#shop/loyalty/promo/promo.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { creditStars } from '#shop/payments/worker/stars.ts'
import { atEnd } from '../lib/at-end.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

/** `PROMO_RUNS=1000` is the long run. */
const RUNS = Number(process.env['PROMO_RUNS'] ?? 30)
const VALUE = 7n

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
  atEnd(async () => {
    expect(await prove(shop.db)).toMatchObject({ ok: true })
    await shop.close()
  })
})
let serial = 5_000

async function campaign(terms: Partial<NewCampaign>, uses: number) {
  const wanted = { name: 'test', kind: 'tokens' as const, value: VALUE, createdBy: 999n, ...terms }
  const id = await createCampaign(shop.db, wanted)
  return { id, code: await addCode(shop.db, id, `race-${++serial}`, uses) }
}
const ends = (id: bigint, when: string) =>
  shop.db.rows(q`update promo_campaigns set ends_at = now() + ${when}::interval where id = ${id}`)
const redeem = (personId: bigint, code: string, bot = 'shop', key?: string) =>
  shop.db.tx((tx) => redeemPromo(tx, { code, personId, bot, key }))

interface Story {
  uses: number
  perPerson: number
  presses: { who: number; bot: string; draft: number }[]
}

const press = fc.record({
  who: fc.constantFrom(0, 1, 2),
  bot: fc.constantFrom('shop', 'second'),
  // The same key again is a press that is handled twice.
  draft: fc.constantFrom(0, 1, 2),
})
const story: fc.Arbitrary<Story> = fc.record({
  uses: fc.integer({ min: 1, max: 3 }),
  perPerson: fc.integer({ min: 1, max: 2 }),
  presses: fc.array(press, { minLength: 1, maxLength: 12 }),
})
/** One use is left, and one person presses in two bots at once; or two people do. */
const LAST_USE: Story[] = [
  {
    uses: 1,
    perPerson: 2,
    presses: [
      { who: 0, bot: 'shop', draft: 0 },
      { who: 0, bot: 'second', draft: 1 },
    ],
  },
  {
    uses: 1,
    perPerson: 1,
    presses: [
      { who: 0, bot: 'shop', draft: 0 },
      { who: 1, bot: 'shop', draft: 1 },
    ],
  },
]

test('F63 whoever presses a code at once, in whichever bots and however often: it is used as often as it may be, and each use gives once', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ uses, perPerson, presses }) => {
      const { id, code } = await campaign({ perPerson }, uses)
      const people = await Promise.all([0, 1, 2].map(() => shop.person(++serial)))
      const keyOf = ({ who, draft }: Story['presses'][number]) => `press-${people[who]!}-${draft}`
      const outcomes = await Promise.allSettled(
        presses.map((one) => redeem(people[one.who]!, code, one.bot, keyOf(one))),
      )
      for (const one of outcomes)
        if (one.status === 'rejected') {
          expect(one.reason).toBeInstanceOf(UserError)
          expect(['promo.used', 'promo.used-up']).toContain((one.reason as UserError).code)
        }
      const wanted = people.map((person, who) => {
        const keys = new Set(
          presses.filter((one) => one.who === who).map((one) => `${one.bot} ${keyOf(one)}`),
        )
        return { person, most: Math.min(perPerson, keys.size) }
      })
      const most = Math.min(
        uses,
        wanted.reduce((sum, one) => sum + one.most, 0),
      )
      let had = 0n
      for (const { person, most: mine } of wanted) {
        const has = await shop.has(person)
        expect(has).toBeLessThanOrEqual(VALUE * BigInt(mine))
        had += has
      }
      expect(had).toBe(VALUE * BigInt(most))
      const [left] = await shop.db.rows(
        q<{ left: number; uses: number; rows: number }>`
          select k.uses_left as left, k.uses, (select count(*) from promo_uses where campaign_id = ${id})::int as rows
          from promo_codes k where k.code = ${code}`,
      )
      expect(left).toEqual({ left: uses - most, uses: most, rows: most })
    }),
    { numRuns: RUNS, examples: LAST_USE.map((one): [Story] => [one]) },
  )
}, 120_000)

test('F63 a code that ends between its screen and the press is refused, and keeps its use', async () => {
  const personId = await shop.person(++serial)
  const { id, code } = await campaign({}, 1)
  expect(await checkPromo(shop.db, { code, personId, bot: 'shop' })).toMatchObject({ id })
  await ends(id, '0 seconds')
  await expect(redeem(personId, code)).rejects.toMatchObject({ code: 'promo.expired' })
  expect(await shop.has(personId)).toBe(0n)
  await ends(id, '1 hour')
  await redeem(personId, code)
  expect(await shop.has(personId)).toBe(VALUE)
})

test.each([
  ['before', 15n],
  ['after', 10n],
] as const)(
  'F54 a bonus code that ends before the payment is seen: an invoice from %s its end makes %s tokens of ten',
  async (opened, tokens) => {
    const personId = await shop.person(++serial)
    const { id, code } = await campaign({ kind: 'percent', value: 50n }, 1)
    await redeem(personId, code)
    const invoice = newId()
    const sums = { asset: 'XTR', amount: 50n, creditAsset: 'TOK', creditAmount: 10n } as const
    await createPayment(shop.db, { id: invoice, personId, bot: 'shop', provider: 'stars', ...sums })
    await ends(id, opened === 'before' ? '0 seconds' : '-1 minute')
    // The uses and the invoice of the second case are older than the code's end, and the code is used before it.
    await shop.db.rows(q`
      update promo_uses set created_at = created_at - interval '1 hour' where campaign_id = ${id}`)
    await creditStars(shop, {
      bot: 'shop',
      personId: String(personId),
      chargeId: `stx${invoice}`,
      stars: 50,
      payload: invoice,
    })
    await shop.follow()
    expect(await shop.has(personId)).toBe(tokens)
  },
)
