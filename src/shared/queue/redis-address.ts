import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { clusterConnector } from './cluster-connector.ts'
import type { Cluster } from './cluster-connector.ts'
import { PatientConnector } from './patient-connector.ts'

/**
 * An address of Sentinels, which know where the primary is: `redis+sentinel://user:password@s1:26379,s2:26379/NAME/0`;
 * `rediss+sentinel` for TLS.
 */
const SENTINEL =
  /^redis(s?)\+sentinel:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^@/?]+)\/([^/?]+)(?:\/(\d+))?(?:\?([^#]*))?$/
const SENTINEL_PORT = 26_379
/** After that the next Sentinel is asked. Without it, one that is silent keeps a client waiting for ever. */
const SENTINEL_ANSWER_MS = 2_000
/**
 * Nodes of a Redis Cluster and the name of a part of it: `redis+cluster://user:password@h1:7000,h2:7001/NAME`;
 * `rediss+cluster` for TLS. All keys of the address have the name as hash tag, so they are on one node.
 */
const CLUSTER = /^redis(s?)\+cluster:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^@/?]+?)(?:\/([\w.-]*))?$/
const CLUSTER_NAME = 'shop'
const PARAMETERS = new Set(['sentinelUsername', 'sentinelPassword'])

/**
 * Whether ioredis will understand the address. Any other text ioredis would take for a host or a socket, or throw on.
 */
export function isRedisAddress(text: string): boolean {
  if (/^redis(s?)\+sentinel:/.test(text)) return readSentinels(text) !== undefined
  if (/^redis(s?)\+cluster:/.test(text)) return readCluster(text) !== undefined
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
  const cluster = readCluster(address)?.cluster
  if (cluster) return `${cluster.tag}@${cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(',')}`
  if (!URL.canParse(address) || !/^rediss?:/.test(address)) return address
  const { hostname, port, pathname } = new URL(address)
  const db = Number(pathname.slice(1))
  return `${hostname}:${port || 6379}${db ? `/${db}` : ''}`
}

/** The hash tag that all keys at the address have, where the address is of a cluster. */
export function hashTagOf(address: string): string | undefined {
  return readCluster(address)?.cluster.tag
}

/**
 * A client for the server at the address, for the primary that its Sentinels name, or for the node of the cluster that
 * has the address's keys.
 */
export function redisClient(address: string, options: RedisOptions): Redis {
  const sentinels = readSentinels(address)
  const found = readCluster(address)
  const client = sentinels
    ? new Redis({ ...sentinels, ...options, Connector: PatientConnector as RedisOptions['Connector'] })
    : found
      ? new Redis({ ...found.login, ...options, Connector: clusterConnector(found.cluster) })
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
    return {
      sentinels: readHosts(hosts, SENTINEL_PORT),
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
      sentinelCommandTimeout: SENTINEL_ANSWER_MS,
      ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    }
  } catch {
    return undefined
  }
}

/** @returns undefined when the address is of no cluster or cannot be read */
function readCluster(address: string): { cluster: Cluster; login: RedisOptions } | undefined {
  const [found, tls, username, password, hosts = '', name] = CLUSTER.exec(address) ?? []
  if (found === undefined) return undefined
  try {
    return {
      cluster: { nodes: readHosts(hosts, 6379), tag: name || CLUSTER_NAME },
      login: { username: decoded(username), password: decoded(password), ...(tls && { tls: {} }) },
    }
  } catch {
    return undefined
  }
}

/** @throws when one is no host */
function readHosts(hosts: string, usualPort: number): { host: string; port: number }[] {
  return hosts.split(',').map((one) => {
    const [, host, port] = /^(\[[^\]]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(one) ?? []
    const number = Number(port ?? usualPort)
    if (host === undefined || number < 1 || number > 65_535) throw new Error('no host')
    return { host: host.replace(/^\[(.+)\]$/, '$1'), port: number }
  })
}

const decoded = (part: string | undefined) => (part ? decodeURIComponent(part) : undefined)
