import { ConfigError, readCore } from '#shared/config/config.ts'
import type { Config } from '#shared/config/config.ts'
import { ConfigReader } from '#shared/config/reader.ts'
import type { Environment } from '#shared/config/reader.ts'
import { readPayments } from './payments/config.ts'
import { readPictures } from './pictures/config.ts'
import { readReseller } from './stars-premium/config.ts'

/**
 * Reads the environment. In sandbox mode (no bot is configured) the caller sets BOTS and TELEGRAM_API_ROOT to the
 * simulator's, and from here on no code knows the difference.
 * @throws ConfigError with all problems at once
 */
export function readConfig(environment: Environment, say: (line: string) => void = () => {}): Config {
  const read = new ConfigReader(environment, say)
  const core = readCore(read, say)
  const config: Config = {
    ...core,
    fragment: readReseller(read, core),
    payments: readPayments(read),
    recoveryMode: read.flag('RECOVERY_MODE'),
    images: readPictures(read),
  }
  if (read.problems.length > 0) throw new ConfigError(read.problems)
  return deepFreeze(config)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}
