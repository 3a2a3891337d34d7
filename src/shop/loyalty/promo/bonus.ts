import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { anyOf, literal } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { entryKindsOf } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import { PLAN } from '../good.ts'
import { loyaltySql } from '../tables.ts'
import type { Movement } from '../levels/rules.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { lockedAvailable } from '#shared/money/read.ts'
import { mulDiv } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { planDiscount } from '../subscriptions/plans.ts'
import { planPosting } from '../subscriptions/stars.ts'
import { campaignColumns, giveMoney, markGiven } from './promo.ts'
import type { Campaign, PromoUse } from './promo.ts'

/** The kinds of entries that pay for something a discount may be for. */
export const discountedEntries = (goods: Assortment): string[] =>
  entryKindsOf(goods.filter((good) => good.discounted))

/** A top-up came: its per cent is added once, by the oldest waiting bonus code whose conditions the top-up meets. */
export async function addTopUpBonus(tx: Sql, top: Movement): Promise<void> {
  const waiting = await waitingUse(
    tx,
    top,
    q<boolean>`c.kind = 'percent' and c.minimum <= ${top.amount} and (c.asset is null or c.asset = ${top.asset})`,
  )
  if (!waiting) return
  const bonus = capped(mulDiv(top.amount, waiting.value, 100n), waiting.maximumBonus)
  await give(tx, waiting, top, bonus, paymentOf(top))
}

/**
 * A purchase was paid for: the better of a waiting discount code and the plan's discount comes back to the balance
 * at once. This way no price has to know about discounts, and a refund of the order stays simple.
 */
export async function giveDiscountBack(tx: Sql, spent: Movement, goods: Assortment): Promise<void> {
  const price = -spent.amount
  const most = await mostBackOf(tx, spent, goods)
  if (most === 0n) return
  const usedFor = orderOf(spent)
  const waiting = await waitingUse(
    tx,
    spent,
    q<boolean>`c.kind = 'discount' and c.product in (${spent.kind}, 'any') and (c.asset is null or c.asset = ${spent.asset})`,
  )
  const plan = spent.kind === PLAN.entry ? 0 : await planDiscount(tx, spent.personId, spent.at)
  const amount = discountOf(price, BigInt(plan), most)
  // A code that would give no more than the plan gives anyway is kept for another purchase.
  if (waiting && (waiting.value >= BigInt(plan) || amount === 0n)) {
    const byCode = capped(discountOf(price, waiting.value, most), waiting.maximumBonus)
    if (amount === 0n || byCode > amount || (most === null && byCode === amount)) {
      await give(tx, waiting, spent, byCode, usedFor)
      return
    }
  }
  // Parts of a unit add up where no maximum limits the discount: a per cent of 2 tokens is promised, too.
  const back = most === null ? await withParts(tx, spent, usedFor, price * BigInt(plan)) : amount
  if (back === 0n) return
  const words = { kind: 'promo' as const, description: `−${plan} %`, bot: spent.bot ?? undefined }
  await post(
    tx,
    transfer(
      { system: spent.bot === null ? 'promo' : `promo:${spent.bot}` },
      { person: spent.personId },
      { asset: spent.asset as Asset, amount: back },
      {
        ...words,
        reference: `discount-${spent.postingId}`,
        details: { for: usedFor },
      },
    ),
  )
}

/**
 * @returns the whole units that the plan's per cent makes together with the parts that were left over before. It
 * stores the new rest, and the share of this purchase
 */
async function withParts(tx: Sql, who: Wallet, source: string, hundredths: bigint): Promise<bigint> {
  if (hundredths === 0n) return 0n
  const sum = (await keptParts(tx, who)) + hundredths
  await keepParts(tx, who, sum % 100n)
  await tx.rows(
    loyaltySql
      .insertInto('discount_shares')
      .values({ source, person_id: who.personId, asset: who.asset as Asset, hundredths })
      .onConflict((there) => there.column('source').doNothing()),
  )
  return sum / 100n
}

type Wallet = Pick<Movement, 'personId' | 'asset'>

