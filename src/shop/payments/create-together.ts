import type { Db } from '#shared/db/db.ts'
import { together } from '#shared/together.ts'
import { createPayment, createPayments } from './payments.ts'
import type { NewPayment } from './payments.ts'

interface Asked {
  payment: NewPayment
  isNew?: boolean
}

const kept = new WeakMap<Db, (asked: Asked) => Promise<void>>()

/**
 * `createPayment` for invoices that many people open at once: those that come while others are written share one
 * statement and one wait for the disk. The payment of an order goes by itself, because it waits for whoever has the
 * order in hand.
 */
export async function createTogether(db: Db, payment: NewPayment): Promise<boolean> {
  const create = kept.get(db) ?? creating(db)
  kept.set(db, create)
  const asked: Asked = { payment }
  await create(asked)
  return asked.isNew === true
}

const creating = (db: Db) =>
  together<Asked>({
    key: ({ payment }) => payment.id,
    async alone(asked) {
      asked.isNew = await createPayment(db, asked.payment)
    },
    async all(calls) {
      const free = calls.map(({ one }) => one).filter(({ payment }) => payment.orderId === undefined)
      if (free.length === 0) return new Set()
      const made = await createPayments(
        db,
        free.map(({ payment }) => payment),
      )
      for (const asked of free) asked.isNew = made.has(asked.payment.id)
      return new Set(free)
    },
  })
