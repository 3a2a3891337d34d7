import { createRedisBackend, raw2NextJobData } from 'bullmq'
import type { BackendFactory, JobJson, KeepJobs, MinimalJob, RedisQueueBackend } from 'bullmq'
import type { Redis } from 'ioredis'
import { waitIfRefused } from './redis-errors.ts'

// Adding, taking and completing a job of a queue without order, in fewer commands than BullMQ takes: its scripts write
// five events a job that nobody reads, and look for parents, deduplication and limits that no job of ours has. The keys are
// BullMQ's and mean what they mean there (6.7.0), so its own scripts go on doing everything else. They also do what is rare
// here: a queue that is paused or limited, a delayed job that is due, a job with a priority, a lock that is lost.

/** What a script answers when BullMQ's own has to do it. Nothing was changed then, or the job is completed. */
const THEIRS = -9

const TAKE = `
local function take(base, token, lockMs, now)
  local meta = redis.call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max')
  if meta[1] or meta[2] or meta[3] then return ${THEIRS} end
  -- The score is the due time in milliseconds, shifted by 12 bits.
  local due = tonumber(redis.call('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')[2])
  if due and due < (now + 1) * 4096 then return ${THEIRS} end
  local id = redis.call('RPOPLPUSH', base .. 'wait', base .. 'active')
  if not id then
    if redis.call('EXISTS', base .. 'prioritized') == 1 then return ${THEIRS} end
    return { 0, 0, 0, due and due / 4096 or 0 }
  end
  redis.call('SET', base .. id .. ':lock', token, 'PX', lockMs)
  -- Whoever waits for the marker has something to take only then.
  if redis.call('LLEN', base .. 'wait') > 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
  local job = redis.call('HGETALL', base .. id)
  -- Written down when the job ends.
  job[#job + 1] = 'processedOn'
  job[#job + 1] = tostring(now)
  return { job, id, 0, 0 }
end
`

/** KEYS[1] is the beginning of the queue's keys. */
const SHORT_SCRIPTS = {
  /** ARGV: id, name, data, options, timestamp. Adding an id that exists adds nothing. */
  addShortly: `
local base, id = KEYS[1], ARGV[1]
if redis.call('EXISTS', base .. id) == 1 then return id end
redis.call('HSET', base .. id, 'name', ARGV[2], 'data', ARGV[3], 'opts', cjson.encode(cmsgpack.unpack(ARGV[4])),
  'timestamp', ARGV[5], 'delay', 0, 'priority', 0)
redis.call('LPUSH', base .. 'wait', id)
if redis.call('HEXISTS', base .. 'meta', 'paused') == 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
return id`,

  /** ARGV: token, lockMs, now. */
  takeShortly: `${TAKE}
return take(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]))`,

  /**
   * ARGV: id, token, lockMs, now, whether to take the next job, how long in ms and how many completed jobs are kept, the
   * returned value, when the job was taken, tries.
   */
  completeShortly: `${TAKE}
local base, id, token, now = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[4])
if redis.call('GET', base .. id .. ':lock') ~= token then return -2 end
if redis.call('LREM', base .. 'active', -1, id) == 0 then return -2 end
redis.call('DEL', base .. id .. ':lock')
redis.call('HSET', base .. id, 'returnvalue', ARGV[8], 'processedOn', ARGV[9], 'finishedOn', ARGV[4], 'atm', ARGV[10])
redis.call('ZADD', base .. 'completed', ARGV[4], id)
local old = redis.call('ZRANGEBYSCORE', base .. 'completed', '-inf', now - ARGV[6], 'LIMIT', 0, 100)
local more = redis.call('ZCARD', base .. 'completed') - #old - tonumber(ARGV[7])
if more > 0 then
  old = redis.call('ZRANGE', base .. 'completed', 0, #old + math.min(more, 100) - 1)
end
if #old > 0 then
  redis.call('ZREM', base .. 'completed', unpack(old))
  for at, one in ipairs(old) do old[at] = base .. one end
  redis.call('DEL', unpack(old))
end
if ARGV[5] == '1' then return take(base, token, ARGV[3], now) end
-- Another process takes what waits.
if redis.call('LLEN', base .. 'wait') > 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
return ${THEIRS}`,
} as const

type AddArgs = Parameters<RedisQueueBackend['addJobToTransaction']>

/** These methods of BullMQ's back end are replaced. */
interface Done {
  addStandardJob(
    client: AddArgs[0],
    job: JobJson,
    encodedOpts: unknown,
    args: (string | number | Record<string, unknown>)[],
  ): Promise<string | number>
  moveToActive(token: string, name?: string): Promise<unknown[]>
  moveToCompleted(
    job: MinimalJob & { processedOn?: number; attemptsMade?: number },
    returnValue: unknown,
    remove: boolean | number | KeepJobs | undefined,
    token: string,
    fetchNext: boolean,
  ): ReturnType<RedisQueueBackend['moveToCompleted']>
}

export function defineShortScripts(redis: Redis): void {
  for (const [name, lua] of Object.entries(SHORT_SCRIPTS)) redis.defineCommand(name, { lua, numberOfKeys: 1 })
}

/** BullMQ's Redis back end with its connections, on which `defineShortScripts` was called, and these scripts. */
export const createShortBackend: BackendFactory<RedisQueueBackend> = (name, opts, waiting) => {
  const backend = createRedisBackend(name, opts, waiting)
  const base = backend.toKey('')
  const lockMs = (opts as { lockDuration?: number }).lockDuration ?? 0
  const before = backend as unknown as Done
  const add = before.addStandardJob.bind(backend)
  const take = before.moveToActive.bind(backend)
  const complete = before.moveToCompleted.bind(backend)
  const run = async (command: keyof typeof SHORT_SCRIPTS, ...args: (string | number)[]) =>
    (await backend.client).runCommand(command, [base, ...args])

  const ours: Done = {
    addStandardJob(client, job, encodedOpts, args) {
      const [, id] = args
      // Every job of our producer has an id. For a job without one BullMQ must count up, so its own script runs.
      if (id === '') return add(client, job, encodedOpts, args)
      const { name: kind, data, timestamp } = job
      // The client may be a transaction, in which many jobs are added at once.
      return client.runCommand('addShortly', [
        base,
        id,
        kind,
        data,
        encodedOpts,
        timestamp,
      ]) as Promise<string>
    },
    async moveToActive(token, worker) {
      const taken = await waitIfRefused(run('takeShortly', token, lockMs, Date.now()))
      return taken === THEIRS ? take(token, worker) : raw2NextJobData(taken as unknown[])
    },
    async moveToCompleted(job, returnValue, remove, token, fetchNext) {
      const itsWay = () => complete(job, returnValue, remove, token, fetchNext)
      const value = JSON.stringify(returnValue)
      // A job of an older release may have other options.
      if (typeof remove !== 'object' || !('age' in remove) || value === undefined) return itsWay()
      const { age, count = Number.MAX_SAFE_INTEGER } = remove
      const [now, tries] = [Date.now(), (job.attemptsMade ?? 0) + 1]
      const kept = [age * 1000, count, value, job.processedOn ?? now, tries]
      const next = await run('completeShortly', job.id!, token, lockMs, now, fetchNext ? 1 : 0, ...kept)
      if (next === -2) return itsWay()
      // Without an answer the worker looks for the next job by itself.
      return { result: next === THEIRS ? undefined : raw2NextJobData(next as unknown[]), finishedOn: now }
    },
  }
  return Object.assign(backend, ours as object)
}
