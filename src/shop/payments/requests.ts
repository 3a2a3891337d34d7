import { sql as q } from 'kysely'
import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import { literal } from '#shared/db/build.ts'
import type { Reads, Sql } from '#shared/db/db.ts'
import { databaseCode } from '#shared/db/errors.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Payment } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import { resumeWaiting } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import { decideMoney, readPolicy } from '#shared/money/decisions.ts'
import type { DecisionPolicy } from '#shared/money/decisions.ts'
import { worthInRub } from '#shared/settings/rates.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Money } from '#shared/money.ts'
import { formatAmount } from '#shared/money.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { owe } from '#shared/queue/outbox.ts'
import { shorten } from '#shared/storable.ts'
import { book } from './book.ts'
import { drawPayment } from './jobs.ts'
import { createPayment, movePayment, readPayment } from './payments.ts'
import { readProofs, sameProof } from './proofs.ts'
import { secondAdminForRequests } from './settings.ts'
import type { ManualMethod } from './settings.ts'
import { paymentsSql } from './tables.ts'

/*
 * A transfer by hand: no machine sees the money, so admins decide by the proofs that the person shows. Provider
 * `manual`.
 */

/** The person's request that is not decided yet; there is one at a time. */
export async function openRequest(sql: Sql, personId: bigint): Promise<Payment | undefined> {
  const [row] = await sql.rows(
    moneySql
      .selectFrom('payments')
      .select('id')
      .where('person_id', '=', personId)
      .where('provider', '=', literal('manual'))
      .where('state', 'in', [literal('created'), literal('pending')]),
  )
  return row && (await readPayment(sql, row.id))
}

/** @throws UserError `request.open` when the person has one already */
export async function createRequest(
  sql: Sql,
  request: {
    id: string
    personId: bigint
    bot: string
    method: ManualMethod
    pay: Money
    credit: Money
    /** The order that waits for this money. */
    orderId?: string
  },
): Promise<void> {
  try {
    await createPayment(sql, {
      id: request.id,
      personId: request.personId,
      bot: request.bot,
      provider: 'manual',
      asset: request.pay.asset,
      amount: request.pay.amount,
      creditAsset: request.credit.asset,
      creditAmount: request.credit.amount,
      details: { method: request.method },
      ...(request.orderId && { orderId: request.orderId }),
    })
  } catch (error) {
    if (databaseCode(error) !== '23505') throw error
    // When a key is pressed twice at once, the second press may find the person's open request before it finds its
    // own id.
    if (!(await readPayment(sql, request.id))) throw new UserError('request.open')
  }
}

/** How many requests wait for an admin of this bot. */
export async function countRequests(sql: Sql, bot: string): Promise<number> {
  const [row] = await sql.rows(
    moneySql
      .selectFrom('payments')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('bot', '=', bot)
      .where('provider', '=', literal('manual'))
      .where('state', '=', literal('pending')),
  )
  return Number(row?.count ?? 0)
}

export type Decided = 'credited' | 'second-needed' | 'already'

/**
 * An admin's yes. From `secondAbove` on two different admins are needed. When two press at once, the money is credited
 * once: the row is locked, and only a pending request moves to paid.
 */
export async function approveRequest(
  tx: Sql,
  decision: {
    paymentId: string
    adminId: bigint
    adminName: string
    secondAbove: bigint
    goods: Assortment
    policy: DecisionPolicy
  },
): Promise<Decided> {
  const { paymentId, adminId, adminName } = decision
  const payment = await readPayment(tx, paymentId, true)
  if (payment?.provider !== 'manual' || payment.state !== 'pending') return 'already'
  await tx.rows(
    paymentsSql
      .insertInto('payment_approvals')
      .values({ payment_id: paymentId, admin_id: adminId })
      .onConflict((there) => there.doNothing()),
  )
  await audit(tx, {
    actor: adminId,
    action: 'request.approve',
    target: `payment ${paymentId}`,
    bot: payment.bot,
  })
  const [other] = await tx.rows(
    paymentsSql
      .selectFrom('payment_approvals')
      .select('admin_id as id')
      .where('payment_id', '=', paymentId)
      .where('admin_id', '<>', adminId)
      .limit(1),
  )
  const { rates } = decision.policy
  const credit = { asset: payment.creditAsset, amount: payment.creditAmount }
  const decided = await decideMoney(tx, decision.policy, {
    kind: 'request',
    reference: `request-${paymentId}`,
    bot: payment.bot,
    by: adminId,
    personId: payment.personId,
    money: credit,
    // By what was paid or by what it becomes, whichever is more: a bot's own prices say what a rouble buys there.
    large: [payment, credit].some((money) => worthInRub(rates, money) >= decision.secondAbove),
    ...(other && { agreed: other.id }),
  })
  if (decided === 'second-needed') return decided
  const moved = await movePayment(tx, paymentId, 'paid', {
    from: ['pending'],
    receivedAsset: payment.asset,
    receivedAmount: formatAmount(payment.amount, payment.asset),
    set: { decidedBy: adminName, credited: true },
  })
  if (!moved) return 'already'
  await book(tx, moved, { book: moved.amount, asset: moved.asset, price: moved.amount }, `${moved.amount}`)
  if (moved.orderId) await resumeWaiting(tx, decision.goods, moved.orderId, moved.id)
  await redraw(tx, moved)
  const { available } = await readBalance(tx, moved.personId, moved.creditAsset)
  await owePersonNotice(tx, {
    key: `paid-${paymentId}`,
    bot: moved.bot,
    personId: moved.personId,
    text: 'paid-notice',
    params: {
      credited: { amount: moved.creditAmount, asset: moved.creditAsset },
      balance: { amount: available, asset: moved.creditAsset },
      number: paymentId,
    },
    buttons: [[['menu-open', 'menu-below']]],
  })
  return 'credited'
}

