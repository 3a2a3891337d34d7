import type { Context } from '#shared/context.ts'
import type { Way } from '../settings.ts'
import type { ResellerClient } from '../reseller/client.ts'
import type { StarSupplier, Supplier } from '../supplier.ts'
import type { Breaker } from './breaker.ts'
import type { WalletWatch } from './wallet.ts'

/** What the handlers of this worker work with. */
export interface SalesContext extends Context {
  client: () => Promise<ResellerClient>
  /** The supplier of an order; a bot's own Stars are that bot's. */
  supplier(way: Way, bot: string): Promise<Supplier>
  starSupplier(bot: string): Promise<StarSupplier>
  breaker: Breaker
  wallet: WalletWatch
}

export { WORKER } from '../endings.ts'
