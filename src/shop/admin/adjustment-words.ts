import type { Adjustment } from './adjustments.ts'
import { personPage } from './person.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readBalance } from '#shared/money/read.ts'
import { namesOf } from '#shared/names-of-people.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import type { Context } from '#shared/context.ts'
import type { Reader } from '#shared/reader.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { shorten } from '#shared/storable.ts'

/** The admin who corrects, in the chat or at the panel. */
interface Corrector extends Pick<Reader, 'signed' | 'money'> {
  app: Pick<Context, 'db'>
  bot: ServedBot
}

/** A correction as its texts name it: sum, person, reason, the balance before and after. */
export async function describe(
  corrector: Omit<Corrector, 'bot'>,
  adjustment: Pick<Adjustment, 'personId' | 'asset' | 'amount' | 'reason'>,
  write = escapeHtml,
) {
  const { personId, asset, amount, reason } = adjustment
  const [page, wallet] = await Promise.all([
    personPage(corrector.app.db, personId),
    readBalance(corrector.app.db, personId, asset),
  ])
  if (!page) throw new UserError('admin.no-person', { id: String(personId) })
  const name = shorten([page.firstName, page.lastName].filter(Boolean).join(' '), 64)
  return {
    sum: corrector.signed(amount, asset),
    size: corrector.money(amount < 0n ? -amount : amount, asset),
    name: write(name || String(personId)),
    id: String(personId),
    reason: write(reason),
    before: corrector.money(wallet.available, asset),
    after: corrector.money(wallet.available + amount, asset),
  }
}

/**
 * The alert that tells the bot's admins that a second one must agree; its words are read before the transaction
 * begins.
 */
export async function callForSecond(
  corrector: Corrector,
  adjustment: Adjustment,
): Promise<(tx: Sql) => Promise<void>> {
  // The notice escapes the words itself.
  const [words, nameOf] = await Promise.all([
    describe(corrector, adjustment, (text) => text),
    namesOf(corrector.app.db, [adjustment.createdBy]),
  ])
  return (tx) =>
    oweAdminAlert(tx, [corrector.bot], {
      key: `adjustment-waiting-${adjustment.id}`,
      text: 'alert-adjustment',
      params: { ...words, by: nameOf(adjustment.createdBy) },
      buttons: [[['adjust-decide', 'a-decide', adjustment.id]]],
    })
}
