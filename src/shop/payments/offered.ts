import type { Context } from '#shared/context.ts'
import { idFrom } from '#shared/ids.ts'
import type { Reader } from '#shared/reader.ts'
import type { PaymentProvider } from './providers/port.ts'
import { paymentProviders } from './providers/registry.ts'
import { switchedOff } from './settings.ts'
import { UserError } from '#shared/errors.ts'
import { receiptEmail } from './receipt-email.ts'
import { beginTopUp, limitsOf } from './top-up.ts'

/** The vendors that take roubles in this bot now. */
export async function offeredProviders(
  { config, settings }: Pick<Context, 'config' | 'settings'>,
  bot: string,
): Promise<PaymentProvider[]> {
  const off = await settings.get(switchedOff, bot)
  return [...paymentProviders(config.payments, config.gateway.publicUrl).values()].filter(
    (one) => !off.includes(one.name) && limitsOf(one, 'RUB'),
  )
}

/**
 * Roubles to the balance through a vendor. The same draft is the same payment.
 * @returns the payment's id
 * @throws UserError `amount.limits` as beginTopUp does; `receipt.email` when a receipt is due and nobody knows where to
 */
export async function topUpRoubles(
  buyer: { app: Pick<Context, 'db'>; bot: { name: string }; personId: bigint } & Pick<
    Reader,
    't' | 'language'
  >,
  provider: PaymentProvider,
  ask: { kopecks: string; draft: string; orderId?: string | undefined; keepCard?: boolean },
): Promise<string> {
  const { app, bot, personId } = buyer
  if (provider.supports.receipts && !(await receiptEmail(app.db, personId)))
    throw new UserError('receipt.email')
  const id = idFrom('top-up', bot.name, personId, provider.name, ask.kopecks, ask.draft)
  await app.db.tx((tx) =>
    beginTopUp(tx, provider, {
      id,
      personId,
      bot: bot.name,
      pay: { asset: 'RUB', amount: BigInt(ask.kopecks) },
      description: buyer.t('pay-description', { number: id }),
      language: buyer.language,
      ...(ask.orderId && { orderId: ask.orderId }),
      ...(ask.keepCard && provider.supports.keepsCards && { keepCard: true }),
    }),
  )
  return id
}
