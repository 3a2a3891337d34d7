import { escapeHtml } from '#shared/i18n/format.ts'
import type { Reader } from '#shared/reader.ts'
import { shorten } from '#shared/storable.ts'
import { aboutOf } from './messages.ts'
import type { SupportMessage } from './messages.ts'

const SHOWN = 300

/** One message of a conversation, as admins read it. @param about the thing that the page is about goes without saying */
export function messageLine(
  { t }: Pick<Reader, 't'>,
  when: (at: Date) => string,
  message: SupportMessage,
  page?: string,
): string {
  const about = aboutOf(message)
  return t(message.adminId === null ? 'support-line-person' : 'support-line-admin', {
    date: when(message.createdAt),
    text: escapeHtml(shorten(message.text || '📎', SHOWN)),
    about: about && about.id !== page ? ` · ${about.id}` : '',
  })
}

/** How long a question has waited: minutes, hours, then days. */
export function ageOf({ t }: Pick<Reader, 't'>, since: Date): string {
  const minutes = Math.max(1, Math.floor((Date.now() - since.getTime()) / 60_000))
  if (minutes < 60) return t('duration-minutes', { count: minutes })
  if (minutes < 48 * 60)
    return t('duration-hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
  return t('duration-days', { count: Math.floor(minutes / (24 * 60)) })
}
