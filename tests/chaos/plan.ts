import type { Rule } from '../../sandbox/payments/faults.ts'
import { type VendorName, VENDOR_NAMES } from '../../sandbox/payments/start.ts'
import { VENDOR_CALLS } from '../lib/vendor-calls.ts'
import { randomOf } from '../lib/random.ts'

/** The owner's goods: one item of each kind. */
export const SHELF_KINDS = [
  'item-stock',
  'item-text',
  'item-code',
  'item-file',
  'item-service',
  'item-access',
  'item-gift',
] as const
export type ShelfKind = (typeof SHELF_KINDS)[number]

/**
 * What a person buys, and with what: tokens; Stars or Premium; a gift of Telegram's; a picture; an item of the owner; or
 * only roubles.
 */
export type Kind =
  | 'tokens'
  | 'stars-by-stars'
  | 'stars-by-balance'
  | 'stars-by-vendor'
  | 'premium'
  | 'telegram-gift'
  | 'picture'
  | 'top-up'
  | ShelfKind

export type Way = 'exact' | 'twice' | 'decline'

/** One order and everything that goes wrong with it: a pure function of the seed and its number. */
export interface OrderPlan {
  number: number
  person: number
  kind: Kind
  vendor: VendorName
  way: Way
  /** The faults of the reseller for this order. */
  reseller: object[]
  /** The faults of the payment vendor for this order. */
  rules: Rule[]
  /** What becomes of the picture: a word in its prompt, which `fates` explains. */
  fate: string
  /** The faults of Telegram for this person's updates and calls. */
  telegram: object[]
  /** Whether the person presses every key twice at once. */
  nervous: boolean
}

export const FIRST_PERSON = 10_000
export const VENDORS: readonly VendorName[] = VENDOR_NAMES

const KINDS: readonly (readonly [number, Kind])[] = [
  [24, 'tokens'],
  [12, 'stars-by-stars'],
  [18, 'stars-by-balance'],
  [10, 'stars-by-vendor'],
  [12, 'premium'],
  [6, 'telegram-gift'],
  [9, 'picture'],
  [15, 'top-up'],
  ...SHELF_KINDS.map((kind) => [6, kind] as const),
]

const RESELLER: readonly (readonly [number, object[]])[] = [
  [16, []],
  [1, [{ kind: 'drop-after' }]],
  [1, [{ kind: 'drop-before' }]],
  [1, [{ kind: 'status-after', status: 502, html: true }]],
  [1, [{ kind: 'status-before', status: 500 }]],
  [1, [{ kind: 'delay-after', ms: 2_500 }]],
  [1, [{ kind: 'garbage-after' }]],
  [1, [{ kind: 'silent-after' }]],
  [1, [{ kind: 'throttle', retryAfter: '1' }]],
  [1, [{ kind: 'coded', code: '20', error: 'Recipient not found' }]],
  [1, [{ kind: 'fail-later' }]],
  [1, [{ kind: 'success-false', status: 'FAILED' }]],
  [1, [{ kind: 'callback', mode: 'never' }]],
  [1, [{ kind: 'callback', mode: 'twice' }]],
  [1, [{ kind: 'callback', mode: 'before-reply' }]],
  [1, [{ kind: 'callback', mode: 'late', delayMs: 1_500 }]],
  [1, [{ kind: 'drop-after' }, { kind: 'callback', mode: 'never' }]],
]

/** What becomes of a picture, by a word in its prompt. A picture whose word is not listed is drawn as usual. */
export const fates = [
  { prompt: 'refused', end: 'fail', failMessage: 'Generation failed' },
  { prompt: 'endless', end: 'never' },
  { prompt: 'uncalled', callbacks: 0 },
  { prompt: 'doubled', callbacks: 2 },
  { prompt: 'unreplied', loseReply: true },
  { prompt: 'slow', replyDelayMs: 1_500 },
  { prompt: 'gone', file: 'gone' },
] as const

