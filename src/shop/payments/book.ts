import { sql as q } from 'kysely'
import { moneySql } from '#shared/money/tables.ts'
import { jsonb, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { type Entry, post, postAll, type Posting } from '#shared/money/ledger.ts'
import type { Asset, Money } from '#shared/money.ts'
import { besideIn, besides } from './payments.ts'

/** What came in, minor units, and the part of it that buys what was promised: the whole price or nothing. */
export interface Booked {
  book: bigint
  asset: Asset
  price: bigint
}

/**
 * The part of new money that is left over and waits in suspense. A payment has one sum that waits, in one asset: while
 * it waits, what is left over in another asset goes to the person's balance at once, where the first sum would go too.
 */
export function toSuspense({ suspended, suspendedAsset }: Payment, { book, asset, price }: Booked): bigint {
  return suspended > 0n && suspendedAsset !== null && suspendedAsset !== asset ? 0n : book - price
}

/**
 * The entries of money that came in at a provider: what was promised goes to the person, what is left over to suspense.
 */
function entriesOfPayment(payment: Payment, { book, asset, price }: Booked): Entry[] {
  const entries: Entry[] = [{ owner: { system: `provider:${payment.provider}` }, asset, amount: -book }]
  if (price > 0n) entries.push(...promised(payment, asset, price))
  const waits = toSuspense(payment, { book, asset, price }) > 0n
  const owner = waits ? ({ system: 'suspense' } as const) : { person: payment.personId }
  if (book > price) entries.push({ owner, asset, amount: book - price })
  return entries
}

/** The same currency one to one needs no conversion; a rate goes through the conversion account. */
function promised(payment: Payment, asset: Asset, price: bigint): Entry[] {
  const { creditAsset, creditAmount } = payment
  const person: Entry = { owner: { person: payment.personId }, asset: creditAsset, amount: creditAmount }
  if (creditAsset === asset && creditAmount === price) return [person]
  return [
    person,
    { owner: { system: 'conversion' }, asset, amount: price },
    { owner: { system: 'conversion' }, asset: creditAsset, amount: -creditAmount },
  ]
}

/** What histories say of a payment's postings. For Stars that is their number: everybody knows who took them. */
export function wordsOf(payment: Payment): Pick<Posting, 'description' | 'bot' | 'details'> {
  const { id, provider, providerRef, amount, bot } = payment
  const isStars = provider === 'stars'
  return {
    // The text is stored for readers of every language, so its digits are not grouped.
    description: isStars ? `${amount} ⭐` : provider,
    bot,
    details: { payment: id, provider, ...(isStars && { charge: providerRef }) },
  }
}

/**
 * Posts what a decision found. The caller has locked the row and writes into it what was booked. `occasion` is part of
 * the posting's reference, so that the same money has the same reference however often and wherever it is found. Stars
 * come once and need none.
 * @returns false when this very money was booked before
 */
async function postPayment(tx: Sql, payment: Payment, decision: Booked, occasion?: string): Promise<boolean> {
  const { repeated } = await post(tx, postingOf(payment, decision, occasion))
  return !repeated
}

const postingOf = (payment: Payment, decision: Booked, occasion?: string): Posting => ({
  ...wordsOf(payment),
  reference: occasion === undefined ? `payment-${payment.id}` : `payment-${payment.id}-${occasion}`,
  kind: 'payment',
  entries: entriesOfPayment(payment, decision),
})

/**
 * Posts what decisions found, for each payment once. The total that was booked for a payment is part of the posting's
 * reference, so a repeat posts nothing.
 * @returns the payments of which something new was posted
 */
export async function postPayments(
  tx: Sql,
  all: readonly { payment: Payment; decision: Booked }[],
): Promise<ReadonlySet<string>> {
  const some = all.filter(({ decision }) => decision.book !== 0n)
  const posted = await postAll(
    tx,
    some.map(({ payment, decision }) => postingOf(payment, decision, `${payment.booked + decision.book}`)),
  )
  return new Set(some.filter((_, at) => !posted[at]!.repeated).map(({ payment }) => payment.id))
}

/**
 * What came under another invoice of the provider with the same reference, as far as it is booked. The ledger is asked,
 * because builds before `others` wrote down the sum of all such invoices alone.
 */
export async function bookedUnder(
  sql: Sql,
  { id, provider, details }: Pick<Payment, 'id' | 'provider' | 'details'>,
  invoice: string,
): Promise<Money | undefined> {
  const [first] = await sql.rows(
    moneySql
      .selectFrom('postings as p')
      .innerJoin('entries as e', 'e.posting_id', 'p.id')
      .select(['e.asset', 'e.amount'])
      .where('p.reference', '=', `payment-${id}-${otherInvoice(invoice)}`)
      .where('e.system', '=', `provider:${provider}`),
  )
  const total = (details as { others?: Record<string, string> }).others?.[invoice]
  return first && { asset: first.asset as Asset, amount: total === undefined ? -first.amount : BigInt(total) }
}

/** Names the first money that came under another invoice. */
export const otherInvoice = (invoice: string): string => `other-${invoice}`

/** What came under other invoices with this money: by asset, and by invoice. */
function withOther(
  payment: Payment,
  { book: sum, asset }: Booked,
  { invoice, total }: { invoice: string; total: bigint },
): object {
  const { others } = payment.details as { others?: Record<string, string> }
  return {
    beside: { ...besides(payment), [asset]: String(besideIn(payment, asset) + sum) },
    others: { ...others, [invoice]: String(total) },
  }
}

/**
 * Posts it and writes it into the payment.
 * @param other the money came under this other invoice of the provider, of which so much has come in all: it is no part of
 * the payment's own sum
 * @returns false when this very money was booked before
 */
export async function book(
  tx: Sql,
  payment: Payment,
  decision: Booked,
  occasion?: string,
  other?: { invoice: string; total: bigint },
): Promise<boolean> {
  if (!(await postPayment(tx, payment, decision, occasion))) return false
  const rest = toSuspense(payment, decision)
  await tx.rows(
    moneySql
      .updateTable('payments')
      .set((are) => ({
        booked: are('booked', '+', other ? 0n : decision.book),
        suspended: are('suspended', '+', rest),
        suspended_asset: rest > 0n ? decision.asset : are.ref('suspended_asset'),
        ...(other && { details: q`details || ${jsonb(withOther(payment, decision, other))}` }),
        updated_at: NOW,
      }))
      .where('id', '=', payment.id),
  )
  return true
}
