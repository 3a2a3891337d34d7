import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { PatientConnector } from './patient-connector.ts'

/**
 * An address of Sentinels, which know where the primary is: `redis+sentinel://user:password@s1:26379,s2:26379/NAME/0`;
 * `rediss+sentinel` for TLS.
 */
const SENTINEL =
  /^redis(s?)\+sentinel:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^@/?]+)\/([^/?]+)(?:\/(\d+))?(?:\?([^#]*))?$/
const SENTINEL_PORT = 26_379
const PARAMETERS = new Set(['sentinelUsername', 'sentinelPassword'])

/**
 * Whether ioredis will understand the address. Any other text ioredis would take for a host or a socket, or throw on.
 */
export function isRedisAddress(text: string): boolean {
  if (/^redis(s?)\+sentinel:/.test(text)) return readSentinels(text) !== undefined
  if (/^\/.|^[\w.-]+(:\d+)?$/.test(text)) return true
  if (!URL.canParse(text)) return false
  const { protocol, hostname, pathname } = new URL(text)
  return /^rediss?:$/.test(protocol) && hostname !== '' && /^\/?\d*$/.test(pathname)
}

/** The server that the address names, for people, metrics and keys: without user and password. */
export function placeOfRedis(address: string): string {
  const sentinels = readSentinels(address)
  if (sentinels) {
    const hosts = sentinels.sentinels!.map(({ host, port }) => `${host}:${port}`).join(',')
    return `${sentinels.name}@${hosts}${sentinels.db ? `/${sentinels.db}` : ''}`
  }
  if (!URL.canParse(address) || !/^rediss?:/.test(address)) return address
  const { hostname, port, pathname } = new URL(address)
  const db = Number(pathname.slice(1))
  return `${hostname}:${port || 6379}${db ? `/${db}` : ''}`
}

/** A client for the server at the address, or for the primary that its Sentinels name. */
export function redisClient(address: string, options: RedisOptions): Redis {
  const sentinels = readSentinels(address)
  const client = sentinels
    ? new Redis({ ...sentinels, ...options, Connector: PatientConnector as RedisOptions['Connector'] })
    : new Redis(address, options)
  return client.on('connect', () => writeAtOnce(client.stream))
}

/**
 * Hands the commands of one turn of the event loop to the kernel with one write, in their order. ioredis writes each
 * command by itself, and a write costs more processor time than most commands.
 */
function writeAtOnce(stream: Redis['stream']): void {
  const write = stream.write.bind(stream)
  let gathering = false
  stream.write = (...what: unknown[]) => {
    if (!gathering) {
      gathering = true
      stream.cork()
      setImmediate(() => {
        gathering = false
        stream.uncork()
      })
    }
    return Reflect.apply(write, undefined, what) as boolean
  }
}

/** @returns undefined when the address names no Sentinels or cannot be read */
function readSentinels(address: string): RedisOptions | undefined {
  const [found, tls, username, password, hosts = '', name, db, query] = SENTINEL.exec(address) ?? []
  if (found === undefined) return undefined
  try {
    const parameters = new URLSearchParams(query)
    if ([...parameters.keys()].some((one) => !PARAMETERS.has(one))) return undefined
    const sentinels = hosts.split(',').map((one) => {
      const [, host, port] = /^(\[[^\]]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(one) ?? []
      if (host === undefined) throw new Error('no host')
      return { host: host.replace(/^\[(.+)\]$/, '$1'), port: Number(port ?? SENTINEL_PORT) }
    })
    const decoded = (part: string | undefined) => (part ? decodeURIComponent(part) : undefined)
    return {
      sentinels,
      name: decodeURIComponent(name!),
      username: decoded(username),
      password: decoded(password),
      db: Number(db ?? 0),
      sentinelUsername: parameters.get('sentinelUsername') ?? undefined,
      sentinelPassword: parameters.get('sentinelPassword') ?? undefined,
      // A planned fail-over closes no connection. Without this option the client's writes to the old primary are
      // confirmed for about 10 s and then lost.
      failoverDetector: true,
      sentinelRetryStrategy: (times) => Math.min(100 * times, 1_000),
      ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    }
  } catch {
    return undefined
  }
}
