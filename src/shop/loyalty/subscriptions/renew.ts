import { sql as q } from 'kysely'
import { loyaltySql } from '../tables.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import { eachApart } from '#shared/each-apart.ts'
import { UserError } from '#shared/errors.ts'
import { readBalance } from '#shared/money/read.ts'
import { nextPrice, renewalTerms } from './agreed.ts'
import { pricesBefore, TAKEN_BEFORE } from './before.ts'
import { renewPeriod } from './renew-period.ts'
import { readSubscription } from './subscriptions.ts'
import type { Subscription } from './subscriptions.ts'
import { tellSubscriber } from './tell.ts'
import { ahead, anyOf, literal, NOW } from '#shared/db/build.ts'
import { sharedSql } from '#shared/tables.ts'

/** Telegram charges at the end of a period and reports it a little later. The person is told nothing for this long. */
const STARS_LATE_MS = 86_400_000
/** How long a subscription still holds while its renewal cannot be paid. */
const GRACE_DAYS = 3
/** A person is told this long before the end that the subscription will not be renewed or cannot be paid. */
const REMIND_DAYS = 3
const ENDING = 'subscription-ending-notice'

/** How a card that the person let us keep pays for what the balance lacks. Only the rooms above know of payments. */
export interface Cards {
  /** What the renewal may take of the person's roubles; undefined = no card, so tokens alone. */
  roubles(tx: Sql, subscription: Subscription): Promise<{ agreed: bigint; rate: bigint } | undefined>
  /** Tells the person what will be charged. @returns false when no card will pay */
  announce(tx: Sql, subscription: Subscription): Promise<boolean>
  /** The period is over and not paid: charges the card, or does the next step. @returns false when no card will pay */
  charge(tx: Sql, subscription: Subscription): Promise<boolean>
}
const NO_CARDS: Cards = {
  roubles: async () => undefined,
  announce: async () => false,
  charge: async () => false,
}

/** Subscriptions that one run looks at. The next run goes on behind them. */
const BATCH = 2_000
/** Where the walk through the subscriptions that end is, in the table of cursors. */
const PLACE = 'subscriptions looked at'
const PRICE = nextPrice('s', 'p')

/** Whether something is to be done for the subscription `s` of the plan `p` now, with the tokens of the wallet `w` and what was told of a card, `c`. */
const IS_DUE = q<boolean>`case
  when s.expires_at <= now() - ${GRACE_DAYS} * interval '1 day' or (not s.renews and s.expires_at <= now()) then true
  when s.renews and s.paid_with = 'stars' then
    s.state = 'active' and s.expires_at <= now() - ${STARS_LATE_MS} * interval '1 millisecond'
  when s.expires_at <= now() then s.state = 'active' or coalesce(w.available, 0) >= ${PRICE}
    or (s.renews and c.next_at <= now())
  else s.state = 'active' and (s.renews and coalesce(w.available, 0) >= ${PRICE} + ${TAKEN_BEFORE}) is not true and c.period is null and not exists (
    select from outbox where key = ${`notice-${ENDING}-`} || s.id || '-' || s.period) end`

/**
 * Renews what is due, sends reminders and ends what is over. Each subscription has a transaction of its own, so a
 * failure stops no other. Of a shop with very many subscriptions a run looks at a part, and the next run goes on: those that
 * wait for money, for Telegram or for their last day would all be looked at every minute.
 * @param atOnce how many it looks at
 */
export async function renewDue(db: Db, cards = NO_CARDS, atOnce = BATCH): Promise<void> {
  const walked = await nextOnes(db, atOnce)
  // By every run, wherever the walk is: a period is paid for when it ends.
  const over = await db.rows(
    endingOnes()
      .where('state', '=', literal('active'))
      .where('expires_at', '<=', NOW)
      .orderBy('expires_at')
      .limit(atOnce),
  )
  const due = await db.rows(
    loyaltySql
      .selectFrom('subscriptions as s')
      .innerJoin('plans as p', 'p.code', 's.plan')
      .leftJoin('card_renewals as c', (on) =>
        on.onRef('c.subscription_id', '=', 's.id').onRef('c.period', '=', 's.period'),
      )
      .leftJoin('wallets as w', (on) => on.onRef('w.person_id', '=', 's.person_id').on('w.asset', '=', 'TOK'))
      .select(['s.id', q<boolean>`s.expires_at <= now()`.as('over')])
      .where('s.id', '=', anyOf([...walked, ...over].map(({ id }) => id)))
      .where('s.state', '<>', literal('ended'))
      .where(IS_DUE)
      .orderBy('s.expires_at')
      .orderBy('s.id'),
  )
  // The walk goes on behind them, also if one of them cannot be ended.
  await keepPlace(db, walked.length < atOnce ? undefined : walked.at(-1))
  await eachApart(due, ({ id, over }) =>
    over ? renewSubscription(db, id, cards) : db.tx((tx) => remind(tx, id, cards)),
  )
}

