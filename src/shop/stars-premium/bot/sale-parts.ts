import { UserError } from '#shared/errors.ts'
import { PREMIUM } from '../good.ts'
import type { Kind } from '../good.ts'
import type { RecipientCard } from '../orders.ts'
import { nameOf } from '../words.ts'
import type { Chat } from '#workers/bot/chat.ts'

/** What the session remembers between the steps of a sale: the recipients. */
interface SaleSession {
  kind: Kind
  recipients: RecipientCard[]
}

export function keepRecipients(chat: Chat, kind: Kind, recipients: RecipientCard[]): void {
  chat.session.sale = { kind, recipients } satisfies SaleSession
}

/** @throws UserError `order.stale` when the person comes from an old screen */
export function keptRecipients(chat: Chat, kind: Kind): RecipientCard[] {
  const kept = chat.session.sale as SaleSession | undefined
  if (kept?.kind !== kind || kept.recipients.length === 0) throw new UserError('order.stale')
  return kept.recipients
}

/** Lines that say who gets it and that it cannot be undone. */
export function recipientLines(chat: Chat, kind: Kind, recipients: readonly RecipientCard[]): string[] {
  const lines = recipients.map((one) => {
    const already = kind === PREMIUM.kind && one.hasPremium ? ` · ${chat.t('sale-already-premium')}` : ''
    return `👤 <b>${nameOf(one)}</b>${already}`
  })
  return [...lines, chat.t('sale-final', { count: recipients.length })]
}
