import type { Fault } from './faults.ts'
import { defaults, type Settings } from './settings.ts'

export type Status = 'CREATED' | 'PENDING' | 'BLOCKCHAIN_SENT' | 'COMPLETED' | 'FAILED'
export type Currency = 'ton' | 'usdt_ton'

/** One purchase. Money is in 1e-10 of the currency, the precision of the vendor's own texts. */
export interface Order {
  id: string
  type: 'STARS' | 'PREMIUM'
  receiver: string
  quantity: number
  status: Status
  success: boolean | null
  currency: Currency
  price: bigint
  fee: bigint
  /** True if the charge went back to the wallet. */
  returned: boolean
  refId: string | null
  error: string | null
  createdAt: string
  responseUrl: string | null
  faults: Fault[]
  timer?: NodeJS.Timeout
}

/** What has reached a person. Tests compare the ledger with this. */
export interface Delivery {
  orderId: string
  type: 'STARS' | 'PREMIUM'
  receiver: string
  quantity: number
  at: string
}

export interface Profile {
  exists: boolean
  name: string | null
  hasPremium: boolean
}

export interface Seen {
  at: string
  method: string
  path: string
  authorization: string | null
  body: string
  status: number | 'dropped' | 'silent' | null
}

export interface Answer {
  status: number
  json?: unknown
  html?: string
  png?: Buffer
  headers?: Record<string, string>
}

export interface State {
  settings: Settings
  wallet: Record<Currency, bigint>
  orders: Map<string, Order>
  deliveries: Delivery[]
  requests: Seen[]
  callbacks: { orderId: string; url: string; answer: number | 'failed'; at: string }[]
  faults: Fault[]
  tokens: Map<string, { expiresAt: number }>
  logins: number
  profiles: Map<string, Profile>
  recentOrders: number[]
  url: string
  /** Writes down how an order stands, and faults that are new or were used. Does nothing without a journal. */
  keep: (order: Order) => void
  keepFaults: (changed: Fault[]) => void
}

export function newState(settings: Partial<Settings> = {}): State {
  const merged = { ...defaults, ...settings }
  return {
    settings: merged,
    wallet: { ton: units(merged.walletTon), usdt_ton: units(merged.walletUsdt) },
    orders: new Map(),
    deliveries: [],
    requests: [],
    callbacks: [],
    faults: [],
    tokens: new Map(),
    logins: 0,
    profiles: new Map(),
    recentOrders: [],
    url: '',
    keep: () => {},
    keepFaults: () => {},
  }
}

/** "8.08" -> 80_800_000_000 */
export function units(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(10, '0').slice(0, 10))
}

/** An amount with ten digits after the point, as the vendor writes money. */
export function moneyText(amount: bigint): string {
  const digits = amount.toString().padStart(11, '0')
  return `${digits.slice(0, -10)}.${digits.slice(-10)}`
}
