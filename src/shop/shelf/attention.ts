import type { Attention } from '#shared/attention.ts'
import { countServices } from './service-rows.ts'

export const servicesToDo: Attention = {
  text: 'admin-services',
  route: 'a-services',
  minimum: 'admin',
  waiting: async (admin) => ({ count: await countServices(admin.app.db, await admin.served('admin')) }),
  waitingText: 'admin-waiting-services',
  opens: 'services',
}
