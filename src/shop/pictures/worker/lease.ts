import { sql as q } from 'kysely'
import { picturesSql } from '../tables.ts'
import type { Parts } from './parts.ts'

/**
 * Lets only one worker at a time deliver a picture, because look-up and callback may both find it ready. The lease
 * is renewed while this process lives, so that another worker takes over soon after its death.
 * @returns undefined when another worker has the lease
 */
export async function withLease<T>(
  { app, times }: Parts,
  orderId: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const its = picturesSql.updateTable('generations').where('order_id', '=', orderId)
  const extend = its
    .set({ lease_until: q`clock_timestamp() + ${times.lease} * interval '1 millisecond'` })
    .returning('order_id')
  const take = extend.where(q<boolean>`(lease_until is null or lease_until < clock_timestamp())`)
  if ((await app.db.rows(take)).length === 0) return undefined
  const heart = setInterval(() => void app.db.rows(extend).catch(() => {}), times.lease / 3)
  try {
    return await work()
  } finally {
    clearInterval(heart)
    await app.db
      .rows(its.set({ lease_until: null }))
      .catch((error: unknown) =>
        app.log.warn(
          { order: orderId, error },
          'the lease of a picture could not be given up: it ends by itself',
        ),
      )
  }
}
