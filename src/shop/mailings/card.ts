import { numberFormat } from '#shared/i18n/intl.ts'
import type { InlineKeyboardButton } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { TextParams, Texts } from '#shared/i18n/texts.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Reader } from '#shared/reader.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import type { Style } from '#shared/telegram/buttons.ts'
import type { Mailing } from './mailings.ts'
import { shorten } from '#shared/storable.ts'

const BAR = 12

/** The live message of a mailing: a bar, the counts, rate and time left, and what can be done in its state. */
export function mailingCard(
  app: Pick<Context, 'secrets'>,
  { t, language, texts }: Reader,
  mailing: Mailing,
): { text: string; keyboard: InlineKeyboardButton[][] } {
  const key = (text: string, route: string, style?: Style) =>
    callbackButton(t(text), pack(app.secrets, mailing.createdBy, route, mailing.id), style)
  const { sent, blocked, failed, uncertain, total, state, rate, action } = mailing
  const over = Math.min(total, sent + blocked + failed + uncertain)
  // Recipients that a deletion or an edit passed over count as done, so that the bar gets full.
  const share = state === 'done' ? 1 : total === 0 ? 0 : over / total
  const filled = Math.round(share * BAR)
  const number = numberFormat(language)
  const lines = [
    `📣 <b>${t(`broadcast-title-${action}`)}</b> · ${t(`broadcast-state-${state}`)}`,
    `<code>${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}</code> ${Math.floor(share * 100)} %`,
    '',
    t(`broadcast-sent-${action}`, { count: number.format(sent), total: number.format(total) }),
    t('broadcast-others', {
      blocked: number.format(blocked),
      failed: number.format(failed),
      uncertain: number.format(uncertain),
    }),
  ]
  if (state === 'running' && rate > 0) {
    const seconds = Math.ceil((total - over) / rate)
    lines.push(t('broadcast-pace', { rate: rate.toFixed(rate < 10 ? 1 : 0), left: duration(t, seconds) }))
  }
  if (mailing.options.paid && action === 'send' && sent > 0) {
    const exact = mailing.fee?.nanostars
    const nano = exact === undefined ? BigInt(sent) * 100_000_000n : BigInt(exact)
    const stars = numberFormat(language, { maximumFractionDigits: 1 }).format(
      Number(nano / 10_000_000n) / 100,
    )
    lines.push(t(exact === undefined ? 'broadcast-fee-most' : 'broadcast-fee', { stars }))
  }
  if (mailing.reason) lines.push(reasonLine(texts, language, mailing.reason))
  const keyboard: InlineKeyboardButton[][] = []
  if (state === 'running')
    keyboard.push([key('broadcast-pause', 'b-pause'), key('broadcast-cancel', 'b-cancel', 'danger')])
  if (state === 'paused') {
    keyboard.push([
      key('broadcast-resume', 'b-resume', 'primary'),
      key('broadcast-cancel', 'b-cancel', 'danger'),
    ])
  }
  if ((state === 'done' || state === 'cancelled') && action === 'send') {
    if (sent > 0)
      keyboard.push([key('broadcast-edit', 'b-edit')], [key('broadcast-delete', 'b-delete', 'danger')])
    if (uncertain > 0) keyboard.push([key('broadcast-resend', 'b-resend')])
    if (total > 0) keyboard.push([key('broadcast-csv', 'b-csv')])
  }
  keyboard.push([key('health-refresh', 'b-page')], [key('back', 'b-list')])
  return { text: lines.join('\n'), keyboard }
}

/** Why the mailing does not go on: in our own words if we have them, else in Telegram's. */
export function reasonLine(texts: Texts, language: Language, reason: string): string {
  return texts.t(language, 'broadcast-paused-because', {
    reason: escapeHtml(reasonWords(texts, language, reason)),
  })
}

/** The reason alone, as plain text. */
export function reasonWords(texts: Texts, language: Language, reason: string): string {
  const key = `broadcast-reason-${reason}`
  const known = /^[\w-]+$/.test(key) && texts.has(language, key)
  return known ? texts.t(language, key) : shorten(reason, 200)
}

/** «3 мин», "2 h 5 min". */
export function duration(t: (key: string, params?: TextParams) => string, seconds: number): string {
  if (seconds < 60) return t('duration-seconds', { count: Math.max(1, Math.round(seconds)) })
  if (seconds < 3600) return t('duration-minutes', { count: Math.round(seconds / 60) })
  return t('duration-hours', {
    hours: Math.floor(seconds / 3600),
    minutes: Math.round((seconds % 3600) / 60),
  })
}
