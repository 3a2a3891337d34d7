import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'
import { adminSql } from '../tables.ts'
import { anyOf, eachOf } from '#shared/db/build.ts'
import { idsIn } from '#shared/ids.ts'
import { messagesAbout } from '#shop/support/messages.ts'
import { LIMIT, because, line, there } from './line.ts'
import type { Line } from './line.ts'
import { attempts, orderEvents, ordersMade } from './order-lines.ts'
import type { StorySubject } from './subject.ts'
import type { StoryWords } from './words.ts'

export async function readLines(sql: Sql, subject: StorySubject, say: StoryWords): Promise<Line[]> {
  const readers = [
    ordersMade,
    orderEvents,
    attempts,
    payments,
    paymentEvents,
    refunds,
    ledger,
    jobs,
    audits,
    talk,
    updates,
  ]
  const all: Line[] = []
  // The readers run one after another, so that a story uses one connection only.
  for (const read of readers) all.push(...(await read(sql, subject, say)))
  return all.toSorted((one, other) => one.at.getTime() - other.at.getTime())
}

async function payments(sql: Sql, { payments: ids }: StorySubject, say: StoryWords): Promise<Line[]> {
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
      say.t('story-payment', {
        id,
        sum: say.money(amount, asset),
        way: say.named(`provider-name-${provider}`, provider),
        person: String(person),
        ref: there(say, ref),
        state: say.named(`state-${state}`, state),
      }),
    ),
    ...(paidAt
      ? [
          line(
            paidAt,
            'payment',
            say.t('story-paid', { id, came: received ? say.t('story-came', { sum: received }) : '' }),
          ),
        ]
      : []),
  ])
}

async function paymentEvents(sql: Sql, { payments: ids }: StorySubject, say: StoryWords): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom(eachOf(ids))
      .innerJoinLateral(
        (are) =>
          are
            .selectFrom('payment_events')
            .selectAll()
            .whereRef('payment_id', '=', 'asked.id')
            .orderBy('payment_events.id')
            .limit(LIMIT)
            .as('e'),
        (on) => on.onTrue(),
      )
      .select(['created_at as at', 'payment_id as id', 'provider', 'kind', 'event_id as event'])
      .orderBy('e.id')
      .limit(LIMIT),
  )
  return rows.map(({ at, id, provider, kind, event }) =>
    line(
      at,
      'event',
      say.t('story-event', {
        id: String(id),
        way: say.named(`provider-name-${provider}`, provider),
        kind: say.named(`payment-story-${kind}`, kind),
        event,
      }),
    ),
  )
}

async function refunds(sql: Sql, { payments: ids }: StorySubject, say: StoryWords): Promise<Line[]> {
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
      say.t(admin ? 'story-refund' : 'story-refund-elsewhere', {
        payment,
        admin: String(admin),
        id,
        why: because(reason),
      }),
    ),
    ...(state === 'asked'
      ? []
      : [
          line(
            ended,
            'refund',
            say.t('story-refund-ended', {
              payment,
              state: say.named(`payment-story-refund-${state}`, state),
              why: because(outcome ?? ''),
            }),
          ),
        ]),
  ])
}

interface EntryText {
  who: string
  asset: Asset
  bucket: string
  amount: string
}

/** Postings are found through the entries of the people concerned, because no index holds a part of the reference. */
async function ledger(
  sql: Sql,
  { people, words, wholePerson }: StorySubject,
  say: StoryWords,
): Promise<Line[]> {
  const entries = q`(
    select jsonb_agg(jsonb_build_object('who', coalesce(e.person_id::text, e.system), 'asset', e.asset,
      'bucket', e.bucket, 'amount', e.amount::text) order by e.id) from entries e where e.posting_id = p.id)`
  const theirs = adminSql.selectFrom('entries').select('posting_id').where('person_id', '=', anyOf(people))
  const rows = await sql.rows(
    adminSql
      .selectFrom('postings as p')
      .select(['p.created_at as at', 'p.reference', 'p.kind', entries.$castTo<EntryText[]>().as('entries')])
      .where('p.id', 'in', theirs)
      .where(q<boolean>`(${wholePerson} or p.reference like any(${patterns(words)}))`)
      .orderBy('p.id', 'desc')
      .limit(LIMIT),
  )
  return rows.toReversed().map(({ at, reference, kind, entries }) => {
    const moves = entries.map(({ who, asset, bucket, amount }) => {
      const name = /^\d+$/.test(who) ? who : say.whose('account', who)
      const account = bucket === 'held' ? say.t('story-held', { who: name }) : name
      return `${account} ${say.money(BigInt(amount), asset, 'signed')}`
    })
    return line(
      at,
      'ledger',
      say.t('story-posting', {
        reference,
        kind: say.named(`operation-${kind}`, kind),
        moves: moves.join(', '),
      }),
    )
  })
}

