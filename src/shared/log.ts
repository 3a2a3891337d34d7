import { pino } from 'pino'
import type { DestinationStream, Logger, LoggerOptions } from 'pino'
import { formsOf } from './scrub.ts'

export type Log = Logger

/**
 * A child logger that is created with its first line: most jobs write none, and to create one with its redaction takes
 * tens of microseconds.
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

/** Keys whose values never reach a log line, at any depth. */
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
// Not \b in front: addresses contain bot123:AA..., without a boundary between the letters and the digits.
const BOT_TOKEN = /(?<!\d)\d{6,20}:[A-Za-z0-9_-]{30,}\b/g
// A password that contains / or @ makes an address that no parser can read and that errors quote, so everything up to
// the last @ is removed.
const URL_PASSWORD = /(:\/\/)[^\s:@/"']{0,100}:[^\s"']{1,300}@/g

/**
 * Structured log lines, one event each, without secrets. Values of known keys are replaced, and everything that looks
 * like a bot token or a password in an address, or equals one of `secrets`, is cut from every string of the finished
 * line.
 * @param options.secrets values that must never be printed (API keys, words of a wallet)
 */
export function createLog(options: {
  level: string
  name: string
  pretty?: boolean
  secrets?: string[]
  /** Fields added to every line, for example the trace id. */
  mixin?: () => object
  /** Where the lines go; standard output unless told. */
  to?: DestinationStream
}): Log {
  // Each secret as it is, as JSON writes it in the finished line, and as addresses and base64 write it.
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
