import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect } from 'vitest'
import { makeInvoice } from '#shop/payments/jobs.ts'
import { countStatements } from '../lib/count-statements.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop } from '../lib/payment-shop.ts'
import type { PaymentShop } from '../lib/payment-shop.ts'
import { testOnRedis as test } from '../lib/redis.ts'

// What a credit costs, in counts: those of a busy machine are the same as those of an idle one.

const HOUR = 3_600_000
let shop: PaymentShop
const counter = countStatements('telekassa-billing')
beforeAll(async () => {
  // The test's own relay would now and then move what the credit owes before the worker's, which is counted, does.
  shop = await openPaymentShop({ vendors: ['heleket'], lookEveryMs: HOUR })
})
afterAll(async () => {
  counter.stop()
  await shop.close()
})

/** Read every few seconds whether or not money comes, and the relay's own. */
const BY_ITSELF =
  /\bfrom "?(settings|admins|bots)\b|^select exists \(select "id" from "outbox"|^update outbox set state = 'queued'/

test('a credit costs four statements, and waits for the disk once', async () => {
  const payment = await shop.begin('heleket', { personId: 4_711n })
  expect(payment.state).toBe('pending')
  // The job that made the invoice ends with a statement of its own, and what it owes is moved after that.
  const making = () =>
    shop.db.rows(
      q`select 1 from outbox where state = 'owed' or (job = ${makeInvoice.name} and state <> 'done')`,
    )
  await eventually(async () => (await making()).length === 0, { what: 'the invoice is made to the end' })
  counter.take()
  await shop.vendors['heleket']!.vendor.pay(payment.providerRef!, 'exact', {})
  await eventually(async () => (await shop.payment(payment.id)).state === 'paid', { what: 'it is paid' })
  expect(await shop.has(4_711n)).toBe(payment.creditAmount)
  const owed = () => shop.db.rows(q`select 1 from outbox where state = 'owed'`)
  await eventually(async () => (await owed()).length === 0, { what: 'what was owed is on its queue' })
  const { statements, commits } = counter.take()
  // The vendor says first that it has seen the money, which is read and noted: two statements.
  const said = statements.filter((text) => !BY_ITSELF.test(text)).map((text) => /\w+/.exec(text)![0])
  expect(said).toEqual(['select', 'with', 'select', 'with', 'with', 'insert'])
  // One for each of the two events, and the relay's.
  expect(commits).toBe(3)
})
