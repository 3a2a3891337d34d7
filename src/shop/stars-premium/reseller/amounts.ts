import { type Asset, type Money, SCALES } from '#shared/money.ts'

const ASSET_OF: Record<string, Asset> = { ton: 'TON', usdt_ton: 'USDT', usdt: 'USDT' }

/**
 * The vendor writes ten digits after the point ("8.0800000000"), TON has nine and USDT six. Digits beyond the
 * asset's own are rounded up, so that a cost is never understated.
 * @returns undefined for a currency that is not ours
 */
export function readResellerMoney(text: string, currency: string): Money | undefined {
  const asset = ASSET_OF[currency.toLowerCase()]
  if (!asset) return undefined
  const [whole = '0', fraction = ''] = text.split('.')
  const scale = SCALES[asset]
  const kept = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
  return { asset, amount: /[1-9]/.test(fraction.slice(scale)) ? kept + 1n : kept }
}
