import type { Context } from '#shared/context.ts'
import { type NoticeParams, operatorsOf, oweAdminAlert } from '#shared/notices.ts'

/** Tells the admins whose account at the provider it is, at most once an hour about the same thing. */
export async function alertAdmins(app: Context, text: string, params: NoticeParams): Promise<void> {
  const hour = new Date().toISOString().slice(0, 13)
  const alert = { key: `${text}-${hour}`, text, params }
  await app.db.tx((tx) => oweAdminAlert(tx, operatorsOf(app.bots), alert))
}
