import { sql as q } from 'kysely'
import { search } from '../search.ts'
import { adminSql } from '../tables.ts'
import { anyOf } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'

/** The subject of a story: the rows to read, and the words to look for in job keys and posting references. */
export interface StorySubject {
  what: { kind: 'order' | 'payment' | 'person' | 'update' | 'job' | 'posting'; id: string; of?: string }
  orders: string[]
  payments: string[]
  /** People whose ledger entries may belong to the story. */
  people: bigint[]
  /** The story is about everything of these people and not about single orders or payments. */
  wholePerson: boolean
  /** Words to look for in job keys, payloads and references. */
  words: string[]
  update?: { bot: string; id: bigint }
  /** When the first of these orders and payments was made: no job about them is older. */
  since?: Date
}

/** A person's story shows this many of the newest orders and payments. Every other one has a story of its own. */
const NEWEST = 50

/**
 * Finds what an id belongs to: an order, a payment, an id of a provider, charge or supplier, an event of a provider,
 * an update (`main-123`), a job or key of the outbox, a reference of the ledger, a person (id or @name).
 */
export async function findSubject(sql: Sql, text: string): Promise<StorySubject | undefined> {
  const word = text.trim()
  if (word === '' || word.length > 500) return undefined
  return (
    (await byRow(sql, word)) ??
    (await byUpdate(sql, word)) ??
    (await byKey(sql, word)) ??
    (await byReference(sql, word))
  )
}

async function byRow(sql: Sql, word: string): Promise<StorySubject | undefined> {
  const [found] = await search(sql, word)
  if (found?.kind === 'order') return ofOrder(sql, found.id)
  if (found?.kind === 'payment') return ofPayment(sql, found.id)
  const [event] = await sql.rows(
    adminSql
      .selectFrom('payment_events')
      .select('payment_id as payment')
      .where('event_id', '=', word)
      .where('payment_id', 'is not', null)
      .limit(1),
  )
  if (event?.payment) return ofPayment(sql, event.payment)
  return found ? ofPerson(sql, BigInt(found.id), found.label) : undefined
}

async function ofOrder(sql: Sql, id: string): Promise<StorySubject> {
  const top = adminSql.selectFrom('orders').where('id', '=', id)
  const orders = await sql.rows(
    adminSql
      .with('top', () => top.select(({ fn }) => fn.coalesce('parent_id', 'id').as('id')))
      .selectFrom(['orders as o', 'top'])
      .select(['o.id', 'o.person_id as person', 'o.created_at as at'])
      .where(q<boolean>`top.id in (o.id, o.parent_id)`)
      .orderBy('o.created_at')
      .orderBy('o.id'),
  )
  const ids = orders.map((order) => order.id)
  const payments = await sql.rows(
    adminSql
      .selectFrom('payments')
      .select(['id', 'created_at as at'])
      .where('order_id', '=', anyOf(ids))
      .orderBy('created_at'),
  )
  return { ...about({ kind: 'order', id }, orders, payments), ...sinceFirst([...orders, ...payments]) }
}

async function ofPayment(sql: Sql, id: string): Promise<StorySubject> {
  const [payment] = await sql.rows(
    adminSql
      .selectFrom('payments')
      .select(['person_id as person', 'order_id as order', 'created_at as at'])
      .where('id', '=', id),
  )
  const orders = payment?.order ? [{ id: payment.order, person: payment.person }] : []
  const subject = about({ kind: 'payment', id }, orders, [{ id }])
  if (!payment) return subject
  // The order that this payment is for was made before the payment.
  return { ...subject, people: [payment.person], ...(orders.length === 0 && sinceFirst([payment])) }
}

/** A row's time is the time at which its transaction began, which may be a little earlier. */
const BEFORE_MS = 60_000

function sinceFirst(rows: { at: Date }[]): Pick<StorySubject, 'since'> {
  const first = Math.min(...rows.map(({ at }) => at.getTime()))
  return Number.isFinite(first) ? { since: new Date(first - BEFORE_MS) } : {}
}

