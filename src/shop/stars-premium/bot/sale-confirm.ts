import { inCurrency } from '../currency.ts'
import { countOf } from '../good.ts'
import { draftOrder, type RecipientCard } from '../orders.ts'
import { newId } from '#shared/ids.ts'
import { readBalance } from '#shared/money/read.ts'
import { planDiscount } from '#shop/loyalty/subscriptions/plans.ts'
import type { Goods } from '../supplier.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { quoteFor, recipientLines } from './sale-parts.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/** Who, what, the price and the balance after it. The order's number is in the button: two taps are one order. */
export async function showConfirmation(chat: Chat, goods: Goods, recipients: RecipientCard[]): Promise<void> {
  const { db, settings } = chat.app
  const quote = await quoteFor(chat, goods)
  const id = newId()
  await draftOrder(db, { id, personId: chat.personId, bot: chat.bot.name, quote, recipients })
  const count = countOf(goods)
  const options = await Promise.all(
    (['RUB', 'TOK'] as const).map(async (currency) => {
      const unit = await inCurrency(settings, chat.bot.name, quote.price, currency)
      const price = unit * BigInt(recipients.length)
      const { available } = await readBalance(db, chat.personId, currency)
      return { currency, price, available, enough: available >= price }
    }),
  )
  const offered = options.some((one) => one.enough) ? options.filter((one) => one.enough) : options
  const after = offered
    .filter((one) => one.enough)
    .map((one) => chat.money(one.available - one.price, one.currency))
  const percent = await planDiscount(db, chat.personId)
  await show(chat, {
    text: [
      chat.t(`order-title-${goods.kind}`, { count }),
      ...recipientLines(chat, goods.kind, recipients),
      '',
      chat.t('sale-price', { sum: chat.money(quote.price * BigInt(recipients.length), 'RUB') }),
      ...(percent > 0 ? [chat.t('sale-plan-back', { percent })] : []),
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
