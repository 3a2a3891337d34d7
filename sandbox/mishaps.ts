import type { Words } from '@telekassa/telegram-sandbox'
import type { Fault as FragmentFault, Misfortune } from './fragment/faults.ts'
import { type State, units } from './fragment/state.ts'
import { expectations, titles, type MishapGroup } from './mishap-words.ts'
import type { Rule } from './payments/faults.ts'
import type { Running } from './payments/start-vendor.ts'

/** Something that a provider can do to the shop, as a switch on the page. */
export interface Mishap {
  id: string
  group: MishapGroup
  title: Words
  /** What a right shop does about it. */
  expected: Words
  isOn(): Promise<boolean> | boolean
  set(on: boolean): Promise<void> | void
}

/** How fast the providers are: 10 = everything they simulate takes a tenth of its time. */
export interface Speed {
  get(): number
  set(factor: 1 | 10): Promise<void>
}

interface Providers {
  fragment: State
  payments: Running[]
  /** The base URL of the picture provider's simulator. */
  pictures: string
}

const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>'
const SLOW_MS = 5_000

/** The switches of all providers. */
export function createMishaps(providers: Providers): Mishap[] {
  const { fragment } = providers
  return [
    ...Object.entries(fragmentFaults).map(([kind, fault]) => ofFragment(fragment, kind, fault)),
    mishap('fragment', 'wallet-empty', walletEmpty(fragment)),
    ...Object.entries(paymentRules).map(([kind, rules]) => ofPayments(providers.payments, kind, rules)),
    ...Object.entries(pictureRules).map(([kind, rule]) => ofPictures(providers.pictures, kind, rule)),
    ofPictureCallbacks(providers.pictures, 'no-callback', 0),
    ofPictureCallbacks(providers.pictures, 'callback-twice', 2),
  ]
}

function mishap(group: MishapGroup, kind: string, does: Pick<Mishap, 'isOn' | 'set'>): Mishap {
  return {
    id: `${group}-${kind}`,
    group,
    title: titles[kind]!,
    expected: expectations[group][kind]!,
    ...does,
  }
}

const order = (what: Misfortune, times = 1): FragmentFault => ({ on: 'order', times, what })
const fragmentFaults: Record<string, FragmentFault> = {
  'reply-lost': order({ kind: 'drop-after' }),
  'bad-gateway': order({ kind: 'status-after', status: 502, html: true }),
  slow: order({ kind: 'delay-after', ms: SLOW_MS }, -1),
  'no-callback': order({ kind: 'callback', mode: 'never' }),
  'callback-twice': order({ kind: 'callback', mode: 'twice' }),
  down: { on: 'any', times: -1, what: { kind: 'drop-before' } },
}

/** Turning the fault on again makes it anew, because the simulator counts a fault's uses down in the fault itself. */
function ofFragment(state: State, kind: string, fault: FragmentFault): Mishap {
  let current: FragmentFault | undefined
  return mishap('fragment', kind, {
    isOn: () => current !== undefined && state.faults.includes(current),
    set(on) {
      state.faults = state.faults.filter((one) => one !== current)
      current = on ? structuredClone(fault) : undefined
      if (current) state.faults.push(current)
    },
  })
}

function walletEmpty(state: State): Pick<Mishap, 'isOn' | 'set'> {
  const full = { ...state.wallet }
  const isOn = () => state.wallet.ton < units('1')
  return {
    isOn,
    set(on) {
      if (on === isOn()) return
      if (on) Object.assign(full, state.wallet)
      state.wallet = on ? { ton: 0n, usdt_ton: 0n } : { ...full }
    },
  }
}

/** The call of each vendor's API that makes an invoice. Vendors with another API never get a call of that name. */
const CREATE = ['payment', 'createInvoice', 'POST payments']
const creating = (what: Rule['do'], times = 1): Rule[] =>
  CREATE.map((name) => ({ on: 'call', name, times, do: what }))
