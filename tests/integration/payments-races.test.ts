import type { RawBuilder } from 'kysely'
import { sql as q } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { prove } from '#shared/money/proof.ts'
import { createLog } from '#shared/log.ts'
import { confirmAdjustment, draftAdjustment } from '#shop/admin/adjustments.ts'
import { setBan } from '#shop/admin/person.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { buyPeriod, readSubscription, stopRenewal } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { createPayment, readPayment } from '#shop/payments/payments.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { askWallet, forgetWish, keepAddress, readDepositWallet } from '#shop/payments/wallets.ts'
import { expireUnpaid } from '#shop/payments/worker/expire.ts'
import { creditStars } from '#shop/payments/worker/stars.ts'
import { onMakeWallet } from '#shop/payments/worker/wallet.ts'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
  await shop.db.rows(q`insert into bots (name, telegram_id) values ('main', 300)`)
  atEnd(async () => {
    expect(await prove(shop.db)).toMatchObject({ ok: true })
    await shop.close()
  })
})
let people = 40_000
const somebody = () => shop.person(++people, 'main')

const waiting = async () =>
  (
    await shop.db.rows(q`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
  ).length

/** Lets two acts meet at one locked row: the first waits for it, then the second, and then the row is let go. */
async function meet(
  row: RawBuilder<unknown>,
  acts: (() => Promise<unknown>)[],
): Promise<PromiseSettledResult<unknown>[]> {
  const running: Promise<unknown>[] = []
  await shop.db.tx(async (tx) => {
    await tx.rows(row)
    for (const act of acts) {
      const before = await waiting()
      let over = false
      running.push(act().finally(() => (over = true)))
      await Promise.allSettled([
        eventually(async () => over || (await waiting()) > before, { what: 'it waits or is over' }),
      ])
    }
  })
  return await Promise.allSettled(running)
}

/** Both orders in which two acts can come. */
const orders = <One>(one: One, other: One): [One, One][] => [
  [one, other],
  [other, one],
]

test('an invoice in Stars that ends while its payment comes is paid, whoever is first', async () => {
  for (const first of ['expiry', 'payment'] as const) {
    const personId = await somebody()
    const id = newId()
    const sums = { asset: 'XTR', amount: 50n, creditAsset: 'TOK', creditAmount: 10n } as const
    await createPayment(shop.db, { id, personId, bot: 'main', provider: 'stars', ...sums })
    await shop.db.rows(q`update payments set expires_at = now() - interval '1 hour' where id = ${id}`)
    const charge = { bot: 'main', personId: String(personId), chargeId: `stx${id}`, stars: 50, payload: id }
    const expiry = () => expireUnpaid(shop)
    const payment = () => creditStars(shop, charge)
    const outcomes = await meet(
      q`select 1 from payments where id = ${id} for update`,
      first === 'expiry' ? [expiry, payment] : [payment, expiry],
    )
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect([first, (await readPayment(shop.db, id))!.state]).toEqual([first, 'paid'])
    expect(await shop.has(personId)).toBe(10n)
  }
})

test('an admin’s correction and a purchase that want the same tokens: one of them has them', async () => {
  for (const first of ['correction', 'purchase'] as const) {
    const personId = await somebody()
    await give(shop.db, personId, 30n, 'TOK')
    const id = newId()
    await draftAdjustment(shop.db, {
      id,
      bot: 'main',
      personId,
      asset: 'TOK',
      amount: -20n,
      reason: 'a mistake',
      createdBy: 77n,
    })
    const app = { ...shop, log: createLog({ level: 'silent', name: 'test' }) } as unknown as Parameters<
      typeof confirmAdjustment
    >[0]
    const correction = () => confirmAdjustment(app, id, 77n, 'main', async () => {})
    const purchase = () =>
      shop.db.tx((tx) =>
        buyPeriod(tx, {
          payer: personId,
          personId,
          plan: 'plus',
          bot: 'main',
          renews: false,
          reference: newId(),
        }),
      )
    const outcomes = await meet(
      q`select 1 from wallets where person_id = ${personId} for update`,
      first === 'correction' ? [correction, purchase] : [purchase, correction],
    )
    const [won, lost] = outcomes
    expect([first, won!.status, lost!.status]).toEqual([first, 'fulfilled', 'rejected'])
    const reason = lost!.status === 'rejected' ? (lost!.reason as UserError) : undefined
    const code = first === 'correction' ? 'balance.insufficient' : 'admin.balance-short'
    expect(reason).toMatchObject({ code })
    expect(await shop.has(personId)).toBe(first === 'correction' ? 10n : 0n)
  }
})

test('a renewal that meets the person’s stop, or a ban, is paid once or not at all, and never again', async () => {
  for (const stop of ['stop', 'ban'] as const)
    for (const [first] of orders('renewal', stop)) {
      const personId = await somebody()
      await give(shop.db, personId, 100n, 'TOK')
      const id = newId()
      await shop.db.rows(q`
        insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
        values (${id}, ${personId}, 'plus', 'main', 'balance', true, now())`)
      const renewal = () => renewDue(shop.db)
      const stopping = () =>
        stop === 'ban'
          ? setBan(shop.db, { personId, reason: 'fraud', by: 77n, bot: 'main' })
          : shop.db.tx((tx) => stopRenewal(tx, id, personId))
      const outcomes = await meet(
        q`select 1 from subscriptions where id = ${id} for update`,
        first === 'renewal' ? [renewal, stopping] : [stopping, renewal],
      )
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
      const { period, renews } = (await readSubscription(shop.db, id))!
      expect(renews).toBe(false)
      const left = await shop.has(personId)
      expect([stop, first, period, left]).toEqual([
        stop,
        first,
        ...(first === 'renewal' ? [2, 70n] : [1, 100n]),
      ])
      await renewDue(shop.db)
      expect(await shop.has(personId)).toBe(left)
    }
})

test('an address that comes at the moment of its refusal is either the person’s or asked for anew, and only one of both is told', async () => {
  for (const first of ['address', 'refusal'] as const) {
    const personId = await somebody()
    const wish = { personId, bot: 'main', provider: 'cryptomus', asset: 'USDT', network: 'tron' } as const
    const reference = await shop.db.tx((tx) => askWallet(tx, wish))
    const worker = (createWallet: PaymentProvider['createWallet']) => {
      const context = { db: shop.db, payments: new Map([['cryptomus', { createWallet }]]) }
      return onMakeWallet(
        context as unknown as Parameters<typeof onMakeWallet>[0],
        { reference },
        { lastTry: true },
      )
    }
    const made = {
      wallet: 'w',
      address: 'TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE',
      asset: 'USDT',
      network: 'tron',
    } as const
    const address = () => worker(() => Promise.resolve(made))
    const refusal = () => worker(() => Promise.reject(new Error('away')))
    await meet(
      q`select 1 from deposit_wallets where reference = ${reference} for update`,
      first === 'address' ? [address, refusal] : [refusal, address],
    )
    const told = await shop.db.rows(q<{ text: string }>`
      select payload ->> 'text' as text from outbox where payload ->> 'personId' = ${String(personId)}`)
    const row = await readDepositWallet(shop.db, reference)
    expect([first, told.map(({ text }) => text), row?.address]).toEqual(
      first === 'address' ? [first, ['wallet-ready'], made.address] : [first, ['wallet-refused'], undefined],
    )
    expect(await shop.db.tx((tx) => forgetWish(tx, reference))).toBe(false)
    expect(await shop.db.tx((tx) => keepAddress(tx, reference, 'w2', 'other'))).toBe(false)
  }
})
