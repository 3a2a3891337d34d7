import type { Context } from '#shared/context.ts'
import type { PaymentProvider } from '../providers/port.ts'
import type { AlertedBots } from './tell.ts'

/** What heeding a provider's news works with. */
export type HeedContext = Pick<Context, 'db' | 'log' | 'settings' | 'config' | 'goods'> & {
  bots: AlertedBots
}

/** What the jobs of vendors work with: the providers that this deployment has set up, by name. */
export type ProviderContext = Pick<
  Context,
  'db' | 'log' | 'settings' | 'config' | 'goods' | 'bots' | 'producer'
> & {
  payments: ReadonlyMap<string, PaymentProvider>
}
