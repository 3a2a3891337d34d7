import { createHash } from 'node:crypto'
import type { Sql, Statement } from '../db/db.ts'
import { violatedConstraint } from '../db/errors.ts'
import { UserError } from '../errors.ts'
import { MAX_AMOUNT } from '../money.ts'
import type { Asset } from '../money.ts'
import { writeJson } from '../storable.ts'

/** Where money can come from or go to besides persons. A system account has no row of its own. */
export type SystemAccount =
  | `provider:${string}` // what a payment provider owes us or has paid out
  | 'sales' // captured orders
  | `adjustments:${string}` // credits and debits by the admins of a bot; without a bot in entries of before 0.2
  | 'adjustments'
  | `promo:${string}` // what codes and plans gave in a bot
  | 'promo'
  | 'referral'
  | 'affiliate' // what Telegram gave to affiliates of payments in Stars
  | 'stars-gifts' // gifts and Premium that bots gave from their own Stars
  | 'stars-fees' // what Telegram took for paid messages and advertisements
  | 'stars-withdrawn' // what owners took out of a bot's Stars
  | 'stars-other' // all else that left a bot's Stars, or came to them
  | 'conversion'
  | 'suspense' // money that came and is nobody's yet
  | 'shortfall' // refunds of what had already been spent
  | `api:${string}` // entries made by other bots through the Balance API

export type EntryKind =
  | 'payment'
  | 'generation'
  | 'stars'
  | 'premium'
  | 'telegram-gift'
  | 'tokens'
  | 'subscription'
  | 'item'
  | 'adjustment'
  | 'referral'
  | 'promo'
  | 'refund'
  | 'conversion'
  | 'deposit'
  | 'entry'
  | 'hold'
  | 'release'

export type Owner = { person: bigint } | { system: SystemAccount }

export interface Entry {
  owner: Owner
  asset: Asset
  /** Minor units, signed. */
  amount: bigint
  bucket?: 'available' | 'held'
}

export interface Posting {
  /** A unique reference: a second posting with the same reference moves nothing. */
  reference: string
  kind: EntryKind
  entries: Entry[]
  description?: string
  bot?: string
  /** What the history shows besides: order, payment, model, link, actor. */
  details?: Record<string, unknown>
}

/** `repeated` = a posting with this reference and the same entries existed, and nothing moved. */
export interface Posted {
  repeated: boolean
}

/** The same reference came with other amounts or owners: a bug or an attack, never a retry. */
export class ReferenceConflict extends Error {
  constructor(reference: string) {
    super(`the posting ${reference} exists with other entries`)
    this.name = 'ReferenceConflict'
  }
}

/**
 * Moves money. Only this file writes postings and entries.
 * @throws UserError `balance.insufficient` when a person's bucket would go below zero
 * @throws ReferenceConflict when the reference belongs to a different posting
 */
export async function post(sql: Sql, posting: Posting): Promise<Posted> {
  let rows = await sql.rows<Found>(postingStatement(posting)).catch(insufficient)
  // No row came back: there is a posting with this reference already, which few postings have to read.
  if (rows.length === 0) rows = await sql.rows<Found>(existing([posting.reference]))
  return posted(posting, rows[0])
}

/**
 * Posts several in one statement, as `post` does each: one that is refused takes the others with it.
 * @throws as `post`
 */
export async function postAll(sql: Sql, postings: readonly Posting[]): Promise<Posted[]> {
  const [only] = postings
  if (only === undefined) return []
  if (postings.length === 1) return [await post(sql, only)]
  const references = postings.map(({ reference }) => reference)
  // Entries find their posting by its reference, so references must differ.
  if (new Set(references).size < references.length)
    throw new RangeError('a reference is posted twice at once')
  const rows = await sql.rows<Found>(allStatement(postings)).catch(insufficient)
  const found = new Map(rows.map((row) => [row.reference, row]))
  const late = references.filter((reference) => !found.has(reference))
  for (const row of late.length > 0 ? await sql.rows<Found>(existing(late)) : [])
    found.set(row.reference, row)
  return postings.map((posting) => posted(posting, found.get(posting.reference)))
}

/**
 * Posts several in one statement, but leaves out those whose wallets another transaction has in hand or have too little,
 * whose person is unknown, and whose reference there is already.
 * @returns those that were posted
 */
export async function postFree(sql: Sql, postings: readonly Posting[]): Promise<ReadonlySet<Posting>> {
  const fresh = new Set(
    (await sql.rows<Found>(allStatement(postings, true))).map(({ reference }) => reference),
  )
  return new Set(postings.filter(({ reference }) => fresh.has(reference)))
}

interface Found {
  reference: string
  digest: string
  fresh: boolean
}

function insufficient(error: unknown): never {
  if (violatedConstraint(error) === 'wallets_never_below_zero') throw new UserError('balance.insufficient')
  throw error
}

function posted(posting: Posting, row: Found | undefined): Posted {
  // A fresh row was written with this posting's digest.
  if (!row?.fresh && row?.digest !== digest(posting)) throw new ReferenceConflict(posting.reference)
  return { repeated: !row.fresh }
}

/**
 * Entries of all postings are sorted by person, so that wallets are locked in one order.
 * @param free leaves out postings whose wallets another transaction has in hand, and those that take from a wallet more
 *   than it has for all of them
 */
