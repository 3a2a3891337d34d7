import { jsonb } from '#shared/db/build.ts'
import { lockWord } from '#shared/db/lock.ts'
import type { Sql } from '#shared/db/db.ts'
import { leaveMessage } from '#shared/money/cards.ts'
import type { CardPlace } from '#shared/money/cards.ts'
import { takeFromNavigation } from '#shared/telegram/over-card.ts'
import { mailingColumns } from './mailings.ts'
import type { Mailing } from './mailings.ts'
import { mailingsSql } from './tables.ts'

/**
 * Makes a message the live one of a mailing, and of nothing else: another mailing that was shown there would be drawn over
 * this one, with keys that stop the other. It is taken from navigation, too, as the card of an order is (`moveCard`).
 */
export async function keepMailingCard(
  tx: Sql,
  id: string,
  { bot, chatId, messageId }: CardPlace,
): Promise<Mailing | undefined> {
  await lockWord(tx, `card ${bot} ${chatId} ${messageId}`)
  const card = jsonb({ chatId, messageId })
  await tx.rows(
    mailingsSql
      .updateTable('broadcasts')
      .set({ card: null })
      .where('bot', '=', bot)
      .where('card', '=', card)
      .where('id', '<>', id),
  )
  await leaveMessage(tx, { bot, chatId, messageId })
  await takeFromNavigation(tx, { bot, personId: BigInt(chatId), messageId })
  const [kept] = await tx.rows(
    mailingsSql.updateTable('broadcasts').set({ card }).where('id', '=', id).returning(mailingColumns),
  )
  return kept as Mailing | undefined
}
