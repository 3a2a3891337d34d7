import { createHash } from 'node:crypto'
import { balanceApiSql } from './tables.ts'
import { z } from 'zod'
import { displayCurrency, totalIn } from './exchange.ts'
import { mintedPerDay } from '#shared/settings/decisions.ts'
import { exchangeRates, readRates } from '#shared/settings/rates.ts'
import type { Sql } from '#shared/db/db.ts'
import { lockMinted } from '#shared/money/decisions.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { operationsPage } from '#shared/money/read.ts'
import type { Balance } from '#shared/money/read.ts'
import { formatAmount, parseAmount } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { countEntry, hasCaps } from './caps.ts'
import type { EntryLimits } from './caps.ts'
import { keep } from './kept.ts'
import { Problem, unknownPerson } from './problem.ts'
import { defineRoute } from './route.ts'
import type { ApiContext } from './route.ts'
import { asset, changeable, decimal, moment, page, personParams, telegramId } from './schemas.ts'

export const getBalance = defineRoute({
  method: 'GET',
  path: '/v1/users/{telegramId}/balance',
  name: 'getBalance',
  summary: 'Every asset of a person, the total in the display currency, and their deposit address',
  scope: 'read',
  params: personParams,
  answers: {
    200: {
      description: 'The balance',
      schema: z.object({
        telegramId,
        balances: z.array(z.object({ asset, available: decimal, held: decimal })),
        total: z
          .object({ asset, amount: decimal })
          .meta({ description: 'available and held, at the rates of the settings' }),
        walletAddress: z.string().nullable(),
      }),
    },
  },
  problems: { 404: 'There is no such person' },
  async run({ api, key, params }) {
    const { currency, rates } = await exchangeOf(api, key.bot)
    const row = await readWallet(api.db, BigInt(params.telegramId))
    if (!row) throw unknownPerson()
    return {
      status: 200,
      body: {
        telegramId: params.telegramId,
        balances: row.wallet.map(shown),
        total: { asset: currency, amount: formatAmount(totalIn(currency, rates, row.wallet), currency) },
        walletAddress: row.address,
      },
    }
  },
})

interface Exchange extends EntryLimits {
  currency: Asset
}
/** Checking the settings costs as much as reading a wallet, and the settings are up to 2 s old anyway. */
const EXCHANGE_MS = 1_000
const exchanges = new WeakMap<ApiContext, (bot: string) => Exchange | Promise<Exchange>>()

function exchangeOf(api: ApiContext, bot: string): Exchange | Promise<Exchange> {
  let kept = exchanges.get(api)
  if (!kept) {
    kept = keep(EXCHANGE_MS, async (name) => ({
      currency: await api.settings.get(displayCurrency, name),
      rates: readRates(await api.settings.get(exchangeRates)),
      mintedPerDay: await api.settings.get(mintedPerDay),
    }))
    exchanges.set(api, kept)
  }
  return kept(bot)
}

function shown({ asset: one, available, held }: Balance) {
  return { asset: one, available: formatAmount(available, one), held: formatAmount(held, one) }
}

interface WalletRow {
  assets: Asset[]
  available: string[]
  held: string[]
  address: string | null
}

/**
 * Reads a wallet in one round trip.
 * @returns undefined when no person has this id
 */
async function readWallet(
  sql: Sql,
  personId: bigint,
): Promise<{ wallet: Balance[]; address: string | null } | undefined> {
  const [row] = await sql.rows<WalletRow>(walletStatement(personId))
  if (!row) return undefined
  const { assets, available, held, address } = row
  const wallet = assets.map((one, at) => ({
    asset: one,
    available: BigInt(available[at]!),
    held: BigInt(held[at]!),
  }))
  return { wallet, address }
}

/** Each asset has the same place in all arrays. */
export function walletStatement(personId: bigint) {
  return {
    name: 'api-wallet',
    text: `
      select coalesce(array_agg(w.asset order by w.asset) filter (where w.asset is not null), '{}') as assets,
             coalesce(array_agg(w.available::text order by w.asset) filter (where w.asset is not null), '{}') as available,
             coalesce(array_agg(w.held::text order by w.asset) filter (where w.asset is not null), '{}') as held,
             (select d.address from deposit_wallets d where d.person_id = p.id and d.address is not null
              order by d.created_at limit 1) as address
      from persons p left join wallets w on w.person_id = p.id where p.id = $1 group by p.id`,
    values: [personId],
  }
}

