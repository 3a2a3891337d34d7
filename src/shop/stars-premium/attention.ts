import type { Attention } from '#shared/attention.ts'
import { countByState } from './by-state.ts'

export const purchasesToDecide: Attention = {
  text: 'fadmin-section',
  route: 'fadmin',
  minimum: 'read-only',
  waiting: async (admin) => {
    const orders = await countByState(admin.app.db, ['review'], await admin.served())
    return { count: orders.get('review') ?? 0 }
  },
  waitingText: 'fadmin-waiting',
  opens: 'orders?state=review',
}
