import { describe, expect, test } from 'vitest'
import { redisAvailable } from '../lib/requirements.ts'
import type { ItemRow, OrderRow, Outside, Shop } from './books.ts'
import { howTold } from './messages.ts'
import { FIRST_PERSON, planOrder } from './plan.ts'
import type { OrderPlan } from './plan.ts'
import { compare } from './proof.ts'
import { ratesOf } from './rates.ts'
import { shelfProof } from './shelf-proof.ts'
import { runChaos } from './run.ts'
import { planTroubles } from './troubles.ts'

const TARGETS = ['balancer', 'reseller', 'gateway-1', 'gateway-2', 'bot-1', 'bot-2']

test.skipIf(!redisAvailable())(
  'F1 F2 F3 F5 F7 F10 F14 F17 F18 F20 F26 F27 F30 F31 F77 F79 F83 F119 sixty purchases while everything dies and everybody steals: all books agree, nobody gains, and every message is there',
  async () => {
    // With this seed people buy every kind of good, and Premium comes from the bot's own Stars.
    const report = await runChaos({ seed: 25, orders: 60, lanes: 20, troubles: 8, compact: true })
    expect(report.wrong).toEqual([])
    expect(Object.values(report.troubles).reduce((sum, count) => sum + count, 0)).toBe(8)
    expect(Object.keys(report.villains)).toHaveLength(15)
    expect(report.figures['deliveries of Stars, Premium and gifts']).toBeGreaterThan(5)
    expect(new Set(Object.keys(report.outcomes).map((words) => words.split(' ')[0])).size).toBe(15)
    expect(report.figures['vendor invoices paid']).toBeGreaterThan(3)
  },
  // Longer than a run waits for its books to agree (300 s), so that the run itself says what hangs and stops
  // its processes.
  600_000,
)

describe('the plan of a run', () => {
  test('is the same for the same seed, order by order, however many orders there are', () => {
    expect(planOrder(7, 99)).toEqual(planOrder(7, 99))
    expect(planOrder(7, 99)).not.toEqual({ ...planOrder(8, 99) })
    const troubles = planTroubles(7, 1_000, 40, TARGETS)
    expect(planTroubles(7, 1_000, 40, TARGETS)).toEqual(troubles)
    expect(troubles.map(({ after }) => after)).toEqual(
      troubles.map(({ after }) => after).toSorted((a, b) => a - b),
    )
  })

  test('has every kind of order, and every kind of trouble among the first eight', () => {
    const kinds = new Set(Array.from({ length: 200 }, (_, number) => planOrder(3, number).kind))
    expect(kinds.size).toBe(15)
    expect(new Set(planTroubles(3, 100, 8, TARGETS).map(({ what }) => what)).size).toBe(8)
  })
})

describe('the plan of a run on several hosts', () => {
  const beside = {
    hosts: ['host-1', 'host-2', 'host-3'],
    redis: ['redis-1', 'redis-2'],
    disks: ['postgres', 'redis-1'],
    limits: true,
  }

  test('has every kind of trouble among the first fifteen, names which host and which Redis, and cuts hosts of no other run', () => {
    const troubles = planTroubles(3, 100, 60, TARGETS, beside)
    expect(new Set(troubles.slice(0, 15).map(({ what }) => what)).size).toBe(15)
    for (const { what, target } of troubles) {
      if (what.startsWith('host')) expect(beside.hosts).toContain(target)
      if (what === 'disk full') expect(beside.disks).toContain(target)
      if (what === 'memory limit') expect(TARGETS).toContain(target)
      if (what.startsWith('redis')) expect(beside.redis).toContain(target)
    }
    expect(planTroubles(3, 100, 60, TARGETS).filter(({ what }) => what.startsWith('host'))).toEqual([])
  })
})

test('how fast people were served is counted while a trouble lasted and for as long before and after', () => {
  // Ten orders a second for 20 s, two for 20 s while a host is cut off, eight for 20 s.
  const ended = Array.from({ length: 60 }, (_, second) =>
    Array.from({ length: [10, 2, 8][Math.floor(second / 20)]! }, () => second * 1_000 + 500),
  ).flat()
  const cut = { what: 'host cut off', from: 20_000, to: 40_000, felt: '' }
  // A kill is over in a moment, and its window lasts ten seconds.
  const kill = { what: 'kill', from: 55_000, to: 55_001, felt: 'once' }
  expect(ratesOf([kill, cut, { ...kill, from: 15_000, to: 15_001 }], ended, [0, 60_000])).toEqual([
    { what: 'host cut off', times: 1, before: 10, during: 2, after: 8, felt: [] },
    { what: 'kill', times: 2, before: 9, during: 6.7, after: 2, felt: ['once'] },
  ])
})

