/** One rule of the fault script. The first rule that fits is used up; `times: 0` is for ever. */
export interface Rule {
  on: 'call' | 'webhook'
  /** The name of a call ("payment/info", "createInvoice", "POST payments"), or the status that a webhook tells. */
  name?: string
  skip?: number
  times?: number
  do: CallFault | WebhookFault
}

export interface CallFault {
  /** Answers late. Goes together with each of the others. */
  delay_ms?: number
  /** Closes the connection without doing the work, or after doing it. */
  drop?: 'before' | 'after'
  /** Does the work and never answers. */
  silent?: boolean
  /**
   * Fails without doing the work; with `after`, does it and then fails. `body` is raw text in place of the
   * vendor's JSON.
   */
  status?: number
  after?: boolean
  body?: string
  /** Answers 429 with the header, and does nothing. */
  retry_after?: number
  /**
   * The payer is faster than the reply: the new invoice is paid, and its webhook delivered, before the answer is
   * sent.
   */
  pay_first?: boolean
}

export interface WebhookFault {
  /** How many extra copies are sent, all at once. */
  duplicate?: number
  delay_ms?: number
  /** The event is never sent, not even again. */
  lose?: boolean
  /** The event is sent after the next one. */
  swap?: boolean
  /** The event is sent with a wrong signature. */
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