interface Ending {
  id: string
  /** Exact to the microsecond, which a Date is not. */
  at: string
}

const endingOnes = () =>
  loyaltySql
    .selectFrom('subscriptions')
    .select(['id', q<string>`expires_at::text`.as('at')])
    .where('state', '<>', literal('ended'))

/** The next ones behind the place to which the last run came, in the order in which they end. */
async function nextOnes(sql: Sql, atOnce: number): Promise<Ending[]> {
  const [kept] = await sql.rows(sharedSql.selectFrom('cursors').select('value').where('name', '=', PLACE))
  const { at, id } = JSON.parse(kept?.value ?? FROM_THE_FIRST) as Ending
  return await sql.rows(
    endingOnes()
      .where('expires_at', '<=', ahead(REMIND_DAYS, 'day'))
      .where(q<boolean>`(expires_at, id) > (${at}::timestamptz, ${id})`)
      .orderBy('expires_at')
      .orderBy('id')
      .limit(atOnce),
  )
}

const FROM_THE_FIRST = JSON.stringify({ at: '-infinity', id: '' } satisfies Ending)

/** @param last undefined = the walk is over and begins anew */
async function keepPlace(sql: Sql, last: Ending | undefined): Promise<void> {
  const value = last ? JSON.stringify(last) : FROM_THE_FIRST
  await sql.rows(
    sharedSql
      .insertInto('cursors')
      .values({ name: PLACE, value })
      .onConflict((there) => there.column('name').doUpdateSet({ value, updated_at: NOW })),
  )
}

/**
 * Renews one subscription for one period. The reference of the payment holds the period's number, so a period is
 * paid once.
 */
export async function renewSubscription(db: Db, id: string, cards = NO_CARDS): Promise<void> {
  try {
    await db.tx(async (tx) => {
      const subscription = await dueNow(tx, id)
      if (!subscription) return
      // Telegram itself renews what is paid with Stars and reports it. Gifts and days from promo codes simply end.
      if (!subscription.renews || subscription.paidWith !== 'balance')
        return await wait(tx, subscription, cards)
      const roubles = await cards.roubles(tx, subscription)
      await renewPeriod(tx, subscription, { ...(roubles && { roubles }) })
    })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    // The balance was too small, and the transaction of the attempt left nothing behind.
    await db.tx(async (tx) => {
      const subscription = await dueNow(tx, id)
      if (subscription) await wait(tx, subscription, cards)
    })
  }
}

async function dueNow(tx: Sql, id: string): Promise<Subscription | undefined> {
  const subscription = await readSubscription(tx, id, true)
  if (!subscription || subscription.state === 'ended') return undefined
  return subscription.expiresAt.getTime() <= Date.now() ? subscription : undefined
}

/** Lets the subscription wait through the days of grace, while money may still come, and then ends it. */
async function wait(tx: Sql, subscription: Subscription, cards: Cards): Promise<void> {
  const { id, renews, expiresAt } = subscription
  const stars = subscription.paidWith === 'stars'
  const lateMs = Date.now() - expiresAt.getTime()
  if (renews && stars && lateMs < STARS_LATE_MS) return
  const over = !renews || lateMs > GRACE_DAYS * 86_400_000
  const state = over ? 'ended' : 'grace'
  const isByCard = !over && !stars && (await cards.charge(tx, subscription))
  if (state !== subscription.state)
    await tx.rows(
      loyaltySql.updateTable('subscriptions').set({ state, updated_at: NOW }).where('id', '=', id),
    )
  // The person has been told about the card already. If no card pays any more, they learn it once, also within the grace.
  if (isByCard) return
  const grace = stars ? 'subscription-stars-failed-notice' : 'subscription-grace-notice'
  await tellSubscriber(tx, subscription, over ? 'subscription-ended-notice' : grace)
}

async function remind(tx: Sql, id: string, cards: Cards): Promise<void> {
  const subscription = await readSubscription(tx, id, true)
  if (!subscription || subscription.state !== 'active') return
  if (subscription.renews && subscription.paidWith === 'stars') return
  const { price } = await renewalTerms(tx, subscription)
  const { available } = await readBalance(tx, subscription.personId, 'TOK')
  const taken = (await pricesBefore(tx, id)).reduce((sum, before) => sum + before.price, 0n)
  if (subscription.renews && price !== null && available >= price + taken) return
  if (subscription.renews && (await cards.announce(tx, subscription))) return
  await tellSubscriber(tx, subscription, ENDING)
}
