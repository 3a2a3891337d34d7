import { sql as q } from 'kysely'
import { sharedSql } from '#shared/tables.ts'
import { lockWord } from '#shared/db/lock.ts'
import { ago } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Payment } from '#shared/money/tables.ts'
import { operatorsOf, oweAdminAlert } from '#shared/notices.ts'
import {
  createPayment,
  freePayments,
  isDisowned,
  isLost,
  movePayment,
  paymentByRef,
  readPayment,
  shopMark,
} from '../payments.ts'
import { recordEvent } from '../events.ts'
import { readSubscription } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { chargeOf } from '../charges.ts'
import { bringsCard, followCard, isBanned } from '../kept-cards.ts'
import { readReference } from '../reference.ts'
import { restoredPerDay } from '../settings.ts'
import { ensurePerson } from '#shared/people.ts'
import { together } from '#shared/together.ts'
import type { ProviderEvent, PaymentProvider, Reading } from '../providers/port.ts'
import type { HeedContext } from './context.ts'
import { heedDeposit } from './deposits.ts'
import { settlePayments, type Heard, type ReadingSource } from './settle.ts'

const MONEY = new Set<Reading['state']>(['paid', 'overpaid', 'underpaid'])
const REFUNDS = new Set<Reading['state']>(['refunded', 'refund_failed'])

/**
 * A provider's statement is believed only after we have asked the provider: always where webhooks are not signed, else
 * for money from `confirmAbove` minor units on, because vendors sign test events with the live key as well. The answer
 * of the look-up is booked, never the event.
 */
export async function confirmed(
  provider: PaymentProvider,
  notice: ProviderEvent,
  confirmAbove: bigint,
): Promise<Reading | undefined> {
  const large =
    MONEY.has(notice.state) && (notice.received === undefined || notice.received.amount >= confirmAbove)
  if (provider.supports.signedWebhooks && !large && !REFUNDS.has(notice.state)) return notice
  return provider.lookup({ reference: notice.reference ?? '', invoice: notice.invoice })
}

/**
 * Finds the payment that a confirmed statement is about and applies the statement. A statement about nobody is kept.
 */
export async function heed(
  context: HeedContext,
  provider: PaymentProvider,
  reading: Reading,
  source: ReadingSource,
): Promise<void> {
  if (reading.deposit) return await heedDeposit(context, provider, reading)
  await context.db.tx(async (tx) => {
    const payment =
      (await find(tx, provider.name, reading)) ?? (await restore(tx, context, provider.name, reading))
    if (payment === undefined || isForAdmins(context, payment, reading)) {
      return await keepOrphan(tx, context, provider.name, reading, payment)
    }
    await settle(tx, context, [{ payment, reading, source, within: (work) => work() }])
  })
}

/** Two shops may have the account of a reference that names none, so an admin decides about it in recovery, too. */
const isForAdmins = ({ config }: HeedContext, payment: Payment, reading: Reading): boolean =>
  isDisowned(payment) ||
  (isLost(payment) && !(config.recoveryMode && readReference(reading.reference)?.shop !== undefined))

async function settle(tx: Sql, context: HeedContext, all: readonly Heard[]): Promise<void> {
  // A charge buys the period that it is for, and a renewal locks its subscription before the wallet. So does a purchase with
  // its person, whom a ban must not meet between the question and the card.
  for (const { payment, reading } of all) {
    if (bringsCard({ payment, reading })) await isBanned(tx, payment.personId)
    const charge = chargeOf(payment.details)
    if (charge) await readSubscription(tx, charge.renewal.id, true)
  }
  for (const [at, { review, to }] of (await settlePayments(tx, context, all)).entries()) {
    const heard = all[at]!
    await followCard(tx, context.secrets, heard, to)
    if (review) context.log.warn({ payment: heard.payment.id, review }, 'a payment needs a human')
  }
}

interface Statement {
  provider: PaymentProvider
  reading: Reading
  source: ReadingSource
}

/** `heed` for statements of which many come at once: those of our payments that nobody else has in hand go together. */
export function heedTogether(context: HeedContext): (statement: Statement) => Promise<void> {
  return together<Statement>({
    key: ({ provider, reading }) =>
      `${provider.name} ${readReference(reading.reference)?.id ?? reading.invoice}`,
    alone: ({ provider, reading, source }) => heed(context, provider, reading, source),
    async all(calls) {
      const ids = calls.flatMap(({ one }) => idOf(one) ?? [])
      if (ids.length === 0) return new Set()
      return await context.db.tx(async (tx) => {
        const free = new Map((await freePayments(tx, ids)).map((payment) => [payment.id, payment]))
        const ours = calls.filter(({ one }) => {
          const payment = free.get(idOf(one) ?? '')
          return payment && isOf(payment, one) && !isLost(payment)
        })
        const heard = ours.map(({ one, within }) => ({ ...one, payment: free.get(idOf(one)!)!, within }))
        await settle(tx, context, heard)
        return new Set(ours.map(({ one }) => one))
      })
    },
  })
}

/** The payment that a statement names; one about a deposit names none that there is. */
const idOf = ({ reading }: Statement): string | undefined =>
  reading.deposit ? undefined : readReference(reading.reference)?.id

/** Locks the row of the payment that it finds. */
async function find(tx: Sql, provider: string, reading: Reading): Promise<Payment | undefined> {
  const ours = readReference(reading.reference)
  const payment = ours
    ? await readPayment(tx, ours.id, true)
    : await paymentByRef(tx, provider, reading.invoice, true)
  return payment && isOf(payment, { provider: { name: provider }, reading }) ? payment : undefined
}

