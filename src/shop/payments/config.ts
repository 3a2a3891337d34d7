import type { ConfigReader } from '#shared/config/reader.ts'
import { PAYMENT_VARIABLES, paymentProblems } from './providers/registry.ts'

declare module '#shared/config/config.ts' {
  interface Config {
    /** The variables of the payment providers by name; which there are, their registry says. */
    payments: ReturnType<typeof readPayments>
    /** The database was restored from a backup: money under its lost references is credited whatever the sum. */
    recoveryMode: boolean
  }
}

export function readPayments(read: ConfigReader): Record<string, string | undefined> {
  const settings = Object.fromEntries(
    PAYMENT_VARIABLES.map((name) => [name, name.endsWith('_URL') ? read.url(name) : read.optional(name)]),
  )
  for (const sentence of paymentProblems(settings)) read.problem(sentence)
  return settings
}
