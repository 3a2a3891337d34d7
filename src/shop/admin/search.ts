import { sql as q } from 'kysely'
import { sharedSql } from '#shared/tables.ts'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { personIdIn } from '#shared/ids.ts'
import { among, personAmong } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { shorten } from '#shared/storable.ts'

export interface Found {
  kind: 'person' | 'order' | 'payment'
  /** Telegram id, order id or payment id, as text. */
  id: string
  /** How a list shows it. An order has its good and its state, as stored. */
  label: string
}

/** Rows that a list shows. One more is read, so that the list knows whether there are more. */
export const SHOWN = 8
const LIMIT = SHOWN + 1

/**
 * Looks for whatever an admin has in hand: a Telegram id, @name or t.me link, an order, a payment, a provider's or
 * Telegram's own id of a charge, a supplier's id of an order, the beginning of a name (first, last, both in either
 * order), or the label of a person as a list shows it. Each kind is one look into an index. The answer may have one
 * more row than is shown.
 * @param served the bots whose rows are found
 */
export async function search(sql: Sql, text: string, served?: Served): Promise<Found[]> {
  const word = shorten(text.trim(), 500)
  if (word === '') return []
  // The label of a list ends in the @name, which tells people apart better than the other names do.
  const name =
    /(?:^|\s)@(\w{1,64})$/.exec(word)?.[1]?.toLowerCase() ??
    /^(?:https?:\/\/)?(?:t\.me\/|@)?(\w{1,64})$/.exec(word)?.[1]?.toLowerCase()
  const id = personIdIn(word) ?? null
  const mine = personAmong(q`p.id`, served)
  // By hand, like the next statement: a union over tables whose rows become a kind, an id and a label.
  const exact = await sql.rows(q<Found>`
    select 'person' as kind, id::text, ${label} as label from persons p where id = ${id}::bigint and ${mine}
    union all
    select 'person', id::text, ${label} from persons p where lower(username) = ${name ?? null} and ${mine}
    union all
    select 'order', o.id, o.good || ' ' || o.state from orders o where o.id = lower(${word}) and ${among(q`o.bot`, served)}
    union all
    select 'payment', y.id, y.provider || ' · ' || y.state from payments y where y.id = lower(${word}) and ${among(q`y.bot`, served)}
    union all
    select 'payment', y.id, y.provider || ' · ' || y.state from payments y where y.provider_ref = ${word} and ${among(q`y.bot`, served)}
    union all
    select 'order', o.id, o.good || ' ' || o.state
    from attempts a join orders o on o.id = a.order_id where a.supplier_ref = ${word} and ${among(q`o.bot`, served)}
    limit ${LIMIT}`)
  if (exact.length > 0) return unique(exact)
  const start = word.replace(/^@/, '')
  return sql.rows(q<Found>`
    (select 'person' as kind, id::text, ${label} as label from persons p
     where ${begins(q`lower(username)`, q`${start.toLowerCase()}::text`)} and ${mine} limit ${LIMIT})
    union
    (select 'person', id::text, ${label} from persons p
     where last_name is not null and ${begins(q`folded(last_name || ' ' || first_name)`, q`folded(${start})`)}
       and folded(${start}) <> '' and ${mine} limit ${LIMIT})
    union
    (select 'person', id::text, ${label} from persons p
     where ${begins(q`folded(first_name || ' ' || coalesce(last_name, ''))`, q`folded(${start})`)}
       and folded(${start}) <> '' and ${mine} limit ${LIMIT})
    limit ${LIMIT}`)
}

/**
 * Whether the text begins with the typed words. By the order of the index (text_pattern_ops), up to the last character that
 * there is: for a pattern (like) a plan without the values knows no beginning, and reads everybody.
 */
const begins = (text: RawBuilder<unknown>, words: RawBuilder<unknown>) =>
  q`(${text} ~>=~ ${words} and ${text} ~<~ (${words} || chr(1114111)))`

/**
 * The people with exactly this Telegram id or @name, for acts that do not show the person again. A name may have
 * moved to another person, so the answer holds everybody whom we have known by it.
 */
export async function peopleBy(sql: Sql, who: string, served?: Served): Promise<bigint[]> {
  const id = personIdIn(who) ?? null
  const name = who.replace(/^@/, '').toLowerCase()
  const rows = await sql.rows(
    sharedSql
      .selectFrom('persons as p')
      .select('p.id')
      .where(q<boolean>`(p.id = ${id}::bigint or lower(p.username) = ${name})`)
      .where(personAmong(q`p.id`, served))
      .limit(2),
  )
  return rows.map((row) => row.id)
}

const label = q`concat_ws(' ', nullif(p.first_name, ''), p.last_name, '@' || p.username)`

function unique(found: Found[]): Found[] {
  return [...new Map(found.map((one) => [`${one.kind} ${one.id}`, one])).values()]
}
