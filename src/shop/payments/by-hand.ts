import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { idFrom } from '#shared/ids.ts'
import type { Money } from '#shared/money.ts'
import { readOrder } from '#shared/money/orders.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Payment } from '#shared/money/tables.ts'
import { priceBuyRub, starsPacks } from '#shared/settings/economy.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { movePayment } from './payments.ts'
import { createRequest } from './requests.ts'
import { MANUAL_METHODS, manualRequisites, topUpPresets } from './settings.ts'
import type { ManualMethod } from './settings.ts'

/** The ways of a transfer by hand that this bot has requisites for. */
export async function offeredMethods(settings: Settings, bot: string): Promise<ManualMethod[]> {
  const requisites = await settings.get(manualRequisites, bot)
  return MANUAL_METHODS.filter((method) => requisites[method])
}

/** Sums in kopecks for the balance, and packs of tokens with what one token costs. */
export async function offeredSums(settings: Settings, bot: string) {
  const [presets, packs, price] = await Promise.all([
    settings.get(topUpPresets, bot),
    settings.get(starsPacks, bot),
    settings.get(priceBuyRub, bot),
  ])
  return { presets, packs, price }
}

/** What is asked for: `r` kopecks, `t` tokens, `o` kopecks that an order lacks, whose number is the draft then. */
export interface HandAsk {
  method: string
  kind: string
  count: bigint
  /** The same draft is the same request. */
  draft: string
}

/**
 * Begins a request at the present prices.
 * @returns its number; undefined when this way is not offered (any more)
 * @throws UserError `request.open` when the person has another one
 */
export async function beginRequest(
  buyer: { app: Pick<Context, 'db' | 'settings'>; bot: { name: string }; personId: bigint },
  { method: name, kind, count, draft }: HandAsk,
): Promise<string | undefined> {
  const { app, bot, personId } = buyer
  const method = (await offeredMethods(app.settings, bot.name)).find((one) => one === name)
  if (!method) return undefined
  const { pay, credit } = await terms(app.settings, bot.name, kind, count)
  const orderId = kind === 'o' ? await ownOrder(app.db, draft, personId) : undefined
  // An order has one number for all its requests. After each that was taken back or declined it still lacks its money.
  const ended = orderId === undefined ? 0 : await endedRequests(app.db, orderId)
  const again = ended === 0 ? [] : [ended]
  const id = idFrom('manual', bot.name, personId, name, kind, String(count), draft, ...again)
  await createRequest(app.db, { id, personId, bot: bot.name, method, pay, credit, orderId })
  return id
}

async function ownOrder(sql: Sql, id: string, personId: bigint): Promise<string | undefined> {
  return (await readOrder(sql, id))?.personId === personId ? id : undefined
}

async function endedRequests(sql: Sql, orderId: string): Promise<number> {
  const rows = await sql.rows(
    moneySql
      .selectFrom('payments')
      .select('id')
      .where('order_id', '=', orderId)
      .where('provider', '=', 'manual')
      .where('state', '=', 'cancelled'),
  )
  return rows.length
}

/** Prices are read here, never from a key. */
async function terms(
  settings: Settings,
  bot: string,
  kind: string,
  count: bigint,
): Promise<{ pay: Money; credit: Money }> {
  if (kind !== 't') {
    const rub: Money = { asset: 'RUB', amount: count }
    return { pay: rub, credit: rub }
  }
  const price = await settings.get(priceBuyRub, bot)
  return { pay: { asset: 'RUB', amount: price * count }, credit: { asset: 'TOK', amount: count } }
}

/** A request that the admins have can only be decided by them: the money may be on its way. */
export function withdrawRequest(sql: Sql, id: string): Promise<Payment | undefined> {
  return movePayment(sql, id, 'cancelled', { from: ['created'] })
}
