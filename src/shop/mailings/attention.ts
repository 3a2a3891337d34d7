import type { Attention } from '#shared/attention.ts'
import { pausedMailings } from './mailings.ts'

export const mailingsToResume: Attention = {
  text: 'admin-section-broadcasts',
  route: 'b-list',
  minimum: 'admin',
  waiting: async ({ app, bot }) => ({ count: await pausedMailings(app.db, bot.name) }),
  waitingText: 'admin-waiting-broadcasts',
  opens: 'mailings?state=paused',
}
