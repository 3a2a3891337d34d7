import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { idFrom, newId } from '#shared/ids.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { buyItem, wasBought } from '../buy.ts'
import { canBeGift } from '../gifts.ts'
import { kindOf } from '../kinds/list.ts'
import { offeredItem, offerOf, wishOfPress } from '../offer.ts'
import { begin, givenFor } from './asking.ts'
import { awaitMoneyFor, dropItem, payRestOfItem } from './item-shortage.ts'
import { showPurchase } from './purchases.ts'

/** An item with its price, and the purchase. */
export const itemScreens: Feature = {
  buttons: {
    item: (chat, [id = '']) => showItem(chat, id),
    'item-buy': (chat, args) => buy(chat, args),
    'item-gift': (chat, args) => buy(chat, args, true),
    'item-rest': payRestOfItem,
    'item-drop': dropItem,
  },
  links: { item: showItem },
}

async function showItem(chat: Chat, id: string): Promise<void> {
  chat.session.awaiting = undefined
  const item = await offeredItem(chat, id)
  const { lines, sum, terms } = await offerOf(chat, item)
  // The purchase's number and its price are in the key, so two presses are one purchase.
  const press = [id, newId().slice(0, 8), terms] as const
  const { [chat.language]: words } = item.description
  await show(chat, {
    text: [
      `<b>${escapeHtml(item.name[chat.language])}</b>`,
      ...(words ? ['', escapeHtml(words)] : []),
      '',
      ...lines,
    ].join('\n'),
    ...(item.picture && { picture: item.picture }),
    keyboard: [
      ...(sum !== undefined
        ? [
            [button(chat, chat.t('shelf-key-buy', { sum }), ['item-buy', ...press], 'primary')],
            ...(canBeGift(item)
              ? [[button(chat, chat.t('shelf-key-gift', { sum }), ['item-gift', ...press])]]
              : []),
          ]
        : []),
      back(chat, ['shelf', item.categoryId === null ? '' : String(item.categoryId), 0]),
    ],
  })
}

async function buy(chat: Chat, [id = '', draft = '', terms = '']: string[], asGift = false): Promise<Answer> {
  const orderId = idFrom(asGift ? 'item-gift' : 'item', chat.bot.name, chat.personId, id, draft)
  // If the press is handled again, it shows what it has bought, even if the item is gone.
  const known = await readOrder(chat.app.db, orderId)
  if (known?.personId === chat.personId && wasBought(known)) return await showPurchase(chat, known)
  const item = await offeredItem(chat, id)
  const asks = kindOf(item).asks?.(item) ?? []
  const given = asks.length > 0 ? await givenFor(chat, { draft, asks, orderId }) : undefined
  // An order that waits for money already has its answers.
  if (asks.length > 0 && !given && !known) return await begin(chat, [id, draft, terms])
  const wish = await wishOfPress(chat, item, { id: orderId, terms, asGift, given })
  try {
    const { order } = await chat.app.db.tx((tx) => buyItem(tx, wish))
    await showPurchase(chat, order)
    return { toast: chat.t(order.state === 'delivered' || asGift ? 'shelf-bought' : 'shelf-ordered') }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error.code === 'balance.insufficient') return await awaitMoneyFor(chat, wish)
    if (error.code === 'item.changed' || error.code === 'item.sold-out') await showItem(chat, id)
    throw error
  }
}
