import { sql as q } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import type { Reads, Sql } from '#shared/db/db.ts'
import { newest } from '#shared/db/newest.ts'
import { moneyOnItsWay } from '#shared/money/read.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { PaymentState } from '#shared/money/tables.ts'
import type { Asset } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import type { Reader } from '#shared/reader.ts'

export interface PaymentRow {
  id: string
  provider: string
  state: PaymentState
  asset: Asset
  amount: bigint
  personId: bigint
  bot: string
  createdAt: Date
  /** The person's name, as Telegram told it. */
  name: string
}

/** The filters of the list; `open` = may still bring money, `attention` = waits for a human. */
export const FILTERS = ['all', 'attention', 'open', 'paid', 'over'] as const
export type Filter = (typeof FILTERS)[number]

const STATES: Record<Filter, PaymentState[] | undefined> = {
  all: undefined,
  attention: ['review'],
  open: ['created', 'pending', 'underpaid'],
  paid: ['paid', 'overpaid', 'refunded'],
  over: ['expired', 'cancelled', 'failed'],
}

export const STATE_ICONS: Record<PaymentState, string> = {
  created: '·',
  pending: '⏳',
  paid: '✅',
  overpaid: '✅',
  underpaid: '⚠️',
  expired: '⌛',
  cancelled: '✖️',
  failed: '✖️',
  refunded: '↩️',
  review: '🔎',
}

const ALL_STATES = Object.keys(STATE_ICONS)

/**
 * A payment waits for a human for one of three reasons, each with a small index of its own among all payments that ever
 * were.
 */
const ATTENTION = q<boolean>`id in (
  select id from payments where state in ('created', 'pending', 'underpaid', 'review') and state = 'review'
  union select id from payments where suspended > 0
  union select payment_id from payment_refunds where state = 'unknown')`

/** How many payments wait for a human. */
export async function countAttention(sql: Sql, served: Served): Promise<number> {
  const [row] = await sql.rows(
    moneySql
      .selectFrom('payments as p')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where(ATTENTION)
      .where(among(q`p.bot`, served)),
  )
  return Number(row!.count)
}

/**
 * Money of a person that is not on their balance, of the bots that the admin serves: what waits for a decision, and what came
 * of an invoice whose rest is still awaited. Each with the line that says so and the words of the key that opens it.
 */
export async function waitingOf(
  reader: Reader,
  sql: Sql,
  personId: bigint,
  served: Served,
): Promise<{ id: string; line: string; key: string }[]> {
  const { t, money } = reader
  const rows = await moneyOnItsWay(sql, personId, served)
  return rows.map(({ id, suspended, suspendedAsset, part, asset, amount }) => {
    if (suspended > 0n) {
      const sum = money(suspended, suspendedAsset ?? asset)
      return {
        id,
        line: t('person-payments-waiting', { number: id, sum }),
        key: t('person-payment-open', { sum }),
      }
    }
    const [received, asked] = [part === null ? '' : money(part, asset), money(amount, asset)]
    const line = part === null ? 'person-part-some' : 'person-part'
    return {
      id,
      line: t(line, { number: id, received, asked }),
      key: t(part === null ? 'person-part-open-some' : 'person-part-open', { received, asked }),
    }
  })
}

/** Newest first. `attention` also has what waits in suspense and refunds whose end nobody knows. */
export function listPayments(
  sql: Reads,
  wanted: {
    filter: Filter
    provider?: string
    person?: bigint
    /** The bots whose payments are listed; absent = every bot. */
    served?: Served
    offset: number
    limit: number
    /** The id of a payment: only what is older. */
    after?: string | undefined
  },
): Promise<PaymentRow[]> {
  const { provider, person, served, offset, limit, after } = wanted
  const states = STATES[wanted.filter]
  let list = moneySql
    .selectFrom('payments as p')
    .select([
      'id',
      'provider',
      'state',
      'asset',
      'amount',
      'person_id as personId',
      'bot',
      'created_at as createdAt',
      NAME.as('name'),
    ])
    .where(among(q`p.bot`, served))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
  // A person has few payments, and few payments wait for an admin.
  const isNarrow = states !== undefined || served !== undefined || provider !== undefined
  if (isNarrow && person === undefined && wanted.filter !== 'attention') {
    const found = newest('payments', {
      bots: served,
      states: states ?? ALL_STATES,
      kind: { column: 'provider', value: provider },
      after,
      limit: offset + limit,
    })
    list = list.where(q<boolean>`id in (${found})`)
  }
  if (wanted.filter === 'attention') list = list.where(ATTENTION)
  else if (states) list = list.where('state', '=', anyOf(states))
  if (provider !== undefined) list = list.where('provider', '=', provider)
  if (person !== undefined) list = list.where('person_id', '=', person)
  if (after !== undefined) list = list.where(older(after))
  return sql.rows(list)
}

const NAME = q<string>`(
  select concat_ws(' ', nullif(first_name, ''), last_name) from persons n where n.id = p.person_id)`

/** The first condition finds the place in the index of `created_at`, the second tells apart payments of one moment. */
const older = (id: string) => q<boolean>`created_at <= (select created_at from payments where id = ${id})
  and (created_at, id) < (select created_at, id from payments where id = ${id})`

export interface StoryLine {
  at: Date
  what: string
  /** What the row itself says: a state, a sum, an admin's id. */
  details: string
  /** Who got how much; only a posting has entries. */
  entries: { who: string; asset: Asset; amount: string }[] | null
}

/** Everything that happened to a payment, oldest first: made, told, asked, booked, refunded. */
export function paymentStory(sql: Sql, id: string): Promise<StoryLine[]> {
  // By hand: five tables in one list, each with its own words: a union that the builder could only say in raw parts.
  return sql.rows(q<StoryLine>`
    select at, what, details, entries from (
      select created_at as at, 'created' as what, '' as details, null::jsonb as entries from payments where id = ${id}
      union all
      select created_at, kind, concat_ws(' · ', payload->>'status', payload->>'received',
             nullif(concat_ws(' ', payload->'sent'->>'amount', payload->'sent'->>'currency'), ''),
             payload->'sent'->>'txid'), null
      from payment_events where payment_id = ${id}
      union all
      select p.created_at, 'posting', '', jsonb_agg(jsonb_build_object(
               'who', coalesce(e.person_id::text, e.system), 'asset', e.asset, 'amount', e.amount::text) order by e.id)
      from postings p join entries e on e.posting_id = p.id
      where p.details ? 'payment' and p.details->>'payment' = ${id} and (p.reference like 'payment-%' or p.reference = ${`refund-${id}`}) group by p.id
      union all
      select created_at, 'approved', admin_id::text, null from payment_approvals where payment_id = ${id}
      union all
      select created_at, 'refund-' || state, concat_ws(' ', admin_id::text, outcome), null
      from payment_refunds where payment_id = ${id}
    ) lines order by at limit 40`)
}
