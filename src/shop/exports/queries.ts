import type { Served } from '#shared/owners.ts'
import type { ExportParams } from './exports.ts'
import type { ExportKind } from './tables.ts'
import { OTHERS_READ, speech } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'

/** Every text passes csv_text(), also an id: an apostrophe marks what a spreadsheet would run or take for a number. */
const NAME = `csv_text(concat_ws(' ', nullif(p.first_name, ''), p.last_name))`
const TIME = (column: string) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as time_utc,
   to_char(${column} at time zone 'Europe/Moscow', 'YYYY-MM-DD HH24:MI:SS') as time_moscow`

/**
 * The statement of an export. Its first column is the id of a row. Its rows are in the order of a key that never
 * changes, so that an export can go on after a row that was sent. (Results of a mailing are in the order of their
 * outcome: rows may move while the mailing is being sent.) COPY takes no parameters, so the few values in the
 * statement are numbers, or literals that `literal()` has quoted.
 * @param after the id of a row: only the rows behind it
 * @param served the bots whose rows the export holds
 * @param language of the spreadsheet that will read it: in Russian spreadsheets a number has a comma
 */
export function exportQuery(
  kind: ExportKind,
  params: ExportParams,
  after?: string,
  language: Language = OTHERS_READ,
  served?: Served,
): string {
  const decimal = (number: string) =>
    speech[language].point === '.' ? number : `replace(${number}, '.', '${speech[language].point}')`
  const sum = (amount: string, asset: string) => decimal(`csv_money(${amount}, ${asset}.scale)`)
  const since = (column: string) =>
    params.days ? [`${column} > now() - ${Math.trunc(params.days)} * interval '1 day'`] : []
  const person = (column: string) => (params.personId ? [`${column} = ${BigInt(params.personId)}`] : [])
  const names = served && `array[${served.map(literal).join(', ')}]::text[]`
  const of = (column: string) => (names ? [`${column} = any(${names})`] : [])
  const known = (column: string) =>
    names
      ? [
          `exists (select from bot_sessions k where k.person_id = ${column} and not k.claimed and k.bot = any(${names}))`,
        ]
      : []
  const sessionOf = names ? ` and s.bot = any(${names})` : ''
  const type = (column: string) => (params.type ? [`${column} = ${literal(params.type)}`] : [])
  const follows = (key: string, table = '', condition = '') => {
    if (after === undefined) return []
    const value = table
      ? `(select ${key} from ${table} where ${condition} = ${literal(after)})`
      : BigInt(after)
    return [`(${key}) > ${value}`]
  }
  const where = (conditions: string[]) => (conditions.length > 0 ? `where ${conditions.join(' and ')}` : '')
  switch (kind) {
    case 'transactions':
      return `
        select e.id, ${TIME('o.created_at')}, csv_text(o.bot) as bot, e.person_id, csv_text(p.username) as username, ${NAME} as name,
          o.kind, csv_text(o.description) as description, e.asset, ${sum('e.amount', 'a')} as amount,
          ${sum('e.balance_after', 'a')} as balance_after, csv_text(o.details ->> 'model') as model,
          csv_text(o.details ->> 'link') as link, csv_text(coalesce(o.details ->> 'order', o.details ->> 'payment'))
            as order_or_payment, csv_text(o.reference) as reference
        from entries e join postings o on o.id = e.posting_id join assets a on a.code = e.asset
          join persons p on p.id = e.person_id
        ${where([`o.kind not in ('hold', 'release')`, ...since('o.created_at'), ...person('e.person_id'), ...of('o.bot'), ...type('o.kind'), ...follows('e.id')])}
        order by e.id`
    case 'people':
      return `
        select p.id, csv_text(p.username) as username, ${NAME} as name, p.language, p.is_premium as premium,
          ${TIME('p.created_at')}, p.banned_at is not null as banned, csv_text(p.ban_reason) as ban_reason,
          csv_text(s.bots) as bots, csv_text(s.blocked) as blocked_bots, csv_text(s.came_by) as came_by,
          coalesce(w.tokens, 0) as tokens, w.others as other_balances
        from persons p cross join lateral (
          select string_agg(bot, ' ' order by bot) as bots, min(start_param) as came_by,
            string_agg(bot, ' ' order by bot) filter (where blocked_at is not null) as blocked
          from bot_sessions s where person_id = p.id${sessionOf}
        ) s cross join lateral (
          select max(w.available) filter (where w.asset = 'TOK') as tokens,
            string_agg(${sum('w.available', 'a')} || ' ' || w.asset, '${speech[language].cells} ' order by w.asset)
              filter (where w.asset <> 'TOK' and w.available > 0) as others
          from wallets w join assets a on a.code = w.asset where w.person_id = p.id
        ) w
        ${where([...since('p.created_at'), ...person('p.id'), ...known('p.id'), ...follows('p.id')])} order by p.id`
    case 'payments':
      return `
        select csv_text(y.id) as id, ${TIME('y.created_at')}, csv_text(y.bot) as bot, y.person_id, csv_text(p.username) as username, ${NAME} as name,
          y.provider, y.state, y.asset, ${sum('y.amount', 'a')} as amount, y.credit_asset,
          ${sum('y.credit_amount', 'c')} as credit_amount, y.received_asset,
          ${decimal('y.received_amount::text')} as received_amount,
          csv_text(y.provider_ref) as provider_ref, csv_text(y.order_id) as order_id,
          to_char(y.paid_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as paid_at_utc
        from payments y join persons p on p.id = y.person_id join assets a on a.code = y.asset
          join assets c on c.code = y.credit_asset
        ${where([...since('y.created_at'), ...person('y.person_id'), ...of('y.bot'), ...type('y.provider'), ...follows('y.created_at, y.id', 'payments y', 'y.id')])}
        order by y.created_at, y.id`
    case 'orders':
      return `
        select csv_text(o.id) as id, ${TIME('o.created_at')}, csv_text(o.bot) as bot, o.person_id, csv_text(p.username) as username, ${NAME} as name,
          o.good, o.state, o.asset, ${sum('o.price', 'a')} as price, csv_text(o.parent_id) as parent_id,
          t.attempts, csv_text(t.supplier_ref) as supplier_ref, csv_text(o.details ->> 'openedBy') as opened_by
        from orders o join persons p on p.id = o.person_id join assets a on a.code = o.asset cross join lateral (
          select count(*) as attempts, max(supplier_ref) as supplier_ref from attempts where order_id = o.id
        ) t
        ${where([`o.state <> 'draft'`, ...since('o.created_at'), ...person('o.person_id'), ...of('o.bot'), ...type('o.good'), ...follows('o.created_at, o.id', 'orders o', 'o.id')])}
        order by o.created_at, o.id`
    case 'broadcast': {
      const mailing = `r.broadcast_id = ${literal(params.broadcastId ?? '')}`
      const key = `r.state not in ('blocked', 'failed', 'uncertain'), coalesce(r.reason, ''), r.number`
      return `
        select r.number, r.person_id, csv_text(p.username) as username, csv_text(r.bot) as bot, r.language, r.state,
          csv_text(r.reason) as reason, csv_text(array_to_string(r.message_ids, ' ')) as message_ids
        from broadcast_recipients r join persons p on p.id = r.person_id
        ${where([mailing, ...follows(key, 'broadcast_recipients r', `${mailing} and r.number::text`)])}
        order by ${key}`
    }
  }
}

/** @throws when the text is none of our own words */
function literal(text: string): string {
  if (!/^[\w.:-]{0,64}$/.test(text)) throw new Error(`"${text}" is no word for a query`)
  return `'${text}'`
}

/** A Russian spreadsheet writes numbers with a comma, so it takes the semicolon for the border of cells. */
export const delimiterOf = (language: Language) => speech[language].cells
