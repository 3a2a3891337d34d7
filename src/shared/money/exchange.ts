import type { Context } from '../context.ts'
import type { Sql } from '../db/db.ts'
import { UserError } from '../errors.ts'
import { kopecksPerToken, priceBuyRub, priceSellRub } from '../settings/economy.ts'
import type { Settings } from '../settings/settings.ts'
import { post } from './ledger.ts'
import { balances, lockedAvailable, readBalance } from './read.ts'
import type { Balance } from './read.ts'
import type { Order } from './tables.ts'

/** How somebody can pay a price out of what is on their balance. */
export interface Means {
  /** How much the balance lacks, in the currency of the price. */
  lacking: bigint
  /** The cost of the missing tokens, kopecks; 0 where the price is in another currency. */
  roubles: bigint
  /** What must still be paid in, even with all the roubles, kopecks where the price is in tokens; 0 = the balance pays. */
  missing: bigint
}

/** Kopecks for one token bought with roubles of the balance. */
export async function tokenInRoubles(settings: Settings, bot: string): Promise<bigint> {
  const [buy, sell] = await Promise.all([settings.get(priceBuyRub, bot), settings.get(priceSellRub, bot)])
  return kopecksPerToken({ priceBuyRub: buy, priceSellRub: sell })
}

/** @param price in tokens */
export async function meansFor(
  sql: Sql,
  settings: Settings,
  who: { personId: bigint; bot: string; price: bigint },
): Promise<Means> {
  const [wallets, rate] = await Promise.all([balances(sql, who.personId), tokenInRoubles(settings, who.bot)])
  return meansOf(wallets, rate, who.price)
}

/** How a person's balance can pay an order: in tokens, also by roubles that buy them, or in the order's own currency. */
export async function meansOfOrder(
  { app, bot, personId }: { app: Pick<Context, 'db' | 'settings'>; bot: { name: string }; personId: bigint },
  { asset, price }: Pick<Order, 'asset' | 'price'>,
): Promise<Means> {
  if (asset === 'TOK') return await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
  const { available } = await readBalance(app.db, personId, asset)
  const missing = above0(price - available)
  return { lacking: missing, roubles: 0n, missing }
}

/** @param rate kopecks for one token, as tokenInRoubles says */
export function meansOf(wallet: readonly Balance[], rate: bigint, price: bigint): Means {
  const of = (asset: string) => wallet.find((one) => one.asset === asset)?.available ?? 0n
  const lacking = above0(price - of('TOK'))
  const roubles = lacking * rate
  return { lacking, roubles, missing: above0(roubles - of('RUB')) }
}

/**
 * Buys the tokens that a price lacks from the person's roubles, in the transaction that takes the price. Of one reference,
 * once.
 * @param purchase.agreed kopecks that the person has said yes to; 0 = tokens only
 * @throws UserError `balance.insufficient` when neither that nor the roubles are enough
 */
export async function buyLackingTokens(
  tx: Sql,
  purchase: { reference: string; personId: bigint; bot: string; price: bigint; rate: bigint; agreed: bigint },
): Promise<void> {
  const owner = { person: purchase.personId }
  const lacking = purchase.price - (await lockedAvailable(tx, purchase.personId, 'TOK'))
  if (lacking <= 0n) return
  const roubles = lacking * purchase.rate
  if (roubles > purchase.agreed) throw new UserError('balance.insufficient')
  await post(tx, {
    reference: `exchange-${purchase.reference}`,
    kind: 'conversion',
    bot: purchase.bot,
    entries: [
      { owner, asset: 'RUB', amount: -roubles },
      { owner: { system: 'conversion' }, asset: 'RUB', amount: roubles },
      { owner: { system: 'conversion' }, asset: 'TOK', amount: -lacking },
      { owner, asset: 'TOK', amount: lacking },
    ],
  })
}

const above0 = (amount: bigint) => (amount > 0n ? amount : 0n)
