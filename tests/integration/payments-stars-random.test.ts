import fc from 'fast-check'
import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { audit } from '#shared/audit.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { prove } from '#shared/money/proof.ts'
import type { StarsCharge } from '#shared/queue/jobs/stars.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { createPayment, frozenHold, frozenOf, paymentByRef, readPayment } from '#shop/payments/payments.ts'
import { readOn } from '#shop/payments/reconcile-stars.ts'
import { askRefund, refundOf, takeUnlisted } from '#shop/payments/refunds.ts'
import { starsByBooks } from '#shop/payments/star-books.ts'
import { doubtUnlisted, thaw } from '#shop/payments/unlisted.ts'
import { bookRefund } from '#shop/payments/worker/book-refund.ts'
import type { ProviderContext } from '#shop/payments/worker/context.ts'
import { refuseRefund } from '#shop/payments/worker/heed-refund.ts'
import { onSettleRefund } from '#shop/payments/worker/refund.ts'
import { bookForeignRefund } from '#shop/payments/worker/stars-refunds.ts'
import { creditStars } from '#shop/payments/worker/stars.ts'
import { atEnd } from '../lib/at-end.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

/** `STARS_RUNS=2000` is the long run. */
const RUNS = Number(process.env['STARS_RUNS'] ?? 60)
const BILLION = 1_000_000_000n
const ADMIN = 77n

/** A payment for an invoice. A forged payment is told to us, and Telegram does not know it. */
interface Plan {
  stars: number
  genuine: boolean
  /** Whether our database has the invoice. */
  known: boolean
  /** What an affiliate gets of it, nanostars. */
  share: bigint
}
const plan: fc.Arbitrary<Plan> = fc.record({
  stars: fc.constantFrom(5, 50, 51),
  genuine: fc.oneof(
    { weight: 3, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  known: fc.boolean(),
  share: fc.constantFrom(0n, 0n, 500_000_000n, 1_250_000_000n),
})
const ABOUT_ONE = [
  ...([
    'told',
    'told',
    'listed',
    'listed',
    'given back at Telegram',
    'told of that',
    'minutes pass',
    'taken',
  ] as const),
  ...(['left to the person', 'refund asked', 'refund carried out', 'refund refused', 'spent'] as const),
] as const
const OTHERS = [
  'looked',
  'looked',
  'worked',
  'gift',
  'fee',
  'fee',
  'withdrawal',
  'advertisement back',
] as const
type Event = { what: (typeof ABOUT_ONE)[number]; of: number } | { what: (typeof OTHERS)[number] }
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ what: fc.constantFrom(...ABOUT_ONE), of: fc.nat(2) }),
  fc.constantFrom(...OTHERS).map((what) => ({ what })),
)
const story = fc.record({
  plans: fc.array(plan, { minLength: 3, maxLength: 3 }),
  // What stands in one list happens side by side.
  rounds: fc.array(fc.array(event, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 14 }),
})

const ONE: Plan = { stars: 50, genuine: true, known: true, share: 0n }
const one = (...what: (typeof ABOUT_ONE)[number][]): Event[] => what.map((word) => ({ what: word, of: 0 }))
const inTurn = (...events: Event[]) => ({ plans: [ONE, ONE, ONE], rounds: events.map((event) => [event]) })
const LOOKED: Event = { what: 'looked' }
/** Each was a fault once. */
const EXAMPLES = [
  // Telegram lists Stars whose tokens an admin wants to take, before billing has taken them.
  inTurn(
    ...one('told', 'minutes pass'),
    LOOKED,
    ...one('taken', 'listed'),
    LOOKED,
    ...one('refund carried out'),
  ),
  // Telegram lists Stars while their refund is under way, and then refuses the refund.
  inTurn(
    ...one('told', 'minutes pass'),
    LOOKED,
    ...one('refund asked', 'listed'),
    LOOKED,
    ...one('refund refused'),
  ),
]

interface Line {
  id: string
  amount: number
  nanostar_amount: number
  date: number
  source?: object
  receiver?: object
}
const sum = (nanostars: bigint) => ({
  amount: Number(nanostars / BILLION),
  nanostar_amount: Number(nanostars % BILLION),
})