describe('the comparison of both books', () => {
  const person = BigInt(FIRST_PERSON)
  const plans = [{ person: FIRST_PERSON, kind: 'stars-by-stars' } as OrderPlan]
  const books = (): { outside: Outside; shop: Shop } => ({
    outside: {
      charges: [{ charge_id: 'c', person: FIRST_PERSON, amount: 45, refunded: false }],
      sold: { orders: [], deliveries: [{ type: 'STARS', receiver: `Buyer_${person}`, quantity: 50 }] },
      drawn: [],
      invoices: [],
    },
    shop: {
      orders: [
        {
          id: 'o',
          good: 'stars',
          state: 'delivered',
          person,
          asset: 'TOK',
          price: 9n,
          captured: 1,
          hold: 'captured',
          asked: 1,
          amount: 50,
        },
      ],
      payments: [
        {
          id: 'p',
          provider: 'stars',
          ref: 'c',
          state: 'paid',
          person,
          amount: 45n,
          creditAsset: 'TOK',
          creditAmount: 9n,
          suspended: 0n,
          credits: 1,
        },
      ],
      wallets: [{ person, asset: 'TOK', available: 0n, held: 0n }],
      items: [],
      plans: [],
    },
  })
  const found = (change: (both: ReturnType<typeof books>) => void) => {
    const both = books()
    change(both)
    return compare(both.outside, both.shop, plans)
  }

  test('finds no difference when the two books agree', () => {
    expect(found(() => {})).toEqual([])
  })

  test.each<[string, (both: ReturnType<typeof books>) => void, RegExp]>([
    ['a payment credited twice', ({ shop }) => (shop.payments[0]!.credits = 2), /is credited 2 times/],
    ['a payment never credited', ({ shop }) => shop.payments.pop(), /is credited 0 times/],
    ['a credit without a payment', ({ outside }) => outside.charges.pop(), /nobody paid it/],
    [
      'goods sold twice',
      ({ outside: { sold } }) => sold.deliveries.push(sold.deliveries[0]!),
      /sold 2 times, charged 1/,
    ],
    [
      'a gift of Telegram’s that nobody was charged for',
      ({ outside: { sold } }) =>
        sold.deliveries.push({ type: 'TELEGRAM-GIFT', receiver: `buyer_${person}`, quantity: 15 }),
      /TELEGRAM-GIFT 15: sold 1 times, charged 0/,
    ],
    ['goods charged and not sold', ({ outside }) => outside.sold.deliveries.pop(), /sold 0 times, charged 1/],
    [
      'more Stars sold than ordered',
      ({ outside: { sold } }) => (sold.deliveries[0]!.quantity = 500),
      /STARS 500: sold 1 times, charged 0[\s\S]*STARS 50: sold 0 times, charged 1/,
    ],
    ['an order that hangs', ({ shop }) => (shop.orders[0]!.state = 'unknown'), /stays unknown/],
    ['money still held', ({ shop }) => (shop.wallets[0]!.held = 1n), /1 held/],
    ['a token too many', ({ shop }) => (shop.wallets[0]!.available = 1n), /should have 0/],
    ['a period charged twice', cards(2, [1, 2, 2]), /period 2 of kept-\d+ is charged 2 times/],
    ['a card charged for a plan that was not renewed', cards(1, [1]), /is charged and was renewed 1 times/],
    ['a plan with a kept card that stays behind', cards(1, []), /was renewed 1 times/],
    ['a picture started twice', picture(2), /2 pictures were started for .*, the shop knows of 1/],
    ['a picture never drawn', picture(0), /charged for 1 pictures, 0 were drawn/],
  ])('finds %s', (_what, change, sentence) => {
    expect(found(change).join('\n')).toMatch(sentence)
  })

  function cards(renewals: number, periods: number[]) {
    return ({ outside, shop }: ReturnType<typeof books>) => {
      const charges = periods.map((period, index) => ({ period, ref: `y${index}` }))
      shop.plans.push({ id: `kept-${person}`, person, renewals, keeps: true, charges })
      const invoice = { vendor: 'yookassa' as const, status: 'succeeded', paid: '300.00 RUB' }
      outside.invoices = charges.map(
        ({ ref }) => ({ ...invoice, id: ref }) as (typeof outside.invoices)[number],
      )
    }
  }

  function picture(tasks: number) {
    return ({ outside, shop }: ReturnType<typeof books>) => {
      shop.orders.push({ ...shop.orders[0]!, id: 'i', good: 'image', price: 0n })
      const task = { prompt: `a cat for buyer_${person}.`, stage: 'success', fate: { end: 'success' } }
      outside.drawn = Array.from({ length: tasks }, () => task)
    }
  }
})

