import type { Sql } from '#shared/db/db.ts'
import { idFrom } from '#shared/ids.ts'
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
}

const columns = [
  'reference',
  'person_id as personId',
  'bot',
  'provider',
  'asset',
  'network',
  'address',
] as const

/** The permanent addresses of a person, those still without an address included. */
export function walletsOf(sql: Sql, personId: bigint): Promise<DepositWallet[]> {
  return sql.rows(
    paymentsSql
      .selectFrom('deposit_wallets')
      .select(columns)
      .where('person_id', '=', personId)
      .orderBy('created_at'),
  )
}

export async function readDepositWallet(sql: Sql, reference: string): Promise<DepositWallet | undefined> {
  const [row] = await sql.rows(
    paymentsSql.selectFrom('deposit_wallets').select(columns).where('reference', '=', reference),
  )
  return row
}

/** Asks for a person's address of one coin in one network: the same wish is the same address, for ever. */
export async function askWallet(
  tx: Sql,
  wish: Omit<DepositWallet, 'reference' | 'address'>,
): Promise<string> {
  const { personId, provider, asset, network } = wish
  const reference = `tw-${idFrom('wallet', personId, provider, asset, network)}-${personId}`
  await tx.rows(
    paymentsSql
      .insertInto('deposit_wallets')
      .values({ reference, person_id: personId, bot: wish.bot, provider, asset, network })
      .onConflict((there) => there.doNothing()),
  )
  await owe(tx, makeWallet, { reference })
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
