import type { Attention } from '#shared/attention.ts'
import { waitingAdjustments } from './adjustments.ts'
import { countDeadLetters } from './letters.ts'

export const adjustmentsToDecide: Attention = {
  text: 'admin-section-waiting',
  route: 'a-waiting',
  minimum: 'admin',
  waiting: async (admin) => ({
    count: (await waitingAdjustments(admin.app.db, await admin.served('admin'))).length,
  }),
  waitingText: 'admin-waiting-adjustments',
  opens: 'corrections',
}

export const lettersToClose: Attention = {
  text: 'admin-section-letters',
  route: 'a-letters',
  minimum: 'support',
  waiting: async (admin) => ({ count: await countDeadLetters(admin.app.db, await admin.served('support')) }),
  waitingText: 'admin-waiting-letters',
  opens: 'letters',
}
