import { cryptomus } from './cryptomus.ts'
import { cryptopay } from './cryptopay.ts'
import { heleket } from './heleket.ts'
import { mulenpay } from './mulenpay.ts'
import { yookassa } from './yookassa.ts'
import type { PaymentProvider, ProviderEntry, PaymentVariables } from './port.ts'

/** In the order in which people are offered them: without a fee before with one. A newcomer's top-up begins at the first. */
const ENTRIES: readonly ProviderEntry[] = [mulenpay, yookassa, cryptopay, cryptomus, heleket]

/** Every provider that could be switched on, for screens and for the doctor. */
export const PROVIDER_NAMES: readonly string[] = ENTRIES.map((entry) => entry.name)

/** Every variable that a provider reads: all that the settings have to hold. */
export const PAYMENT_VARIABLES: readonly string[] = ENTRIES.flatMap((entry) => [
  ...entry.required,
  ...entry.optional,
])

/** Where a provider's cabinet has to send its events, below PUBLIC_URL; undefined = each invoice carries the address. */
export const cabinetPath = (provider: string): string | undefined =>
  ENTRIES.find(({ name }) => name === provider)?.cabinetPath

/** What is wrong with the settings: sentences for the person who starts the shop. */
export function paymentProblems(settings: PaymentVariables): string[] {
  return ENTRIES.flatMap((entry) => {
    const missing = entry.required.filter((name) => !settings[name]?.trim())
    const half = missing.length > 0 && missing.length < entry.required.length
    return [
      ...(half
        ? [`${entry.name} is half set up: set ${missing.join(' and ')}, or remove its other variables.`]
        : []),
      ...(entry.problems?.(settings) ?? []),
    ]
  })
}

/**
 * The providers that the environment names. An admin may switch one off for new payments. Its webhooks and look-ups
 * stay, because money may still be on its way.
 * @throws Error with a sentence when a provider is half set up: with an empty secret anybody could credit themselves
 */
export function paymentProviders(
  settings: PaymentVariables,
  publicUrl?: string,
): Map<string, PaymentProvider> {
  const problems = paymentProblems(settings)
  if (problems.length > 0) throw new Error(problems.join(' '))
  const wanted = ENTRIES.filter((entry) => entry.required.every((name) => settings[name]?.trim()))
  return new Map(wanted.map((entry) => [entry.name, entry.build(settings, publicUrl)]))
}
