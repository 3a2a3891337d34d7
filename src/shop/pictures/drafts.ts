import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { tokenInRoubles } from '#shared/money/exchange.ts'
import { priceOf } from '#shared/money/price.ts'
import type { Asked } from '#shared/money/price.ts'
import type { CardPlace } from '#shared/money/cards.ts'
import { shorten } from '#shared/storable.ts'
import { offeredModels, pictureProviders } from './catalogue.ts'
import type { OfferedModel } from './catalogue.ts'
import { confirmPicture, keepRefusedPrompt, refusedWord } from './confirm.ts'
import type { Confirmed } from './confirm.ts'
import { changeDraft, createDraft, history, readPicture, usage } from './pictures.ts'
import type { DraftChange, Picture } from './pictures.ts'
import { pictureLimits, refusedWords } from './settings.ts'

/** The person who wants a picture, and the bot: in a conversation or on the pages. */
export interface Asker extends Asked {
  app: Pick<Context, 'db' | 'settings' | 'config'>
}

/** Telegram sends no text that is longer. */
export const LONGEST_PROMPT = 4096

export const models = (asker: Asker): Promise<OfferedModel[]> =>
  offeredModels(pictureProviders(asker.app.config), asker.app.settings, asker.bot.name)

/** A new draft with the model that the person used last, or the first one. */
export async function newDraft(
  asker: Asker,
  start: {
    orderId?: string
    parentId?: string
    prompt?: string
    photos?: string[]
    model?: string
    aspect?: string
  },
): Promise<Picture | undefined> {
  const offered = await models(asker)
  const photos = start.photos ?? []
  const wanted =
    start.model ?? (await history(asker.app.db, asker.personId, { limit: 1, offset: 0 }))[0]?.model
  const able = offered.filter(({ photoLimit }) => photoLimit >= photos.length)
  const model = able.find(({ id }) => id === wanted) ?? able[0] ?? offered[0]
  if (!model) return undefined
  const orderId = start.orderId ?? newId()
  await asker.app.db.tx((tx) =>
    createDraft(tx, {
      orderId,
      personId: asker.personId,
      bot: asker.bot.name,
      provider: model.provider,
      model: model.id,
      aspect: start.aspect && model.aspects.includes(start.aspect) ? start.aspect : model.aspects[0]!,
      price: model.tokens,
      prompt: clean(start.prompt ?? ''),
      photos: photos.slice(0, model.photoLimit),
      parentId: start.parentId,
    }),
  )
  return readPicture(asker.app.db, orderId)
}

/** @throws UserError `image.gone` when this is no draft of this person */
export async function change(asker: Asker, orderId: string, what: DraftChange): Promise<Picture> {
  if (what.prompt !== undefined) what = { ...what, prompt: clean(what.prompt) }
  const draft = await asker.app.db.tx((tx) => changeDraft(tx, orderId, asker.personId, what))
  if (!draft) throw new UserError('image.gone')
  return draft
}

/**
 * Reads a draft of this person, at today's price.
 * @throws UserError `image.gone`
 */
export async function ownDraft(asker: Asker, orderId: string): Promise<Picture> {
  return change(asker, orderId, {})
}

/** What pressing the button costs: nothing while the day's free pictures last, else the model's price. */
export async function pictureCost(
  asker: Asker,
  { price }: Pick<Picture, 'price'>,
): Promise<{ text: string; roubles: bigint; isFree: boolean }> {
  const { freePerDay } = await asker.app.settings.get(pictureLimits, asker.bot.name)
  if (price === 0n || (freePerDay > 0 && (await usage(asker.app.db, asker.personId)).freeToday < freePerDay))
    return { text: asker.t('image-free'), roubles: 0n, isFree: true }
  return { ...(await priceOf(asker, price)), isFree: false }
}

/**
 * Pays for a draft at the price that stands in it.
 * @param agreed kopecks that the person has agreed to
 * @param isFree the key said that it costs nothing
 * @throws UserError as confirmPicture does
 */
export async function payPicture(
  asker: Asker,
  picture: Picture,
  { agreed, isFree = false, card }: { agreed: bigint; isFree?: boolean; card: CardPlace },
): Promise<Confirmed> {
  const { app, bot, personId } = asker
  const words = await app.settings.get(refusedWords, bot.name)
  const word = refusedWord(picture.prompt, words)
  if (word !== undefined) await keepRefusedPrompt(app.db, { ...picture, by: 'words', why: word })
  return await confirmPicture(app.db, picture.orderId, personId, {
    price: picture.price,
    isFree,
    limits: await app.settings.get(pictureLimits, bot.name),
    refusedWords: words,
    card,
    roubles: { agreed, rate: await tokenInRoubles(app.settings, bot.name) },
  })
}

/** PostgreSQL keeps no zero bytes in a text. */
const clean = (prompt: string): string => shorten(prompt.replaceAll('\0', ''), LONGEST_PROMPT)
