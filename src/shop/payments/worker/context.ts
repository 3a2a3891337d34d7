import type { Context } from '#shared/context.ts'
import type { PaymentProvider } from '../providers/port.ts'
import type { AlertedBots } from './tell.ts'

/** What the code that takes in a provider's news works with. */
export type HeedContext = Pick<Context, 'db' | 'log' | 'settings' | 'config' | 'goods' | 'secrets'> & {
  bots: AlertedBots
}

/** What the jobs of vendors work with: the providers that this deployment has set up, by name. */
export type ProviderContext = Pick<
  Context,
  'db' | 'log' | 'settings' | 'config' | 'goods' | 'bots' | 'producer' | 'secrets'
> & {
  payments: ReadonlyMap<string, PaymentProvider>
}

/** How a payment goes back to its payer. */
export interface WayBack {
  /** @throws Rejected, Transient or UnknownOutcome */
  give(): Promise<'done' | 'started'>
  /** Before each call: the reason why a refund of the written sum must not be sent. */
  speaksAgainst?(): Promise<string | undefined>
  /** Whether the refund has happened, where the provider says so at once; elsewhere polls and events tell it. */
  wasGiven?(): Promise<boolean>
  /** Ends whatever the refund must end elsewhere, a renewal at Telegram for example; repeating it is safe. */
  afterwards?(): Promise<void>
}