describe('the proof of own goods', () => {
  const person = BigInt(FIRST_PERSON)
  const row = (more: Partial<ItemRow> = {}): ItemRow => ({
    id: 'o',
    kind: 'stock',
    state: 'delivered',
    owner: person,
    gift: false,
    item: '1',
    sold: 1,
    aside: 0,
    codes: 0,
    accesses: 0,
    result: false,
    ...more,
  })
  const none = { sold: 0 }
  const found = (...items: ItemRow[]) => shelfProof({ items, orders: [], wallets: [] })

  test('finds no fault in one order of each kind, nor in orders whose money was given back', () => {
    const each = [
      row(),
      row({ ...none, id: 'c', kind: 'code', item: '2', codes: 1 }),
      row({ ...none, id: 'a', kind: 'access', item: '3', accesses: 1 }),
      row({ ...none, id: 's', kind: 'service', item: '4', result: true }),
      row({ ...none, id: 't', kind: 'text', item: '5' }),
      row({ ...none, id: 'f', kind: 'file', item: '6' }),
      row({ id: 'g', gift: true, item: '7', owner: person + 1n }),
      row({ ...none, id: 'r', kind: 'service', item: '8', state: 'failed' }),
      row({ ...none, id: 'w', item: '9', state: 'awaiting_payment', aside: 1 }),
    ]
    expect(found(...each)).toEqual([])
  })

  test.each<[string, ItemRow[], RegExp]>([
    ['a line that nobody got', [row(none)], /delivered and got 0/],
    ['two lines for one order', [row({ sold: 2 })], /delivered and got 2/],
    [
      'a code of an order that failed',
      [row({ ...none, kind: 'code', state: 'failed', codes: 1 })],
      /and got 1/,
    ],
    ['a place in no chat', [row({ ...none, kind: 'access' })], /delivered and got 0/],
    ['a service without a result', [row({ ...none, kind: 'service' })], /delivered and got 0/],
    [
      'a line that an order keeps after its end',
      [row({ ...none, state: 'cancelled', aside: 1 })],
      /keeps 1 lines/,
    ],
    ['a gift that is nobody’s', [row({ gift: true, owner: null })], /is nobody’s/],
    [
      'a gift that was opened and paid back',
      [row({ ...none, gift: true, state: 'failed' })],
      /was opened by/,
    ],
    ['the second of what is one for each', [row(), row({ id: 'p' })], /has it twice/],
  ])('finds %s', (_what, items, sentence) => {
    expect(found(...items).join('\n')).toMatch(sentence)
  })

  test('reports an order that still waits for money although the balance covers it', () => {
    const waiting = { id: 'o', good: 'item', state: 'awaiting_payment', person, asset: 'TOK', price: 5n }
    const shop = (available: bigint) =>
      shelfProof({
        items: [],
        orders: [waiting as OrderRow],
        wallets: [{ person, asset: 'TOK', available, held: 0n }],
      })
    expect([shop(4n), shop(5n)]).toEqual([[], [`order o waits for money that ${person} has`]])
  })
})

test('what people were told is counted: what is missing, what came twice, and how late each was', () => {
  const promised = [
    { text: 'Paid', at: 10 },
    { text: 'Paid and delivered', at: 20 },
    { text: 'Gone', at: 30 },
    { text: 'Again', at: 40 },
    { text: 'Again', at: 50 },
  ]
  const said = [
    { at: 11, texts: ['Paid, thank you', 'Wait'] },
    { at: 100, texts: ['Paid and delivered'] },
    { at: 101, texts: ['Paid and delivered', 'Paid and delivered: look'] },
    { at: 41, texts: ['Again'] },
    { at: 52, texts: ['Again'] },
    { at: 60, texts: ['Something else'] },
  ]
  expect(howTold(promised, said)).toEqual({ missing: ['Gone'], twice: 1, late: [80, 1, 2, 1] })
})
