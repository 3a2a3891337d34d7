import { sql as q } from 'kysely'
import { ago, anyOf } from '#shared/db/build.ts'
import { starsPremiumSql } from '../tables.ts'
import { eachApart } from '#shared/each-apart.ts'
import { resoldKinds } from '../good.ts'
import { explain, Transient } from '#shared/errors.ts'
import { failed, openAttemptOf } from '../endings.ts'
import { readCredentials } from '../connection.ts'
import { supplierPrices } from '../prices.ts'
import { resellerTerms } from '../settings.ts'
import { uncommitted } from '../wallet.ts'
import type { Reader } from '#shared/reader.ts'
import { type Asset, parseAmount } from '#shared/money.ts'
import { readOrder } from '#shared/money/orders.ts'
import { LoginFailed } from '../reseller/errors.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { checkOrder, fulfilOrder } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { said } from '../sale-stops.ts'
import { operatorsOf, oweAdminAlert } from '#shared/notices.ts'
import { type SalesContext, WORKER } from './context.ts'
import { takeUpDecisions } from './decide.ts'
import { resumeAndTell, stopAndTell } from './notices.ts'
import { remindOfEnds } from './premium.ts'

/** A paid order that could not even be tried for this long gives the money back. */
const PATIENCE_HOURS = 24

/** A purchase with USDT needs this much TON beside it. */
const GAS_FOR_USDT = parseAmount('0.05', 'TON')

/** Runs every minute. A part that fails does not keep the other parts from their work. */
export async function watchReseller(context: SalesContext): Promise<Verdict> {
  const parts = [watchSupplier, watchPrices, giveBackOld, takeUpForgotten, takeUpDecisions, remind]
  for (const part of parts) {
    await part(context).catch((error: unknown) =>
      context.log.warn(
        { part: part.name, reason: explain(error) },
        'a part of the sale of Stars and Premium was not looked at this minute',
      ),
    )
  }
  return done
}

/** Our wallet there: proves that login and reseller work, and stops the sale before the money is out. */
async function watchSupplier(context: SalesContext): Promise<void> {
  if (!(await isSetUp(context))) return
  const terms = await context.settings.get(resellerTerms)
  const asset = terms.currency === 'ton' ? 'TON' : 'USDT'
  const wallet = await context.wallet.read().catch(async (error: unknown) => {
    if (error instanceof LoginFailed) await stopAndTell(context, 'login', error.message)
    else if (!(error instanceof Transient)) throw error
    return undefined
  })
  if (!wallet) return
  await resumeAndTell(context, 'login')
  // A reseller that answers look-ups may still fail to sell, so the circuit breaker decides.
  if (!context.breaker.isOpen()) await resumeAndTell(context, 'down')
  const amountOf = (coin: Asset) => wallet.balances.find((one) => one.asset === coin)?.amount
  const balance = amountOf(asset) ?? 0n
  const left = (await uncommitted(context.db, asset)) ?? balance
  const gas = asset === 'USDT' ? amountOf('TON') : undefined
  if (left < parseAmount(terms.stopBalance, asset)) {
    const key = left < balance ? 'fadmin-details-wallet-owed' : 'fadmin-details-wallet'
    const sums = ({ money }: Reader) => ({
      balance: money(balance, asset),
      owed: money(balance - left, asset),
    })
    await stopAndTell(context, 'wallet', said(context.texts, key, sums))
  } else if (gas !== undefined && gas < GAS_FOR_USDT) {
    const sums = ({ money }: Reader) => ({
      balance: money(gas, 'TON'),
      needed: money(GAS_FOR_USDT, 'TON'),
    })
    await stopAndTell(context, 'wallet', said(context.texts, 'fadmin-details-gas', sums))
  } else await resumeAndTell(context, 'wallet')
  if (balance >= parseAmount(terms.warnBalance, asset)) return
  const day = new Date().toISOString().slice(0, 10)
  await context.db.tx((tx) =>
    oweAdminAlert(tx, operatorsOf(context.bots), {
      key: `fragment-low-${day}`,
      text: 'fragment-alert-low',
      params: { balance: { amount: balance, asset } },
    }),
  )
}