const paymentRules: Record<string, Rule[]> = {
  'reply-lost': creating({ drop: 'after' }),
  'bad-gateway': creating({ status: 502, after: true, body: HTML }),
  slow: [{ on: 'call', times: 0, do: { delay_ms: SLOW_MS } }],
  'no-callback': [{ on: 'webhook', times: 0, do: { lose: true } }],
  'callback-twice': [{ on: 'webhook', times: 0, do: { duplicate: 1 } }],
  down: [{ on: 'call', times: 0, do: { drop: 'before' } }],
}

function ofPayments(vendors: Running[], kind: string, rules: Rule[]): Mishap {
  const added = new Map<Running, number[]>()
  const isWaiting = (vendor: Running) =>
    vendor.faults
      .rules()
      .some(({ id, hits, times }) => added.get(vendor)?.includes(id) && (times === 0 || hits < (times ?? 1)))
  return mishap('payments', kind, {
    // Each vendor has a copy of the fault. All copies are over when one of them has struck.
    isOn: () => added.size > 0 && vendors.every(isWaiting),
    set(on) {
      for (const vendor of vendors) {
        for (const id of added.get(vendor) ?? []) vendor.faults.remove(id)
        if (on)
          added.set(
            vendor,
            rules.map((rule) => vendor.faults.add(rule)),
          )
        else added.delete(vendor)
      }
    },
  })
}

interface PictureRule {
  on?: string
  times: number
  do: object
  hits?: number
}
const pictureRules: Record<string, PictureRule> = {
  'reply-lost': { on: 'createTask', times: 1, do: { drop: 'after' } },
  'bad-gateway': { on: 'createTask', times: 1, do: { status: 502, after: true, body: HTML } },
  slow: { on: 'createTask', times: 0, do: { delay_ms: SLOW_MS } },
  down: { times: 0, do: { drop: 'before' } },
}

function ofPictures(url: string, kind: string, rule: PictureRule): Mishap {
  const same = (one: PictureRule) => one.on === rule.on && JSON.stringify(one.do) === JSON.stringify(rule.do)
  const waiting = async () =>
    (await control<PictureRule[]>(url, 'GET', 'faults')).filter(
      ({ times, hits = 0 }) => times === 0 || hits < times,
    )
  return mishap('pictures', kind, {
    isOn: async () => (await waiting()).some(same),
    async set(on) {
      const others = (await waiting()).filter((one) => !same(one))
      await control(url, 'PUT', 'faults', on ? [...others, rule] : others)
    },
  })
}

interface PictureSettings {
  fate: Record<string, unknown>
}

function ofPictureCallbacks(url: string, kind: string, callbacks: number): Mishap {
  const read = () => control<PictureSettings>(url, 'GET', 'settings')
  return mishap('pictures', kind, {
    isOn: async () => (await read()).fate.callbacks === callbacks,
    async set(on) {
      const { fate } = await read()
      if (!on && fate.callbacks !== callbacks) return
      await control(url, 'PUT', 'settings', { fate: { ...fate, callbacks: on ? callbacks : 1 } })
    },
  })
}

/** How long the providers take at speed 1, in ms. */
const USUAL = { stepMs: 1_500, confirmMs: 2_000, fate: { waitMs: 1_200, queueMs: 800, drawMs: 5_000 } }

export function createSpeed({ fragment, payments, pictures }: Providers): Speed {
  let factor = 1
  return {
    get: () => factor,
    async set(next) {
      factor = next
      fragment.settings.stepMs = USUAL.stepMs / factor
      for (const { settings } of payments) settings.confirmMs = USUAL.confirmMs / factor
      const { fate } = await control<PictureSettings>(pictures, 'GET', 'settings')
      const times = Object.entries(USUAL.fate).map(([name, ms]) => [name, ms / factor])
      await control(pictures, 'PUT', 'settings', { fate: { ...fate, ...Object.fromEntries(times) } })
    },
  }
}

async function control<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${url}/control/${path}`, {
    method,
    body: body && JSON.stringify(body),
  } as RequestInit)
  if (!response.ok) throw new Error(`the simulator of pictures answered ${response.status}`)
  return (await response.json()) as T
}
