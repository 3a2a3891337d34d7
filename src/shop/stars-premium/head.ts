import type { Sql } from '#shared/db/db.ts'
import { subOrders } from './orders.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { redraw, tellBuyer } from './tell.ts'

const ENDED = new Set(['delivered', 'failed', 'refunded', 'cancelled'])

/**
 * A sub-order has ended. When all have, their head ends too: delivered if anybody got something. Money never hangs
 * on the head: every sub-order has its own hold.
 */
export async function finishHead(tx: Sql, headId: string): Promise<void> {
  // Locked first: two sub-orders that end at once would each miss the other's end.
  const head = await readOrder(tx, headId, true)
  if (!head || head.state !== 'fulfilling') return
  const parts = await subOrders(tx, headId)
  const got = parts.filter((part) => part.state === 'delivered').length
  const ended = parts.filter((part) => ENDED.has(part.state)).length
  if (ended < parts.length) return await redraw(tx, head, `${ended}-of-${parts.length}`)
  const moved = await moveOrder(tx, headId, got > 0 ? 'delivered' : 'failed', {
    actor: 'worker:fragment',
    reason: `${got} of ${parts.length} delivered`,
  })
  if (!moved) return
  await redraw(tx, moved, moved.state)
  const text = got === parts.length ? 'fragment-done-all' : 'fragment-done-several'
  await tellBuyer(tx, moved, text, { got, all: parts.length })
}
