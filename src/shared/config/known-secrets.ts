import { SENT, without } from '../scrub.ts'
import { addressesOf } from '../queue/queue-map.ts'
import type { Config } from './config.ts'
import { passwordsIn } from './reader.ts'

/** Stands for a key that other roles have: this process knows only that there is one. */
export const ELSEWHERE = 'elsewhere'

/** Every value of the settings that must never be printed or kept where a third party has quoted it. */
export function knownSecrets(config: Config): string[] {
  const values = [
    ...config.bots.map((bot) => bot.token),
    ...passwordsIn(config.databaseUrl),
    ...passwordsIn(config.databaseReadUrl),
    ...addressesOf(config.redisUrl ?? '', config.redisQueues).flatMap(passwordsIn),
    config.telegram.webhookSecret,
    config.telegram.webhookOtherSecret,
    config.encryptionKey,
    config.encryptionOtherKey,
    config.backupKey,
    config.gateway.opsPassword,
    config.fragment.apiKey,
    config.fragment.mnemonics,
    config.fragment.jwtToken,
    config.fragment.phoneNumber,
    ...secretVariables(config.payments),
    ...secretVariables(config.images.providers),
  ]
  return values.filter((value) => value !== undefined).filter((value) => value !== ELSEWHERE)
}

/** Of the variables of providers: a new provider's are among them by their names. */
function secretVariables(variables: Readonly<Record<string, string | undefined>>): (string | undefined)[] {
  return Object.entries(variables)
    .filter(([name]) => /KEY|SECRET|TOKEN/.test(name))
    .map(([, value]) => value)
}

/** Shorter ones are words that an honest event has as well. */
const SHORTEST = 10

/**
 * For what a third party tells at a door: it goes on a queue, into tables and stories, and may quote our own secrets.
 * @returns a cleaner, which leaves alone what has none of them in it
 */
export function withoutOurs(config: Config): (text: string) => string {
  const clean = without(knownSecrets(config).filter(({ length }) => length >= SHORTEST))
  return (text) => {
    const cleaned = clean(text)
    return cleaned.includes(SENT) ? cleaned : text
  }
}
