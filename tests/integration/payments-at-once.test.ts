import { sql as q } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { createOrder } from '#shared/money/orders.ts'
import { openStarsInvoice } from '#shop/payments/stars-invoice.ts'
import type { StarsInvoice } from '#shop/payments/stars-invoice.ts'
import { eventually } from '../lib/eventually.ts'
import { ledgerDatabase, newPerson } from '../lib/ledger.ts'

// Many people open invoices in Stars at the same moment.

const at = ledgerDatabase({ connections: 6 })
let db: Db
let statements: number
let links: number
beforeEach(() => {
  statements = 0
  links = 0
  db = {
    ...at.db,
    rows: (query) => {
      statements += 1
      return at.db.rows(query)
    },
  }
})

const createInvoiceLink = async () => `https://t.me/$link-${++links}`
const open = (personId: bigint, more: Partial<StarsInvoice> = {}) =>
  openStarsInvoice(
    {
      app: { db },
      bot: { name: 'main' },
      personId,
      ctx: { api: { createInvoiceLink } },
      t: (key) => key,
      money: (amount, asset) => `${amount} ${asset}`,
    },
    { id: newId(), stars: 50n, tokens: 10n, ...more },
  )
const people = (count: number) => Promise.all(Array.from({ length: count }, () => newPerson(at.db)))
const paymentsOf = (ids: readonly bigint[]) =>
  at.db.rows(q<{ link: string; amount: bigint; card: unknown; minutes: number }>`
    select details ->> 'link' as link, amount, card, extract(epoch from expires_at - created_at)::int4 / 60 as minutes
    from payments where person_id = any(${ids}) and state = 'created' order by array_position(${ids}, person_id)`)

test('twenty invoices that are opened at once are written by one statement, each with its link, its sum and its card', async () => {
  const ids = await people(20)
  const card = (n: number) => ({ chatId: n, messageId: n })
  const opened = await Promise.all(ids.map((id, n) => open(id, { stars: BigInt(n + 1), card: card(n) })))
  expect(statements).toBe(1)
  expect(links).toBe(20)
  expect(await paymentsOf(ids)).toEqual(
    opened.map((one, n) => ({
      link: one.state === 'open' && one.link,
      amount: BigInt(n + 1),
      card: card(n),
      minutes: 60,
    })),
  )
  expect(opened.map((one) => one.state === 'open' && one.card)).toEqual(ids.map((_, n) => card(n)))
})

test('an invoice that is opened again, also at the same moment, is one payment and keeps its link (F60)', async () => {
  const [id] = await people(1)
  const draft = newId()
  const both = await Promise.all([open(id!, { id: draft }), open(id!, { id: draft })])
  const again = await open(id!, { id: draft })
  const [payment, ...more] = await paymentsOf([id!])
  expect(more).toEqual([])
  for (const one of [...both, again]) expect(one).toEqual({ state: 'open', link: payment!.link, card: null })
  await at.db.rows(q`update payments set expires_at = now() - interval '1 second' where id = ${draft}`)
  expect(await open(id!, { id: draft })).toEqual({ state: 'expired' })
  await at.db.rows(q`update payments set state = 'paid' where id = ${draft}`)
  expect(await open(id!, { id: draft })).toEqual({ state: 'paid' })
})

test('an invoice that cannot be written spoils none of its neighbours', async () => {
  const ids = await people(3)
  const opened = await Promise.allSettled([open(ids[0]!), open(1n), open(ids[1]!), open(ids[2]!)])
  expect(opened.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(await paymentsOf([...ids, 1n])).toHaveLength(3)
})

test('an invoice for an order that somebody has in hand waits by itself; its link is made once, however often it is opened', async () => {
  const ids = await people(3)
  const order = { id: newId(), expiresAt: new Date(Date.now() + 600_000) }
  const made = { personId: ids[0]!, bot: 'main', good: 'item', asset: 'TOK' as const, price: 10n }
  await createOrder(at.db, { ...order, ...made }, 'test')
  const id = newId()
  let late: ReturnType<typeof open> | undefined
  await at.db.tx(async (tx) => {
    await tx.rows(q`select from orders where id = ${order.id} for update`)
    late = open(ids[0]!, { id, order })
    await eventually(() => links === 1, { what: 'the link is made' })
    await Promise.all([open(ids[1]!), open(ids[2]!)])
    expect(await paymentsOf(ids)).toHaveLength(2)
  })
  const first = await late
  expect(first).toMatchObject({ state: 'open' })
  expect(await open(ids[0]!, { id, order })).toEqual(first)
  expect(links).toBe(3)
  const [kept] = await at.db.rows(
    q<{ ends: Date }>`select expires_at as ends from payments where id = ${id} and order_id = ${order.id}`,
  )
  expect(kept!.ends).toEqual(order.expiresAt)
})