const entry = z.object({
  id: z.string(),
  kind: z.string(),
  asset,
  amount: decimal,
  balanceAfter: decimal.meta({ description: 'available and held after it' }),
  description: z.string(),
  bot: z.string().nullable(),
  createdAt: moment,
})

export const postEntry = defineRoute({
  method: 'POST',
  path: '/v1/users/{telegramId}/entries',
  name: 'postEntry',
  summary: 'Changes a balance: above zero gives, below zero takes. Sending it again changes nothing',
  scope: 'write',
  idempotency: 'required',
  params: personParams,
  body: z.strictObject({
    asset: changeable,
    amount: decimal.meta({ description: 'signed, not zero', examples: ['-10'] }),
    description: z.string().max(500).default(''),
  }),
  answers: { 201: { description: 'The entry; the same for the same key and body', schema: entry } },
  problems: {
    404: 'There is no such person',
    409: 'The Idempotency-Key belongs to another request',
    422: 'The available balance is too small',
  },
  async run({ api, key, params, body, idempotencyKey = '' }) {
    const amount = parseAmount(body.amount, body.asset)
    if (amount === 0n) throw new Problem(400, 'amount-invalid', 'amount must not be zero')
    const reference = `api-${key.bot}-${digest(idempotencyKey)}`
    const request = digest(JSON.stringify([params.telegramId, body.asset, String(amount), body.description]))
    const money = { asset: body.asset, amount }
    const posting = transfer({ system: `api:${key.bot}` }, { person: BigInt(params.telegramId) }, money, {
      reference,
      kind: 'entry',
      description: body.description,
      bot: key.bot,
      details: { key: key.id, request },
    })
    if (!hasCaps(key)) await api.post(posting)
    else {
      const limits = await exchangeOf(api, key.bot)
      await api.db.tx(async (tx) => {
        if (amount > 0n) await lockMinted(tx, key.bot)
        if (!(await post(tx, posting)).repeated) await countEntry(tx, key, limits, money)
      })
    }
    const [row] = await api.db.rows<EntryRow>(entryStatement(reference))
    if (row!.request !== request) {
      throw new Problem(409, 'idempotency-conflict', 'The Idempotency-Key belongs to another request')
    }
    return { status: 201, body: entryBody(row!) }
  },
})

interface EntryRow {
  id: bigint
  kind: string
  asset: Asset
  amount: bigint
  balanceAfter: bigint
  description: string
  bot: string | null
  createdAt: Date
  request?: string
}

export function entryStatement(reference: string) {
  return {
    name: 'api-entry',
    text: `
      select p.id, p.kind, e.asset, e.amount, e.balance_after as "balanceAfter", p.description, p.bot,
             p.created_at as "createdAt", p.details ->> 'request' as request
      from postings p join entries e on e.posting_id = p.id and e.person_id is not null
      where p.reference = $1`,
    values: [reference],
  }
}

function entryBody(row: EntryRow) {
  return {
    id: String(row.id),
    kind: row.kind,
    asset: row.asset,
    amount: formatAmount(row.amount, row.asset),
    balanceAfter: formatAmount(row.balanceAfter, row.asset),
    description: row.description,
    bot: row.bot,
    createdAt: row.createdAt.toISOString(),
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

export const getEntries = defineRoute({
  method: 'GET',
  path: '/v1/users/{telegramId}/entries',
  name: 'getEntries',
  summary: 'What changed a balance in any bot, newest first. Reservations do not show',
  scope: 'read',
  params: personParams,
  query: page.extend({ asset: asset.optional() }),
  answers: {
    200: {
      description: 'A page; nextCursor is null on the last one',
      schema: z.object({ entries: z.array(entry), nextCursor: z.string().nullable() }),
    },
  },
  problems: { 404: 'There is no such person' },
  async run({ api, params, query }) {
    const id = BigInt(params.telegramId)
    const { operations: rows, next } = await operationsPage(api.db, id, {
      size: query.limit,
      before: query.cursor === undefined ? undefined : BigInt(query.cursor),
      asset: query.asset,
    })
    if (rows.length === 0) await mustExist(api.db, id)
    return {
      status: 200,
      body: {
        entries: rows.map(entryBody),
        nextCursor: next === undefined ? null : String(next),
      },
    }
  },
})

export async function mustExist(sql: Sql, personId: bigint): Promise<void> {
  const rows = await sql.rows(balanceApiSql.selectFrom('persons').select('id').where('id', '=', personId))
  if (rows.length === 0) throw unknownPerson()
}
