import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { isSomeCard } from '#shared/money/cards.ts'
import { readOrder, setOrderCard } from '#shared/money/orders.ts'
import { moneySql } from '#shared/money/tables.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { takeKeys } from '#shared/queue/jobs/orders.ts'
import type { FormerCard } from '#shared/queue/jobs/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import { readerOf } from '#shared/reader.ts'
import { putScreenBack, standsIn } from '#shared/telegram/over-card.ts'
import type { Drawn } from '#shared/telegram/over-card.ts'
import { editing } from './order-card.ts'
import { button } from './screen.ts'

interface Whose {
  bot: string
  personId: bigint
}

/**
 * A message that was the card of an order or a payment keeps its words; the only key left leads to the menu. If another
 * screen stands there by now, that has keys of its own, and gets them back where the person has come there meanwhile.
 */
export async function takeFormerKeys(app: Context, { messageId, ...row }: FormerCard): Promise<Verdict> {
  const whose = await whoseIs(app.db, row)
  const bot = whose && app.bots.get(whose.bot)
  if (!bot || (await showsSomething(app, whose, messageId))) return done
  const { t } = await readerOf(app, whose.bot, whose.personId)
  const menu = button({ app, personId: whose.personId }, t('menu-open'), 'menu-below')
  const chatId = Number(whose.personId)
  const edit = ({ text, around }: Drawn) => bot.api.editMessageText(chatId, messageId, text, around)
  return await editing(async () => {
    try {
      await bot.notices.editMessageReplyMarkup(chatId, messageId, {
        reply_markup: { inline_keyboard: [[menu]] },
      })
    } finally {
      await putScreenBack(app, { ...whose, messageId }, edit)
    }
  })
}

async function whoseIs(
  sql: Sql,
  { orderId, paymentId }: Omit<FormerCard, 'messageId'>,
): Promise<Whose | undefined> {
  const table = orderId === undefined ? 'payments' : 'orders'
  const [row] = await sql.rows(
    moneySql
      .selectFrom(table)
      .select(['bot', 'person_id as personId'])
      .where('id', '=', orderId ?? paymentId ?? ''),
  )
  return row
}

/** Whether the message is where navigation stands, or the card of an order or a payment (again). */
const showsSomething = async (app: Context, { bot, personId }: Whose, messageId: number): Promise<boolean> =>
  (await isSomeCard(app.db, { bot, chatId: Number(personId), messageId })) ||
  (await standsIn(app, { bot, personId, messageId })) !== undefined

/**
 * A notice asks for the rest of an order's price: it is the order's card from here on. An order that waits no more needs no
 * such key.
 */
export async function noticeAsks(
  db: Context['db'],
  { bot, personId }: Whose,
  { orderId, messageId }: { orderId: string; messageId: number },
): Promise<void> {
  const place = { bot, chatId: Number(personId), messageId }
  await db.tx(async (tx) => {
    const order = await readOrder(tx, orderId, true)
    if (order?.bot !== bot || order.personId !== personId) return
    if (order.state === 'awaiting_payment') await setOrderCard(tx, orderId, place)
    else await owe(tx, takeKeys, { orderId, messageId })
  })
}
