import { sql as q } from 'kysely'
import { starsPremiumSql } from '../tables.ts'
import { ago, literal } from '#shared/db/build.ts'
import type { Db } from '#shared/db/db.ts'
import type { ResellerClient } from '../reseller/client.ts'
import { readResellerWallet, type ResellerWallet } from '../reseller/misc.ts'

/** A reading at most this old, in seconds, can serve as the base for comparing later ones. */
const FRESH_SECONDS = 60

export interface WalletWatch {
  /**
   * Reads our wallet at the reseller and stores the balance.
   * @throws Transient, LoginFailed
   */
  read(): Promise<ResellerWallet>
  /** Like read, at most once a minute for all processes, and never in anybody's way: a failure is ignored. */
  refresh(): Promise<void>
}

export function watchWallet(db: Db, client: () => Promise<ResellerClient>): WalletWatch {
  let running: Promise<ResellerWallet> | undefined
  const readNow = async (): Promise<ResellerWallet> => {
    const underWay = starsPremiumSql
      .selectFrom('attempts')
      .select('id')
      .where('supplier', '=', literal('fragment'))
      .where('state', 'in', [literal('sent'), literal('unknown')])
    const [start] = await db.rows(
      starsPremiumSql.selectNoFrom((is) => [
        q`clock_timestamp()`.$castTo<Date>().as('at'),
        is.exists(underWay).as('busy'),
      ]),
    )
    const wallet = await readResellerWallet(await client())
    for (const { asset, amount } of wallet.balances) {
      // By hand: what is stored and what is asked of the attempts belong to one statement.
      await db.rows(q`
        insert into wallet_readings (supplier, asset, balance, quiet)
        select 'fragment', ${asset}, ${amount}, not ${start!.busy} and not exists (
          select from attempts where supplier = 'fragment' and created_at >= ${start!.at})`)
    }
    return wallet
  }
  /** Until when a reading of any process is known to be fresh enough, by performance.now(). */
  let freshUntil = 0
  const read = () => (running ??= readNow().finally(() => (running = undefined)))
  return {
    read,
    async refresh() {
      if (performance.now() < freshUntil) return
      const [newest] = await db.rows(
        starsPremiumSql
          .selectFrom('wallet_readings')
          .select(q<number | null>`extract(epoch from now() - max(at))::float8`.as('age'))
          .where('supplier', '=', 'fragment')
          .where('at', '>', ago(FRESH_SECONDS, 'second')),
      )
      if (newest?.age != null) freshUntil = performance.now() + (FRESH_SECONDS - newest.age) * 1000
      else await read().catch(() => undefined)
    },
  }
}
