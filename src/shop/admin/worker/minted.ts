import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'
import { formatAmount } from '#shared/money.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { mintedPerDay } from '#shared/settings/decisions.ts'
import { exchangeRates, readRates, worthInRub } from '#shared/settings/rates.ts'

/**
 * The kinds of postings that let money appear: corrections, entries of API keys, codes, and transfers by hand that
 * admins approved.
 */
const MEANS = ['adjustment', 'entry', 'promo', 'payment'] as const
type Means = (typeof MEANS)[number]

export interface Minted {
  bot: string
  means: Means
  asset: Asset
  amount: bigint
}

/**
 * How much money appeared within 24 hours for each bot's people without a purchase, by the books. Bots and projects
 * that were added through a bot count with it. A person has one wallet for all bots, so this money can be spent in
 * every one of them.
 */
export function mintedByBot(sql: Sql): Promise<Minted[]> {
  // By hand, because most of it is no column. The kinds stand in the text as in the index (migration 0141), so that no
  // other posting is read. «Offset 0» makes PostgreSQL look up the entries of each posting: it guesses a day to be a
  // tenth of all, and would read every entry there is.
  return sql.rows(q<Minted>`
    select coalesce(b.home, b.name) as bot, p.kind as means, e.asset, sum(e.amount)::bigint as amount
    from postings p join bots b on b.name = p.bot cross join lateral (
      select asset, amount from entries where posting_id = p.id and person_id is not null and amount > 0 offset 0) e
    where p.created_at > now() - interval '24 hours'
      and (p.kind in ('adjustment', 'entry', 'promo') or p.kind = 'payment' and p.details ->> 'provider' = 'manual')
    group by 1, p.kind, e.asset order by 1, p.kind, e.asset`)
}

/** Tells the admins of every bot, once a day for each bot that goes beyond the limit. */
export async function tellMinted(app: Pick<Context, 'db' | 'settings' | 'bots'>): Promise<void> {
  const limit = await app.settings.get(mintedPerDay)
  const rates = readRates(await app.settings.get(exchangeRates))
  const bots = new Map<string, Map<Means, bigint>>()
  for (const { bot, means, ...money } of await mintedByBot(app.db)) {
    const sums = bots.get(bot) ?? new Map<Means, bigint>()
    sums.set(means, (sums.get(means) ?? 0n) + worthInRub(rates, money))
    bots.set(bot, sums)
  }
  const day = new Date().toISOString().slice(0, 10)
  const rub = (kopecks: bigint) => formatAmount(kopecks, 'RUB')
  for (const [bot, sums] of bots) {
    const sum = [...sums.values()].reduce((all, one) => all + one, 0n)
    if (sum <= limit) continue
    const parts = Object.fromEntries(MEANS.map((means) => [means, rub(sums.get(means) ?? 0n)]))
    await app.db.tx((tx) =>
      oweAdminAlert(tx, app.bots.values(), {
        key: `minted-${bot}-${day}`,
        text: 'alert-minted',
        params: { bot, sum: rub(sum), limit: rub(limit), ...parts },
      }),
    )
  }
}
