import type { Attention } from '#shared/attention.ts'
import { waitingQuestions } from './questions.ts'

export const questionsToAnswer: Attention = {
  text: 'admin-section-questions',
  route: 'a-questions',
  minimum: 'support',
  waiting: async (admin) => waitingQuestions(admin.app.db, await admin.served('support')),
  waitingText: 'admin-waiting-questions',
  opens: 'questions',
}
