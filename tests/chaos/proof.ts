import { sql as q } from 'kysely'
import { prove } from '#shared/money/proof.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { readOn } from '#shop/payments/reconcile-stars.ts'
import { starsByBooks } from '#shop/payments/star-books.ts'
import { readOutside, readShop } from './books.ts'
import type { Outside, Shop } from './books.ts'
import { giftOf } from './buyer.ts'
import { keptCardProof, PERIOD_KOPECKS } from './kept-cards.ts'
import type { OrderPlan } from './plan.ts'
import { shelfProof } from './shelf-proof.ts'
import type { World } from './world.ts'

const ENDED = ['delivered', 'failed', 'expired', 'cancelled', 'awaiting_payment']
const RESOLD = ['stars', 'premium', 'telegram-gift']
const STARS_PER_TOKEN = 5n

/**
 * Compares what Telegram and the vendors took and what the suppliers sold, by their own books, with what the
 * shop wrote down.
 * @returns every difference in a sentence; an empty list if the run is clean
 */
export async function differences(world: World, plans: readonly OrderPlan[]): Promise<string[]> {
  const [outside, shop, left] = await Promise.all([readOutside(world), readShop(world), leftovers(world)])
  return [...compare(outside, shop, plans), ...left]
}

/** Compares both books, person by person. */
export function compare(outside: Outside, shop: Shop, plans: readonly OrderPlan[]): string[] {
  return [
    ...payments(outside, shop),
    ...orders(shop),
    ...wallets(outside, shop, plans),
    ...fragmentGoods(outside, shop),
    ...shelfProof(shop),
    ...pictures(outside, shop),
    ...keptCardProof(outside, shop),
  ]
}

/** Every payment that somebody outside took is credited once, and the shop credited nothing else. */
function payments({ charges, invoices }: Outside, { payments: rows }: Shop): string[] {
  const wrong: string[] = []
  const byRef = new Map(rows.map((row) => [`${row.provider} ${row.ref}`, row]))
  const taken = new Set<string>()
  for (const { charge_id: ref, person } of charges) {
    taken.add(`stars ${ref}`)
    const credits = byRef.get(`stars ${ref}`)?.credits ?? 0
    if (credits !== 1) wrong.push(`charge ${ref} of ${person} is credited ${credits} times`)
  }
  for (const invoice of invoices) {
    if (invoice.paid === undefined) continue
    taken.add(`${invoice.vendor} ${invoice.id}`)
    const row = byRef.get(`${invoice.vendor} ${invoice.id}`)
    if (row?.credits !== 1)
      wrong.push(`${invoice.vendor} ${invoice.id}, ${invoice.status}, is credited ${row?.credits ?? 0} times`)
    if (row && !['paid', 'overpaid'].includes(row.state))
      wrong.push(`payment ${row.id} is ${row.state}, ${invoice.vendor} says ${invoice.status}`)
  }
  for (const row of rows) {
    const isTaken = taken.has(`${row.provider} ${row.ref}`)
    if (!isTaken && row.credits > 0) wrong.push(`payment ${row.id} is credited and nobody paid it`)
    if (!isTaken && ['paid', 'overpaid', 'underpaid', 'review'].includes(row.state))
      wrong.push(`payment ${row.id} is ${row.state} and nobody paid it`)
  }
  return wrong
}

/** Every order ended, and what is delivered is charged for, once. */
function orders({ orders: rows }: Shop): string[] {
  const wrong: string[] = []
  for (const { id, good, state, captured, hold } of rows) {
    if (!ENDED.includes(state)) wrong.push(`order ${id} (${good}) stays ${state}`)
    if (captured !== (state === 'delivered' ? 1 : 0))
      wrong.push(`order ${id} (${good}) is ${state} and charged ${captured} times`)
    if (hold === 'open') wrong.push(`order ${id} (${good}) is ${state} and still holds money`)
  }
  return wrong
}

/** Every balance is the gift, plus what was taken outside, minus what was delivered. */
function wallets({ charges, invoices }: Outside, shop: Shop, plans: readonly OrderPlan[]): string[] {
  const expected = new Map<string, bigint>()
  const add = (person: bigint | number, asset: string, amount: bigint) =>
    expected.set(`${person} ${asset}`, (expected.get(`${person} ${asset}`) ?? 0n) + amount)
  const paidRefs = new Set(
    invoices.filter((one) => one.paid !== undefined).map((one) => `${one.vendor} ${one.id}`),
  )
  const known = new Set(shop.wallets.map(({ person }) => person))
  for (const plan of plans) {
    const gift = giftOf(plan)
    if (gift && known.has(BigInt(plan.person))) add(plan.person, gift.asset, gift.amount)
  }
  for (const { person, amount, refunded } of charges)
    if (!refunded) add(person, 'TOK', BigInt(amount) / STARS_PER_TOKEN)
  for (const row of shop.payments)
    if (paidRefs.has(`${row.provider} ${row.ref}`)) add(row.person, row.creditAsset, row.creditAmount)
  for (const { state, person, asset, price } of shop.orders)
    if (state === 'delivered') add(person, asset, -price)
  for (const { person, renewals } of shop.plans) add(person, 'RUB', -PERIOD_KOPECKS * BigInt(renewals))
  const wrong: string[] = []
  for (const { person, asset, available, held } of shop.wallets) {
    const should = expected.get(`${person} ${asset}`) ?? 0n
    expected.delete(`${person} ${asset}`)
    if (available !== should || held !== 0n)
      wrong.push(`${person} has ${available} ${asset} and ${held} held, and should have ${should}`)
  }
  for (const [who, amount] of expected) if (amount !== 0n) wrong.push(`${who} should have ${amount}`)
  return wrong
}

