import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { formatAmount } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { adminSql } from '../tables.ts'
import { anyOf } from '#shared/db/build.ts'
import type { StorySubject } from './subject.ts'
import { shorten } from '#shared/storable.ts'

/** One thing that happened. `kind` is a word such as order, payment, event, ledger, attempt, job, audit. */
export interface Line {
  at: Date
  kind: string
  text: string
}

/** The newest so many lines of a kind: a story is read by a person. */
const LIMIT = 300

export async function readLines(sql: Sql, subject: StorySubject): Promise<Line[]> {
  const readers = [
    orders,
    orderEvents,
    attempts,
    payments,
    paymentEvents,
    refunds,
    ledger,
    jobs,
    audits,
    updates,
  ]
  const all: Line[] = []
  // One after another: a story takes one connection, whatever else is going on.
  for (const read of readers) all.push(...(await read(sql, subject)))
  return all.toSorted((one, other) => one.at.getTime() - other.at.getTime())
}

async function orders(sql: Sql, { orders: ids }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom('orders')
      .select(['created_at as at', 'id', 'good', 'bot', 'person_id as person', 'price', 'asset'])
      .select(['parent_id as parent', 'state'])
      .where('id', '=', anyOf(ids)),
  )
  return rows.map(({ at, id, good, bot, person, price, asset, parent, state }) => {
    const part = parent ? `, part of ${parent}` : ''
    return line(
      at,
      'order',
      `${id} made: ${good} for ${formatAmount(price, asset)} ${asset}, person ${person}, bot ${bot}${part}; now ${state}`,
    )
  })
}

async function orderEvents(sql: Sql, { orders: ids }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom('order_events')
      .select(['at', 'order_id as id', 'from_state as from', 'to_state as to', 'actor', 'reason'])
      .where('order_id', '=', anyOf(ids))
      .orderBy('order_events.id', 'desc')
      .limit(LIMIT),
  )
  return rows
    .toReversed()
    .map(({ at, id, from, to, actor, reason }) =>
      line(
        at,
        'order',
        `${id} ${from === to ? 'noted' : `${from ?? 'new'} -> ${to}`} by ${actor}${because(reason)}`,
      ),
    )
}

async function attempts(sql: Sql, { orders: ids }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom('attempts')
      .select(['created_at as at', 'updated_at as ended', 'order_id as id', 'number', 'supplier', 'state'])
      .select('supplier_ref as ref')
      .where('order_id', '=', anyOf(ids))
      .orderBy('attempts.id')
      .limit(LIMIT),
  )
  return rows.flatMap(({ at, ended, id, number, supplier, state, ref }) => [
    line(at, 'attempt', `${id} number ${number} asked of ${supplier}`),
    ...(state === 'sent' && !ref
      ? []
      : [line(ended, 'attempt', `${id} number ${number} ${state}${ref ? `, there ${ref}` : ''}`)]),
  ])
}

async function payments(sql: Sql, { payments: ids }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom('payments')
      .select(['created_at as at', 'paid_at as paidAt', 'id', 'provider', 'state', 'amount', 'asset'])
      .select(['provider_ref as ref', 'person_id as person'])
      .select(q<string | null>`received_amount || ' ' || received_asset`.as('received'))
      .where('id', '=', anyOf(ids)),
  )
  return rows.flatMap(({ at, paidAt, id, provider, state, amount, asset, ref, person, received }) => [
    line(
      at,
      'payment',
      `${id} made: ${formatAmount(amount, asset)} ${asset} through ${provider}, person ${person}${ref ? `, there ${ref}` : ''}; now ${state}`,
    ),
    ...(paidAt ? [line(paidAt, 'payment', `${id} paid${received ? `, came ${received}` : ''}`)] : []),
  ])
}

async function paymentEvents(sql: Sql, { payments: ids }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom('payment_events')
      .select(['created_at as at', 'payment_id as id', 'provider', 'kind', 'event_id as event'])
      .where('payment_id', '=', anyOf(ids))
      .orderBy('payment_events.id')
      .limit(LIMIT),
  )
  return rows.map(({ at, id, provider, kind, event }) =>
    line(at, 'event', `${id} ${provider} says ${kind} (${event})`),
  )
}

async function refunds(sql: Sql, { payments: ids }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom('payment_refunds')
      .select(['created_at as at', 'updated_at as ended', 'id', 'payment_id as payment', 'state'])
      .select(['admin_id as admin', 'reason', 'outcome'])
      .where('payment_id', '=', anyOf(ids))
      .orderBy('created_at')
      .limit(LIMIT),
  )
  return rows.flatMap(({ at, ended, id, payment, state, admin, reason, outcome }) => [
    line(
      at,
      'refund',
      `${payment} ${admin ? `asked by admin ${admin}` : 'not asked here'} (${id})${because(reason)}`,
    ),
    ...(state === 'asked' ? [] : [line(ended, 'refund', `${payment} ${state}${because(outcome ?? '')}`)]),
  ])
}