const TELEGRAM: readonly (readonly [number, object[]])[] = [
  [12, []],
  [1, [{ on: 'update', do: { duplicate: 2 } }]],
  [1, [{ on: 'update', kind: 'successful_payment', do: { duplicate: 4 } }]],
  [1, [{ on: 'update', kind: 'successful_payment', do: { lose: true } }]],
  [1, [{ on: 'update', kind: 'callback_query', do: { swap: true } }]],
  [1, [{ on: 'update', do: { delay_ms: 700 } }]],
  [1, [{ on: 'call', skip: 1, do: { retry_after: 1 } }]],
  [1, [{ on: 'call', skip: 2, do: { status: 502, body: '<html>' } }]],
  [1, [{ on: 'call', skip: 2, do: { drop: 'before' } }]],
  [1, [{ on: 'call', skip: 3, do: { drop: 'after' } }]],
  [1, [{ on: 'call', skip: 1, times: 3, do: { delay_ms: 400 } }]],
]

function vendorRules(vendor: VendorName): readonly (readonly [number, Rule[]])[] {
  const { paid } = VENDOR_CALLS[vendor]
  return [
    [8, []],
    [1, [{ on: 'call', name: VENDOR_CALLS[vendor].create, do: { drop: 'after' } }]],
    [
      1,
      [{ on: 'call', name: VENDOR_CALLS[vendor].create, do: { status: 502, after: true, body: '<html>' } }],
    ],
    [1, [{ on: 'call', name: VENDOR_CALLS[vendor].create, do: { drop: 'before' } }]],
    [1, [{ on: 'call', name: VENDOR_CALLS[vendor].create, do: { retry_after: 1 } }]],
    [1, [{ on: 'call', name: VENDOR_CALLS[vendor].lookup, do: { status: 500 } }]],
    [1, [{ on: 'call', name: VENDOR_CALLS[vendor].lookup, do: { drop: 'after' } }]],
    [2, [{ on: 'webhook', name: paid, do: { duplicate: 5 } }]],
    [1, [{ on: 'webhook', do: { lose: true } }]],
    [1, [{ on: 'webhook', do: { swap: true } }]],
    [1, [{ on: 'webhook', do: { delay_ms: 900 } }]],
    [1, [{ on: 'webhook', do: { forge: true } }]],
  ]
}

export function planOrder(seed: number, number: number): OrderPlan {
  const random = randomOf(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b))
  const vendor = random.pick(VENDORS)
  return {
    number,
    person: FIRST_PERSON + number,
    kind: random.weighted(KINDS),
    vendor,
    way: random.weighted([
      [10, 'exact'],
      [1, 'twice'],
      [1, 'decline'],
    ] as const),
    reseller: random.weighted(RESELLER),
    rules: random.weighted(vendorRules(vendor)),
    fate: random.weighted([[8, 'usual'], ...fates.map(({ prompt }) => [1, prompt] as const)] as const),
    telegram: random.weighted(TELEGRAM),
    nervous: random.below(8) === 0,
  }
}

/** The faults of an order in words, for the report: only those that an order of its kind can meet. */
export function faultsOf(plan: OrderPlan): string[] {
  const { kind, fate } = plan
  const words = (what: object) =>
    Object.entries(what)
      .filter(([name]) => !['ms', 'delayMs', 'error', 'code', 'html', 'body', 'status'].includes(name))
      .map(([name, value]) => (name === 'kind' ? String(value) : `${name}=${JSON.stringify(value)}`))
      .join(' ')
  const resells = kind === 'premium' || kind.startsWith('stars')
  const pays = kind === 'top-up' || kind === 'stars-by-vendor'
  return [
    ...(resells ? plan.reseller.map((one) => `reseller ${words(one)}`) : []),
    ...(pays ? plan.rules.map(({ on, do: what }) => `vendor ${on} ${Object.keys(what)[0]}`) : []),
    ...(pays && plan.way !== 'exact' ? [`payer ${plan.way}`] : []),
    ...(kind === 'picture' && fate !== 'usual' ? [`picture ${fate}`] : []),
    ...plan.telegram.map((one) => {
      const { on, do: what } = one as { on: string; do: object }
      return `telegram ${on} ${Object.keys(what)[0]}`
    }),
  ]
}
