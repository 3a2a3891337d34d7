import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { idFrom } from '#shared/ids.ts'
import { readOrder } from '#shared/money/orders.ts'
import { readAnswer, sealAnswers } from '#shop/shelf/asks.ts'
import { buyItem, wasBought } from '#shop/shelf/buy.ts'
import { tellItemBuyer } from '#shop/shelf/endings.ts'
import { canBeGift } from '#shop/shelf/gifts.ts'
import { categoriesOf, findItems, itemsOf, priceIn, readCategory } from '#shop/shelf/items.ts'
import type { Listed } from '#shop/shelf/items.ts'
import { kindOf } from '#shop/shelf/kinds/list.ts'
import { offeredItem, offerOf, wishOfPress } from '#shop/shelf/offer.ts'
import { shelfSecrets } from '#shop/shelf/seal.ts'
import { awaitRestOfItem } from '#shop/shelf/shortage.ts'
import { WebFile, draft, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import { openPhoto, sendPhoto } from './upload.ts'
import { plain } from './views.ts'
import type { Visitor } from './visitor.ts'

const PAGE = 20
const FOUND = 20

/** An item and a category have numbers of the database. */
const number = z.string().regex(/^\d{1,18}$/)

/** What owners sell: categories and items, or what a word finds. */
const shelf = webRoute({
  method: 'GET',
  path: '/shelf',
  input: z.object({
    category: number.optional(),
    page: z.coerce.number().int().min(0).max(500).default(0),
    word: z.string().trim().max(60).default(''),
  }),
  async run(visitor, { category, page, word }) {
    const { app, bot, language } = visitor
    const id = category === undefined ? null : BigInt(category)
    if (word !== '') {
      const found = await findItems(app.db, bot.name, word, { limit: FOUND })
      return { title: null, categories: [], items: found.map((one) => line(visitor, one)), next: null }
    }
    const [here, categories, items] = await Promise.all([
      id === null ? undefined : readCategory(app.db, id),
      page === 0 ? categoriesOf(app.db, bot.name, id) : [],
      itemsOf(app.db, bot.name, id, { limit: PAGE + 1, offset: page * PAGE }),
    ])
    if (id !== null && (!here || here.retired)) throw new UserError('category.gone')
    return {
      title: here?.name[language] ?? null,
      categories: categories.map((one) => ({ id: String(one.id), name: one.name[language] })),
      items: items.slice(0, PAGE).map((one) => line(visitor, one)),
      next: items.length > PAGE ? page + 1 : null,
    }
  },
})

const line = ({ language, money, bot }: Visitor, item: Listed) => ({
  id: String(item.id),
  name: item.name[language],
  price: money(priceIn(item, bot.name), item.asset),
})

/** An item with its price, and the questions that a service asks its buyer. */
const item = webRoute({
  method: 'GET',
  path: '/items/:item',
  input: z.object({ item: number }),
  async run(visitor, input) {
    const { language } = visitor
    const found = await offeredItem(visitor, input.item)
    const { lines, sum, terms } = await offerOf(visitor, found)
    return {
      name: found.name[language],
      hasPicture: found.picture !== null,
      about: found.description[language] ?? '',
      lines: lines.map(plain),
      asks: (kindOf(found).asks?.(found) ?? []).map(({ type, name, options = [] }) => ({
        type,
        name: name[language],
        options,
      })),
      sum: sum ?? null,
      gift: sum !== undefined && canBeGift(found),
      terms,
    }
  },
})

/** The picture of an item, which stands at an address that an admin typed. */
const picture = webRoute({
  method: 'GET',
  path: '/items/:item/picture',
  input: z.object({ item: number }),
  async run(visitor, input) {
    const { picture: address } = await offeredItem(visitor, input.item)
    if (address === null) throw new UserError('web.unknown')
    return new WebFile([await visitor.app.itemPictures.read(address)])
  },
})

/** A photo is an answer before the purchase: it lies in the buyer's chat, and the page has its sealed number. */
const photo = webRoute({
  method: 'POST',
  path: '/items/:item/photo',
  input: z.object({ item: number }),
  upload: true,
  async run(visitor, input, bytes) {
    const found = await offeredItem(visitor, input.item)
    if (
      !kindOf(found)
        .asks?.(found)
        .some(({ type }) => type === 'photo')
    )
      throw new UserError('web.unknown')
    const name = escapeHtml(found.name[visitor.language])
    return await sendPhoto(visitor, bytes!, { text: 'web-answer-caption', params: { name } })
  },
})

/**
 * Pays for an item, or lets the order wait for what the balance lacks. A repeat of the same press is the same order.
 * The chat hears of it, and has the key that opens what was bought.
 */
const buy = webRoute({
  method: 'POST',
  path: '/items/:item/buy',
  input: z.object({
    item: number,
    draft,
    terms: z.string().max(8),
    gift: z.boolean().default(false),
    answers: z.array(z.string().max(2_000)).max(8).default([]),
  }),
  buys: true,
  async run(visitor, input) {
    const { app, bot, personId } = visitor
    const orderId = idFrom(input.gift ? 'item-gift' : 'item', bot.name, personId, input.item, input.draft)
    const known = await readOrder(app.db, orderId)
    if (known?.personId === personId && wasBought(known)) return { id: orderId, waits: false }
    const found = await offeredItem(visitor, input.item)
    const asks = kindOf(found).asks?.(found) ?? []
    const given =
      asks.length === 0
        ? undefined
        : sealAnswers(await shelfSecrets(app), orderId, {
            asks: [...asks],
            values: asks.map((ask, at) => {
              const typed = input.answers[at] ?? ''
              return readAnswer(
                ask,
                ask.type === 'photo' ? { text: '', photo: openPhoto(visitor, typed) } : { text: typed },
              )
            }),
          })
    const press = { id: orderId, terms: input.terms, asGift: input.gift, given }
    const wish = await wishOfPress(visitor, found, press)
    try {
      await app.db.tx(async (tx) => {
        const { order, already } = await buyItem(tx, wish)
        if (already) return
        await tellItemBuyer(tx, order, 'web', {
          text: 'shelf-web-notice',
          buttons: [['shelf-key-see', 'item-order', order.id]],
        })
      })
      return { id: orderId, waits: false }
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'balance.insufficient') throw error
      const { order } = await awaitRestOfItem(app.db, wish)
      return { id: orderId, waits: order.state === 'awaiting_payment' }
    }
  },
})

export const shelfRoutes = [shelf, item, picture, photo, buy]

export type ShelfAnswer = WebAnswer<typeof shelf>
export type ItemAnswer = WebAnswer<typeof item>
export type ItemPhotoAnswer = WebAnswer<typeof photo>
export type ItemBoughtAnswer = WebAnswer<typeof buy>
