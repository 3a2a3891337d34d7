export interface Fault {
  /** Does the work and answers late. Goes together with each of the others. */
  delay_ms?: number
  /** Closes the connection without having done the work, or after having done it. */
  drop?: 'before' | 'after'
  /** Fails without doing the work; with `after`, fails after doing it. */
  status?: number
  after?: boolean
  body?: string
  /** 429 with this Retry-After, in seconds. */
  retry_after?: number
}

interface Rule {
  /** The name of the operation; left out for all operations. */
  on?: string
  skip?: number
  /** How many times it applies; 0 for ever. */
  times?: number
  do: Fault
  hits?: number
}

/** A script of faults: the first rule that fits a request is used up. */
export function createFaults() {
  let rules: Rule[] = []
  return {
    rules: () => rules,
    replace(script: unknown) {
      rules = (script as Rule[]).map((rule) => ({ ...rule, hits: 0 }))
      return rules
    },
    add(rule: unknown) {
      rules.push({ ...(rule as Rule), hits: 0 })
      return rules
    },
    take(operation: string): Fault | undefined {
      for (const rule of rules) {
        if (rule.on !== undefined && rule.on !== operation) continue
        const times = rule.times ?? 1
        const hits = (rule.hits = (rule.hits ?? 0) + 1)
        if (hits <= (rule.skip ?? 0)) continue
        if (times === 0 || hits - (rule.skip ?? 0) <= times) return rule.do
      }
      return undefined
    },
  }
}
