import { sql as q } from 'kysely'
import type { QueueName } from '#shared/queue/queues.ts'
import { eventually } from './eventually.ts'
import type { Shop } from './shop.ts'

const WORKED: readonly QueueName[] = ['updates', 'checkout', 'billing', 'notices', 'upkeep']

/** Waits until no job waits and none is at work: everything that was sent to the shop has been handled. */
export async function settled(shop: Shop, worked = WORKED): Promise<void> {
  let quiet = 0
  await eventually(
    async () => {
      const updates = await shop.control<unknown[]>('GET', '/updates')
      const queues = worked.flatMap((name) => shop.shared.producer.queues.get(name)!)
      const counts = await Promise.all(
        queues.map((queue) => queue.getJobCountByTypes('wait', 'active', 'prioritized')),
      )
      const [owed] = await shop.db.rows(q<{ n: bigint }>`
        select count(*) as n from outbox where state = 'owed' and job ~ '^(stars|notice|telegram)'`)
      quiet = updates.length === 0 && counts.every((count) => count === 0) && owed!.n === 0n ? quiet + 1 : 0
      return quiet >= 3
    },
    { what: 'everything is handled', everyMs: 40 },
  )
}
