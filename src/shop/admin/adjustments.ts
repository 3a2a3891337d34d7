import { sql as q } from 'kysely'
import { lockWord } from '#shared/db/lock.ts'
import { ago, NOW } from '#shared/db/build.ts'
import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Reads, Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { decideMoney, readPolicy } from '#shared/money/decisions.ts'
import type { DecisionPolicy, PolicyApp } from '#shared/money/decisions.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Asset } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { worthInRub } from '#shared/settings/rates.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { adminSql } from './tables.ts'
import { creditsPerDay, secondAdminAbove } from './settings.ts'
import type { Amounts } from './settings.ts'

export type AdjustmentState = 'draft' | 'waiting' | 'done' | 'declined'

/** A correction of a person's balance by an admin. */
export interface Adjustment {
  id: string
  bot: string
  personId: bigint
  asset: Asset
  /** Minor units; below zero = a debit. */
  amount: bigint
  reason: string
  state: AdjustmentState
  createdBy: bigint
  decidedBy: bigint | null
  createdAt: Date
}

type App = Pick<Context, 'db' | 'settings' | 'config' | 'bots'>

export interface Limits {
  secondAbove: Amounts
  perDay: Amounts
  policy: DecisionPolicy
}

export async function readLimits(app: PolicyApp, bot: string): Promise<Limits> {
  const { settings } = app
  const [secondAbove, perDay, policy] = await Promise.all([
    settings.get(secondAdminAbove, bot),
    settings.get(creditsPerDay, bot),
    readPolicy(app, bot),
  ])
  return { secondAbove, perDay, policy }
}

/** Whether the sum is too large for one admin alone. */
export function needsSecond(
  { amount, asset }: Pick<Adjustment, 'amount' | 'asset'>,
  limits: Limits,
): boolean {
  const above = limits.secondAbove[asset]
  if (above !== undefined) return (amount < 0n ? -amount : amount) > BigInt(above)
  return worthInRub(limits.policy.rates, { asset, amount }) > limits.policy.secondAbove
}

/** @throws UserError `admin.balance-short` before anybody is asked to confirm a debit that cannot be made */
export async function demandCovered(
  sql: Sql,
  { personId, asset, amount }: Pick<Adjustment, 'personId' | 'asset' | 'amount'>,
): Promise<void> {
  if (amount >= 0n) return
  const { available } = await readBalance(sql, personId, asset)
  if (available + amount < 0n) throw new UserError('admin.balance-short')
}

/** Stores a correction that an admin is about to make; the same id is the same correction. */
export async function draftAdjustment(
  sql: Sql,
  draft: Pick<Adjustment, 'id' | 'bot' | 'personId' | 'asset' | 'amount' | 'reason' | 'createdBy'>,
): Promise<Adjustment> {
  const { id, bot, personId, asset, amount, reason, createdBy } = draft
  await sql.rows(
    adminSql
      .insertInto('adjustments')
      .values({ id, bot, person_id: personId, asset, amount, reason, created_by: createdBy })
      .onConflict((there) => there.column('id').doNothing()),
  )
  return (await readAdjustment(sql, draft.id))!
}

/** Gives a draft its reason. */
export async function giveReason(sql: Sql, id: string, reason: string): Promise<Adjustment | undefined> {
  const [row] = await sql.rows(
    adminSql
      .updateTable('adjustments')
      .set({ reason, updated_at: NOW })
      .where('id', '=', id)
      .where('state', '=', 'draft')
      .returning(columns),
  )
  return row
}

/** Replaces sum and reason of the admin's own draft, until the correction is made. */
export async function rewriteDraft(
  sql: Sql,
  draft: Pick<Adjustment, 'id' | 'personId' | 'asset' | 'amount' | 'reason' | 'createdBy'>,
): Promise<Adjustment | undefined> {
  const { id, personId, asset, amount, reason, createdBy } = draft
  const [row] = await sql.rows(
    adminSql
      .updateTable('adjustments')
      .set({ asset, amount, reason, updated_at: NOW })
      .where('id', '=', id)
      .where('person_id', '=', personId)
      .where('created_by', '=', createdBy)
      .where('state', '=', 'draft')
      .returning(columns),
  )
  return row
}

export async function readAdjustment(sql: Sql, id: string): Promise<Adjustment | undefined> {
  const [row] = await sql.rows(adminSql.selectFrom('adjustments').select(columns).where('id', '=', id))
  return row
}

/** The oldest first. @param after the correction behind which the page begins */
export function waitingAdjustments(
  sql: Reads,
  served: Served,
  { after, limit = 20 }: { after?: string | undefined; limit?: number } = {},
): Promise<Adjustment[]> {
  let found = adminSql
    .selectFrom('adjustments')
    .select(columns)
    .where('state', '=', 'waiting')
    .where(among(q.ref('bot'), served).$castTo<boolean>())
  if (after !== undefined)
    found = found.where(
      q<boolean>`(created_at, id) > (select created_at, id from adjustments where id = ${after})`,
    )
  return sql.rows(found.orderBy('created_at').orderBy('id').limit(limit))
}

/**
 * The author confirms the correction: up to the limit the money moves now, above it a second admin must agree.
 * @param callSecond tells the other admins that one of them must agree
 * @throws UserError `admin.balance-short`, `admin.daily-limit`, `admin.reason`, `admin.decided`
 */
