import { sql as q } from 'kysely'
import type { Parts } from './parts.ts'

/**
 * Only one worker delivers a picture at a time: look-up and callback may both find it ready. The lease is renewed
 * while this process lives, so that after its death another one takes over soon.
 * @returns undefined when somebody else has it
 */
export async function withLease<T>(
  { app, times }: Parts,
  orderId: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const extend = (own: boolean) =>
    app.db.rows(q`
      update generations set lease_until = clock_timestamp() + ${times.lease} * interval '1 millisecond'
      where order_id = ${orderId} and (${own} or lease_until is null or lease_until < clock_timestamp())
      returning order_id`)
  if ((await extend(false)).length === 0) return undefined
  const heart = setInterval(() => void extend(true).catch(() => {}), times.lease / 3)
  try {
    return await work()
  } finally {
    clearInterval(heart)
    await app.db
      .rows(q`update generations set lease_until = null where order_id = ${orderId}`)
      .catch((error: unknown) => app.log.warn({ order: orderId, error }, 'the lease runs out by itself'))
  }
}
