import type { InlineKeyboardButton } from 'grammy/types'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { WaitingOrder } from '#shared/good.ts'
import { meansOf, tokenInRoubles } from '#shared/money/exchange.ts'
import type { Money } from '#shared/money.ts'
import type { Chat } from '../chat.ts'
import { button } from '../screen.ts'

/**
 * The top of the menu for an order that waits for money: what it is, how much is missing, a key to pay and a key to
 * give it up.
 */
export async function waitingPart(
  chat: Chat,
): Promise<{ line: string; keys: InlineKeyboardButton[] } | undefined> {
  const { waiting: order } = chat
  const good = order && chat.app.goods.find(({ kind }) => kind === order.good)
  if (!order || !good?.order) return undefined
  const { waiting: terms } = good.order
  const { open, drop, roubles } = terms
  const { text, params } = terms.title(good.order.details.parse(order.details))
  const words = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? escapeHtml(value) : value,
  ])
  const what = chat.t(text, Object.fromEntries(words) as typeof params)
  const { asset, amount, worth } = await missing(chat, order, roubles)
  const sum = chat.money(amount, asset)
  // People pay in money and not in tokens, so the key also tells the sum in roubles.
  const toPay = worth ? `${sum} (${chat.money(worth, 'RUB')})` : sum
  return {
    line: amount > 0n ? chat.t('menu-waiting', { what, sum }) : chat.t('menu-waiting-enough', { what }),
    keys: [
      button(
        chat,
        amount > 0n ? chat.t('menu-waiting-pay', { sum: toPay }) : chat.t('menu-waiting-go'),
        [open, order.id],
        'primary',
      ),
      button(chat, chat.t('menu-waiting-drop'), [drop, order.id]),
    ],
  }
}

/** The missing sum in roubles if roubles of the balance count, else in the asset of the price. */
async function missing(
  chat: Chat,
  { asset, price }: WaitingOrder,
  roubles: boolean,
): Promise<Money & { worth?: bigint }> {
  const of = (one: Money['asset']) => chat.wallet.find((wallet) => wallet.asset === one)?.available ?? 0n
  if (asset !== 'TOK' || !roubles) return { asset, amount: above0(price - of(asset)) }
  const means = meansOf(chat.wallet, await tokenInRoubles(chat.app.settings, chat.bot.name), price)
  return of('RUB') > 0n || means.lacking === 0n
    ? { asset: 'RUB', amount: means.missing }
    : { asset, amount: means.lacking, worth: means.missing }
}

const above0 = (amount: bigint) => (amount > 0n ? amount : 0n)
