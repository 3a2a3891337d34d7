import { engineProvider } from './cryptomus-engine/engine.ts'
import { addressBelow } from '#shared/http.ts'
import { limit } from './decimals.ts'
import type { ProviderEntry } from './port.ts'

/** Heleket: https://doc.heleket.com, the same engine as Cryptomus; refunds are signed with the payout key. */
export const heleket: ProviderEntry = {
  name: 'heleket',
  required: ['HELEKET_API_KEY', 'HELEKET_MERCHANT_ID'],
  optional: ['HELEKET_API_URL', 'HELEKET_CALLBACK_URL', 'HELEKET_PAYOUT_KEY', 'HELEKET_OLD_API_KEY'],
  build(settings, publicUrl) {
    const payoutKey = settings['HELEKET_PAYOUT_KEY']
    const oldKey = settings['HELEKET_OLD_API_KEY']
    return engineProvider({
      name: 'heleket',
      apiUrl: (settings['HELEKET_API_URL'] || 'https://api.heleket.com').replace(/\/+(v1)?\/*$/, ''),
      merchant: settings['HELEKET_MERCHANT_ID'] ?? '',
      apiKey: settings['HELEKET_API_KEY'] ?? '',
      oldKeys: oldKey ? [oldKey] : [],
      refundKeys: payoutKey ? [payoutKey] : [],
      callbackUrl: addressBelow(settings['HELEKET_CALLBACK_URL'] || publicUrl, '/webhooks/heleket'),
      limits: {
        ...limit('RUB', '100', '500000'),
        ...limit('USD', '1', '5000'),
        ...limit('USDT', '1', '5000'),
      },
    })
  },
}
