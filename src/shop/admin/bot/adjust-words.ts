import type { Adjustment } from '../adjustments.ts'
import { personPage } from '../person.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readBalance } from '#shared/money/read.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { shorten } from '#shared/storable.ts'

/** A correction as its texts name it: sum, person, reason, the balance before and after. */
export async function describe(chat: Chat, adjustment: Adjustment, write = escapeHtml) {
  const { personId, asset, amount, reason } = adjustment
  const [page, wallet] = await Promise.all([
    personPage(chat.app.db, personId),
    readBalance(chat.app.db, personId, asset),
  ])
  if (!page) throw new UserError('admin.no-person', { id: String(personId) })
  const name = shorten([page.firstName, page.lastName].filter(Boolean).join(' '), 64)
  return {
    sum: chat.signed(amount, asset),
    size: chat.money(amount < 0n ? -amount : amount, asset),
    name: write(name || String(personId)),
    id: String(personId),
    reason: write(reason),
    before: chat.money(wallet.available, asset),
    after: chat.money(wallet.available + amount, asset),
  }
}

/** What tells the admins of the bot that one of them is needed; its words are read before the transaction. */
export async function callForSecond(chat: Chat, adjustment: Adjustment): Promise<(tx: Sql) => Promise<void>> {
  // A notice escapes its own words.
  const words = await describe(chat, adjustment, (text) => text)
  return (tx) =>
    oweAdminAlert(tx, [chat.bot], {
      key: `adjustment-waiting-${adjustment.id}`,
      text: 'alert-adjustment',
      params: { ...words, by: String(adjustment.createdBy) },
    })
}
