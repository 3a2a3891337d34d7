import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { picturesSql } from './tables.ts'
import { ago, NOW } from '#shared/db/build.ts'

/**
 * How `attempts` identifies the calls of pictures: one row for each call to a provider, committed before the call.
 * The calls that buy Stars and Premium are in the same table (`shared/money/attempts.ts`). Those are found by the
 * row's id, calls of pictures by the order and the number that the jobs carry.
 */
interface Place {
  orderId: string
  attempt: number
}

const supplierOf = (provider: string) => `images:${provider}`

export async function nextNumber(tx: Sql, orderId: string): Promise<number> {
  const [next] = await tx.rows(
    picturesSql
      .selectFrom('attempts')
      .select(q<number>`coalesce(max(number), 0)::int + 1`.as('number'))
      .where('order_id', '=', orderId),
  )
  return next!.number
}

/** `created_at` is the time of the clock, not of the transaction's start: the claim may have waited for the lock of another worker. */
export async function openCall(tx: Sql, call: Place & { provider: string; token: string }): Promise<void> {
  await tx.rows(
    picturesSql.insertInto('attempts').values({
      order_id: call.orderId,
      number: call.attempt,
      supplier: supplierOf(call.provider),
      token: call.token,
      created_at: q`clock_timestamp()`,
    }),
  )
}

/** @returns how many calls this provider got within the window, and when the first of them leaves the window */
export async function recentCalls(
  tx: Sql,
  provider: string,
  windowMs: number,
): Promise<{ starts: number; freeInMs: number }> {
  const freeInMs = q<number>`
    coalesce(${windowMs} - extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::float8`
  const [row] = await tx.rows(
    picturesSql
      .selectFrom('attempts')
      .select([q<number>`count(*)::int`.as('starts'), freeInMs.as('freeInMs')])
      .where('supplier', '=', supplierOf(provider))
      .where('created_at', '>', q<Date>`clock_timestamp() - ${windowMs} * interval '1 millisecond'`),
  )
  return row!
}

/**
 * Marks that the call begins: from here on the provider may have the task, even if this process dies.
 * @returns false when this attempt was given up meanwhile: the worker was stopped for too long and must not call the
 * provider
 */
export async function markCalled(sql: Sql, { orderId, attempt }: Place): Promise<boolean> {
  const marked = await sql.rows(
    picturesSql
      .updateTable('attempts')
      .set({ details: q`details || '{"called": true}'::jsonb`, updated_at: NOW })
      .where('order_id', '=', orderId)
      .where('number', '=', attempt)
      .where('state', '=', 'sent')
      .returning('id'),
  )
  return marked.length > 0
}

export async function markUnknown(tx: Sql, { orderId, attempt }: Place): Promise<void> {
  await tx.rows(
    picturesSql
      .updateTable('attempts')
      .set({ state: 'unknown', updated_at: NOW })
      .where('order_id', '=', orderId)
      .where('number', '=', attempt)
      .where('state', '=', 'sent'),
  )
}

/** Keeps the task's id from the reply. A callback that was faster than the reply has kept it already. */
export async function keepTaskId(
  tx: Sql,
  { orderId, attempt }: Place,
  provider: string,
  taskId: string,
): Promise<void> {
  await tx.rows(
    picturesSql
      .updateTable('attempts')
      .set({ supplier_ref: taskId, updated_at: NOW })
      .where('order_id', '=', orderId)
      .where('number', '=', attempt)
      .where('supplier', '=', supplierOf(provider))
      .where('supplier_ref', 'is', null),
  )
}

export interface CalledBack extends Place {
  taskId: string | null
}

/** The attempt whose callback has this token; its row is locked. */
export async function attemptByToken(tx: Sql, token: string): Promise<CalledBack | undefined> {
  const [attempt] = await tx.rows(
    picturesSql
      .selectFrom('attempts')
      .select(['order_id as orderId', 'number as attempt', 'supplier_ref as taskId'])
      .where('token', '=', token)
      .forUpdate(),
  )
  return attempt
}

/**
 * Keeps the task's id from a callback. The unique index `attempts_image_task_unique` refuses the task of another
 * order.
 */
export async function keepCalledTask(tx: Sql, token: string, taskId: string): Promise<void> {
  await tx.rows(
    picturesSql
      .updateTable('attempts')
      .set({ supplier_ref: taskId, updated_at: NOW })
      .where('token', '=', token),
  )
}

