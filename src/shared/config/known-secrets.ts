import { SENT, without } from '../scrub.ts'
import { addressesOf } from '../queue/queue-map.ts'
import type { Config } from './config.ts'
import { passwordsIn } from './reader.ts'

/** Stands for a key that only other roles have: this process knows no more than that there is one. */
export const ELSEWHERE = 'elsewhere'

/** Every value of the settings that must never be printed, nor kept when a third party quotes it. */
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

/**
 * The secrets among the providers' variables, found by the variables' names, so that those of a new provider are
 * included.
 */
function secretVariables(variables: Readonly<Record<string, string | undefined>>): (string | undefined)[] {
  return Object.entries(variables)
    .filter(([name]) => /KEY|SECRET|TOKEN/.test(name))
    .map(([, value]) => value)
}

/** Shorter values are ordinary words that an honest event may contain. */
const SHORTEST = 10

/**
 * Removes our own secrets from what a third party sends to a door, because that goes on a queue and into tables.
 * @returns a cleaner, which returns a text without secrets unchanged
 */
export function withoutOurs(config: Config): (text: string) => string {
  const clean = without(knownSecrets(config).filter(({ length }) => length >= SHORTEST))
  return (text) => {
    const cleaned = clean(text)
    return cleaned.includes(SENT) ? cleaned : text
  }
}
