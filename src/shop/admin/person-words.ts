import { goodTitle, operationDetail, operationText } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { languageName } from '#shared/i18n/intl.ts'
import { speech } from '#shared/i18n/languages.ts'
import type { Operation } from '#shared/money/read.ts'
import type { Served } from '#shared/owners.ts'
import type { Reader } from '#shared/reader.ts'
import { shorten } from '#shared/storable.ts'
import type { PersonPage } from './person.ts'

/** A person's page as HTML lines. The first line says who the person is. */
export function personLines(reader: Reader, goods: Assortment, page: PersonPage, served: Served): string[] {
  const name = escapeHtml(shorten([page.firstName, page.lastName].filter(Boolean).join(' '), 80)) || '—'
  const { when } = reader
  const lines = [
    `👤 <b>${name}</b>${page.username ? ` · @${escapeHtml(page.username)}` : ''} · <code>${page.id}</code>`,
    reader.t('person-since', {
      date: when(page.createdAt),
      language: page.language === null ? '—' : languageName(speech[reader.language].locale, page.language),
    }),
  ]
  if (page.bannedAt) {
    lines.push(
      reader.t('person-banned', { date: when(page.bannedAt), reason: escapeHtml(page.banReason ?? '') }),
    )
  }
  lines.push('')
  const money = page.balances.filter(({ asset, available, held }) => asset === 'TOK' || available + held > 0n)
  for (const { asset, available, held } of money) {
    const reserved = held > 0n ? ` · ${reader.t('balance-reserved', { sum: reader.money(held, asset) })}` : ''
    lines.push(`💰 <b>${reader.money(available, asset)}</b>${reserved}`)
  }
  if (money.length === 0) lines.push(`💰 <b>${reader.money(0n, 'TOK')}</b>`)
  if (page.paid.length > 0) {
    const sums = page.paid.map(({ asset, sum, payments }) => `${reader.money(sum, asset)} (${payments})`)
    lines.push(reader.t('person-paid', { sums: sums.join(' · ') }))
  }
  for (const { good, orders, delivered, unfinished } of page.orders) {
    lines.push(
      reader.t('person-orders', {
        good: escapeHtml(goodTitle(goods, reader.texts, reader.language, good)),
        orders: Number(orders),
        delivered: Number(delivered),
        unfinished: Number(unfinished),
      }),
    )
  }
  lines.push('')
  for (const { bot, blockedAt, lastSeenAt, startParam } of page.bots) {
    const key = blockedAt ? 'person-bot-blocked' : 'person-bot'
    const from = startParam ? ` · <code>${escapeHtml(startParam)}</code>` : ''
    lines.push(`🤖 ${reader.t(key, { bot, date: when(blockedAt ?? lastSeenAt) })}${from}`)
  }
  if (page.recent.length > 0) lines.push('')
  for (const { amount, asset, kind, description, bot } of page.recent) {
    const words = operationWords(goods, reader, served, { kind, amount, description, bot })
    lines.push(`${reader.signed(amount, asset)} · ${words}`)
  }
  return lines
}

/** What an operation was for. When the bot of another owner used the common balance, the admin sees only the sum. */
export function operationWords(
  goods: Assortment,
  reader: Reader,
  served: Served,
  { kind, amount, description, bot }: Pick<Operation, 'kind' | 'amount' | 'description' | 'bot'>,
): string {
  if (served !== undefined && bot !== null && !served.includes(bot)) return reader.t('operation-entry')
  const detail = shorten(operationDetail(goods, reader, { kind, description }), 60)
  const words = detail ? ` · ${escapeHtml(detail)}` : ''
  return `${reader.t(operationText(kind, amount))}${words}`
}
