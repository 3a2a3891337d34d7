import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { tokenInRoubles } from '#shared/money/exchange.ts'
import { priceOf } from '#shared/money/price.ts'
import type { Reader } from '#shared/reader.ts'
import type { Wish } from './buy.ts'
import { isOffered, priceIn, readItem, shelfId } from './items.ts'
import { kindOf } from './kinds/list.ts'
import { shelfSecrets } from './seal.ts'
import { giftDays } from './settings.ts'
import type { Item } from './tables.ts'
import { itemTerms } from './terms.ts'

/* An item as it is offered to one person, in a conversation as on a page, and what a press on its key asks for. */

/** Who looks at an item. A conversation and a visitor of the pages are one. */
interface Buyer extends Pick<Reader, 't' | 'money' | 'when' | 'language'> {
  app: Pick<Context, 'db' | 'settings' | 'secrets'>
  bot: { name: string }
  personId: bigint
}

/** A larger stock is shown as "many": nobody needs the number, and counting costs more with each line. */
const COUNTED = 20

/** @throws UserError `item.gone` */
export async function offeredItem({ app, bot }: Pick<Buyer, 'app' | 'bot'>, text: string): Promise<Item> {
  const id = shelfId(text)
  const item = id === undefined ? undefined : await readItem(app.db, id)
  if (!item || !isOffered(item, bot.name, new Date())) throw new UserError('item.gone')
  return item
}

/**
 * An item with its price for this person.
 * @returns `lines`: HTML with the price, what is left and the limits; `sum`: the price as the key says it, undefined = sold
 * out; `terms`: what the key carries, so that a press at other terms is noticed
 */
export async function offerOf(
  buyer: Buyer,
  item: Item,
): Promise<{ lines: string[]; sum: string | undefined; terms: string }> {
  const { app, bot, t } = buyer
  const { text, roubles } = await costOf(buyer, item)
  const kind = kindOf(item)
  const left = (await kind.left(app.db, item, COUNTED + 1, bot.name)) ?? COUNTED + 1
  const promise = kind.offer?.(item)
  return {
    lines: [
      t('shelf-price', { price: buyer.money(priceIn(item, bot.name), item.asset) }),
      ...(promise ? [t(promise.text, promise.params)] : []),
      ...(left === 0 ? [t('shelf-sold-out')] : left <= COUNTED ? [t('shelf-left', { count: left })] : []),
      ...(item.perPerson === null ? [] : [t('shelf-limit', { count: item.perPerson })]),
      ...(item.soldUntil === null ? [] : [t('shelf-until', { until: buyer.when(item.soldUntil) })]),
    ],
    sum: left === 0 ? undefined : text,
    terms: itemTerms(item, bot.name, roubles),
  }
}

/** The price as the key says it: tokens that are lacking may be bought with roubles of the balance. */
async function costOf(buyer: Buyer, item: Item): Promise<{ text: string; roubles: bigint }> {
  const price = priceIn(item, buyer.bot.name)
  return item.asset === 'TOK'
    ? await priceOf(buyer, price)
    : { text: buyer.money(price, item.asset), roubles: 0n }
}

/** What a press on the key of an item asks for, at the terms that the key showed. */
export async function wishOfPress(
  buyer: Buyer,
  item: Item,
  { id, terms, asGift, given }: { id: string; terms: string; asGift: boolean; given?: Buffer | undefined },
): Promise<Wish> {
  const { app, bot, personId, language } = buyer
  const { roubles } = await costOf(buyer, item)
  return {
    id,
    itemId: item.id,
    personId,
    bot: bot.name,
    name: ({ name }) => name[language],
    terms,
    roubles: {
      // The key whose price is in tokens alone agrees to no roubles.
      agreed: terms === itemTerms(item, bot.name, 0n) ? 0n : roubles,
      rate: await tokenInRoubles(app.settings, bot.name),
    },
    ...(given && { given }),
    ...(asGift && { gift: await app.settings.get(giftDays, bot.name) }),
    shelf: await shelfSecrets(app),
    actor: `person:${personId}`,
  }
}
