import type { Redis } from 'ioredis'
import { addressesOf } from '#shared/queue/queue-map.ts'
import type { RedisTarget } from '#shared/queue/queue-map.ts'
import { hashTagOf, placeOfRedis, redisClient } from '#shared/queue/redis-address.ts'

export interface RedisVerdict {
  /** Why the shop must not use this Redis, in a sentence that says what to do. */
  refuse: string | undefined
  /** What should be changed, but does not stop the shop. */
  warn: string[]
  /** The server could not be reached. It may come back, and the queues of other servers go on. */
  away?: boolean
}

/**
 * Checks that a Redis never throws keys away: an evicting policy loses locks and jobs. It asks INFO and not CONFIG,
 * which managed services forbid.
 * @param prefix begins the names of the shop's keys; undefined = do not ask whether the user may write them
 */
export async function checkRedis(url: string, prefix?: string): Promise<RedisVerdict> {
  let told: Error | undefined
  const redis = redisClient(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    connectTimeout: 5_000,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
  })
  // This error says what went wrong. The failure of connecting says only that the connection is closed.
  redis.on('error', (error) => (told ??= error))
  try {
    await redis.connect()
    const info = parse(await redis.info())
    const warn: string[] = []
    const wrongKind = kindProblem(info, url)
    if (wrongKind) return { refuse: wrongKind, warn }
    // A user with few rights often lacks this right. Without it jobs are added, but no worker takes them.
    await redis.eval(`return redis.call('time')`, 0)
    if (prefix !== undefined) await tryKeys(redis, url, prefix)
    const policy = info.get('maxmemory_policy')
    if (policy && policy !== 'noeviction') {
      const refuse = `its maxmemory-policy is ${policy}, which throws jobs away when memory is short. Set it to noeviction (redis.conf, or CONFIG SET maxmemory-policy noeviction).`
      return { refuse, warn }
    }
    if (isTooOld(info.get('redis_version'))) {
      return { refuse: `it is version ${info.get('redis_version')}; version 6.2 or newer is needed.`, warn }
    }
    if (info.get('aof_enabled') === '0') {
      warn.push(
        'Redis keeps no append-only file: a restart loses jobs that no transaction owes. Set appendonly yes.',
      )
    }
    const fsync = await appendFsync(redis)
    if (info.get('aof_enabled') !== '0' && fsync !== undefined && fsync !== 'always') {
      warn.push(
        `Redis has appendfsync ${fsync}: a power cut loses updates that were acknowledged. Set appendfsync always.`,
      )
    }
    const used = Number(info.get('used_memory') ?? 0)
    const max = Number(info.get('maxmemory') ?? 0)
    if (max > 0 && used > 0.75 * max)
      warn.push(`Redis uses ${Math.round((100 * used) / max)} % of its memory.`)
    return { refuse: undefined, warn }
  } catch (error) {
    const refuse = redisProblem(url, told ?? (error as Error))
    return {
      refuse,
      warn: [],
      away: /^(it does not answer|nothing listens there|there is no way|none of its Sentinels|its host's name)/.test(
        refuse,
      ),
    }
  } finally {
    redis.disconnect()
  }
}

export interface PlacedVerdict extends RedisVerdict {
  /** Undefined where there is only one server, so that no name is needed. */
  place: string | undefined
}

/** Checks every server of the queues. One of several servers may be away without stopping the shop. */
export async function checkRedisServers(
  { url, map }: Omit<RedisTarget, 'kind'>,
  prefix: string,
): Promise<PlacedVerdict[]> {
  const addresses = addressesOf(url, map)
  const found = await Promise.all(addresses.map((address) => checkRedis(address, prefix)))
  const several = addresses.length > 1
  const someAnswer = found.some(({ away }) => !away)
  return found.map((verdict, index) => {
    const place = several ? placeOfRedis(addresses[index]!) : undefined
    if (!several || !verdict.away || !someAnswer) return { ...verdict, place }
    const warns = `${verdict.refuse} Its queues wait, those of the other servers go on.`
    return { ...verdict, place, refuse: undefined, warn: [warns] }
  })
}

/**
 * Writes to keys that never exist, of both kinds that the shop has. So a user whose rights are for another prefix is
 * found before the first job.
 * @throws when the user may not write them
 */
async function tryKeys(redis: Redis, url: string, prefix: string): Promise<void> {
  const tag = hashTagOf(url)
  const keys = tag === undefined ? [`${prefix}:rights`, `{${prefix}:rights}`] : [`{${tag}}${prefix}:rights`]
  await redis.del(keys).catch((error: Error) => {
    // A server that takes no writes just now is waited for.
    if (error.message.startsWith('NOPERM')) throw error
  })
}

