import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { formatAmount } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
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
  const rows = await sql.rows(q<{
    at: Date
    id: string
    good: string
    bot: string
    person: bigint
    price: bigint
    asset: Asset
    parent: string | null
    state: string
  }>`select created_at as at, id, good, bot, person_id as person, price, asset, parent_id as parent, state
     from orders where id = any(${ids})`)
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
  const rows = await sql.rows(q<{
    at: Date
    id: string
    from: string | null
    to: string
    actor: string
    reason: string
  }>`select at, order_id as id, from_state as "from", to_state as "to", actor, reason
     from order_events where order_id = any(${ids}) order by order_events.id desc limit ${LIMIT}`)
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
  const rows = await sql.rows(q<{
    at: Date
    ended: Date
    id: string
    number: number
    supplier: string
    state: string
    ref: string | null
  }>`select created_at as at, updated_at as ended, order_id as id, number, supplier, state, supplier_ref as ref
     from attempts where order_id = any(${ids}) order by attempts.id limit ${LIMIT}`)
  return rows.flatMap(({ at, ended, id, number, supplier, state, ref }) => [
    line(at, 'attempt', `${id} number ${number} asked of ${supplier}`),
    ...(state === 'sent' && !ref
      ? []
      : [line(ended, 'attempt', `${id} number ${number} ${state}${ref ? `, there ${ref}` : ''}`)]),
  ])
}

async function payments(sql: Sql, { payments: ids }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(q<{
    at: Date
    paidAt: Date | null
    id: string
    provider: string
    state: string
    amount: bigint
    asset: Asset
    ref: string | null
    person: bigint
    received: string | null
  }>`select created_at as at, paid_at as "paidAt", id, provider, state, amount, asset, provider_ref as ref,
       person_id as person, received_amount || ' ' || received_asset as received
     from payments where id = any(${ids})`)
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
  const rows = await sql.rows(q<{ at: Date; id: string; provider: string; kind: string; event: string }>`
    select created_at as at, payment_id as id, provider, kind, event_id as event
    from payment_events where payment_id = any(${ids}) order by payment_events.id limit ${LIMIT}`)
  return rows.map(({ at, id, provider, kind, event }) =>
    line(at, 'event', `${id} ${provider} says ${kind} (${event})`),
  )
}

async function refunds(sql: Sql, { payments: ids }: StorySubject): Promise<Line[]> {
  const rows = await sql.rows(q<{
    at: Date
    ended: Date
    id: string
    payment: string
    state: string
    admin: bigint | null
    reason: string
    outcome: string | null
  }>`select created_at as at, updated_at as ended, id, payment_id as payment, state, admin_id as admin, reason, outcome
     from payment_refunds where payment_id = any(${ids}) order by created_at limit ${LIMIT}`)
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
  const rows = await sql.rows(q<{
    at: Date
    ended: Date
    key: string
    job: string
    state: string
    enqueued: number
    reason: string | null
  }>`select created_at as at, updated_at as ended, key, job, state, enqueued, reason from outbox
     where (key like any(${patterns(words)}) or payload::text like any(${patterns(words)}))
       and ${since ? q`(state = 'owed' or ${q.join(later, q` or `)})` : q`true`}
     order by id desc limit ${LIMIT}`)
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
  const rows = await sql.rows(q<{
    at: Date
    actor: bigint | null
    action: string
    target: string
    details: object
  }>`select at, actor_id as actor, action, target, details from audit_log
     where target = any(${targets}) or actor_id = any(${actors}) order by id desc limit ${LIMIT}`)
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
  const rows = await sql.rows(q<{ at: Date }>`
    select handled_at as at from handled_updates where bot = ${update.bot} and update_id = ${update.id}
    union all
    select created_at from payment_updates where bot = ${update.bot} and update_id = ${update.id}`)
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