/** A bot of its own, with Telegram's list of its Stars. */
async function world(shop: WalletShop, plans: readonly Plan[]) {
  const { db } = shop
  const name = `b${newId().slice(0, 12)}`
  await db.rows(q`insert into bots (name, telegram_id) values (${name}, ${Math.floor(Math.random() * 1e12)})`)
  const personId = await shop.person(20_000 + Math.floor(Math.random() * 1e9), name)
  const lines: Line[] = []
  /** Everything that left the bot's Stars and is no payment and no refund, nanostars. */
  let left = 0n
  const getStarTransactions = ({ offset = 0, limit = 100 }) =>
    Promise.resolve({ transactions: lines.slice(offset, offset + limit).map((line) => ({ ...line })) })
  const bot = { name, admins: [], api: { getStarTransactions } } as unknown as ServedBot
  const app = { ...shop, log: createLog({ level: 'silent', name: 'test' }), bots: new Map([[name, bot]]) }

  const charges = await Promise.all(
    plans.map(async (one) => {
      const payload = newId()
      if (one.known)
        await createPayment(db, {
          id: payload,
          personId,
          bot: name,
          provider: 'stars',
          asset: 'XTR',
          amount: BigInt(one.stars),
          creditAsset: 'TOK',
          creditAmount: 10n,
        })
      const charge: StarsCharge = {
        bot: name,
        personId: String(personId),
        chargeId: `stx${newId()}`,
        stars: one.stars,
        payload: one.known ? payload : 'elsewhere',
      }
      return { ...one, charge, listed: false, back: false }
    }),
  )
  type Charge = (typeof charges)[number]
  const partner = ({ charge, share, known, stars }: Charge, back: boolean) => {
    // Without the invoice nobody knows what the whole was.
    const isShared = share > 0n && known
    const part = isShared ? share : 0n
    const part0 = back ? -part : part
    return {
      ...sum(BigInt(stars) * BILLION - part),
      user: {
        type: 'user',
        transaction_type: 'invoice_payment',
        user: { id: Number(personId) },
        invoice_payload: charge.payload,
        ...(isShared && { affiliate: sum(part0) }),
      },
      part,
    }
  }
  const list = (one: Charge) => {
    if (!one.genuine || one.listed) return
    one.listed = true
    const { user, part, amount, nanostar_amount } = partner(one, false)
    left += part
    lines.push({ id: one.charge.chargeId, amount, nanostar_amount, date: 1, source: user })
  }
  const giveBack = (one: Charge) => {
    if (!one.genuine || one.back) return
    list(one)
    one.back = true
    const { user, part, amount, nanostar_amount } = partner(one, true)
    left -= part
    lines.push({ id: one.charge.chargeId, amount, nanostar_amount, date: 1, receiver: user })
  }
  const leave = (nanostars: bigint, receiver: object) => {
    left += nanostars
    lines.push({ id: newId(), ...sum(nanostars), date: 1, receiver })
  }
  return {
    app,
    bot,
    name,
    personId,
    charges,
    list,
    giveBack,
    leave,
    /** Telegram adds up the fees of a minute in one line, which is the last one. */
    fee(nanostars: bigint) {
      const last = lines.at(-1)
      if ((last?.receiver as { type?: string } | undefined)?.type !== 'telegram_api')
        return leave(nanostars, { type: 'telegram_api', request_count: 1 })
      left += nanostars
      Object.assign(last!, sum(BigInt(last!.amount) * BILLION + BigInt(last!.nanostar_amount) + nanostars))
    },
    come(nanostars: bigint) {
      left -= nanostars
      lines.push({ id: newId(), ...sum(nanostars), date: 1, source: { type: 'telegram_ads' } })
    },
    left: () => left,
  }
}
type World = Awaited<ReturnType<typeof world>>

/** Does the jobs that reading the list has owed. */
async function work({ app, name }: World): Promise<void> {
  const rows = await app.db.rows(q<{ key: string; job: string; payload: StarsCharge }>`
    select key, job, payload from outbox where state = 'owed' and bot = ${name} and job in ('stars.paid', 'stars.refunded') order by id`)
  for (const { key, job, payload } of rows) {
    const verdict = await (job === 'stars.paid' ? creditStars(app, payload) : bookForeignRefund(app, payload))
    if (verdict.verdict === 'done') await app.db.rows(q`update outbox set state = 'done' where key = ${key}`)
  }
}

/** Billing carries out what an admin has decided about Stars that Telegram's list does not have. */
async function settle({ app }: World, paymentId: string): Promise<void> {
  const refund = await refundOf(app.db, paymentId)
  if (refund?.state === 'unknown')
    await onSettleRefund(app as unknown as ProviderContext, { refundId: refund.id, happened: true })
}

let updates = 0
let spendings = 0
async function happen(at: World, event: Event): Promise<void> {
  const { app, bot, name, personId } = at
  const { db } = app
  if (!('of' in event)) {
    if (event.what === 'looked') return await doubtUnlisted(app, bot, await readOn(db, bot))
    if (event.what === 'worked') return await work(at)
    if (event.what === 'gift')
      return at.leave(15n * BILLION, { type: 'user', transaction_type: 'gift_purchase', user: { id: 5 } })
    if (event.what === 'fee') return at.fee(100_000_000n)
    if (event.what === 'withdrawal') return at.leave(3n * BILLION, { type: 'fragment' })
    return at.come(250_000_000n)
  }
  const one = at.charges[event.of]!
  const { charge } = one
  const payment = await paymentByRef(db, 'stars', charge.chargeId)
  switch (event.what) {
    case 'told':
      return void (await creditStars(app, { ...charge, updateId: ++updates }))
    case 'listed':
      return at.list(one)
    case 'given back at Telegram':
      return at.giveBack(one)
    case 'told of that':
      if (one.back) await bookForeignRefund(app, { ...charge, updateId: ++updates })
      return
    case 'minutes pass':
      return void (await db.rows(q`
        update payments set paid_at = paid_at - interval '5 minutes' where bot = ${name} and paid_at > now() - interval '4 minutes'`))
    case 'spent':
      return void (await post(
        db,
        transfer(
          { person: personId },
          { system: 'sales' },
          { asset: 'TOK', amount: 4n },
          { reference: `spent-${name}-${++spendings}`, kind: 'generation' },
        ),
      ))
    default:
      if (payment) await decide(at, event.what, one, payment.id)
  }
}