/**
 * The queue needs a server that takes writes: a cluster's node would refuse keys of a queue that are on another node,
 * and a replica refuses writes.
 */
export function kindProblem(info: Map<string, string>, url: string): string | undefined {
  // Valkey has its own name for it.
  const mode = info.get('redis_mode') ?? info.get('server_mode')
  if (mode === 'cluster' && hashTagOf(url) === undefined) {
    return 'it is a node of a Redis Cluster, which keeps only a part of the keys. Write REDIS_URL as redis+cluster://user:password@HOST:PORT,HOST:PORT with several of its nodes (docs/scaling.md, "Redis Cluster").'
  }
  if (mode === 'sentinel') {
    return 'it is a Sentinel, which keeps no keys. Give REDIS_URL its address as redis+sentinel://HOST:26379/NAME.'
  }
  if (info.get('role') === 'slave') {
    return `it is a replica of ${info.get('master_host')}:${info.get('master_port')} and takes no writes. Give REDIS_URL the primary.`
  }
  return undefined
}

export function redisProblem(url: string, error: Error): string {
  const { message } = error
  const code = String((error as { code?: unknown }).code)
  if (message.startsWith('NOAUTH')) {
    return 'it asks for a password, and REDIS_URL has none: redis://user:password@host:6379.'
  }
  if (/^(WRONGPASS|ERR (AUTH|invalid password))/.test(message)) {
    return 'it refuses the user or the password in REDIS_URL: redis://user:password@host:6379.'
  }
  // Inside a script Redis before 7.2 and later ones, and Valkey, refuse in other words than outside.
  if (/^NOPERM|user executing the script can't run|ACL failure in script/.test(message))
    return `its user may not do what a queue needs (${message}). docs/scaling.md has a user with the rights that are needed.`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' && url.includes('+sentinel:')) {
    return `the certificate of a Sentinel or of the server that it names is for another name (${message}). Write the hosts that certificates are for into REDIS_URL, and let Sentinels name servers by host (docs/scaling.md, "TLS").`
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `its certificate is for another name (${message}). Write the host that it is for into REDIS_URL.`
  }
  if (/CERT|SIGNATURE|ERR_TLS/.test(code)) {
    return `its certificate is not accepted (${message}). Name the file of its authority in NODE_EXTRA_CA_CERTS, and in REDIS_URL the host that the certificate is for.`
  }
  if (/All sentinels are unreachable/.test(message)) {
    return `none of its Sentinels says where the primary is (${message}). Check hosts, ports and the name in REDIS_URL.`
  }
  if (/cluster support disabled/.test(message)) {
    return 'it is no Redis Cluster. Write REDIS_URL as redis://user:password@host:6379.'
  }
  if (message.startsWith('CLUSTERDOWN')) {
    return `the cluster does not serve the keys of this address (${message}). Look with redis-cli --cluster check HOST:PORT.`
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `its host's name is not known here (${message}). Check REDIS_URL and the name server.`
  }
  if (code === 'ECONNREFUSED' || message.includes('ECONNREFUSED'))
    return `nothing listens there (${message || code}). Check host and port in REDIS_URL, and that it runs.`
  const asked = url.startsWith('rediss')
    ? ', that it speaks TLS, as rediss:// asks, and that it wants no certificate of its clients (tls-auth-clients no)'
    : ''
  // A server that waits for TLS, or for another protocol than TLS, says nothing either.
  if (!asked && (/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/.test(code) || /ETIMEDOUT/.test(message))) {
    return `there is no way to it from here (${message}). Check the network, firewall and host in REDIS_URL.`
  }
  const other = !asked && /ECONNRESET/.test(code + message) ? ' If it speaks TLS, write rediss://.' : ''
  return `it does not answer (${message}). Check REDIS_URL and that it runs${asked}.${other}`
}

/** Whether the server is older than 6.2. A server that names no version counts as new enough. */
export function isTooOld(version: string | undefined): boolean {
  const [major = Infinity, minor = 0] = version?.split('.').map(Number) ?? []
  return major < 6 || (major === 6 && minor < 2)
}

/** Managed services forbid CONFIG; then nothing is reported. */
async function appendFsync(redis: Redis): Promise<string | undefined> {
  const answer = await redis.config('GET', 'appendfsync').catch(() => undefined)
  return Array.isArray(answer) ? String(answer[1]) : undefined
}

function parse(info: string): Map<string, string> {
  return new Map(
    info.split('\r\n').flatMap((line) => {
      const at = line.indexOf(':')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : []
    }),
  )
}
