import { QueueKeys, RedisConnection, RedisQueueBackend } from 'bullmq'
import type { JobJson, QueueBaseOptions, WorkerOptions } from 'bullmq'
import type { Redis } from 'ioredis'

// BullMQ's scripts write five events a job that nobody reads, and look for much that no job of ours has. So what happens to
// a job most has scripts of our own, over BullMQ's keys, which mean what they mean there (6.7.0). Everything else is BullMQ's:
// a method that is not replaced below. Partitions have one set of scripts (partition-*.ts), queues without order another
// (unordered-*.ts), and both are put in place here.

type AddArgs = Parameters<RedisQueueBackend['addJobToTransaction']>
/** What BullMQ hands to the methods that add a job. */
export type Adding = [
  client: AddArgs[0],
  job: JobJson,
  encodedOpts: unknown,
  args: (string | number | Record<string, unknown>)[],
]
export type Completing = Parameters<RedisQueueBackend['moveToCompleted']>
export type Ended = ReturnType<RedisQueueBackend['moveToCompleted']>
export type BackendOptions = QueueBaseOptions & { prefix?: string }

/** The first key of each script is the beginning of the queue's keys; a script of several queues has any number of them. */
export function defineScripts(
  redis: Redis,
  scripts: Readonly<Record<string, string>>,
  several?: string,
): void {
  for (const [name, lua] of Object.entries(scripts))
    redis.defineCommand(name, { lua, ...(name !== several && { numberOfKeys: 1 }) })
}

/** BullMQ's Redis back end on a connection for which `defineScripts` was called. */
export abstract class ScriptedBackend<Script extends string> extends RedisQueueBackend {
  protected readonly base: string
  protected readonly lockMs: number

  /** @param blocking a connection on which this queue alone waits for its jobs; it is closed with the queue */
  constructor(redis: Redis, name: string, opts: BackendOptions, blocking?: Redis) {
    const keys = new QueueKeys(opts.prefix)
    const { skipWaitingForReady = false } = opts
    const connected = { skipVersionCheck: true, skipWaitingForReady }
    super(
      new RedisConnection(redis, { shared: true, blocking: false, ...connected }),
      name,
      keys.getKeys(name),
      (type) => keys.toKey(name, type),
      opts,
      blocking && new RedisConnection(blocking, { shared: false, blocking: true, skipVersionCheck: true }),
    )
    this.base = keys.toKey(name, '')
    this.lockMs = (opts as Partial<WorkerOptions>).lockDuration ?? 0
  }

  protected async run(script: Script, ...args: (string | number)[]): Promise<unknown> {
    return (await this.client).runCommand(script, [this.base, ...args])
  }

  /**
   * Runs a script that adds a job, with what they all take: id, name, data, options, timestamp. The client may be a
   * transaction, in which many jobs are added at once.
   * @returns undefined for a job without an id, for which BullMQ must count up. Every job of our producer has one.
   */
  protected addBy(
    script: Script,
    [client, { name, data, timestamp }, encodedOpts, [, id]]: Adding,
    ...more: (string | number)[]
  ): Promise<string> | undefined {
    if (id === '') return undefined
    const args = [this.base, id, name, data, encodedOpts, timestamp, ...more]
    return client.runCommand(script, args) as Promise<string>
  }
}
