import type { Attention } from '#shared/attention.ts'
import { countRequests } from './requests.ts'
import { countAttention } from './story.ts'

export const requestsToDecide: Attention = {
  text: 'payments-requests',
  route: 'requests',
  minimum: 'read-only',
  waiting: async ({ app, bot }) => ({ count: await countRequests(app.db, bot.name) }),
  opens: 'requests',
}

export const paymentsToLookAt: Attention = {
  text: 'payments-section',
  route: 'payments',
  minimum: 'read-only',
  waiting: async (admin) => ({ count: await countAttention(admin.app.db, await admin.served()) }),
  opens: 'payments?state=attention',
}
