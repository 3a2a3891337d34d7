import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { ASSETS, SCALES, formatAmount } from '#shared/money.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { priceSellRub } from '#shared/settings/economy.ts'
import { exchangeRates, readRates } from '#shared/settings/rates.ts'
import { gainsAbove } from '../settings.ts'

/** Who bought lately, the most first, is all that is looked at: each costs two index scans of their own rows. */
const PEOPLE = 200
const LATELY_HOURS = 26
/** So many fit on a phone; the others are told on the next day, when these are seen to. */
const TOLD = 10

export interface Gain {
  personId: bigint
  /** Kopecks. */
  put: bigint
  got: bigint
}

/**
 * People to whom we have delivered more than they paid for, over all time: by a circle of purchases, bonuses or credits
 * that nobody thought of. What they put in are payments, deposits and entries of other bots, less what was paid back.
 */
export async function findGains(
  { db, settings, goods }: Pick<Context, 'db' | 'settings' | 'goods'>,
  above: bigint,
): Promise<Gain[]> {
  const kinds = goods.filter(({ limitedBack }) => limitedBack).map(({ kind }) => kind)
  const rates = readRates({
    ...(await settings.get(exchangeRates)),
    TOK: formatAmount(await settings.get(priceSellRub), 'RUB'),
  })
  // A rate has nine digits after the point: kopecks for one minor unit = rate * 100 / 10^9 / 10^scale.
  const worth = ASSETS.map((asset) => String(rates.get(asset) ?? 0n))
  const scales = ASSETS.map((asset) => SCALES[asset])
  return (db as Sql).rows(q<Gain>`
    with worth as (
      select asset, rate / 10000000 / power(10::numeric, scale) as kopecks
      from unnest(${ASSETS}::text[], ${worth}::numeric[], ${scales}::int[]) as w (asset, rate, scale)
    ), lately as (
      select person_id from orders
      where good = any(${kinds}) and created_at > now() - ${LATELY_HOURS} * interval '1 hour' and state = 'delivered'
      group by person_id order by count(*) desc limit ${PEOPLE}
    ), sums as (
      select l.person_id,
        (select coalesce(sum(e.amount * w.kopecks), 0) from entries e join postings p on p.id = e.posting_id
         join worth w on w.asset = e.asset
         where e.person_id = l.person_id and (p.kind in ('payment', 'deposit', 'entry')
           or p.kind = 'refund' and p.details ? 'payment'))::bigint as put,
        (select coalesce(sum((o.details ->> 'unitPrice')::bigint), 0) from orders o
         where o.person_id = l.person_id and o.good = any(${kinds}) and o.state = 'delivered'
           and jsonb_array_length(o.details -> 'recipients') = 1)::bigint as got
      from lately l
    )
    select person_id as "personId", put, got from sums where got - put > ${above}
    order by got - put desc limit ${TOLD}`)
}

/** Tells admins once a day. */
export async function tellGains(
  app: Pick<Context, 'db' | 'settings' | 'goods' | 'bots' | 'log'>,
): Promise<Verdict> {
  const gains = await findGains(app, await app.settings.get(gainsAbove))
  if (gains.length === 0) return done
  const day = new Date().toISOString().slice(0, 10)
  const rub = (kopecks: bigint) => formatAmount(kopecks, 'RUB')
  const people = gains.map(({ personId, put, got }) => `${personId}: ${rub(put)} → ${rub(got)}`).join('\n')
  await app.db.tx((tx) =>
    oweAdminAlert(tx, app.bots.values(), {
      key: `gains-${day}`,
      text: 'alert-gains',
      params: { people, count: gains.length },
    }),
  )
  return done
}
