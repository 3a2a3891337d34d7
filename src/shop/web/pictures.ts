import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { idFrom } from '#shared/ids.ts'
import { mulDiv } from '#shared/money.ts'
import { endWaiting } from '#shared/money/waiting.ts'
import { owe } from '#shared/queue/outbox.ts'
import { openFile } from '#shared/telegram/files.ts'
import { planDiscount } from '#shop/loyalty/subscriptions/plans.ts'
import { cancelPicture } from '#shop/pictures/confirm.ts'
import { LONGEST_PROMPT, models, newDraft, pictureCost } from '#shop/pictures/drafts.ts'
import { resumePicture, showPicture } from '#shop/pictures/jobs.ts'
import { fileIds, history, openPictures, readPicture } from '#shop/pictures/pictures.ts'
import type { Picture } from '#shop/pictures/pictures.ts'
import { awaitPictureMoney } from '#shop/pictures/waiting.ts'
import { drawFromPage } from './picture-draw.ts'
import { pictureLine, pictureView } from './picture-view.ts'
import { WebFile, draft, rowId as id, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import { openPhoto, sendPhoto } from './upload.ts'
import type { Visitor } from './visitor.ts'

const PAGE = 12
/** No model takes more. */
const MOST_PHOTOS = 10

/** Pictures that are finished, newest first, and above them those that are on their way. */
const gallery = webRoute({
  method: 'GET',
  path: '/pictures',
  input: z.object({ page: z.coerce.number().int().min(0).max(500).default(0) }),
  async run(visitor, { page }) {
    const { app, personId } = visitor
    const [open, finished] = await Promise.all([
      page === 0 ? openPictures(app.db, personId) : [],
      history(app.db, personId, { limit: PAGE + 1, offset: page * PAGE }),
    ])
    const line = (picture: Picture) => pictureLine(visitor, picture)
    return {
      open: open.map(line),
      pictures: finished.slice(0, PAGE).map(line),
      next: finished.length > PAGE ? page + 1 : null,
    }
  },
})

/** Every model with the price that its key would charge this person now. */
const offered = webRoute({
  method: 'GET',
  path: '/picture-models',
  async run(visitor) {
    const found = await models(visitor)
    const discount = BigInt(await planDiscount(visitor.app.db, visitor.personId))
    return {
      models: await Promise.all(
        found.map(async ({ id: name, title, tokens, aspects, promptLimit, photoLimit }) => {
          const cost = await pictureCost(visitor, { price: tokens })
          const back = mulDiv(tokens, discount, 100n)
          return {
            id: name,
            title,
            price: cost.text,
            tokens: String(tokens),
            agreed: cost.isFree ? FREE : String(cost.roubles),
            aspects,
            promptLimit,
            photoLimit,
            back: back > 0n ? visitor.t('image-plan-back', { sum: visitor.money(back, 'TOK') }) : null,
          }
        }),
      ),
    }
  },
})

const whole = z.string().regex(/^\d{1,15}$/)
/** What a page says instead of the kopecks that its key agrees to, where the key costs nothing. */
const FREE = 'free'

/** Draws a picture, which costs tokens. A repeat for the same draft is the same picture. */
const draw = webRoute({
  method: 'POST',
  path: '/pictures',
  input: z.object({
    model: z.string().max(64),
    aspect: z.string().max(10),
    prompt: z.string().min(1).max(LONGEST_PROMPT),
    tokens: whole,
    agreed: z.union([whole, z.literal(FREE)]),
    draft,
    /** The names that the route `photo` returned for uploaded photos. */
    photos: z.array(z.string().max(1_000)).max(MOST_PHOTOS).default([]),
  }),
  buys: true,
  async run(visitor, input) {
    const { bot, personId } = visitor
    const model = (await models(visitor)).find((one) => one.id === input.model)
    if (!model?.aspects.includes(input.aspect)) throw new UserError('web.model')
    const { prompt, aspect, tokens, agreed } = input
    const photos = input.photos.map((sealed) => openPhoto(visitor, sealed))
    if (!photos.every((one) => one !== undefined) || photos.length > model.photoLimit)
      throw new UserError('web.photo-file')
    const wish = [input.model, aspect, tokens, agreed, prompt, ...photos]
    const orderId = idFrom('web-picture', bot.name, personId, input.draft, ...wish)
    const known = await readPicture(visitor.app.db, orderId)
    if (known && known.state !== 'draft') return await pictureView(visitor, known)
    if (String(model.tokens) !== tokens) throw new UserError('web.price')
    const { length } = prompt
    if (length > model.promptLimit) throw new UserError('image.too-long', { length, most: model.promptLimit })
    const made = await newDraft(visitor, { orderId, prompt, aspect, photos, model: model.id })
    if (!made) throw new UserError('web.model')
    const isFree = agreed === FREE
    await drawFromPage(visitor, made, { agreed: isFree ? 0n : BigInt(agreed), isFree })
    return await pictureView(visitor, await theirs(visitor, orderId))
  },
})

/** A photo to draw from. */
const photo = webRoute({
  method: 'POST',
  path: '/picture-photo',
  upload: true,
  run: (visitor, _input, bytes) => sendPhoto(visitor, bytes!, { text: 'web-source-caption', params: {} }),
})

const picture = webRoute({
  method: 'GET',
  path: '/pictures/:id',
  input: z.object({ id }),
  run: async (visitor, input) => pictureView(visitor, await theirs(visitor, input.id)),
})

/** Cancels a picture. If it waits for its turn, the tokens are returned; if it waits for money, nothing was taken. */
const cancel = webRoute({
  method: 'POST',
  path: '/pictures/:id/cancel',
  input: z.object({ id }),
  async run(visitor, input) {
    const { app, personId } = visitor
    const found = await theirs(visitor, input.id)
    const isOver =
      found.state === 'awaiting_payment'
        ? await app.db.tx((tx) => endWaiting(tx, input.id, `person:${personId}`))
        : await cancelPicture(app.db, input.id, personId)
    if (!isOver) throw new UserError('order.moved')
    if (found.card) await owe(app.db, showPicture, { orderId: input.id, why: 'cancelled' })
    return await pictureView(visitor, await theirs(visitor, input.id))
  },
})

/** The money has come, and this press lets the picture go on. */
const goOn = webRoute({
  method: 'POST',
  path: '/pictures/:id/go',
  input: z.object({ id, draft }),
  buys: true,
  async run(visitor, input) {
    const { app, personId } = visitor
    const found = await theirs(visitor, input.id)
    if (found.state === 'awaiting_payment') {
      const { roubles } = await pictureCost(visitor, found)
      await app.db.tx(async (tx) => {
        await awaitPictureMoney(tx, found.orderId, roubles, `person:${personId}`)
        await owe(tx, resumePicture, {
          orderId: found.orderId,
          paymentId: `balance-press-${input.draft}`,
        })
      })
    }
    return await pictureView(visitor, await theirs(visitor, input.id))
  },
})

/** The picture itself, fetched from Telegram. */
const file = webRoute({
  method: 'GET',
  path: '/pictures/:id/file',
  input: z.object({ id }),
  async run(visitor, input) {
    const { app } = visitor
    await theirs(visitor, input.id)
    const files = await fileIds(app.db, input.id)
    const kept =
      files.find(({ kind, bot }) => kind === 'photo' && app.bots.has(bot)) ??
      files.find(({ bot }) => app.bots.has(bot))
    if (!kept) throw new UserError('web.unknown')
    return new WebFile(await openFile(app, app.bots.get(kept.bot)!, kept))
  },
})

/** @throws UserError `web.unknown` for another person's picture, as for one that does not exist */
async function theirs({ app, personId }: Visitor, orderId: string): Promise<Picture> {
  const found = await readPicture(app.db, orderId)
  if (found?.personId !== personId || found.state === 'draft') throw new UserError('web.unknown')
  return found
}

export const pictureRoutes = [gallery, offered, photo, draw, picture, cancel, goOn, file]

export type GalleryAnswer = WebAnswer<typeof gallery>
export type ModelsAnswer = WebAnswer<typeof offered>
export type PhotoAnswer = WebAnswer<typeof photo>
export type PictureAnswer = WebAnswer<typeof picture>