async function decide(
  at: World,
  what: string,
  one: World['charges'][number],
  paymentId: string,
): Promise<void> {
  const { app, name: bot } = at
  const { db } = app
  if (what === 'taken')
    return await db.tx(async (tx) => {
      await takeUnlisted(tx, { paymentId, adminId: ADMIN })
      await audit(tx, { actor: ADMIN, action: 'payment.unlisted-take', target: `payment ${paymentId}`, bot })
    })
  if (what === 'left to the person') return void (await db.tx((tx) => thaw(tx, paymentId, 'admin:77')))
  if (what === 'refund asked')
    return void (await db.tx((tx) => askRefund(tx, { paymentId, adminId: ADMIN, reason: 'admin' })))
  const refund = await refundOf(db, paymentId)
  if (!refund || refund.state === 'done') return
  if (refund.reason !== 'admin') return await settle(at, paymentId)
  // The bot holds too few Stars, for example.
  if (what === 'refund refused' || !one.genuine)
    return await db.tx((tx) => refuseRefund(tx, app.bots, refund, 'refused'))
  // Telegram gives back what it has got, whether or not its list has the line already.
  at.giveBack(one)
  await db.tx((tx) => bookRefund(tx, refund))
}

const isRefusal = (error: unknown) =>
  error instanceof UserError && /^(refund\.|balance\.insufficient|admin\.)/.test(error.code)

/** Whole Stars, with the one that has begun. */
const begun = (nanostars: bigint) => nanostars / BILLION + (nanostars % BILLION > 0n ? 1n : 0n)

test('F16 F84 F118 whatever Telegram tells and lists, and admins decide, in any order and side by side: the bot’s Stars stand in the books as in the list, and each charge gives its tokens once or not at all', async () => {
  const shop = await openWalletShop()
  atEnd(() => shop.close())
  const { db } = shop
  await fc.assert(
    fc.asyncProperty(story, async ({ plans, rounds }) => {
      const at = await world(shop, plans)
      const { bot, name, charges } = at
      for (const round of rounds) {
        const outcomes = await Promise.allSettled(round.map((one) => happen(at, one)))
        for (const one of outcomes) if (one.status === 'rejected' && !isRefusal(one.reason)) throw one.reason
      }
      // Everything comes to its end: Telegram has listed all, and billing has done all.
      for (const one of charges) at.list(one)
      await readOn(db, bot)
      for (const _again of [1, 2]) await work(at)
      for (const { charge } of charges) {
        const payment = await paymentByRef(db, 'stars', charge.chargeId)
        if (payment) await settle(at, payment.id)
      }

      let expected = 0n
      const doubtful: string[] = []
      for (const one of charges) {
        const payment = await paymentByRef(db, 'stars', one.charge.chargeId)
        if (!payment) {
          expect(one.genuine, 'a genuine payment is found in the list').toBe(false)
          continue
        }
        const refund = await refundOf(db, payment.id)
        const isUnderWay = refund !== undefined && refund.state !== 'done'
        const isTaken = refund?.state === 'done' && refund.reason !== 'admin' && !one.back
        const { state, creditAmount, amount } = (await readPayment(db, payment.id))!
        if (one.back) expect([one, state]).toEqual([one, 'refunded'])
        else if (one.genuine && !isTaken && !isUnderWay) expect([one, state]).toEqual([one, 'paid'])
        const [books] = await db.rows(q<{ tokens: bigint | null }>`
            select sum(e.amount)::bigint as tokens from postings p join entries e on e.posting_id = p.id
            where p.details ->> 'payment' = ${payment.id} and e.asset = 'TOK' and (e.person_id is not null or e.system = 'shortfall')`)
        expect([state, books!.tokens]).toEqual([state, state === 'refunded' ? 0n : creditAmount])
        if (state !== 'refunded') expected += amount
        const isFrozen = state === 'review' && frozenOf(payment) > 0n
        if (isFrozen && (!one.genuine || isUnderWay)) doubtful.push(frozenHold(payment.id))
      }
      expect((await starsByBooks(db)).get(name) ?? 0n).toBe(expected - begun(at.left()))
      // Only what is doubtful is held, and what may be on its way back.
      const holds = await db.rows(q<{ reference: string }>`
        select reference from holds where person_id = ${at.personId} and state = 'open' and reference like 'unlisted-%'`)
      expect(holds.map(({ reference }) => reference).toSorted()).toEqual(doubtful.toSorted())
    }),
    { numRuns: RUNS, examples: EXAMPLES.map((made): [typeof made] => [made]) },
  )
  expect(await prove(db)).toMatchObject({ ok: true })
}, 300_000)