/**
 * The reseller and the bot's own Stars delivered exactly what people were charged for, as many Stars or months of Premium
 * or the gift, to the right person.
 */
function fragmentGoods({ sold }: Outside, { orders: rows }: Shop): string[] {
  const count = new Map<string, { sold: number; charged: number }>()
  const of = (name: string) => {
    const found = count.get(name) ?? { sold: 0, charged: 0 }
    count.set(name, found)
    return found
  }
  for (const { type, receiver, quantity } of sold.deliveries)
    of(`${receiver.toLowerCase()} ${type} ${quantity}`).sold += 1
  for (const { good, state, person, amount } of rows)
    if (state === 'delivered' && RESOLD.includes(good))
      of(`buyer_${person} ${good.toUpperCase()} ${amount}`).charged += 1
  return [...count].flatMap(([who, { sold: got, charged }]) =>
    got === charged ? [] : [`${who}: sold ${got} times, charged ${charged} times`],
  )
}

/** No picture was charged that was not drawn, and no more pictures were drawn than the shop knows that it asked for. */
function pictures({ drawn }: Outside, { orders: rows }: Shop): string[] {
  const byPerson = new Map<string, typeof drawn>()
  for (const task of drawn) {
    const person = /buyer_(\d+)\./.exec(task.prompt)?.[1] ?? ''
    byPerson.set(person, [...(byPerson.get(person) ?? []), task])
  }
  const ordered = new Map<string, { charged: number; asked: number }>()
  for (const { good, state, person, asked } of rows) {
    if (good !== 'image') continue
    const sum = ordered.get(String(person)) ?? { charged: 0, asked: 0 }
    ordered.set(String(person), sum)
    sum.asked += asked
    if (state === 'delivered') sum.charged += 1
  }
  const wrong: string[] = []
  for (const [person, { charged, asked }] of ordered) {
    const tasks = byPerson.get(person) ?? []
    byPerson.delete(person)
    const done = tasks.filter(({ stage }) => stage === 'success').length
    if (charged > done) wrong.push(`${person} is charged for ${charged} pictures, ${done} were drawn`)
    if (tasks.length > asked)
      wrong.push(`${tasks.length} pictures were started for ${person}, the shop knows of ${asked}`)
  }
  for (const person of byPerson.keys()) wrong.push(`a picture for ${person} was started without an order`)
  return wrong
}

/** Jobs that are due and not done, dead letters, and the ledger's own proof. */
async function leftovers({ db }: World): Promise<string[]> {
  const jobs = await db.rows(q<{ key: string; state: string; reason: string | null }>`
    select key, state, reason from outbox
    where state = 'dead' or (state in ('owed', 'queued') and run_at <= now()
      -- A picture that never came was given back; whether it comes after all is looked at for an hour.
      and key not like 'image-watch-%-late')
    order by id limit 40`)
  const proof = await prove(db)
  return [
    ...jobs.map(({ key, state, reason }) => `job ${key} is ${state}${reason ? `: ${reason}` : ''}`),
    ...(proof.ok
      ? []
      : [`the ledger does not add up: ${JSON.stringify(proof, (_, v: unknown) => String(v))}`]),
  ]
}

/**
 * The books of the bot's own Stars have what Telegram says that the bot holds.
 * @returns the difference in a sentence
 */
export async function starBooks({ db, shelf }: World): Promise<string[]> {
  const read = ({ offset = 0, limit = 100 }) => shelf.api('getStarTransactions', { offset, limit })
  await readOn(db, { name: 'main', api: { getStarTransactions: read } } as unknown as ServedBot)
  const [{ amount }, books, [forged]] = await Promise.all([
    shelf.api<{ amount: number }>('getMyStarBalance', {}),
    starsByBooks(db),
    // Telegram has none of what thieves told the shop.
    db.rows(q<{ stars: bigint }>`
      select coalesce(sum(amount), 0)::bigint as stars from payments
      where provider = 'stars' and bot = 'main' and state in ('paid', 'review') and listed_at is null`),
  ])
  const ours = (books.get('main') ?? 0n) - forged!.stars
  return ours === BigInt(amount) ? [] : [`the bot holds ${amount} Stars, and ${ours} by the books`]
}
