import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '../ids.ts'
import { explain } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { watchServers } from '../servers.ts'
import type { QueueBackend } from './backend.ts'

/** How often each worker reports that it is well. A worker that has not reported for LIFE_MS does not count. */
const BEAT_MS = 2_000
/** How often a server in doubt is checked. */
const DOUBT_MS = 1_000
const LIFE_MS = 5_000

/**
 * Counts the healthy workers by the clock of Redis. KEYS: the set of workers of one kind. ARGV: the worker's name,
 * whether it is well, how long its report counts.
 */
const BEAT_SCRIPT = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('zremrangebyscore', KEYS[1], '-inf', now - ARGV[3])
if ARGV[2] == '1' then redis.call('zadd', KEYS[1], now, ARGV[1]) else redis.call('zrem', KEYS[1], ARGV[1]) end
redis.call('pexpire', KEYS[1], ARGV[3])
return redis.call('zcard', KEYS[1]) - ARGV[2]`

/** Something that takes jobs and can be told to stop taking them. */
export interface Taking {
  rest(): void
  goOn(): void
}

/**
 * Whether a worker can do its work, and how it behaves when it cannot. If another worker of its kind is well, it takes
 * no job and hands its jobs back. If no other is well, it goes on, because each job decides by itself what is possible
 * without the server: bots answer with what they know, other jobs wait without losing a try.
 */
export interface Standing {
  /** Reports that a call to this server failed or has had no answer for long. */
  doubt(server: string): void
  /** Whether a server that this worker needs is away; a server in doubt is checked first. */
  isAway(): Promise<boolean>
  /** Whether other workers take the jobs now; a server in doubt is checked first. */
  yields(): Promise<boolean>
  /** Aborts while other workers take the jobs; a new signal replaces it when this worker takes jobs again. */
  readonly yielding: AbortSignal
  state(): Record<string, string>
  follow(taking: Taking[]): void
  stop(): void
}

interface StandingContext {
  backend: Pick<QueueBackend, 'redis' | 'key'>
  metrics: Pick<Metrics, 'serverAway' | 'yields'>
  log: Log
}

/** @param kind the kind of worker; all workers of one kind work on the same queues */
export function createStanding(
  { backend, metrics, log }: StandingContext,
  kind: string,
  looks: Readonly<Record<string, () => Promise<unknown>>>,
): Standing {
  const me = newId()
  const servers = watchServers(looks, (server, isAway, reason) => {
    metrics.serverAway.set({ worker: kind, server }, isAway ? 1 : 0)
    if (isAway) log.error({ server, reason }, 'this worker is cut off from a server it needs')
    else log.warn({ server }, 'the server answers this worker again')
  })
  for (const server of Object.keys(looks)) metrics.serverAway.set({ worker: kind, server }, 0)
  metrics.yields.set({ worker: kind }, 0)
  let taking: Taking[] = []
  let yielding = new AbortController()

  /** @returns how many other workers of this kind are well; 0 where the queue serves one process only */
  async function beat(well: boolean): Promise<number> {
    const key = backend.key(`well-${kind}`)
    return Number((await backend.redis?.eval(BEAT_SCRIPT, 1, key, me, well ? 1 : 0, LIFE_MS)) ?? 0)
  }

  function become(yieldsNow: boolean): void {
    if (yieldsNow === yielding.signal.aborted) return
    metrics.yields.set({ worker: kind }, yieldsNow ? 1 : 0)
    if (yieldsNow) {
      log.warn('others take the jobs of this worker until it can do them again')
      for (const one of taking) one.rest()
      yielding.abort()
    } else {
      log.info('this worker takes jobs again')
      yielding = new AbortController()
      for (const one of taking) one.goOn()
    }
  }

  let stepping: Promise<void> | undefined
  const step = () =>
    (stepping ??= (async () => {
      const away = await servers.away()
      try {
        const others = await beat(away.length === 0)
        become(away.length > 0 && others > 0)
      } catch (error) {
        // If the queue is away, there are no jobs to take or to hand back, so the failure needs no warning.
        log.debug(
          { reason: explain(error) },
          'the queue does not answer, so it is unknown which other workers are well',
        )
      }
    })().finally(() => (stepping = undefined)))

  const stopping = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await step()
      await sleep(servers.isDoubted() ? DOUBT_MS : BEAT_MS, undefined, {
        signal: stopping.signal,
        ref: false,
      }).catch(() => {})
    }
  }
  void loop()

  return {
    doubt: (server) => servers.doubt(server),
    state: () => servers.state(),
    isAway: async () => servers.isDoubted() && (await servers.away()).length > 0,
    async yields() {
      if (servers.isDoubted() && !yielding.signal.aborted) await step()
      return yielding.signal.aborted
    },
    get yielding() {
      return yielding.signal
    },
    follow(queues) {
      taking = queues
      if (yielding.signal.aborted) for (const one of taking) one.rest()
    },
    stop() {
      stopping.abort()
      servers.stop()
      void beat(false).catch(() => {})
    },
  }
}