interface EntryText {
  who: string
  asset: Asset
  bucket: string
  amount: string
}

/** Postings are found through the entries of the people concerned: the reference has no index for a part of it. */
async function ledger(sql: Sql, { people, words, wholePerson }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(q<{ at: Date; reference: string; kind: string; entries: EntryText[] }>`
    select p.created_at as at, p.reference, p.kind,
      (select jsonb_agg(jsonb_build_object('who', coalesce(e.person_id::text, e.system), 'asset', e.asset,
         'bucket', e.bucket, 'amount', e.amount::text) order by e.id) from entries e where e.posting_id = p.id) as entries
    from postings p
    where p.id in (select posting_id from entries where person_id = any(${people}))
      and (${wholePerson} or p.reference like any(${patterns(words)}))
    order by p.id desc limit ${LIMIT}`)
  return rows.toReversed().map(({ at, reference, kind, entries }) => {
    const moves = entries.map(({ who, asset, bucket, amount }) => {
      const sum = formatAmount(BigInt(amount), asset)
      return `${who}${bucket === 'held' ? ' held' : ''} ${sum.startsWith('-') ? '' : '+'}${sum} ${asset}`
    })
    return line(at, 'ledger', `${reference} (${kind}): ${moves.join(', ')}`)
  })
}

/**
 * What mentions the words anywhere, which no index knows: of a single order or payment in the jobs since it was made, else
 * in all. Finished jobs are thrown away after a week.
 */
async function jobs(sql: Sql, { words, since }: StorySubject): Promise<Line[]> {
  if (words.length === 0) return []
  const later = ['done', 'queued', 'dead'].map(
    (state) => q`state = ${q.lit(state)} and updated_at >= ${since}::timestamptz`,
  )
  const rows = await sql.rows(
    adminSql
      .selectFrom('outbox')
      .select(['created_at as at', 'updated_at as ended', 'key', 'job', 'state', 'enqueued', 'reason'])
      .where(q<boolean>`(key like any(${patterns(words)}) or payload::text like any(${patterns(words)}))`)
      .where(since ? q<boolean>`(state = 'owed' or ${q.join(later, q` or `)})` : q<boolean>`true`)
      .orderBy('id', 'desc')
      .limit(LIMIT),
  )
  return rows
    .toReversed()
    .flatMap(({ at, ended, key, job, state, enqueued, reason }) => [
      line(at, 'job', `${key} owed (${job})`),
      ...(state === 'owed'
        ? []
        : [line(ended, 'job', `${key} ${state}, queued ${enqueued} times${because(reason ?? '')}`)]),
    ])
}

async function audits(sql: Sql, subject: StorySubject): Promise<Line[]> {
  const targets = [
    ...subject.words,
    ...subject.words.flatMap((word) => ['order', 'payment', 'job'].map((kind) => `${kind} ${word}`)),
    ...(subject.wholePerson ? subject.people.flatMap((id) => [`person ${id}`, String(id)]) : []),
  ]
  const actors = subject.wholePerson ? subject.people : []
  const rows = await sql.rows(
    adminSql
      .selectFrom('audit_log')
      .select(['at', 'actor_id as actor', 'action', 'target', 'details'])
      .where((build) =>
        build.or([build('target', '=', anyOf(targets)), build('actor_id', '=', anyOf(actors))]),
      )
      .orderBy('id', 'desc')
      .limit(LIMIT),
  )
  return rows
    .toReversed()
    .map(({ at, actor, action, target, details }) =>
      line(
        at,
        'audit',
        `${action} by ${actor ?? 'nobody'} on ${target || 'nothing'} ${JSON.stringify(details)}`,
      ),
    )
}

async function updates(sql: Sql, { update }: StorySubject): Promise<Line[]> {
  if (!update) return []
  const handled = adminSql
    .selectFrom('handled_updates')
    .select('handled_at as at')
    .where('bot', '=', update.bot)
    .where('update_id', '=', update.id)
  const booked = adminSql
    .selectFrom('payment_updates')
    .select('created_at as at')
    .where('bot', '=', update.bot)
    .where('update_id', '=', update.id)
  const rows = await sql.rows(handled.unionAll(booked))
  return rows.map(({ at }) => line(at, 'update', `${update.id} of ${update.bot} handled to the end`))
}

function line(at: Date, kind: string, text: string): Line {
  return { at, kind, text: shorten(text.replaceAll(/\s+/g, ' '), 400) }
}

function because(reason: string): string {
  return reason ? ` — ${reason}` : ''
}

function patterns(words: string[]): string[] {
  return words.map((word) => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`)
}
