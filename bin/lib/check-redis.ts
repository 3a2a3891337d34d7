import { Redis } from 'ioredis'

export interface RedisVerdict {
  /** Why this Redis must not be used, in a sentence that says what to do. */
  refuse: string | undefined
  /** What should be changed, but does not stop us. */
  warn: string[]
}

/**
 * A queue needs a Redis that never throws keys away: an evicting policy loses locks and jobs. INFO is asked rather
 * than CONFIG, which managed services forbid.
 */
export async function checkRedis(url: string): Promise<RedisVerdict> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    connectTimeout: 5_000,
    retryStrategy: () => null,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    const info = parse(await redis.info())
    const warn: string[] = []
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
    return {
      refuse: `it does not answer (${(error as Error).message}). Check REDIS_URL and that it runs.`,
      warn: [],
    }
  } finally {
    redis.disconnect()
  }
}

/** Older than 6.2. One that does not say its version is taken as it is. */
export function isTooOld(version: string | undefined): boolean {
  const [major = Infinity, minor = 0] = version?.split('.').map(Number) ?? []
  return major < 6 || (major === 6 && minor < 2)
}

/** Managed services forbid CONFIG, and then nothing is said. */
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
