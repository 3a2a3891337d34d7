import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createCryptoPay } from './cryptopay.ts'
import { createEngine } from './engine.ts'
import { createMulenPay } from './mulenpay.ts'
import { createYooKassa } from './yookassa.ts'
import type { Surroundings, Vendor } from './vendor.ts'
import { type Running, startVendor, type StartOptions } from './start-vendor.ts'

/** The keys of the imitations, which open nothing anywhere. */
export const KEYS = {
  cryptomus: {
    merchant: '8b03432e-385b-4670-8d06-064591096795',
    paymentKey: 'sim-cryptomus-payment',
    payoutKey: 'sim-cryptomus-payout',
  },
  heleket: {
    merchant: '1c9b2d7e-52f0-4f8a-9f25-6d1e8f0a4b11',
    paymentKey: 'sim-heleket-payment',
    payoutKey: 'sim-heleket-payout',
  },
  mulenpay: {
    apiKey: 'sim-mulenpay-api',
    secretKey: 'sim-mulenpay-secret',
    shopId: 5,
    webhookToken: 'sim-mulenpay-token',
  },
  cryptopay: { token: '12345:AAsimCryptoPay' },
  yookassa: { shopId: '100500', secretKey: 'sim-yookassa-secret', webhookToken: 'sim-yookassa-token' },
} as const

export type VendorName = keyof typeof KEYS
export const VENDOR_NAMES = Object.keys(KEYS) as VendorName[]

/** The end of the address to which a vendor's events go. For a vendor that signs no events it contains a secret. */
export const webhookPath = (name: VendorName): string => {
  const keys = KEYS[name]
  return 'webhookToken' in keys ? `${name}/${keys.webhookToken}` : name
}

type Keys = typeof KEYS
/** What each vendor is made by. */
const MAKERS: { [Name in VendorName]: (keys: Keys[Name], around: Surroundings) => Vendor } = {
  cryptomus: (keys, around) =>
    createEngine({ name: 'cryptomus', title: 'Cryptomus', refundKey: 'payment', ...keys }, around),
  heleket: (keys, around) =>
    createEngine({ name: 'heleket', title: 'Heleket', refundKey: 'payout', ...keys }, around),
  mulenpay: createMulenPay,
  cryptopay: createCryptoPay,
  yookassa: createYooKassa,
}

/** The variables with which the shop uses each vendor at its address. */
const VARIABLES: { [Name in VendorName]: (url: string, keys: Keys[Name]) => Record<string, string> } = {
  cryptomus: (url, keys) => ({
    CRYPTOMUS_API_URL: url,
    CRYPTOMUS_API_KEY: keys.paymentKey,
    CRYPTOMUS_MERCHANT_ID: keys.merchant,
    CRYPTOMUS_PAYOUT_KEY: keys.payoutKey,
  }),
  heleket: (url, keys) => ({
    HELEKET_API_URL: url,
    HELEKET_API_KEY: keys.paymentKey,
    HELEKET_MERCHANT_ID: keys.merchant,
    HELEKET_PAYOUT_KEY: keys.payoutKey,
  }),
  mulenpay: (url, keys) => ({
    MULENPAY_API_URL: `${url}/api`,
    MULENPAY_API_KEY: keys.apiKey,
    MULENPAY_SECRET_KEY: keys.secretKey,
    MULENPAY_SHOP_ID: String(keys.shopId),
    MULENPAY_WEBHOOK_SECRET: keys.webhookToken,
  }),
  cryptopay: (url, keys) => ({ CRYPTO_BOT_API_URL: url, CRYPTO_BOT_TOKEN: keys.token }),
  yookassa: (url, keys) => ({
    YOOKASSA_API_URL: `${url}/v3`,
    YOOKASSA_SHOP_ID: keys.shopId,
    YOOKASSA_SECRET_KEY: keys.secretKey,
    YOOKASSA_WEBHOOK_SECRET: keys.webhookToken,
    YOOKASSA_KEEP_CARDS: 'true',
  }),
}

/**
 * Starts one vendor. Without `settings.webhookUrl` its callbacks go nowhere, except where invoices carry the
 * address.
 */
export const startPayment = <Name extends VendorName>(name: Name, options: StartOptions = {}) =>
  startVendor((around) => MAKERS[name](KEYS[name], around), options)

export interface PaymentSimulators {
  vendors: Record<VendorName, Running>
  /** The variables with which the shop uses these vendors. */
  env: Record<string, string>
  close(): Promise<void>
}

/**
 * Starts all vendors. `shopUrl` is the shop's gateway, to which callbacks go that a cabinet would configure;
 * `dataDir` keeps the invoices over a restart; `confirmMs` lets the payer see a moment of "seen, not confirmed
 * yet".
 */
export async function startPayments(options: {
  shopUrl?: string
  host?: string
  dataDir?: string
  ports?: Partial<Record<VendorName, number>>
  confirmMs?: number
}): Promise<PaymentSimulators> {
  const start = (name: VendorName) =>
    onOldPort(options, name, {
      ...(options.host ? { host: options.host } : {}),
      ...(options.dataDir ? { file: join(options.dataDir, `${name}.json`) } : {}),
      settings: {
        confirmMs: options.confirmMs ?? 0,
        webhookUrl: options.shopUrl ? `${options.shopUrl}/webhooks/${webhookPath(name)}` : '',
      },
    })
  const started = await Promise.all(VENDOR_NAMES.map(async (name) => [name, await start(name)] as const))
  const vendors = Object.fromEntries(started) as Record<VendorName, Running>
  const urls = Object.fromEntries(started.map(([name, { url }]) => [name, url]))
  return {
    vendors,
    env: environment(urls),
    close: async () => {
      await Promise.all(Object.values(vendors).map((vendor) => vendor.close()))
    },
  }
}

/** Takes the port of the last run if it is still free, so that links in a chat stay alive over a restart. */
async function onOldPort(
  options: { dataDir?: string; ports?: Partial<Record<VendorName, number>> },
  name: VendorName,
  more: StartOptions,
): Promise<Running> {
  const file = options.dataDir && join(options.dataDir, `${name}.port`)
  const old = file && existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  const port = options.ports?.[name] ?? old
  const running = await startPayment(name, { ...more, port }).catch((error: unknown) => {
    if (port === 0) throw error
    return startPayment(name, { ...more, port: 0 })
  })
  if (file) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, new URL(running.url).port)
  }
  return running
}

/** The variables with which the shop uses the imitations at these addresses. */
export function environment(urls: Partial<Record<VendorName, string>>): Record<string, string> {
  const of = <Name extends VendorName>(name: Name) =>
    urls[name] ? VARIABLES[name](urls[name], KEYS[name]) : {}
  return Object.assign({}, ...VENDOR_NAMES.map((name) => of(name))) as Record<string, string>
}
