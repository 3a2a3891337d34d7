import { addressBelow } from '#shared/http.ts'
import { engineProvider } from './cryptomus-engine/engine.ts'
import { limit } from './decimals.ts'
import type { ProviderEntry } from './port.ts'

/** Cryptomus: https://doc.cryptomus.com. Limits are the shop's own, the engine publishes them per coin only. */
export const cryptomus: ProviderEntry = {
  name: 'cryptomus',
  required: ['CRYPTOMUS_API_KEY', 'CRYPTOMUS_MERCHANT_ID'],
  optional: ['CRYPTOMUS_API_URL', 'CRYPTOMUS_PAYOUT_KEY', 'CRYPTOMUS_WEBHOOK_SECRET'],
  build(settings, publicUrl) {
    const apiKey = settings['CRYPTOMUS_API_KEY'] ?? ''
    const payoutKey = settings['CRYPTOMUS_PAYOUT_KEY']
    const webhookSecret = settings['CRYPTOMUS_WEBHOOK_SECRET']
    return engineProvider({
      name: 'cryptomus',
      apiUrl: (settings['CRYPTOMUS_API_URL'] || 'https://api.cryptomus.com').replace(/\/+(v1)?\/*$/, ''),
      merchant: settings['CRYPTOMUS_MERCHANT_ID'] ?? '',
      apiKey,
      oldKeys: webhookSecret ? [webhookSecret] : [],
      // Which key signs a refund is published for Heleket only, so both are tried.
      refundKeys: payoutKey ? [payoutKey, apiKey] : [apiKey],
      callbackUrl: addressBelow(publicUrl, '/webhooks/cryptomus'),
      limits: {
        ...limit('RUB', '100', '500000'),
        ...limit('USD', '1', '5000'),
        ...limit('USDT', '1', '5000'),
      },
    })
  },
}
