import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '../ids.ts'
import { explain } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { lookAtAddress, watchServers } from '../servers.ts'
import type { QueueBackend } from './backend.ts'

/** How often each worker reports how well it is. A worker that has not reported for LIFE_MS does not count. */
const BEAT_MS = 2_000
/** How often a server in doubt is checked. */
const DOUBT_MS = 1_000
const LIFE_MS = 5_000

/** A worker without a server that all its jobs need is worse off than one without any number of vendors. */
const NEED = 1_000

/**
 * Counts the workers that are better off, by the clock of Redis. KEYS: the workers of one kind, as "what is away:name".
 * ARGV: the worker's report before this one, its report or '', how long a report counts.
 */
const BEAT_SCRIPT = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('zremrangebyscore', KEYS[1], '-inf', now - ARGV[3])
-- Of before the clock was set back: it would count for as long as the clock was wrong.
redis.call('zremrangebyscore', KEYS[1], string.format('(%.0f', now), '+inf')
redis.call('zrem', KEYS[1], ARGV[1])
if ARGV[2] == '' then return 0 end
redis.call('zadd', KEYS[1], now, ARGV[2])
redis.call('pexpire', KEYS[1], ARGV[3])
local away = function(report) return tonumber(string.match(report, '^%d+')) end
local better = 0
for _, report in ipairs(redis.call('zrange', KEYS[1], 0, -1)) do
  if away(report) < away(ARGV[2]) then better = better + 1 end
end
return better`

/** Something that takes jobs and can be told to stop taking them. */
export interface Taking {
  rest(): void
  goOn(): void
}

/**
 * Whether a worker can do its work, and how it behaves when it cannot. If another worker of its kind reaches more, it
 * takes no job and hands its jobs back. If no other is better off, it goes on, because each job decides by itself what
 * is possible without the server: bots answer with what they know, other jobs wait without losing a try.
 */
export interface Standing {
  /** Reports that a call to this server failed or has had no answer for long. */
  doubt(server: string): void
  /**
   * Adds a vendor, which only some jobs call. A worker that cannot reach it takes no job while another worker can; jobs
   * in hand go on, because most of them have nothing to do with this vendor, and only what fails is handed back.
   */
  calls(vendor: string, address: string): void
  /** Whether a server that all jobs of this worker need is away; a server in doubt is checked first. */
  isAway(): Promise<boolean>
  /** Whether other workers take the jobs now; a server in doubt is checked first. */
  yields(): Promise<boolean>
  /**
   * Aborts when the jobs in hand are handed back to other workers; a new signal replaces it when this worker takes jobs
   * again.
   */
  readonly yielding: AbortSignal
  /** Whether other workers take the jobs, by what was known at the last look. */
  isResting(): boolean
  /** What the servers say that all jobs need. */
  state(): Record<string, string>
  /** What the vendors say. */
  vendors(): Record<string, string>
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
  const vendors = new Set<string>()
  const stateOf = (ofVendors: boolean) =>
    Object.fromEntries(Object.entries(servers.state()).filter(([name]) => vendors.has(name) === ofVendors))
  let taking: Taking[] = []
  let resting = false
  let yielding = new AbortController()

  let told = ''
  /**
   * @param report '' = this worker ends
   * @returns how many other workers of this kind are better off; 0 where the queue serves one process only
   */
  async function beat(report: string): Promise<number> {
    const before = told
    told = report
    return Number(
      (await backend.redis?.eval(BEAT_SCRIPT, 1, backend.key(`standing-${kind}`), before, report, LIFE_MS)) ??
        0,
    )
  }

  function become(restsNow: boolean, handsBack: boolean): void {
    if (restsNow !== resting) {
      resting = restsNow
      metrics.yields.set({ worker: kind }, restsNow ? 1 : 0)
      if (restsNow) {
        log.warn('others take the jobs of this worker until it can do them again')
        for (const one of taking) one.rest()
      } else {
        log.info('this worker takes jobs again')
        yielding = new AbortController()
        for (const one of taking) one.goOn()
      }
    }
    if (restsNow && handsBack) yielding.abort()
  }

  let stepping: Promise<void> | undefined
  const step = () =>
    (stepping ??= (async () => {
      const away = await servers.away()
      try {
        const needs = away.filter((name) => !vendors.has(name)).length
        const better = await beat(`${needs * NEED + away.length - needs}:${me}`)
        become(away.length > 0 && better > 0, needs > 0)
      } catch (error) {
        // If the queue is away, there are no jobs to take or to hand back, so the failure needs no warning.
        log.debug(
          { reason: explain(error) },
          'the queue does not answer, so it is unknown which other workers are better off',
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
    calls(vendor, address) {
      vendors.add(vendor)
      servers.add(vendor, () => lookAtAddress(address))
      metrics.serverAway.set({ worker: kind, server: vendor }, 0)
    },
    state: () => stateOf(false),
    vendors: () => stateOf(true),
    isAway: async () => servers.isDoubted() && (await servers.away()).some((name) => !vendors.has(name)),
    isResting: () => resting,
    async yields() {
      if (servers.isDoubted() && !resting) await step()
      return resting
    },
    get yielding() {
      return yielding.signal
    },
    follow(queues) {
      taking = queues
      if (resting) for (const one of taking) one.rest()
    },
    stop() {
      stopping.abort()
      servers.stop()
      void beat('').catch(() => {})
    },
  }
}