function allStatement(all: readonly Posting[], free = false): Statement {
  const postings = all.toSorted((a, b) => compare(a.reference, b.reference))
  const entries = inLockOrder(
    postings.flatMap(({ reference, entries }) => entries.map((entry) => ({ ...entry, reference }))),
  )
  return {
    name: free ? 'ledger-post-free' : 'ledger-post-all',
    text: `
      with asked as (
        select * from unnest($7::text[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::bigint[])
          with ordinality as e (reference, person_id, system, asset, bucket, amount, position)
      ), ${free ? FREE : ''} fresh as (
        insert into postings (reference, kind, description, bot, details, digest)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[])
          as p (reference, kind, description, bot, details, digest)
        ${free ? 'where reference not in (select reference from waiting)' : ''}
        on conflict (reference) do nothing
        returning id, reference, digest
      ), moved as (
        insert into entries (posting_id, person_id, system, asset, bucket, amount)
        select fresh.id, e.person_id, e.system, e.asset, e.bucket, e.amount
        from fresh join asked e using (reference)
        order by e.position
      )
      select reference, digest, true as fresh from fresh`,
    values: [
      postings.map(({ reference }) => reference),
      postings.map(({ kind }) => kind),
      postings.map(({ description }) => description ?? ''),
      postings.map(({ bot }) => bot ?? null),
      postings.map(({ details }) => writeJson(details ?? {})),
      postings.map(digest),
      entries.map(({ reference }) => reference),
      ...columnsOf(entries),
    ],
  }
}

/**
 * The persons are named twice: a plan from when there were few wallets would join all there are. Whether a wallet or a
 * person is there is asked by its key: of `exists` such a plan makes one reading of the whole table.
 */
const FREE = `
  free as (
    select person_id, asset, available, held from wallets
    where person_id = any($8) and (person_id, asset) in (select person_id, asset from asked)
    order by person_id, asset for no key update skip locked
  ), short as (
    select a.person_id, a.asset
    from (select person_id, asset, sum(least(amount, 0)) filter (where bucket = 'available') as available,
                 sum(least(amount, 0)) filter (where bucket = 'held') as held
          from asked where person_id is not null group by person_id, asset) a
      left join free on free.person_id = a.person_id and free.asset = a.asset
    where coalesce(free.available, 0) + coalesce(a.available, 0) < 0 or coalesce(free.held, 0) + coalesce(a.held, 0) < 0
      or (free.person_id is null
          and ((select w.person_id from wallets w where w.person_id = a.person_id and w.asset = a.asset) is not null
               or (select p.id from persons p where p.id = a.person_id) is null))
  ), waiting as (
    select reference from asked join short on asked.person_id = short.person_id and asked.asset = short.asset
  ),`

const columnsOf = (entries: readonly Entry[]): unknown[][] => [
  entries.map(({ owner }) => ('person' in owner ? owner.person : null)),
  entries.map(({ owner }) => ('system' in owner ? owner.system : null)),
  entries.map(({ asset }) => asset),
  entries.map(({ bucket }) => bucket ?? 'available'),
  entries.map(({ amount }) => amount),
]

/**
 * One statement does it all (planned once per connection through its name): the posting, its entries,
 * and through the entries' triggers the wallets. Entries are sorted by person, so that two postings
 * lock the same wallets in the same order.
 */
export function postingStatement(posting: Posting): Statement {
  const entries = inLockOrder(posting.entries)
  return {
    name: 'ledger-post',
    text: `
      with fresh as (
        insert into postings (reference, kind, description, bot, details, digest)
        values ($1, $2, $3, $4, $5::jsonb, $6)
        on conflict (reference) do nothing
        returning id, reference, digest
      ), moved as (
        insert into entries (posting_id, person_id, system, asset, bucket, amount)
        select fresh.id, e.person_id, e.system, e.asset, e.bucket, e.amount
        from fresh, unnest($7::bigint[], $8::text[], $9::text[], $10::text[], $11::bigint[])
          with ordinality as e (person_id, system, asset, bucket, amount, position)
        order by e.position
      )
      select reference, digest, true as fresh from fresh`,
    values: [
      posting.reference,
      posting.kind,
      posting.description ?? '',
      posting.bot ?? null,
      writeJson(posting.details ?? {}),
      digest(posting),
      ...columnsOf(entries),
    ],
  }
}

function existing(references: string[]): Statement {
  return {
    name: 'ledger-existing',
    text: 'select reference, digest, false as fresh from postings where reference = any($1)',
    values: [references],
  }
}

function inLockOrder<One extends Entry>(entries: readonly One[]): One[] {
  for (const entry of entries) {
    if (entry.amount === 0n || entry.amount > MAX_AMOUNT || entry.amount < -MAX_AMOUNT) {
      throw new RangeError(`an entry of ${entry.amount} ${entry.asset} cannot be posted`)
    }
  }
  return entries.toSorted((a, b) => compare(ownerKey(a), ownerKey(b)) || compare(b.amount, a.amount))
}

function ownerKey(entry: Entry): string {
  const owner = 'person' in entry.owner ? entry.owner.person.toString().padStart(20, '0') : entry.owner.system
  return `${owner} ${entry.asset}`
}

function compare<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What makes two postings the same: kind and entries, not the words around them. */
function digest(posting: Posting): string {
  const lines = inLockOrder(posting.entries).map(
    (entry) => `${ownerKey(entry)} ${entry.bucket ?? 'available'} ${entry.amount}`,
  )
  return createHash('sha256')
    .update([posting.kind, ...lines].join('\n'))
    .digest('base64url')
}

/** A posting that gives to or takes from a person, against one system account. */
export function transfer(
  from: Owner,
  to: Owner,
  money: { asset: Asset; amount: bigint },
  posting: Omit<Posting, 'entries'>,
): Posting {
  return {
    ...posting,
    entries: [
      { owner: from, asset: money.asset, amount: -money.amount },
      { owner: to, asset: money.asset, amount: money.amount },
    ],
  }
}
