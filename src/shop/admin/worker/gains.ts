import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { ago, anyOf } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { moneySql } from '#shared/money/tables.ts'
import { ASSETS, SCALES, formatAmount } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { operatorsOf, oweAdminAlert } from '#shared/notices.ts'
import { ownersOf } from '#shared/owners.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { priceSellRub } from '#shared/settings/economy.ts'
import { exchangeRates, readRates } from '#shared/settings/rates.ts'
import { gainsAbove } from '../settings.ts'

/** Only the people who bought most lately are checked, because each costs two index scans. */
const PEOPLE = 200
const LATELY_HOURS = 26
/** Rows of a person that one statement reads: 6 ms at rest, and so below 50 ms with eight others for each core. */
const PART = 1_000
/** As many people as fit on a phone's screen. The others are told about on the next day. */
const TOLD = 10

export interface Gain {
  personId: bigint
  /** Kopecks. */
  put: bigint
  got: bigint
}

/**
 * Finds people to whom the shop has delivered more than they paid for, over all time: by a circle of purchases,
 * bonuses or credits that nobody thought of. Payments, deposits and entries of other bots count as what they put in,
 * less what was paid back.
 */
export async function findGains(
  { db, settings, goods }: Pick<Context, 'db' | 'settings' | 'goods'>,
  above: bigint,
  part = PART,
): Promise<Gain[]> {
  const kinds = goods.filter(({ limitedBack }) => limitedBack).map(({ kind }) => kind)
  const rates = readRates({
    ...(await settings.get(exchangeRates)),
    TOK: formatAmount(await settings.get(priceSellRub), 'RUB'),
  })
  const lately = await db.rows(
    moneySql
      .selectFrom('orders')
      .select('person_id as personId')
      .where('good', '=', anyOf(kinds))
      .where('created_at', '>', ago(LATELY_HOURS, 'hour'))
      .where('state', '=', 'delivered')
      .groupBy('person_id')
      .orderBy(q`count(*)`, 'desc')
      .limit(PEOPLE),
  )
  const gains: Gain[] = []
  for (const { personId } of lately) {
    const put = worth(await putBy(db, personId, part), rates)
    const got = await gotBy(db, personId, kinds, part)
    if (got - put > above) gains.push({ personId, put, got })
  }
  return gains.toSorted((a, b) => Number(b.got - b.put - (a.got - a.put))).slice(0, TOLD)
}

/**
 * A rate has nine digits after the point: kopecks for one minor unit = rate * 100 / 10^9 / 10^scale. The sum is
 * rounded once, at the end.
 */
function worth(sums: ReadonlyMap<Asset, bigint>, rates: ReadonlyMap<Asset, bigint>): bigint {
  const most = Math.max(...ASSETS.map((asset) => SCALES[asset]))
  const parts = [...sums].map(
    ([asset, sum]) => sum * (rates.get(asset) ?? 0n) * 10n ** BigInt(most - SCALES[asset]),
  )
  return parts.reduce((all, one) => all + one, 0n) / 10n ** BigInt(most + 7)
}

/** A statement reads some thousand rows at a time and so stays short, because one person may have a hundred thousand. */
async function putBy(sql: Sql, personId: bigint, part: number): Promise<Map<Asset, bigint>> {
  const sums = new Map<Asset, bigint>()
  for (let [asset, after] = ['', 0n]; ;) {
    // By hand: what is added up is a case over a posting's kind, which the builder would only quote.
    const rows = await sql.rows(q<{ asset: Asset; put: bigint; last: bigint; read: number }>`
      select e.asset, coalesce(sum(e.amount) filter (where p.kind in ('payment', 'deposit', 'entry')
          or p.kind = 'refund' and p.details ? 'payment'), 0)::bigint as put, max(e.id) as last, count(*)::int as read
      from (select id, asset, amount, posting_id from entries
            where person_id = ${personId} and (asset, id) > (${asset}, ${after}::bigint) order by asset, id limit ${part}) e
        -- By the key: for each part anew, a whole table would be read for a hash.
        cross join lateral (select kind, details from postings where id = e.posting_id limit 1) p
      group by e.asset order by e.asset`)
    for (const row of rows) sums.set(row.asset, (sums.get(row.asset) ?? 0n) + row.put)
    const read = rows.reduce((all, row) => all + row.read, 0)
    if (read < part) return sums
    ;({ asset, last: after } = rows.at(-1)!)
  }
}

async function gotBy(sql: Sql, personId: bigint, kinds: readonly string[], part: number): Promise<bigint> {
  let got = 0n
  for (let [at, after] = ['-infinity', '']; ;) {
    // By hand: what is added up stands in `jsonb`, and the place where the next part begins is read from the same rows.
    const [row] = await sql.rows(q<{ got: bigint; read: number; at: string; last: string }>`
      select coalesce(sum((details ->> 'unitPrice')::bigint) filter (where good = any(${[...kinds]}) and state = 'delivered'
          and jsonb_array_length(details -> 'recipients') = 1), 0)::bigint as got, count(*)::int as read,
        max(created_at)::text as at, (array_agg(id order by created_at desc, id desc))[1] as last
      from (select id, created_at, good, state, details from orders
            where person_id = ${personId} and created_at >= ${at}::timestamptz
              and (created_at, id) > (${at}::timestamptz, ${after}) order by created_at, id limit ${part}) o`)
    got += row!.got
    if (row!.read < part) return got
    ;({ at, last: after } = row!)
  }
}

/** Tells the admins of the bots that the person uses and of the first bot, once a day, and no other admins. */
export async function tellGains(
  app: Pick<Context, 'db' | 'settings' | 'goods' | 'bots' | 'log'>,
): Promise<Verdict> {
  const day = new Date().toISOString().slice(0, 10)
  const rub = (kopecks: bigint) => formatAmount(kopecks, 'RUB')
  const lines = new Map<string, string[]>()
  for (const { personId, put, got } of await findGains(app, await app.settings.get(gainsAbove))) {
    const theirs = await ownersOf(app.db, 'person', String(personId))
    const told = [...operatorsOf(app.bots).map(({ name }) => name), ...theirs.toSorted()]
    const key = [...new Set(told)].join(' ')
    lines.set(key, [...(lines.get(key) ?? []), `${personId}: ${rub(put)} → ${rub(got)}`])
  }
  for (const [bots, people] of lines)
    await app.db.tx((tx) =>
      oweAdminAlert(
        tx,
        bots.split(' ').map((name) => ({ name })),
        {
          key: `gains-${day}-${bots}`,
          text: 'alert-gains',
          params: { people: people.join('\n'), count: people.length },
        },
      ),
    )
  return done
}
