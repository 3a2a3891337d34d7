import { escapeHtml } from '#shared/i18n/format.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Reader } from '#shared/reader.ts'
import { saleOf } from './orders.ts'
import type { RecipientCard } from './orders.ts'

type OrderReader = Pick<Reader, 't' | 'texts' | 'money'>

export function nameOf(recipient: RecipientCard | undefined): string {
  const username = recipient?.username ? `@${recipient.username}` : ''
  return escapeHtml([recipient?.name, username].filter(Boolean).join(' '))
}

/** How far the order is and where the money is: ✅ done, ⏳ happening now, and what comes next. */
export function orderProgress(reader: OrderReader, order: Order): string[] {
  const { stage, reason, reference } = saleOf(order)
  const sum = reader.money(order.price, order.asset)
  const { t } = reader
  switch (order.state) {
    case 'awaiting_payment':
      return [t('order-awaiting')]
    case 'reserved':
      return [t('order-reserved'), stage === 'waiting' ? t(known(reader, reason)) : t('order-next')]
    case 'fulfilling': {
      const steps = ['sending', 'accepted', 'confirming']
      const at = Math.max(0, steps.indexOf(stage ?? 'sending'))
      const shown = steps
        .slice(0, at + 1)
        .map((step, index) => `${index < at ? '✅' : '⏳'} ${t(`order-step-${step}`)}`)
      return [t('order-reserved'), ...shown, t('order-promise')]
    }
    case 'unknown':
      return [t('order-unknown')]
    case 'review':
      return [t('order-review')]
    case 'delivered':
      return [t('order-delivered'), ...(reference ? [traceLine(reader, reference)] : [])]
    case 'failed':
      return [
        t('order-failed', { sum }),
        ...(reason ? [t(known(reader, reason), { sum, count: 0, recipient: '' })] : []),
      ]
    case 'refunded':
      return [t('order-refunded', { sum })]
    default:
      return [t('order-closed'), ...(reason ? [t(known(reader, reason))] : [])]
  }
}

const known = (reader: OrderReader, reason: string | null | undefined) =>
  reason && reader.texts.has('ru', `order-why-${reason}`) ? `order-why-${reason}` : 'order-why-other'

/** The supplier's trace of the payment: a link if it is a transaction's hash, else plain text. */
function traceLine(reader: OrderReader, reference: string): string {
  const isHash = /^[0-9a-f]{64}$/i.test(reference) || /^[A-Za-z0-9+/_-]{43}=$/.test(reference)
  const trace = escapeHtml(reference)
  return isHash
    ? reader.t('order-trace-link', {
        url: `https://tonviewer.com/transaction/${encodeURIComponent(reference)}`,
      })
    : reader.t('order-trace', { trace })
}
