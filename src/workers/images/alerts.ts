import type { Context } from '../../shared/context.ts'
import { type NoticeParams, oweAdminAlert } from '../../shared/notices.ts'

/** Tells every admin, at most once an hour about the same thing. */
export async function alertAdmins(app: Context, text: string, params: NoticeParams): Promise<void> {
  const hour = new Date().toISOString().slice(0, 13)
  await oweAdminAlert(app.db, app.bots.values(), { key: `${text}-${hour}`, text, params })
}
