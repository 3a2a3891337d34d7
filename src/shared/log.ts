import { pino } from 'pino'
import type { DestinationStream, Logger, LoggerOptions } from 'pino'
import { formsOf } from './scrub.ts'

export type Log = Logger

/**
 * A child that is made with its first line: most jobs write none, and making one with its redaction takes tens of
 * microseconds.
 */
export function childOf(parent: Log, bindings: object): Log {
  let made: Log | undefined
  return new Proxy({} as Log, {
    get(_, name) {
      if (!made && name === 'debug' && !parent.isLevelEnabled('debug')) return () => {}
      if (!made && name === 'child') return (more: object) => childOf(parent, { ...bindings, ...more })
      made ??= parent.child(bindings)
      const value = made[name as keyof Log] as unknown
      return typeof value === 'function' ? (value.bind(made) as unknown) : value
    },
  })
}

/** Keys whose values never reach a log line, wherever they stand. */
const SECRET_KEYS = [
  'token',
  'secret',
  'password',
  'authorization',
  'apiKey',
  'api_key',
  'mnemonics',
  'jwt',
  'phone_number',
  'phoneNumber',
  'sign',
]
// Not \b in front: addresses have it as bot123:AA..., without a boundary between letters and digits.
const BOT_TOKEN = /(?<!\d)\d{6,20}:[A-Za-z0-9_-]{30,}\b/g
// A password with / or @ in it makes an address that no parser reads, and that errors quote: up to the last @ all of it.
const URL_PASSWORD = /(:\/\/)[^\s:@/"']{0,100}:[^\s"']{1,300}@/g

/**
 * Structured lines, one event each, without secrets: known keys are censored, and whatever looks like a bot's token
 * or a password in an address, or equals one of `secrets`, is cut out of every string of the finished line.
 * @param options.secrets values that must never be printed (API keys, words of a wallet)
 */
export function createLog(options: {
  level: string
  name: string
  pretty?: boolean
  secrets?: string[]
  /** Added to every line, for example the trace it belongs to. */
  mixin?: () => object
  /** Where the lines go; standard output unless told. */
  to?: DestinationStream
}): Log {
  // As they are, as JSON writes them in the finished line, and as addresses and base64 do.
  const secrets = (options.secrets ?? []).filter((secret) => secret.length >= 6).flatMap(formsOf)
  const clean = (line: string): string => {
    let text = line.replace(BOT_TOKEN, '[bot token]').replace(URL_PASSWORD, '$1***@')
    for (const secret of secrets) if (text.includes(secret)) text = text.replaceAll(secret, '[secret]')
    return text
  }
  const settings: LoggerOptions = {
    name: options.name,
    level: options.level,
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    formatters: { bindings: ({ name }) => ({ name: name as string }) },
    hooks: { streamWrite: clean },
    ...(options.mixin && { mixin: options.mixin }),
    ...(options.pretty && {
      transport: {
        target: 'pino-pretty',
        options: { ignore: 'name', translateTime: 'HH:MM:ss', singleLine: true },
      },
    }),
  }
  return options.to ? pino(settings, options.to) : pino(settings)
}