/**
 * The provider did not take the task: the attempt counts as one that never happened. A worker that was stopped for long
 * says so of its own attempt only, because another one may be under way by then.
 * @param isUncalled the provider must not have been asked: its worker may begin to ask at this very moment
 * @returns false when the attempt is not open any more
 */
export async function refuseCall(tx: Sql, { orderId, attempt }: Place, isUncalled = false): Promise<boolean> {
  const rows = await tx.rows(
    picturesSql
      .updateTable('attempts')
      .set({ state: 'refused', updated_at: NOW })
      .where('order_id', '=', orderId)
      .where('number', '=', attempt)
      .where('state', '=', 'sent')
      .where(isUncalled ? q<boolean>`not details ? 'called'` : q<boolean>`true`)
      .returning('number'),
  )
  return rows.length > 0
}

/** Whether this attempt is the one under way. The caller has locked the order. */
export async function isOpenCall(tx: Sql, { orderId, attempt }: Place): Promise<boolean> {
  const rows = await tx.rows(
    picturesSql
      .selectFrom('attempts')
      .select('number')
      .where('order_id', '=', orderId)
      .where('number', '=', attempt)
      .where('state', '=', 'sent'),
  )
  return rows.length > 0
}

export async function finishCalls(tx: Sql, orderId: string): Promise<void> {
  await tx.rows(
    picturesSql
      .updateTable('attempts')
      .set({ state: 'done', updated_at: NOW })
      .where('order_id', '=', orderId)
      .where('state', 'in', ['sent', 'unknown']),
  )
}

/**
 * The order was given up: its last attempt ends, unless it ended before.
 * @param isUnknown nobody knows whether the provider has drawn the picture
 * @returns undefined when the provider was never asked
 */
export async function giveUpCall(
  tx: Sql,
  orderId: string,
  isUnknown: boolean,
): Promise<{ number: number; hasTask: boolean } | undefined> {
  const last = picturesSql
    .selectFrom('attempts')
    .select(({ fn }) => fn.max('number').as('number'))
    .where('order_id', '=', orderId)
  const [attempt] = await tx.rows(
    picturesSql
      .updateTable('attempts')
      .set({
        state: q<
          'done' | 'refused' | 'unknown'
        >`case when state <> 'sent' then state when ${isUnknown} then 'unknown'
          when supplier_ref is null then 'refused' else 'done' end`,
        updated_at: NOW,
      })
      .where('order_id', '=', orderId)
      .where('number', '=', last)
      .returning(['number', q<boolean>`supplier_ref is not null`.as('hasTask')]),
  )
  return attempt
}

export interface PictureAttempt {
  number: number
  taskId: string | undefined
  /** False = the provider was not asked yet, so nothing can have been drawn. */
  called: boolean
  /** True = the order has no later attempt. */
  isLast: boolean
}

export async function readAttempt(
  sql: Sql,
  { orderId, attempt }: Place,
): Promise<PictureAttempt | undefined> {
  const [read] = await sql.rows(
    picturesSql
      .selectFrom('attempts')
      .select([
        'number',
        'supplier_ref as taskId',
        q<boolean>`coalesce((details ->> 'called')::boolean, false)`.as('called'),
        q<boolean>`number = (select max(number) from attempts where order_id = ${orderId})`.as('isLast'),
      ])
      .where('order_id', '=', orderId)
      .where('number', '=', attempt),
  )
  return read && { ...read, taskId: read.taskId ?? undefined }
}

/** The states stand in the text of the statement, because the index of pictures under way has the same words. */
const UNDER_WAY = [q.lit('starting' as const), q.lit('drawing' as const), q.lit('ready' as const)]

/** Attempts of pictures that are not over although their deadline passed more than `graceMs` ago. */
export function attemptsPastDeadline(sql: Sql, graceMs: number): Promise<Place[]> {
  return sql.rows(
    picturesSql
      .selectFrom('generations as g')
      .innerJoin('attempts as a', 'a.order_id', 'g.order_id')
      .select(['g.order_id as orderId', 'a.number as attempt'])
      .where('g.stage', 'in', UNDER_WAY)
      .where('g.deadline_at', '<', ago(graceMs, 'millisecond')),
  )
}
