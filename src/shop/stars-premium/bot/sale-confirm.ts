import { payableWith } from '../payable.ts'
import { countOf } from '../good.ts'
import { draftOrder, type RecipientCard } from '../orders.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { readBalance } from '#shared/money/read.ts'
import { mulDiv } from '#shared/money.ts'
import { planDiscount } from '#shop/loyalty/subscriptions/plans.ts'
import type { Goods } from '../supplier.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { quoteFor, recipientLines, tellBelowCost } from './sale-parts.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/** Who, what, the price and the balance after it. The order's number is in the button: two taps are one order. */
export async function showConfirmation(chat: Chat, goods: Goods, recipients: RecipientCard[]): Promise<void> {
  const { db, settings } = chat.app
  const quote = await quoteFor(chat, goods)
  const id = newId()
  await draftOrder(db, { id, personId: chat.personId, bot: chat.bot.name, quote, recipients })
  const count = countOf(goods)
  const percent = await planDiscount(db, chat.personId)
  const many = BigInt(recipients.length)
  const sale = { ...quote, bot: chat.bot.name, personId: chat.personId }
  const all = await Promise.all(
    (['RUB', 'TOK'] as const).map(async (currency) => {
      const payable = await payableWith({ db, settings }, sale, currency).catch(orLoss)
      if (!payable) return undefined
      const price = payable.unit * many
      const { available } = await readBalance(db, chat.personId, currency)
      const planned = mulDiv(payable.unit, BigInt(percent), 100n)
      const back = (planned < payable.mostBack ? planned : payable.mostBack) * many
      return { currency, price, available, enough: available >= price, back }
    }),
  )
  const options = all.filter((one) => one !== undefined)
  if (options.length === 0) {
    await tellBelowCost(chat, goods)
    throw new UserError('sale.below-cost')
  }
  const offered = options.some((one) => one.enough) ? options.filter((one) => one.enough) : options
  const after = offered
    .filter((one) => one.enough)
    .map((one) => chat.money(one.available - one.price, one.currency))
  const returned = offered.filter((one) => one.back > 0n).map((one) => chat.money(one.back, one.currency))
  await show(chat, {
    text: [
      chat.t(`order-title-${goods.kind}`, { count }),
      ...recipientLines(chat, goods.kind, recipients),
      '',
      chat.t('sale-price', { sum: chat.money(quote.price * BigInt(recipients.length), 'RUB') }),
      ...(returned.length > 0 ? [chat.t('sale-plan-back', { sum: returned.join(' / ') })] : []),
      ...(after.length > 0 ? [chat.t('sale-after', { balance: after.join(' / ') })] : [chat.t('sale-short')]),
    ].join('\n'),
    keyboard: [
      ...offered.map(({ currency, price, enough }) => {
        const text = chat.t(enough ? 'sale-buy' : 'sale-buy-short', { sum: chat.money(price, currency) })
        return [button(chat, text, ['sale-pay', id, currency], 'primary')]
      }),
      back(chat, ['sale-packs', goods.kind, 0]),
    ],
  })
}

/** Below cost in this currency: it is not offered. */
function orLoss(error: unknown): undefined {
  if (error instanceof UserError && error.code === 'sale.below-cost') return undefined
  throw error
}
