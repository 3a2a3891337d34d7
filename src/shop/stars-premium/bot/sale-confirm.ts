import { goodsWords } from '../good.ts'
import type { RecipientCard } from '../orders.ts'
import { offerGoods } from '../selling.ts'
import type { Goods } from '../supplier.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { recipientLines } from './sale-parts.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/**
 * Who gets what, the price and the balance after it. The order's number is in the button, so two taps are one order.
 */
export async function showConfirmation(chat: Chat, goods: Goods, recipients: RecipientCard[]): Promise<void> {
  const { id, quote, options: offered } = await offerGoods(chat, goods, recipients)
  const after = offered
    .filter((one) => one.enough)
    .map((one) => chat.money(one.available - one.price, one.currency))
  const returned = offered.filter((one) => one.back > 0n).map((one) => chat.money(one.back, one.currency))
  await show(chat, {
    text: [
      chat.t(`order-title-${goods.kind}`, goodsWords(goods)),
      ...recipientLines(chat, goods.kind, recipients),
      '',
      chat.t('sale-price', { sum: chat.money(quote.price * BigInt(recipients.length), 'RUB') }),
      ...(returned.length > 0 ? [chat.t('sale-plan-back', { sum: returned.join(' / ') })] : []),
      ...(after.length > 0 ? [chat.t('sale-after', { balance: after.join(' / ') })] : [chat.t('sale-short')]),
    ].join('\n'),
    keyboard: [
      ...offered.map(({ currency, price, available, enough }, at) => {
        const text = enough
          ? chat.t('sale-buy', { sum: chat.money(price, currency) })
          : chat.t('sale-buy-short', { sum: chat.money(price - available, currency) })
        return [button(chat, text, ['sale-pay', id, currency], at === 0 ? 'primary' : undefined)]
      }),
      back(chat, ['sale-packs', goods.kind, 0]),
    ],
  })
}
