import { Queue, Worker } from 'bullmq'
import type { Redis, RedisOptions } from 'ioredis'
import type { BullQueue, BullWorker, Processor, WorkerTuning } from './bull.ts'
import { BLOCK_MS } from './markers.ts'
import { openPartitions } from './partition-backend.ts'
import type { QueueServer } from './queue-server.ts'
import { isPartition } from './queues.ts'
import { defineScripts } from './scripted-backend.ts'
import { unorderedBackends } from './unordered-backend.ts'
import { UNORDERED_SCRIPTS } from './unordered-scripts.ts'
import { hashTagOf, placeOfRedis, redisClient } from './redis-address.ts'
import { isNotThePrimary, slotMoves } from './redis-errors.ts'

export interface RedisServer extends QueueServer {
  redis: Redis
  beat: () => Promise<number>
  close(): Promise<void>
}

/**
 * A producer leaves a connection on which something was asked and nothing has come for this long: the server is frozen,
 * or the way to it lost the connection without a word. While the next connection is not ready, every command is refused
 * at once, so only the first callers have waited.
 */
const SILENT_MS = 2_500
/** Longer than that: who asks next after the first refusal then finds the connection left. */
const ANSWER_MS = 3_000
/** The same for workers; longer than the 10 s for which BullMQ lets a connection wait for a job. */
const SILENT_WORKER_MS = 15_000
const UNFINISHED = ['wait', 'prioritized', 'active', 'delayed']

/**
 * Producers fail at once when Redis is away, so that a door can answer 503 (by default BullMQ would hang); workers
 * wait until Redis is back.
 * @param connectionName tells other processes about this one
 * @param shared the server has only some of the partitions, and processes may differ about which
 */
export async function openRedis(
  url: string,
  prefix: string,
  connectionName: string,
  shared: boolean,
): Promise<RedisServer> {
  const quiet = (client: Redis) => client.on('error', () => {})
  const producer = quiet(
    redisClient(url, {
      connectionName,
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      connectTimeout: 2_000,
      commandTimeout: ANSWER_MS,
      socketTimeout: SILENT_MS,
      retryStrategy: (times) => Math.min(100 * times, 1_000),
      reconnectOnError: isNotThePrimary,
    }),
  )
  const worker: RedisOptions = {
    maxRetriesPerRequest: null,
    socketTimeout: SILENT_WORKER_MS,
    retryStrategy: () => 500,
    // 2 tells ioredis to send the refused command again on the new connection.
    reconnectOnError: (error) => (isNotThePrimary(error) || slotMoves(error) ? 2 : false),
  }
  const consumer = quiet(redisClient(url, worker))
  if (producer.status !== 'ready') {
    await new Promise<void>((resolve) => {
      producer.once('ready', resolve)
      setTimeout(resolve, 3_000).unref()
    })
  }
  const tag = hashTagOf(url)
  /** In a cluster all keys of one address are in one slot: one wait, one look and one script for all partitions. */
  const key = (name: string) => `${tag === undefined ? '' : `{${tag}}`}${prefix}:${name}`
  const keys = (name: string) => (tag === undefined ? `{${prefix}:${name}}` : key(name))
  for (const redis of [producer, consumer]) defineScripts(redis, UNORDERED_SCRIPTS)
  const parts = openPartitions(
    { producer, consumer },
    () => quiet(redisClient(url, { ...worker, socketTimeout: BLOCK_MS * 1.5 })),
    { key: key('look-at-partitions'), shared },
  )
  return {
    place: placeOfRedis(url),
    queue: (name: string): BullQueue => {
      const opts = {
        connection: producer,
        prefix: keys(name),
        skipWaitingForReady: true,
        skipMetasUpdate: true,
        // BullMQ asks for the version only once. If Redis is slow at that moment and does not answer, the queue object
        // is dead for good.
        skipVersionCheck: true,
      }
      return isPartition(name)
        ? parts.queue(name, opts)
        : (new Queue(name, opts, unorderedBackends(producer)) as BullQueue)
    },
    someWait: async (queues: BullQueue[]) => {
      const keys = queues.flatMap((queue) => [queue.toKey('wait'), queue.toKey('prioritized')])
      return (await producer.exists(...keys)) > 0
    },
    unfinished: async (names: string[]) => {
      const all = (of: string[]) =>
        of.flatMap((name) => UNFINISHED.map((key) => `${keys(name)}:${name}:${key}`))
      // One command for all queues, because most of the time no job waits.
      if (names.length === 0 || (await producer.exists(...all(names))) === 0) return []
      const found = await Promise.all(names.map((name) => producer.exists(...all([name]))))
      return names.filter((_, index) => found[index]! > 0)
    },
    keepEvents: async (queue: BullQueue, count: number) => {
      await producer.hset(queue.toKey('meta'), 'opts.maxLenEvents', count)
    },
    worker: (name: string, process: Processor, tuning: WorkerTuning): BullWorker => {
      const opts = { ...tuning, prefix: keys(name) }
      return isPartition(name)
        ? parts.worker(name, process, opts)
        : (new Worker(
            name,
            process,
            { ...opts, connection: consumer, autorun: false },
            unorderedBackends(consumer),
          ) as BullWorker)
    },
    /** PING is not enough: a full server or a replica answers it too, although it takes no writes. */
    ping: async () => {
      await producer.set(key('ready'), '1', 'PX', 60_000)
    },
    redis: producer,
    key,
    beat: () => producer.incr(key('beat')),
    close: async () => {
      producer.disconnect()
      consumer.disconnect()
    },
  }
}
