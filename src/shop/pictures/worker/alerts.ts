import type { Context } from '#shared/context.ts'
import { type NoticeParams, oweAdminAlert } from '#shared/notices.ts'

/** Tells every admin, at most once an hour about the same thing. */
export async function alertAdmins(app: Context, text: string, params: NoticeParams): Promise<void> {
  const hour = new Date().toISOString().slice(0, 13)
  const alert = { key: `${text}-${hour}`, text, params }
  await app.db.tx((tx) => oweAdminAlert(tx, app.bots.values(), alert))
}
