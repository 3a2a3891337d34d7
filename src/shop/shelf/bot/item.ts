import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { idFrom, newId } from '#shared/ids.ts'
import { tokenInRoubles } from '#shared/money/exchange.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { priceOf } from '#shared/money/price.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { buyItem, wasBought } from '../buy.ts'
import type { Wish } from '../buy.ts'
import { canBeGift } from '../gifts.ts'
import { isOffered, itemTerms, priceIn, readItem, shelfId } from '../items.ts'
import { kindOf } from '../kinds/list.ts'
import { shelfSecrets } from '../seal.ts'
import { giftDays } from '../settings.ts'
import type { Item } from '../tables.ts'
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
  links: {
    item: async (chat, id) => {
      await showItem(chat, id)
      return true
    },
  },
}

/** A larger stock is shown as "many": nobody needs the number, and counting costs more with each line. */
const COUNTED = 20

async function showItem(chat: Chat, id: string): Promise<void> {
  chat.session.awaiting = undefined
  const item = await offeredItem(chat, id)
  const { roubles, text } = await costOf(chat, item)
  const left = (await kindOf(item).left(chat.app.db, item, COUNTED + 1, chat.bot.name)) ?? COUNTED + 1
  const has = left > 0
  // The purchase's number and its price are in the key, so two presses are one purchase.
  const press = [id, newId().slice(0, 8), itemTerms(item, chat.bot.name, roubles)] as const
  const { [chat.language]: words } = item.description
  await show(chat, {
    text: [
      `<b>${escapeHtml(item.name[chat.language])}</b>`,
      ...(words ? ['', escapeHtml(words)] : []),
      '',
      chat.t('shelf-price', { price: chat.money(priceIn(item, chat.bot.name), item.asset) }),
      ...(!has ? [chat.t('shelf-sold-out')] : left <= COUNTED ? [chat.t('shelf-left', { count: left })] : []),
      ...(item.perPerson === null ? [] : [chat.t('shelf-limit', { count: item.perPerson })]),
      ...(item.soldUntil === null ? [] : [chat.t('shelf-until', { until: chat.time(item.soldUntil) })]),
    ].join('\n'),
    ...(item.picture && { picture: item.picture }),
    keyboard: [
      ...(has
        ? [
            [button(chat, chat.t('shelf-key-buy', { sum: text }), ['item-buy', ...press], 'primary')],
            ...(canBeGift(item)
              ? [[button(chat, chat.t('shelf-key-gift', { sum: text }), ['item-gift', ...press])]]
              : []),
          ]
        : []),
      back(chat, ['shelf', item.categoryId === null ? '' : String(item.categoryId), 0]),
    ],
  })
}

async function offeredItem(chat: Chat, text: string): Promise<Item> {
  const id = shelfId(text)
  const item = id === undefined ? undefined : await readItem(chat.app.db, id)
  if (!item || !isOffered(item, chat.bot.name, new Date())) throw new UserError('item.gone')
  return item
}

/** The price as the key says it: tokens that are lacking may be bought with roubles of the balance. */
async function costOf(chat: Chat, item: Item): Promise<{ text: string; roubles: bigint }> {
  const price = priceIn(item, chat.bot.name)
  return item.asset === 'TOK'
    ? await priceOf(chat, price)
    : { text: chat.money(price, item.asset), roubles: 0n }
}

async function buy(chat: Chat, [id = '', draft = '', terms = '']: string[], asGift = false): Promise<Answer> {
  const orderId = idFrom(asGift ? 'item-gift' : 'item', chat.bot.name, chat.personId, id, draft)
  // If the press is handled again, it shows what it has bought, even if the item is gone.
  const known = await readOrder(chat.app.db, orderId)
  if (known?.personId === chat.personId && wasBought(known)) return await showPurchase(chat, known)
  const item = await offeredItem(chat, id)
  const { roubles } = await costOf(chat, item)
  const asks = kindOf(item).asks?.(item) ?? []
  const given = asks.length > 0 ? await givenFor(chat, { draft, asks, orderId }) : undefined
  // An order that waits for money already has its answers.
  if (asks.length > 0 && !given && !known) return await begin(chat, [id, draft, terms])
  const wish: Wish = {
    id: orderId,
    itemId: item.id,
    personId: chat.personId,
    bot: chat.bot.name,
    name: ({ name }) => name[chat.language],
    terms,
    roubles: {
      // The key whose price is in tokens alone agrees to no roubles.
      agreed: terms === itemTerms(item, chat.bot.name, 0n) ? 0n : roubles,
      rate: await tokenInRoubles(chat.app.settings, chat.bot.name),
    },
    ...(given && { given }),
    ...(asGift && { gift: await chat.app.settings.get(giftDays, chat.bot.name) }),
    shelf: await shelfSecrets(chat.app),
    actor: `person:${chat.personId}`,
  }
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
