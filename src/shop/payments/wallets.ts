import { sql as q } from 'kysely'
import { ago, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { idFrom, newId } from '#shared/ids.ts'
import type { Asset } from '#shared/money.ts'
import { makeWallet } from './jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { paymentsSql } from './tables.ts'

export interface DepositWallet {
  reference: string
  personId: bigint
  bot: string
  provider: string
  asset: Asset
  network: string
  address: string | null
  /** True = its provider has given no address for a minute, so the person is told why nothing comes. */
  late: boolean
}

/**
 * The tries of one asking are over after 2 h 20 min at most, and its person is told then. An address that is missing for
 * longer was asked for by a release that told nobody: it may be asked for anew.
 */
const TRIED_HOURS = 3
const LATE_SECONDS = 60

const columns = [
  'reference',
  'person_id as personId',
  'bot',
  'provider',
  'asset',
  'network',
  'address',
  q<boolean>`(address is null and created_at < ${ago(LATE_SECONDS, 'second')})`.as('late'),
] as const

/** The permanent addresses of a person, and those that a provider has been asked for and has not given yet. */
export function walletsOf(sql: Sql, personId: bigint): Promise<DepositWallet[]> {
  return sql.rows(
    paymentsSql
      .selectFrom('deposit_wallets')
      .select(columns)
      .where('person_id', '=', personId)
      .where((are) =>
        are.or([are('address', 'is not', null), are('created_at', '>', ago(TRIED_HOURS, 'hour'))]),
      )
      .orderBy('created_at'),
  )
}

export async function readDepositWallet(sql: Sql, reference: string): Promise<DepositWallet | undefined> {
  const [row] = await sql.rows(
    paymentsSql.selectFrom('deposit_wallets').select(columns).where('reference', '=', reference),
  )
  return row
}

/**
 * Asks for a person's address of one coin in one network: the same wish is the same address, for ever. Each asking is a
 * job of its own: the one before may have ended a moment ago without an address.
 */
export async function askWallet(
  tx: Sql,
  wish: Omit<DepositWallet, 'reference' | 'address' | 'late'>,
): Promise<string> {
  const { personId, provider, asset, network } = wish
  const reference = `tw-${idFrom('wallet', personId, provider, asset, network)}-${personId}`
  const asked = await tx.rows(
    paymentsSql
      .insertInto('deposit_wallets')
      .values({ reference, person_id: personId, bot: wish.bot, provider, asset, network })
      .onConflict((there) =>
        there
          .column('reference')
          .doUpdateSet({ created_at: NOW, bot: wish.bot })
          .where('deposit_wallets.address', 'is', null)
          .where('deposit_wallets.created_at', '<', ago(TRIED_HOURS, 'hour')),
      )
      .returning('reference'),
  )
  if (asked.length > 0) await owe(tx, makeWallet, { reference, asking: newId() })
  return reference
}

export async function keepAddress(
  tx: Sql,
  reference: string,
  wallet: string,
  address: string,
): Promise<boolean> {
  const rows = await tx.rows(
    paymentsSql
      .updateTable('deposit_wallets')
      .set({ wallet, address })
      .where('reference', '=', reference)
      .where('address', 'is', null)
      .returning('reference'),
  )
  return rows.length > 0
}

/**
 * The provider gives no address: the wish is forgotten, so that the person can ask again.
 * @returns false when the wish is gone, or has an address
 */
export async function forgetWish(tx: Sql, reference: string): Promise<boolean> {
  const rows = await tx.rows(
    paymentsSql
      .deleteFrom('deposit_wallets')
      .where('reference', '=', reference)
      .where('address', 'is', null)
      .returning('reference'),
  )
  return rows.length > 0
}
