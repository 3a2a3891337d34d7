import { sql as q } from 'kysely'
import { queueSql } from './tables.ts'
import { literal, NOW } from '../db/build.ts'
import type { Db } from '../db/db.ts'
import { sharedSql } from '../tables.ts'
import type { Producer } from './producer.ts'
import { runOneAtATime } from './producer.ts'
import type { QueueBackend } from './backend.ts'
import type { QueueServer } from './queue-server.ts'

type Wiped = Pick<Producer, 'queues' | 'catalogue'>

/**
 * Notices that a queue server lost its data: its counter in Redis is behind the one in the database. Redis was
 * emptied, came back with an old file, or failed over to a lagging replica. Then every queued job is owed again at
 * once, delayed ones too, and the ordered queues get back their limit of one job at a time. A job that a worker still
 * had may run twice; handlers bear that. Losses that the counter does not show are found later by `oweLost`.
 * @param server has a counter of its own; only the jobs of its queues are owed again
 * @param deployment names the counter, because another deployment may share the database and have another Redis
 * @param own the bots that this deployment serves now
 * @returns how many jobs are owed again; undefined = nothing was lost
 */
export async function oweWiped(
  db: Db,
  { backend, producer }: { backend: Pick<QueueBackend, 'servers' | 'home'>; producer: Wiped },
  server: QueueServer,
  deployment: string,
  own: readonly string[],
): Promise<number | undefined> {
  const { beat } = server
  if (!beat) return undefined
  const isFirst = server === backend.servers[0]
  const cursor = `queue of ${deployment}${isFirst ? '' : ` at ${server.place}`}`
  const its = new Map(
    [...producer.queues].map(([name, queues]) => [
      name,
      queues.filter((queue) => backend.home(queue.name) === server),
    ]),
  )
  const jobs = [...producer.catalogue.values()]
    .filter(({ queue }) => its.get(queue)!.length > 0 !== isFirst)
    .map(({ name }) => name)
  // Jobs of a kind that this release does not know belong to the first server.
  const lost = isFirst ? q<boolean>`job <> all(${jobs}::text[])` : q<boolean>`job = any(${jobs}::text[])`
  return db.tx(async (tx) => {
    await tx.rows(
      sharedSql
        .insertInto('cursors')
        .values({ name: cursor, value: '0' })
        .onConflict((there) => there.column('name').doNothing()),
    )
    // The lock makes replicas count one after another. Otherwise one replica would take another's step for a step back.
    const [row] = await tx.rows(
      sharedSql.selectFrom('cursors').select('value').where('name', '=', cursor).forUpdate(),
    )
    const now = await beat()
    await tx.rows(
      sharedSql
        .updateTable('cursors')
        .set({ value: String(now), updated_at: NOW })
        .where('name', '=', cursor),
    )
    if (now > Number(row!.value)) return undefined
    await runOneAtATime({ queues: its })
    const rows = await tx.rows(
      queueSql
        .updateTable('outbox')
        .set({ state: 'owed', updated_at: NOW })
        .where('state', '=', literal('queued'))
        .where(lost)
        .where(q<boolean>`(bot is null or bot = any(${own}::text[]))`)
        .returning('key'),
    )
    if (rows.length > 0) tx.owed()
    return rows.length
  })
}