async function ofPerson(sql: Sql, id: bigint, name: string): Promise<StorySubject> {
  const orders = await sql.rows(
    adminSql
      .selectFrom('orders')
      .select(['id', 'person_id as person'])
      .where('person_id', '=', id)
      .where('state', '<>', 'draft')
      .orderBy('created_at', 'desc')
      .limit(NEWEST),
  )
  const payments = await sql.rows(
    adminSql
      .selectFrom('payments')
      .select('id')
      .where('person_id', '=', id)
      .orderBy('created_at', 'desc')
      .limit(NEWEST),
  )
  const subject = about({ kind: 'person', id: String(id), of: name }, orders, payments)
  return { ...subject, people: [id], wholePerson: true }
}

async function byUpdate(sql: Sql, word: string): Promise<StorySubject | undefined> {
  const [, bot = '', number = ''] = /^(?:update-)?([a-z0-9][a-z0-9_-]{0,31})-(\d{1,18})$/.exec(word) ?? []
  if (!number) return undefined
  const key = `update-${bot}-${number}`
  const none = q.lit<string | null>(null)
  const updateId = BigInt(number)
  const rows = await sql.rows(
    adminSql
      .selectFrom('handled_updates')
      .select([none.as('payment'), none.as('key')])
      .where('bot', '=', bot)
      .where('update_id', '=', updateId)
      .unionAll(
        adminSql
          .selectFrom('payment_updates')
          .select(['payment_id as payment', none.as('key')])
          .where('bot', '=', bot)
          .where('update_id', '=', updateId),
      )
      .unionAll(
        adminSql
          .selectFrom('outbox')
          .select([none.as('payment'), 'key'])
          .where((is) =>
            is.or([
              is('key', '=', key),
              is.and([
                is(q<string>`payload ->> 'bot'`, '=', bot),
                is(q<string>`payload ->> 'updateId'`, '=', number),
              ]),
            ]),
          ),
      ),
  )
  if (rows.length === 0) return undefined
  const update = { bot, id: BigInt(number) }
  const payment = rows.find((row) => row.payment)?.payment
  const what = { kind: 'update', id: number, of: bot } as const
  const subject = payment ? await ofPayment(sql, payment) : about(what, [], [])
  const keys = rows.flatMap((row) => row.key ?? [])
  const words = [...new Set([...subject.words, key, ...keys])]
  // Jobs about the update may be older than the payment.
  delete subject.since
  return { ...subject, what, words, update }
}

/** A job, found by its key, with or without the number of its delivery (`fulfil-…~2`). */
async function byKey(sql: Sql, word: string): Promise<StorySubject | undefined> {
  const key = word.replace(/~\d+$/, '')
  const [job] = await sql.rows(adminSql.selectFrom('outbox').select('payload').where('key', '=', key))
  if (!job) return undefined
  const what = { kind: 'job', id: key } as const
  const { orderId, paymentId } = job.payload ?? {}
  if (typeof orderId === 'string') return { ...(await ofOrder(sql, orderId)), what }
  if (typeof paymentId === 'string') return { ...(await ofPayment(sql, paymentId)), what }
  return { ...about(what, [], []), words: [key] }
}

async function byReference(sql: Sql, word: string): Promise<StorySubject | undefined> {
  const people = q<bigint[]>`
    array(select distinct person_id from entries where posting_id = p.id and person_id is not null)`
  const [posting] = await sql.rows(
    adminSql.selectFrom('postings as p').select(people.as('people')).where('reference', '=', word),
  )
  if (!posting) return undefined
  return { ...about({ kind: 'posting', id: word }, [], []), people: posting.people, words: [word] }
}

function about(
  what: StorySubject['what'],
  orders: { id: string; person?: bigint }[],
  payments: { id: string }[],
): StorySubject {
  const people = [...new Set(orders.flatMap(({ person }) => (person === undefined ? [] : [person])))]
  const ids = [orders, payments].map((rows) => rows.map(({ id }) => id)) as [string[], string[]]
  return { what, orders: ids[0], payments: ids[1], people, wholePerson: false, words: ids.flat() }
}
