import type { InlineKeyboardButton } from 'grammy/types'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { shorten } from '#shared/storable.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { NOTHING } from '#workers/bot/inline-offers.ts'
import type { InlineAsker, InlineOffers, InlineWish } from '#workers/bot/inline-offers.ts'
import { linkFrom } from '#shop/loyalty/referrals/terms.ts'
import { back, button, pairs, show } from '#workers/bot/screen.ts'
import { categoriesOf, findItems, itemsOf, priceIn, readCategory, shelfId } from '../items.ts'
import type { Listed } from '../items.ts'
import { isAvailable } from '../kinds/list.ts'
import { shelfInMenu } from '../settings.ts'

const PAGE = 8
const FOUND = 20

/** Categories and items of this bot, page by page, and a search by name. */
export const shelf: Feature = {
  commands: { goods: (chat) => showShelf(chat, ['', '0']) },
  buttons: { shelf: showShelf, 'shelf-find': ask },
  inputs: { 'shelf-find': find },
  inline: offerItems,
}

async function showShelf(chat: Chat, [category = '', at = '0']: string[]): Promise<void> {
  chat.session.awaiting = undefined
  const id = shelfId(category) ?? null
  const page = Number(at) || 0
  const { db } = chat.app
  const [here, categories, items] = await Promise.all([
    id === null ? undefined : readCategory(db, id),
    page === 0 ? categoriesOf(db, chat.bot.name, id) : [],
    itemsOf(db, chat.bot.name, id, { limit: PAGE + 1, offset: page * PAGE }),
  ])
  if (id !== null && (!here || here.retired)) throw new UserError('category.gone')
  const pager = [
    ...(page > 0 ? [button(chat, chat.t('shelf-key-back'), ['shelf', category, page - 1])] : []),
    ...(items.length > PAGE ? [button(chat, chat.t('shelf-key-on'), ['shelf', category, page + 1])] : []),
  ]
  const empty = categories.length + items.length === 0
  await show(chat, {
    text: here
      ? chat.t('shelf-category', { name: escapeHtml(here.name[chat.language]) })
      : chat.t(empty ? 'shelf-empty' : 'shelf-title'),
    keyboard: [
      ...pairs(
        categories.map((one) => button(chat, `📁 ${one.name[chat.language]}`, ['shelf', String(one.id), 0])),
      ),
      ...items.slice(0, PAGE).map((item) => [keyOf(chat, item)]),
      ...(pager.length > 0 ? [pager] : []),
      ...(empty ? [] : [[button(chat, chat.t('shelf-key-find'), 'shelf-find')]]),
      ...(here ? [] : [[button(chat, chat.t('shelf-key-mine'), 'bought')]]),
      here
        ? back(chat, ['shelf', here.parentId === null ? '' : String(here.parentId), 0])
        : back(chat, 'menu'),
    ],
  })
}

function keyOf(chat: Chat, item: Listed): InlineKeyboardButton {
  const price = chat.money(priceIn(item, chat.bot.name), item.asset)
  return button(chat, `${item.name[chat.language]} · ${price}`, ['item', String(item.id)])
}

async function ask(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'shelf-find', args: [] }
  await show(chat, { text: chat.t('shelf-find-ask'), keyboard: [back(chat, 'shelf')] })
}

/** The bot goes on waiting for a search word, so that a person who found nothing can type another. */
async function find(chat: Chat): Promise<void> {
  const word = shorten(typedText(chat).trim(), 60)
  if (word === '') return await ask(chat)
  const found = await findItems(chat.app.db, chat.bot.name, word, { limit: FOUND + 1 })
  const what =
    found.length === 0 ? 'shelf-found-nothing' : found.length > FOUND ? 'shelf-found-many' : 'shelf-found'
  await show(chat, {
    text: chat.t(what, { word: escapeHtml(word), count: FOUND }),
    keyboard: [
      ...found.filter((_, at) => at < FOUND).map((item) => [keyOf(chat, item)]),
      back(chat, 'shelf'),
    ],
  })
}

/** Items by a part of their name that can be bought now. The shelf is offered where the menu has its key. */
async function offerItems(asker: InlineAsker, { word, offset, size }: InlineWish): Promise<InlineOffers> {
  const { app, bot, language } = asker
  if (!(await app.settings.get(shelfInMenu, bot.name))) return NOTHING
  const only = isAvailable(bot.name)
  const found = await findItems(app.db, bot.name, word, { limit: size + 1, offset, only })
  const offers = found
    .filter((_, at) => at < size)
    .map(async (item) => ({
      id: `item-${item.id}`,
      title: item.name[language],
      price: asker.money(priceIn(item, bot.name), item.asset),
      about: item.description[language] ?? '',
      key: asker.t('shelf-key-see-item'),
      link: await linkFrom(asker, `item_${item.id}`),
      ...(item.picture && { picture: item.picture }),
    }))
  return { offers: await Promise.all(offers), hasMore: found.length > size }
}