async function watchPrices(context: SalesContext): Promise<void> {
  if (!(await isSetUp(context))) return
  const prices = await supplierPrices(context.db, context.client)
  const { sellWithoutCost } = await context.settings.get(resellerTerms)
  if (!prices && !sellWithoutCost)
    await stopAndTell(context, 'cost', said(context.texts, 'fadmin-details-cost'))
  else await resumeAndTell(context, 'cost')
}

/** Safe, because an order is `reserved` only while nothing was bought for it. */
async function giveBackOld(context: SalesContext): Promise<void> {
  const old = await context.db.rows(
    starsPremiumSql
      .selectFrom('orders as o')
      .select('o.id')
      .where('o.state', '=', q.lit('reserved'))
      .where('o.good', '=', anyOf(resoldKinds))
      .where('o.created_at', '<', ago(PATIENCE_HOURS, 'hour'))
      // The hours begin when the order was paid for, or when an admin let it go on: its draft may be old.
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('order_events as e')
              .whereRef('e.order_id', '=', 'o.id')
              .where('e.to_state', '=', q.lit('reserved'))
              .where('e.from_state', '<>', q.lit('fulfilling'))
              .where('e.at', '>', ago(PATIENCE_HOURS, 'hour')),
          ),
        ),
      )
      .orderBy('o.created_at')
      .limit(200),
  )
  await eachApart(old, ({ id }) =>
    context.db.tx(async (tx) => {
      const order = await readOrder(tx, id, true)
      if (order?.state !== 'reserved') return
      await failed(tx, id, await openAttemptOf(tx, id), 'fragment-too-late', { actor: WORKER })
    }),
  )
}

/**
 * F1: an order that stands in the middle while no job of it is owed, queued or dead is taken up again, by the same
 * jobs. It should never find any.
 */
async function takeUpForgotten({ db, log }: SalesContext): Promise<void> {
  const open = await db.rows(
    starsPremiumSql
      .selectFrom('orders as o')
      .select(['o.id as orderId', 'o.state'])
      .select((of) =>
        of
          .selectFrom('attempts as a')
          .select(({ fn }) => fn.max('a.number').as('last'))
          .whereRef('a.order_id', '=', 'o.id')
          .as('attempt'),
      )
      .where('o.good', '=', anyOf(resoldKinds))
      .where('o.state', 'in', [
        q.lit('reserved' as const),
        q.lit('fulfilling' as const),
        q.lit('unknown' as const),
      ])
      .where('o.updated_at', '<', ago(2, 'minute'))
      .where((is) =>
        is.not(is.exists(is.selectFrom('orders as part').whereRef('part.parent_id', '=', 'o.id'))),
      )
      .orderBy('o.updated_at')
      .limit(500),
  )
  const jobs = open.flatMap(({ orderId, state, attempt }) => {
    const type = state === 'reserved' ? fulfilOrder : checkOrder
    const round = state === 'reserved' ? (attempt ?? 0) + 1 : attempt
    return round === null ? [] : [{ type, payload: { orderId, round } }]
  })
  /**
   * The keys of the jobs of this round and of earlier ones, because the job of an earlier round may be the one that
   * still looks at the order.
   */
  const keysOf = ({ type, payload: { orderId, round } }: (typeof jobs)[number]) =>
    Array.from({ length: round }, (_, index) => type.id({ orderId, round: index + 1 }))
  const known = await db.rows(
    starsPremiumSql
      .selectFrom('outbox')
      .select('key')
      .where('state', 'in', ['owed', 'queued', 'dead'])
      .where('key', '=', anyOf(jobs.flatMap(keysOf))),
  )
  const keys = new Set(known.map(({ key }) => key))
  const forgotten = jobs.filter((job) => !keysOf(job).some((key) => keys.has(key)))
  for (const { type, payload } of forgotten) {
    if (!(await owe(db, type, payload, { again: true }))) continue
    log.error({ job: type.id(payload) }, 'an order without a job is taken up again')
  }
}

async function remind(context: SalesContext): Promise<void> {
  await context.db.tx((tx) => remindOfEnds(tx))
}

/** Without credentials there is nothing to look at, and the doctor says so. */
async function isSetUp({ db, secrets, config }: SalesContext): Promise<boolean> {
  const { apiKey } = await readCredentials(db, secrets, config.fragment)
  return Boolean(apiKey ?? config.fragment.jwtToken)
}
