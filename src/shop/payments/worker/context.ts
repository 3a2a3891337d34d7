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

/** How a payment goes back to its payer. */
export interface WayBack {
  /** @throws Rejected, Transient or UnknownOutcome */
  give(): Promise<'done' | 'started'>
  /** Whether it has been given, where somebody says so at once; of the others polls and events tell. */
  wasGiven?(): Promise<boolean>
  /** What the payer's refund ends elsewhere; repeating it is safe. */
  afterwards?(): Promise<void>
}
