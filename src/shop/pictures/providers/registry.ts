import { demo } from './demo/adapter.ts'
import { kieEntry } from './kie/adapter.ts'
import { openaiEntry } from './openai/adapter.ts'
import type { PictureProvider, PictureProviderEntry, PictureVariables } from './port.ts'
import { replicateEntry } from './replicate/adapter.ts'

const ENTRIES: readonly PictureProviderEntry[] = [kieEntry, replicateEntry, openaiEntry]

/** Every variable that a provider reads. The configuration reads exactly these. */
export const PICTURE_VARIABLES: readonly string[] = ENTRIES.flatMap(({ required, optional }) => [
  ...required,
  ...optional,
])

/** The variables with the hosts that results are fetched from. */
export const RESULT_HOSTS: readonly string[] = ENTRIES.flatMap(({ resultsAt }) => resultsAt ?? [])

/** Every provider whose key is set, by name. Without any the demo provider draws. */
export function buildProviders(settings: PictureVariables, startRate: number): Map<string, PictureProvider> {
  const wanted = ENTRIES.filter(({ required }) => required.every((name) => settings[name]))
  const providers = wanted.map((entry) => entry.build(settings, startRate))
  return new Map((providers.length > 0 ? providers : [demo()]).map((provider) => [provider.name, provider]))
}
