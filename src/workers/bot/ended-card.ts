import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { Transient, UnknownOutcome, explain } from '#shared/errors.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import { isNotModified, telegramError } from '#shared/telegram/errors.ts'
import { putScreenBack, takeFromNavigation } from '#shared/telegram/over-card.ts'
import type { Drawn } from '#shared/telegram/over-card.ts'

type EndedCard = NonNullable<Notice['card']>

/**
 * The message that showed what has ended says how it ended, without its keys. Which message that is the row says: since the
 * notice was owed, another message may have become the row's, or the row's message that of another row, and a plan's notice
 * may come in another bot than its order. The news itself is a message of its own, so nothing is lost where the card cannot
 * be edited.
 * @throws what Telegram may answer otherwise in a moment
 */
export async function sayHowItEnded(
  app: Context,
  notice: Notice & { card: EndedCard },
  text: string,
): Promise<void> {
  const personId = BigInt(notice.personId)
  const { bot: name, card } = await placeNow(app.db, notice)
  const bot = app.bots.get(name)
  if (!card || !bot) return
  const place = { bot: name, personId, messageId: card.messageId }
  const edit = (around: Partial<Drawn> & { text: string }) =>
    bot.notices.editMessageText(card.chatId, card.messageId, around.text, {
      parse_mode: 'HTML',
      ...around.around,
    })
  // An invoice in Stars is a screen of navigation and a card at once, so a payment is told of there all the same.
  const isScreen = async () => notice.card.orderId !== undefined && (await putScreenBack(app, place, edit))
  try {
    if (await isScreen()) return
    await edit({ text }).catch((error: unknown) => {
      if (!isNotModified(error)) throw error
    })
    if (await isScreen()) return
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Transient || meaning instanceof UnknownOutcome) throw meaning
    app.log.info({ bot: name, reason: explain(error) }, 'a card could not say how it ended')
  }
  // The card of a paid order stays in the chat with its number.
  await takeFromNavigation(app.db, place)
}

/** The card of the row as it is now. A release before did not say whose card it is: then the message is the one of then. */
async function placeNow(sql: Sql, { bot, card }: Notice & { card: EndedCard }) {
  const { orderId, paymentId } = card
  if (orderId === undefined && paymentId === undefined) return { bot, card }
  const [row] = await sql.rows(
    moneySql
      .selectFrom(orderId === undefined ? 'payments' : 'orders')
      .select(['bot', 'card'])
      .where('id', '=', orderId ?? paymentId ?? ''),
  )
  return row ?? { bot, card: null }
}