export async function confirmAdjustment(
  app: App,
  id: string,
  by: bigint,
  bot: string,
  callSecond: (tx: Sql) => Promise<void>,
): Promise<Adjustment> {
  const limits = await readLimits(app, bot)
  return app.db.tx(async (tx) => {
    const draft = await locked(tx, id, bot)
    if (draft.createdBy !== by) throw new UserError('admin.not-yours')
    if (draft.state !== 'draft') throw new UserError('admin.decided')
    if (draft.reason.trim() === '') throw new UserError('admin.reason')
    if ((await carryOut(tx, draft, by, limits)) === 'second-needed') {
      await audit(tx, { ...line(draft), actor: by, action: 'adjustment.asked' })
      await callSecond(tx)
      return await move(tx, id, 'waiting', null)
    }
    return await move(tx, id, 'done', null)
  })
}

/**
 * A second admin decides about a waiting correction.
 * @throws UserError `admin.two-people` for its author, `admin.decided` when somebody was faster, `admin.minted`, `admin.balance-short`
 */
export async function decideAdjustment(
  app: App,
  id: string,
  by: bigint,
  bot: string,
  verdict: 'approve' | 'decline',
): Promise<Adjustment> {
  const limits = await readLimits(app, bot)
  return app.db.tx(async (tx) => {
    const waiting = await locked(tx, id, bot)
    if (waiting.state !== 'waiting') throw new UserError('admin.decided')
    if (verdict === 'decline') {
      await audit(tx, { ...line(waiting), actor: by, action: 'adjustment.declined' })
      return await move(tx, id, 'declined', by)
    }
    if (waiting.createdBy === by) throw new UserError('admin.two-people')
    await carryOut(tx, waiting, by, limits)
    return await move(tx, id, 'done', by)
  })
}

/**
 * Posts the sum, writes the audit line and owes the person's message, all in one transaction; does nothing while a
 * second admin must still agree.
 */
async function carryOut(
  tx: Sql,
  adjustment: Adjustment,
  by: bigint,
  limits: Limits,
): Promise<'done' | 'second-needed'> {
  const { createdBy } = adjustment
  const decided = await decideMoney(tx, limits.policy, {
    kind: 'adjustment',
    reference: `adjustment-${adjustment.id}`,
    bot: adjustment.bot,
    by: createdBy,
    ...(by !== createdBy && { agreed: by }),
    personId: adjustment.personId,
    money: adjustment,
    large: needsSecond(adjustment, limits),
  })
  if (decided === 'second-needed') return decided
  await checkDailyLimit(tx, adjustment, limits)
  const person = { person: adjustment.personId }
  const system = { system: `adjustments:${adjustment.bot}` as const }
  const { amount, asset } = adjustment
  const money = { asset, amount: amount < 0n ? -amount : amount }
  const [from, to] = amount < 0n ? [person, system] : [system, person]
  await post(
    tx,
    transfer(from, to, money, {
      reference: `adjustment-${adjustment.id}`,
      kind: 'adjustment',
      bot: adjustment.bot,
      description: adjustment.reason,
      details: { adjustment: adjustment.id, actor: String(adjustment.createdBy), approvedBy: String(by) },
    }),
  ).catch((error: unknown) => {
    // The balance is the person's, and an admin is not to be sent to top it up.
    const isShort = error instanceof UserError && error.code === 'balance.insufficient'
    throw isShort ? new UserError('admin.balance-short') : error
  })
  const after = await readBalance(tx, adjustment.personId, asset)
  await audit(tx, { ...line(adjustment), actor: by, action: 'adjustment' })
  await owePersonNotice(tx, {
    key: `adjustment-${adjustment.id}`,
    bot: adjustment.bot,
    personId: adjustment.personId,
    text: amount < 0n ? 'adjusted-down' : 'adjusted-up',
    params: {
      sum: money,
      reason: adjustment.reason,
      balance: { amount: after.available, asset },
    },
    buttons: [[['menu-open', 'menu-below']]],
  })
  return decided
}

/** The lock makes credits of one admin wait for each other, so that two at once cannot both fit under the limit. */
async function checkDailyLimit(
  tx: Sql,
  { asset, amount, createdBy }: Adjustment,
  limits: Limits,
): Promise<void> {
  const limit = limits.perDay[asset]
  if (amount < 0n || limit === undefined) return
  await lockWord(tx, `credits ${createdBy}`)
  const [spent] = await tx.rows(
    adminSql
      .selectFrom('adjustments')
      .select(q<string>`coalesce(sum(amount), 0)::text`.as('sum'))
      .where('created_by', '=', createdBy)
      .where('state', '=', q.lit('done'))
      .where('asset', '=', asset)
      .where('amount', '>', 0n)
      .where('updated_at', '>', ago(24, 'hour')),
  )
  if (BigInt(spent!.sum) + amount > BigInt(limit)) throw new UserError('admin.daily-limit')
}

async function locked(tx: Sql, id: string, bot: string): Promise<Adjustment> {
  const [row] = await tx.rows(
    adminSql
      .selectFrom('adjustments')
      .select(columns)
      .where('id', '=', id)
      .where('bot', '=', bot)
      .forUpdate(),
  )
  if (!row) throw new UserError('admin.decided')
  return row
}

async function move(tx: Sql, id: string, to: AdjustmentState, by: bigint | null): Promise<Adjustment> {
  const [row] = await tx.rows(
    adminSql
      .updateTable('adjustments')
      .set({ state: to, decided_by: by, updated_at: NOW })
      .where('id', '=', id)
      .returning(columns),
  )
  return row!
}

const line = (adjustment: Adjustment) => ({
  target: `person ${adjustment.personId}`,
  bot: adjustment.bot,
  details: {
    adjustment: adjustment.id,
    asset: adjustment.asset,
    amount: String(adjustment.amount),
    reason: adjustment.reason,
    askedBy: String(adjustment.createdBy),
  },
})

const columns = [
  ...(['id', 'bot', 'person_id as personId', 'asset', 'amount', 'reason', 'state'] as const),
  ...(['created_by as createdBy', 'decided_by as decidedBy', 'created_at as createdAt'] as const),
] as const