function isOf(
  payment: Payment,
  { provider, reading }: { provider: { name: string }; reading: Reading },
): boolean {
  const ours = readReference(reading.reference)
  return payment.provider === provider.name && (!ours || payment.personId === ours.personId)
}

/**
 * Money came under a reference of ours, and the database has no such payment: it was restored from an older backup. The
 * reference names the person. Nobody knows any more what the person was promised, so what came is credited as it is.
 * There is a most for a day, because anybody who has the provider's key can make such a reference up: what is above it
 * waits for an admin's yes, and nothing that is told of it later credits it.
 */
async function restore(
  tx: Sql,
  context: HeedContext,
  provider: string,
  reading: Reading,
): Promise<Payment | undefined> {
  const named = readReference(reading.reference)
  // No invoice of ours asks for nothing, or for less than nothing.
  if (!named || !reading.asked || reading.asked.amount <= 0n || !MONEY.has(reading.state)) return undefined
  const { shop, ...ours } = named
  const [mark] = await tx.rows(moneySql.selectNoFrom(q<string | null>`${shopMark} ->> 'shop'`.as('shop')))
  // Another shop has the same account at this provider, and credits its own.
  if (shop !== undefined && shop !== mark?.shop) return undefined
  // A person whom we do not know buys from another shop with the same account: the admins see the money, and we do not
  // credit it.
  const known = await tx.rows(sharedSql.selectFrom('persons').select('id').where('id', '=', ours.personId))
  if (known.length === 0) return undefined
  const last = sharedSql
    .selectFrom('bot_sessions')
    .select('bot')
    .where('person_id', '=', ours.personId)
    .orderBy('last_seen_at', 'desc')
    .limit(1)
  const oldest = sharedSql.selectFrom('bots').select('name').orderBy('created_at').orderBy('name').limit(1)
  const [home] = await tx.rows(
    sharedSql.selectNoFrom(({ fn }) => fn.coalesce(last.$asScalar(), oldest.$asScalar()).as('bot')),
  )
  if (!home?.bot) return undefined
  // A reference that release 0.1 made does not name its shop, so the money may be another shop's: an admin decides.
  const waits = shop === undefined || !(await isWithinCeiling(tx, context, provider, reading))
  await ensurePerson(tx, ours.personId, home.bot)
  const { asset, amount } = reading.asked
  const isNew = await createPayment(tx, {
    ...ours,
    bot: home.bot,
    provider,
    asset,
    amount,
    creditAsset: asset,
    creditAmount: amount,
    details: { restored: true },
  })
  if (isNew && waits)
    await movePayment(tx, ours.id, 'review', { providerRef: reading.invoice, set: { review: 'lost' } })
  // The row may have been on its way in another transaction: then it is there now, and it is the one that counts.
  return await find(tx, provider, reading)
}

/** Whether this much more of lost payments may be credited today without an admin. Two at once wait for one another. */
async function isWithinCeiling(
  tx: Sql,
  { settings, config }: HeedContext,
  provider: string,
  { asked, received }: Reading,
): Promise<boolean> {
  if (config.recoveryMode) return true
  // What came beside the sum that was asked for waits in suspense, where its person takes it without anybody's yes.
  if (!asked || (received && received.asset !== asked.asset)) return false
  const { asset } = asked
  const amount = received && received.amount > asked.amount ? received.amount : asked.amount
  const ceiling = BigInt((await settings.get(restoredPerDay))[asset] ?? '0')
  await lockWord(tx, `restored ${provider}`)
  const [row] = await tx.rows(
    moneySql
      .selectFrom('payments')
      .select(q<bigint>`coalesce(sum(greatest(amount, booked)), 0)::int8`.as('sum'))
      .where(q<boolean>`details ? 'restored' and details ->> 'review' is distinct from 'lost'`)
      .where('provider', '=', provider)
      .where('asset', '=', asset)
      .where('created_at', '>', ago(1, 'day')),
  )
  return row!.sum + amount <= ceiling
}

/** Keeps a genuine statement that is about nobody we know, and tells the admins if it is about money. */
async function keepOrphan(
  tx: Sql,
  context: HeedContext,
  provider: string,
  reading: Reading,
  lost: Payment | undefined,
): Promise<void> {
  context.log.warn(
    { provider, invoice: reading.invoice, status: reading.status },
    'an event of a payment names nobody that we know',
  )
  const sum = reading.received ? `-${reading.received.amount}` : ''
  await recordEvent(tx, {
    provider,
    eventId: `${reading.invoice}-${reading.status}${sum}-orphan`,
    kind: 'orphan',
    ...(lost && { paymentId: lost.id }),
    // The provider's name of a card is a secret.
    payload: {
      ...reading,
      keptCard: undefined,
      asked: textOf(reading.asked),
      received: textOf(reading.received),
    },
  })
  if (!MONEY.has(reading.state) || (lost && isDisowned(lost))) return
  const number = reading.invoice
  await oweAdminAlert(tx, operatorsOf(context.bots), {
    key: `orphan-${provider}-${number}`,
    ...(lost
      ? {
          text: 'alert-payment-lost',
          params: {
            number,
            provider,
            person: String(lost.personId),
            payment: lost.id,
            sum: reading.received ?? { asset: lost.asset, amount: lost.amount },
          },
        }
      : { text: 'alert-payment-orphan', params: { number, provider, status: reading.status } }),
  })
}

function textOf(money: Reading['asked']): { asset: string; amount: string } | undefined {
  return money && { asset: money.asset, amount: String(money.amount) }
}
