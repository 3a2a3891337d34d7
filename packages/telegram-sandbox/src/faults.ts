import type { Obj } from './params.ts'

export interface CallFault {
  arrive_ms?: number
  delay_ms?: number
  drop?: 'before' | 'after'
  status?: number
  description?: string
  body?: string
  after?: boolean
  retry_after?: number
  revoke?: boolean
}

export interface UpdateFault {
  duplicate?: number
  delay_ms?: number
  lose?: boolean
  swap?: boolean
}

export interface Rule {
  id: number
  on: 'call' | 'update'
  method?: string | string[]
  kind?: string
  bot?: string
  chat?: number
  person?: number
  skip: number
  times: number
  hits: number
  do: CallFault & UpdateFault
}

export interface FaultScript {
  add(rule: Obj): Rule
  replace(rules: Obj[]): void
  remove(id: number): boolean
  list(): Rule[]
  forCall(call: { bot: string; method: string; chat?: number }): CallFault | undefined
  forUpdate(update: { bot: string; kinds: string[]; person?: number }): UpdateFault | undefined
}

const CALL_FAULTS = [
  'arrive_ms',
  'delay_ms',
  'drop',
  'status',
  'description',
  'body',
  'after',
  'retry_after',
  'revoke',
]
const UPDATE_FAULTS = ['duplicate', 'delay_ms', 'lose', 'swap']

export function createFaults(): FaultScript {
  let rules: Rule[] = []
  let lastId = 0

  const parse = (rule: Obj): Rule => {
    const on = rule['on']
    const what = rule['do']
    if (on !== 'call' && on !== 'update') throw new Error('a fault needs on: "call" or "update"')
    if (typeof what !== 'object' || what === null) throw new Error('a fault needs do: {...}')
    const allowed = on === 'call' ? CALL_FAULTS : UPDATE_FAULTS
    for (const name of Object.keys(what))
      if (!allowed.includes(name)) throw new Error(`a fault of a ${on} cannot do "${name}"`)
    return { skip: 0, times: 1, ...rule, on, do: what, id: ++lastId, hits: 0 }
  }

  const take = (fits: (rule: Rule) => boolean) => {
    for (const rule of rules) {
      if (!fits(rule)) continue
      if (rule.times > 0 && rule.hits >= rule.skip + rule.times) continue
      rule.hits++
      if (rule.hits <= rule.skip) continue
      return rule.do
    }
    return undefined
  }

  const same = (a: string | undefined, b: string) =>
    a === undefined || a.replace(/^@/, '').toLowerCase() === b.toLowerCase()

  return {
    add(rule) {
      const parsed = parse(rule)
      rules.push(parsed)
      return parsed
    },
    replace(next) {
      rules = next.map(parse)
    },
    remove(id) {
      const before = rules.length
      rules = rules.filter((rule) => rule.id !== id)
      return rules.length < before
    },
    list: () => rules,
    forCall(call) {
      if (rules.length === 0) return undefined
      return take(
        (rule) =>
          rule.on === 'call' &&
          same(rule.bot, call.bot) &&
          (rule.method === undefined ||
            [rule.method].flat().some((method) => method.toLowerCase() === call.method.toLowerCase())) &&
          (rule.chat === undefined || rule.chat === call.chat),
      )
    },
    forUpdate(update) {
      if (rules.length === 0) return undefined
      return take(
        (rule) =>
          rule.on === 'update' &&
          same(rule.bot, update.bot) &&
          (rule.kind === undefined || update.kinds.includes(rule.kind)) &&
          (rule.person === undefined || rule.person === update.person),
      )
    },
  }
}
