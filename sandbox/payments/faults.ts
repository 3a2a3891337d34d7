/** One rule of the fault script; the first that fits is used up. `times: 0` = for ever. */
export interface Rule {
  on: 'call' | 'webhook'
  /** Of a call: its name ("payment/info", "createInvoice", "POST payments"). Of a webhook: the status it tells. */
  name?: string
  skip?: number
  times?: number
  do: CallFault | WebhookFault
}

export interface CallFault {
  /** Answers late; may be combined with each of the others. */
  delay_ms?: number
  /** Closes the connection without doing, or after having done, the work. */
  drop?: 'before' | 'after'
  /** Does the work and never answers. */
  silent?: boolean
  /** Fails without the work; `after` = does it, then fails. `body` = raw text in place of the vendor's JSON. */
  status?: number
  after?: boolean
  body?: string
  /** 429 with the header, nothing done. */
  retry_after?: number
  /** The payer is faster than the reply: the new invoice is paid and its webhook delivered before the answer. */
  pay_first?: boolean
}

export interface WebhookFault {
  /** Extra copies, all at once. */
  duplicate?: number
  delay_ms?: number
  /** Never sent, not even again. */
  lose?: boolean
  /** Sent after the next one. */
  swap?: boolean
  /** Sent with a wrong signature. */
  forge?: boolean
}

interface Counted extends Rule {
  id: number
  hits: number
}

export interface Faults {
  rules(): Counted[]
  add(rule: Rule): number
  remove(id: number): boolean
  replace(rules: Rule[]): void
  take(on: 'call', name: string): CallFault | undefined
  take(on: 'webhook', name: string): WebhookFault | undefined
}

export function createFaults(): Faults {
  let rules: Counted[] = []
  let lastId = 0
  const add = (rule: Rule) => {
    rules.push({ ...rule, id: ++lastId, hits: 0 })
    return lastId
  }
  return {
    rules: () => rules,
    add,
    remove(id) {
      const before = rules.length
      rules = rules.filter((rule) => rule.id !== id)
      return rules.length < before
    },
    replace(next) {
      rules = []
      for (const rule of next) add(rule)
    },
    take(on: Rule['on'], name: string): CallFault & WebhookFault {
      for (const rule of rules) {
        if (rule.on !== on || (rule.name !== undefined && rule.name !== name)) continue
        rule.hits += 1
        const used = rule.hits - (rule.skip ?? 0)
        const times = rule.times ?? 1
        if (used >= 1 && (times === 0 || used <= times)) return rule.do
      }
      return undefined as never
    },
  }
}
