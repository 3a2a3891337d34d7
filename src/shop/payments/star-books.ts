import { sql as q } from 'kysely'
import type { NotNull, RawBuilder } from 'kysely'
import { literal, NOW } from '#shared/db/build.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { oweAdminAlert, toldOf } from '#shared/notices.ts'
import { isSettled } from '#shared/money/proof.ts'
import { balancesOf, comparedStars } from '#shared/money/star-balances.ts'
import type { ComparedStars } from '#shared/money/star-balances.ts'
import { moneySql } from '#shared/money/tables.ts'
import { sharedSql } from '#shared/tables.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'

/* What each bot holds in Stars by our books, beside what Telegram says. */

/** A payment under way makes a difference for a moment; one that stays longer has another reason. */
const LASTING_MS = 10 * 60_000
/** How many postings one statement reads. */
const STEP = 100_000
const BOOKS = 'books of stars'

/** The sums of all postings up to one that is committed, and nothing before it can follow. */
interface Kept {
  to: string
  /** Whole Stars by bot. */
  sums: Record<string, string>
}

/**
 * What the bots' Stars are by the ledger: what people paid, less what went back and what left otherwise. The sums of old
 * postings are kept, so that a look reads the last ten minutes only.
 */
export async function starsByBooks(sql: Sql): Promise<ReadonlyMap<string, bigint>> {
  const [row] = await sql.rows(sharedSql.selectFrom('cursors').select('value').where('name', '=', BOOKS))
  let { to, sums }: Kept = row ? (JSON.parse(row.value) as Kept) : { to: '0', sums: {} }
  for (;;) {
    const next = moneySql.selectFrom('postings').select(['id', 'created_at']).where('id', '>', BigInt(to))
    const [part] = await sql.rows(
      moneySql
        .selectFrom(next.orderBy('id').limit(STEP).as('part'))
        .select(q<bigint | null>`max(id) filter (where ${isSettled()})`.as('settled')),
    )
    if (part!.settled === null) break
    sums = added(sums, await movedIn(sql, q<boolean>`p.id > ${BigInt(to)} and p.id <= ${part!.settled}`))
    to = String(part!.settled)
    const value = JSON.stringify({ to, sums } satisfies Kept)
    await sql.rows(
      sharedSql
        .insertInto('cursors')
        .values({ name: BOOKS, value })
        .onConflict((there) => there.column('name').doUpdateSet({ value, updated_at: NOW })),
    )
  }
  const all = added(sums, await movedIn(sql, q<boolean>`p.id > ${BigInt(to)}`))
  return new Map(Object.entries(all).map(([bot, stars]) => [bot, BigInt(stars)]))
}

const movedIn = (sql: Sql, range: RawBuilder<boolean>) =>
  sql.rows(
    moneySql
      .selectFrom('postings as p')
      .innerJoin('entries as e', 'e.posting_id', 'p.id')
      .select(['p.bot', q<bigint>`-sum(e.amount)::bigint`.as('stars')])
      .where(range)
      .where('e.system', '=', literal('provider:stars'))
      .where('e.asset', '=', literal('XTR'))
      .where('p.bot', 'is not', null)
      .groupBy('p.bot')
      .$narrowType<{ bot: NotNull }>(),
  )

function added(sums: Kept['sums'], moved: readonly { bot: string; stars: bigint }[]): Kept['sums'] {
  const all = { ...sums }
  for (const { bot, stars } of moved) all[bot] = String(BigInt(all[bot] ?? 0) + stars)
  return all
}

/**
 * Asks Telegram what the bot holds and keeps the answer beside the books. A difference that stays, and that two looks in
 * a row find equal, is told to admins once, until the figures agree again.
 * @param all what `starsByBooks` says of all bots since their lists were read
 */
export async function compareStars(
  { db, bots }: Pick<Context, 'db' | 'bots'>,
  bot: ServedBot,
  all: ReadonlyMap<string, bigint>,
): Promise<void> {
  const { amount: telegram } = await bot.api.getMyStarBalance()
  const books = all.get(bot.name) ?? 0n
  const difference = BigInt(telegram) - books
  const [last] = await balancesOf(db, [bot.name])
  const since = difference === 0n ? undefined : (last?.since ?? new Date())
  const isOld = since !== undefined && Date.now() - since.getTime() >= LASTING_MS
  const lasts = isOld && (last!.lasts || last!.telegram - last!.books === difference)
  const value = JSON.stringify({
    telegram,
    books: String(books),
    ...(since && { since: since.toISOString() }),
    ...(lasts && { lasts }),
  } satisfies ComparedStars)
  await db.tx(async (tx) => {
    await tx.rows(
      sharedSql
        .insertInto('cursors')
        .values({ name: comparedStars(bot.name), value })
        .onConflict((there) => there.column('name').doUpdateSet({ value, updated_at: NOW })),
    )
    if (!lasts) return
    await oweAdminAlert(tx, toldOf(bots, bot.name), {
      key: `stars-differ-${bot.name}-${since.getTime()}`,
      text: 'alert-stars-differ',
      params: {
        bot: bot.name,
        telegram: { amount: BigInt(telegram), asset: 'XTR' },
        books: { amount: books, asset: 'XTR' },
      },
    })
  })
}