/** The message that shows the request says what was decided. */
async function redraw(tx: Sql, { id, state, card }: Payment): Promise<void> {
  if (card) await owe(tx, drawPayment, { paymentId: id, round: state })
}

/** An admin's no, with the reason that the person reads. */
export async function rejectRequest(
  tx: Sql,
  decision: { paymentId: string; adminId: bigint; adminName: string; reason: string },
): Promise<boolean> {
  const payment = await readPayment(tx, decision.paymentId, true)
  if (payment?.provider !== 'manual') return false
  const moved = await movePayment(tx, decision.paymentId, 'cancelled', {
    from: ['pending'],
    set: { decidedBy: decision.adminName, reason: decision.reason },
  })
  if (!moved) return false
  await audit(tx, {
    actor: decision.adminId,
    action: 'request.reject',
    target: `payment ${decision.paymentId}`,
    bot: moved.bot,
    details: { reason: decision.reason },
  })
  await redraw(tx, moved)
  await owePersonNotice(tx, {
    key: `rejected-${moved.id}`,
    bot: moved.bot,
    personId: moved.personId,
    text: `request-rejected-${decision.reason}`,
    params: { number: moved.id, sum: { amount: moved.amount, asset: moved.asset } },
    buttons: [[['menu-open', 'menu-below']]],
  })
  return true
}

/** Reasons that a person understands; each has a text of its own. */
export const REJECT_REASONS = ['no-money', 'other-sum', 'unreadable', 'duplicate'] as const

/** Who decides, through which bot: a request is decided in the bot that has its proofs. */
interface Deciding {
  bot: string
  paymentId: string
  adminId: bigint
  adminName: string
}

const NAME_LENGTH = 40

type App = Pick<Context, 'db' | 'settings' | 'config' | 'bots' | 'goods'>

/** An admin's yes, in the chat or at the panel, by the limits of the bot. */
export async function approveAs(app: App, { bot, adminName, ...decision }: Deciding): Promise<Decided> {
  await mustBeOf(app.db, bot, decision.paymentId)
  const secondAbove = BigInt(await app.settings.get(secondAdminForRequests, bot))
  const policy = await readPolicy(app, bot)
  return app.db.tx((tx) =>
    approveRequest(tx, {
      ...decision,
      adminName: shorten(adminName, NAME_LENGTH),
      secondAbove,
      goods: app.goods,
      policy,
    }),
  )
}

/** An admin's no. @returns false when it was decided before */
export async function rejectAs(
  app: App,
  { bot, adminName, ...decision }: Deciding & { reason: (typeof REJECT_REASONS)[number] },
): Promise<boolean> {
  await mustBeOf(app.db, bot, decision.paymentId)
  return app.db.tx((tx) => rejectRequest(tx, { ...decision, adminName: shorten(adminName, NAME_LENGTH) }))
}

/** @throws UserError `admin.not-found` */
async function mustBeOf(sql: Sql, bot: string, id: string): Promise<void> {
  const payment = await readPayment(sql, id)
  if (payment?.bot !== bot || payment.provider !== 'manual') throw new UserError('admin.not-found')
}

/** What waits for an admin of this bot, the oldest first. @param page.after the last one seen */
export function listRequests(
  sql: Reads,
  { bot, after, limit }: { bot: string; after?: string | undefined; limit: number },
): Promise<{ id: string; amount: bigint; at: Date; name: string; method: string }[]> {
  const first = paymentsSql
    .selectFrom('payments as y')
    .innerJoin('persons as p', 'p.id', 'y.person_id')
    .select([
      'y.id',
      'y.amount',
      'y.created_at as at',
      q<string>`coalesce(y.details->>'method', '')`.as('method'),
      q<string>`coalesce(nullif(concat_ws(' ', nullif(p.first_name, ''), p.last_name), ''), y.person_id::text)`.as(
        'name',
      ),
    ])
    .where('y.bot', '=', bot)
    .where('y.provider', '=', literal('manual'))
    .where('y.state', '=', literal('pending'))
    .orderBy('y.updated_at')
    .orderBy('y.id')
    .limit(limit)
  const isLater = q<boolean>`(y.updated_at, y.id) > (select updated_at, id from payments where id = ${after})`
  return sql.rows(after === undefined ? first : first.where(isLater))
}

/** What was shown for a transfer: the words, how many files the bot has, who showed the same. */
export async function proofWords(
  sql: Sql,
  id: string,
): Promise<{ words: string; files: number; twins: string[] }> {
  const [proofs, twins] = await Promise.all([readProofs(sql, id), sameProof(sql, id)])
  return {
    words: proofs.flatMap(({ text }) => text ?? []).join('\n'),
    files: proofs.filter(({ fileId }) => fileId).length,
    twins,
  }
}
