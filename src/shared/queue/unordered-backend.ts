import { raw2NextJobData } from 'bullmq'
import type { BackendFactory, MinimalJob } from 'bullmq'
import type { Redis } from 'ioredis'
import { waitIfRefused } from './redis-errors.ts'
import { ScriptedBackend } from './scripted-backend.ts'
import type { Adding, Completing, Ended } from './scripted-backend.ts'
import { THEIRS } from './unordered-scripts.ts'
import type { UNORDERED_SCRIPTS } from './unordered-scripts.ts'

/** What BullMQ's types leave out and its workers hand over. */
interface Taken {
  processedOn?: number
  attemptsMade?: number
}

class UnorderedBackend extends ScriptedBackend<keyof typeof UNORDERED_SCRIPTS> {
  protected override addStandardJob(...adding: Adding): Promise<string | number> {
    return this.addBy('addUnordered', adding) ?? super.addStandardJob(...adding)
  }

  override async moveToActive(token: string, worker?: string): Promise<unknown[]> {
    const taken = await waitIfRefused(this.run('takeUnordered', token, this.lockMs, Date.now()))
    return taken === THEIRS ? super.moveToActive(token, worker) : raw2NextJobData(taken as unknown[])
  }

  override async moveToCompleted<T, R, N extends string>(
    job: MinimalJob<T, R, N> & Taken,
    returnValue: R,
    remove: Completing[2],
    token: string,
    fetchNext: boolean,
  ): Ended {
    const itsWay = () => super.moveToCompleted(job, returnValue, remove, token, fetchNext)
    const value = JSON.stringify(returnValue)
    // A job of an older release may have other options.
    if (typeof remove !== 'object' || !('age' in remove) || value === undefined) return itsWay()
    const { age, count = Number.MAX_SAFE_INTEGER } = remove
    const [now, tries] = [Date.now(), (job.attemptsMade ?? 0) + 1]
    const kept = [age * 1000, count, value, job.processedOn ?? now, tries]
    const next = await this.run(
      'completeUnordered',
      job.id!,
      token,
      this.lockMs,
      now,
      fetchNext ? 1 : 0,
      ...kept,
    )
    if (next === -2) return itsWay()
    // Without an answer the worker looks for the next job by itself.
    return { result: next === THEIRS ? undefined : raw2NextJobData(next as unknown[]), finishedOn: now }
  }
}

/** @param redis the connection of all queues; each worker waits for its jobs on a copy of it */
export const unorderedBackends =
  (redis: Redis): BackendFactory<UnorderedBackend> =>
  (name, opts, { withBlockingConnection = false } = {}) =>
    new UnorderedBackend(redis, name, opts, withBlockingConnection ? redis.duplicate() : undefined)