async function keptParts(tx: Sql, { personId, asset }: Wallet): Promise<bigint> {
  const [old] = await tx.rows(
    loyaltySql
      .selectFrom('discount_parts')
      .select('hundredths as kept')
      .where('person_id', '=', personId)
      .where('asset', '=', asset)
      .forUpdate(),
  )
  return old?.kept ?? 0n
}

async function keepParts(tx: Sql, { personId, asset }: Wallet, hundredths: bigint): Promise<void> {
  await tx.rows(
    loyaltySql
      .insertInto('discount_parts')
      .values({ person_id: personId, asset, hundredths })
      .onConflict((there) =>
        there
          .columns(['person_id', 'asset'])
          .doUpdateSet((build) => ({ hundredths: build.ref('excluded.hundredths') })),
      ),
  )
}

interface Given {
  /** Names what takes it back. */
  reference: string
  personId: bigint
  asset: Asset
  amount: bigint
  account: 'promo' | `promo:${string}`
  /** A plan's discount is the use of no code. */
  promo: null
}

/**
 * What a plan gave back of a purchase that is refunded: its own share, so that the parts of other purchases stay, and none of
 * this one is left over.
 * @returns undefined when its share was not written down: a build before has given it
 */
async function sharesBack(
  tx: Sql,
  sources: string[],
  bot: string | null | undefined,
): Promise<Given[] | undefined> {
  const shares = await tx.rows(
    loyaltySql
      .selectFrom('discount_shares')
      .select(['source', 'person_id as personId', 'asset', 'hundredths', 'taken_back as takenBack'])
      .where('source', '=', anyOf(sources))
      .forUpdate(),
  )
  if (shares.length === 0) return undefined
  const given: Given[] = []
  for (const { source, hundredths, takenBack, ...who } of shares) {
    if (takenBack) continue
    await tx.rows(
      loyaltySql.updateTable('discount_shares').set({ taken_back: true }).where('source', '=', source),
    )
    const left = (await keptParts(tx, who)) - hundredths
    const amount = left < 0n ? (99n - left) / 100n : 0n
    await keepParts(tx, who, left + amount * 100n)
    const account = bot == null ? 'promo' : (`promo:${bot}` as const)
    if (amount > 0n) given.push({ reference: `share-${source}`, ...who, amount, account, promo: null })
  }
  return given
}

/**
 * A payment or an order was refunded: its bonuses are taken back as far as the person still has them, and the rest
 * is the shop's loss. The refund itself calls this, so that nobody spends the bonus first; the follower calls it for
 * refunds that were booked before the refund did so.
 */
export async function takeBonusesBack(tx: Sql, refund: Pick<Movement, 'details' | 'bot'>): Promise<void> {
  const { payment, order } = refund.details
  const usedFor = [payment, order].filter((id) => typeof id === 'string')
  // When this payment was for a plan, the plan is given back with it, and so are the bonuses that the plan's price
  // brought.
  if (typeof payment === 'string') usedFor.push(planPosting(payment))
  const given = await tx.rows(
    loyaltySql
      .selectFrom('postings as p')
      .innerJoin('entries as e', 'e.posting_id', 'p.id')
      .select((are) => [
        'p.reference',
        are.ref('e.person_id').$notNull().as('personId'),
        'e.asset',
        'e.amount',
      ])
      .select((are) => [
        q<string | null>`p.details ->> 'promo'`.as('promo'),
        are
          .selectFrom('entries as g')
          .select('g.system')
          .whereRef('g.posting_id', '=', 'p.id')
          .where('g.system', 'is not', null)
          .limit(1)
          .$asScalar()
          .$castTo<'promo' | `promo:${string}`>()
          .as('account'),
      ])
      .where('e.person_id', 'is not', null)
      .where('p.kind', '=', literal('promo'))
      .where(q<string>`p.details ->> 'for'`, '=', anyOf(usedFor))
      .where('e.amount', '>', 0n),
  )
  const shares = await sharesBack(tx, usedFor, refund.bot)
  // The shares say how much of the plan's discounts goes back.
  const byCodes = shares ? given.filter(({ promo }) => promo !== null) : given
  const uses = loyaltySql.updateTable('promo_uses').set({ state: 'taken_back' })
  for (const { reference, personId, asset, amount, promo, account } of [...byCodes, ...(shares ?? [])]) {
    const back = `back-${reference}`
    const [earlier] = await tx.rows(
      loyaltySql.selectFrom('postings').select('id').where('reference', '=', back),
    )
    if (earlier) continue
    const available = await lockedAvailable(tx, personId, asset)
    const taken = available < amount ? available : amount
    await post(tx, {
      reference: back,
      kind: 'promo',
      bot: refund.bot ?? undefined,
      details: { shortfall: String(amount - taken) },
      entries: [
        { owner: { person: personId }, asset, amount: -taken },
        { owner: { system: 'shortfall' as const }, asset, amount: taken - amount },
        { owner: { system: account }, asset, amount },
      ].filter((entry) => entry.amount !== 0n),
    })
    if (promo) await tx.rows(uses.where('id', '=', BigInt(promo)))
  }
}