/**
 * Finds jobs that mention the words anywhere. Finished jobs are found through an index by the ids of ours among the
 * words. Jobs that are older than that index, and jobs with other words, are read one by one: for a single order or
 * payment those since it was made, otherwise all. Finished jobs are deleted after a week.
 */
async function jobs(sql: Sql, { words, since }: StorySubject, say: StoryWords): Promise<Line[]> {
  if (words.length === 0) return []
  const later = since ? q`and updated_at >= ${since}::timestamptz` : q``
  const over = q`state in ('done', 'dead')`
  const ids = words.flatMap((word) => idsIn(word).slice(0, 1))
  const parts = [
    q`state = 'owed'`,
    q`state = 'queued' ${later}`,
    ...(ids.length === words.length
      ? [q`${over} and about <> '{}' and about && ${ids}::text[]`, q`${over} and about is null ${later}`]
      : [q`state = 'done' ${later}`, q`state = 'dead' ${later}`]),
  ]
  // By hand: each part uses its own index. PostgreSQL would otherwise walk down the whole table by its ids to find
  // the few jobs.
  const found = parts.map(
    (part) => q`
    select id from outbox where ${part} and (key like any(${patterns(words)}) or payload::text like any(${patterns(words)}))`,
  )
  const rows = await sql.rows(
    adminSql
      .selectFrom('outbox')
      .select(['created_at as at', 'updated_at as ended', 'key', 'job', 'state', 'enqueued', 'reason'])
      .where('id', '=', q<bigint>`any(array(${q.join(found, q` union all `)}))`)
      .orderBy('id', 'desc')
      .limit(LIMIT),
  )
  return rows.toReversed().flatMap(({ at, ended, key, job, state, enqueued, reason }) => [
    line(at, 'job', say.t('story-job', { key, job: say.named(`job-${job}`, job) })),
    ...(state === 'owed'
      ? []
      : [
          line(
            ended,
            'job',
            say.t('story-job-ended', {
              key,
              state: say.named(`story-job-${state}`, state),
              count: String(enqueued),
              why: because(reason ?? ''),
            }),
          ),
        ]),
  ])
}

async function audits(sql: Sql, subject: StorySubject, say: StoryWords): Promise<Line[]> {
  const targets = [
    ...subject.words,
    ...subject.words.flatMap((word) => ['order', 'payment', 'job'].map((kind) => `${kind} ${word}`)),
    ...(subject.wholePerson ? subject.people.flatMap((id) => [`person ${id}`, String(id)]) : []),
  ]
  const actors = subject.wholePerson ? subject.people.map(String) : []
  const newestOf = (column: 'target' | 'actor_id', list: string[]) =>
    adminSql
      .selectFrom(eachOf(list))
      .innerJoinLateral(
        (are) =>
          are
            .selectFrom('audit_log')
            .select('audit_log.id')
            .where(column, '=', column === 'target' ? q<string>`asked.id` : q<bigint>`asked.id::bigint`)
            .orderBy('audit_log.id', 'desc')
            .limit(LIMIT)
            .as('l'),
        (on) => on.onTrue(),
      )
      .select('l.id')
  const rows = await sql.rows(
    adminSql
      .selectFrom('audit_log')
      .select(['at', 'actor_id as actor', 'action', 'target', 'details'])
      .where(
        'id',
        '=',
        q<bigint>`any(array(${newestOf('target', targets).union(newestOf('actor_id', actors))}))`,
      )
      .orderBy('id', 'desc')
      .limit(LIMIT),
  )
  return rows.toReversed().map(({ at, actor, action, target, details }) =>
    line(
      at,
      'audit',
      say.t('story-audit', {
        action: say.named(`audit-${action}`, action),
        actor: actor === null ? say.t('story-nobody') : String(actor),
        target: target || say.t('story-nothing'),
        details: JSON.stringify(details),
      }),
    ),
  )
}

/** What the person and support wrote to each other about it. */
async function talk(sql: Sql, { orders, payments }: StorySubject, say: StoryWords): Promise<Line[]> {
  const messages = await messagesAbout(sql, [...orders, ...payments], LIMIT)
  return messages
    .toReversed()
    .map(({ createdAt, adminId, personId, text }) =>
      line(
        createdAt,
        'support',
        say.t('story-written', { who: String(adminId ?? personId), text: text || '📎' }),
      ),
    )
}

async function updates(sql: Sql, { update }: StorySubject, say: StoryWords): Promise<Line[]> {
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
  return rows.map(({ at }) =>
    line(at, 'update', say.t('story-update', { id: String(update.id), bot: update.bot })),
  )
}

function patterns(words: string[]): string[] {
  return words.map((word) => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`)
}
