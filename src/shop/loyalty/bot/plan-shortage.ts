import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { meansFor } from '#shared/money/exchange.ts'
import { readAwaiting } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { endWaiting } from '#shared/money/waiting.ts'
import { owe } from '#shared/queue/outbox.ts'
import { restInvoice } from '#shop/payments/rest-invoice.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { keepOrderCard, leaveOrderCard } from '#workers/bot/order-card.ts'
import { button, show } from '#workers/bot/screen.ts'
import { showMenu } from '#workers/bot/screens/menu.ts'
import { resumePlan } from '../jobs.ts'
import type { Plan } from '../subscriptions/plans.ts'
import { awaitPlanMoney, planOf } from '../subscriptions/waiting.ts'

/** The balance is too small for a plan: the person pays just the difference, and the plan begins by itself. */
export const planShortage: Feature = { buttons: { 'plan-rest': payRest, 'plan-drop': drop } }

/** @param wish.id comes from the button that was pressed: the same press makes the same order */
export async function awaitPlan(
  chat: Chat,
  wish: { id: string; plan: Plan; to?: { id: bigint; name: string } },
): Promise<void> {
  const { personId, bot, app } = chat
  const price = wish.plan.priceTokens!
  const means = await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
  const name = wish.plan.name[chat.language]
  const agreed = means.roubles
  const order = await app.db.tx((tx) =>
    awaitPlanMoney(tx, { ...wish, personId, bot: bot.name, name, agreed }),
  )
  await showRest(chat, order)
}

async function showRest(chat: Chat, order: Order): Promise<Answer> {
  const { app, bot, personId } = chat
  const { name } = planOf(order)
  const means = await meansFor(app.db, app.settings, { personId, bot: bot.name, price: order.price })
  if (means.missing === 0n) return await goOn(chat, order)
  const roubles = chat.money(means.missing, 'RUB')
  const stars = await starsKey(chat, order, means.lacking)
  const messageId = await show(chat, {
    text: chat.t('plan-short', {
      name: escapeHtml(name),
      price: chat.money(order.price, 'TOK'),
      lacking: chat.money(means.lacking, 'TOK'),
    }),
    keyboard: [
      ...(stars ? [[stars]] : []),
      [
        button(
          chat,
          chat.t('plan-top-up', { sum: roubles }),
          ['topup', order.id],
          stars ? undefined : 'primary',
        ),
      ],
      [button(chat, chat.t('order-cancel'), ['plan-drop', order.id])],
      [button(chat, chat.t('menu-open'), 'menu')],
    ],
  })
  await keepOrderCard(chat, order.id, messageId)
  chat.session.anchor = undefined
  chat.session.awaiting = undefined
}

async function starsKey(chat: Chat, { id: orderId }: Order, tokens: bigint) {
  const invoice = await restInvoice(chat, chat.app.settings, { name: 'plan-top-up', orderId, tokens })
  if (!invoice) return undefined
  return {
    text: chat.t('buy-pay', { stars: invoice.stars }),
    url: invoice.url,
    style: 'primary' as const,
  }
}

/** The money has come meanwhile, so this press lets the plan begin. */
async function goOn(chat: Chat, { id }: Order): Promise<Answer> {
  await owe(chat.app.db, resumePlan, { orderId: id, paymentId: `balance-press-${chat.ctx.update.update_id}` })
  chat.app.relay.kick()
  return { toast: chat.t('order-goes-on') }
}

/** Asks for the sum that is missing at this moment. */
async function payRest(chat: Chat, [id = '']: string[]): Promise<Answer> {
  return await showRest(chat, await readAwaiting(chat.app.db, id, chat.personId))
}

async function drop(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await readAwaiting(chat.app.db, id, chat.personId)
  const ended = await chat.app.db.tx(async (tx) => {
    await leaveOrderCard(tx, chat, id)
    return await endWaiting(tx, id, `person:${chat.personId}`)
  })
  if (!ended) throw new UserError('order.over')
  chat.app.relay.kick()
  await showMenu(chat, { without: id })
  return { toast: chat.t('order-dropped') }
}