/** @param most null = no maximum besides the per cent */
export const discountOf = (price: bigint, percent: bigint, most: bigint | null): bigint =>
  capped(mulDiv(price, percent, 100n), most)

/** How much of the price of a purchase may come back. null = as much as discounts say. */
async function mostBackOf(tx: Sql, spent: Movement, goods: Assortment): Promise<bigint | null> {
  if (!goods.some(({ entry, limitedBack }) => entry === spent.kind && limitedBack)) return null
  const [order] = await tx.rows(
    loyaltySql
      .selectFrom('orders')
      .select(q<string | null>`details ->> 'mostBack'`.as('most'))
      .where('id', '=', orderOf(spent)),
  )
  return BigInt(order?.most ?? '0')
}

export function paymentOf({ details, reference }: Movement): string {
  return typeof details['payment'] === 'string' ? details['payment'] : reference
}

function orderOf({ details, reference }: Movement): string {
  return typeof details['order'] === 'string' ? details['order'] : reference
}

type Waiting = Campaign & { use: bigint; code: string }

async function waitingUse(
  tx: Sql,
  movement: Movement,
  fits: RawBuilder<boolean>,
): Promise<Waiting | undefined> {
  const { personId, bot, at } = movement
  const [found] = await tx.rows(
    loyaltySql
      .selectFrom('promo_uses as u')
      .innerJoin('promo_campaigns as c', 'c.id', 'u.campaign_id')
      .select(campaignColumns)
      .select(['u.id as use', 'u.code'])
      .where('u.person_id', '=', personId)
      .where('u.state', '=', literal('waiting'))
      .where(q<boolean>`date_trunc('milliseconds', u.created_at) <= ${at}`)
      .where((are) => are.or([are('c.bot', 'is', null), are('c.bot', '=', bot)]))
      .where((are) => are.or([are('c.ends_at', 'is', null), are('c.ends_at', '>', begunAt(movement))]))
      .where(fits)
      .orderBy('u.id')
      .limit(1)
      .forUpdate('u'),
  )
  return found
}

/**
 * When the person began to pay. A code holds for an invoice that was opened before its end, also if the transfer is seen
 * after it, or approved by an admin then.
 */
const begunAt = ({ details: { payment, order }, at }: Movement): RawBuilder<Date> =>
  q`least(${at}::timestamptz, (select created_at from payments where id = ${idOf(payment)}),
    (select created_at from orders where id = ${idOf(order)}))`
const idOf = (id: unknown): string | null => (typeof id === 'string' ? id : null)

async function give(
  tx: Sql,
  waiting: Waiting,
  from: Movement,
  amount: bigint,
  usedFor: string,
): Promise<void> {
  if (amount === 0n) return
  const use: Pick<PromoUse, 'id' | 'code' | 'personId'> = {
    id: waiting.use,
    code: waiting.code,
    personId: from.personId,
  }
  const asset = from.asset as Asset
  const reference = `promo-${waiting.use}`
  await giveMoney(tx, { use, bot: from.bot ?? '', asset, amount, reference, usedFor })
  await markGiven(tx, waiting.use, asset, amount, usedFor)
}

const capped = (amount: bigint, most: bigint | null): bigint =>
  most !== null && amount > most ? most : amount
