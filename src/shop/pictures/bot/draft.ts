import { escapeHtml } from '#shared/i18n/format.ts'
import { newId } from '#shared/ids.ts'
import { quoted } from '../cards.ts'
import {
  changeDraft,
  createDraft,
  type DraftChange,
  type Picture,
  history,
  readPicture,
  usage,
} from '../pictures.ts'
import { pictureProviders, offeredModels, type OfferedModel } from '../catalogue.ts'
import { pictureLimits } from '../settings.ts'
import { mulDiv } from '#shared/money.ts'
import { planDiscount } from '#shop/loyalty/subscriptions/plans.ts'
import { UserError } from '#shared/errors.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { priceOf } from '#shared/money/price.ts'
import { back, button, type Screen, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

export const PROMPT_INPUT = 'image-prompt'
/** Telegram sends no longer text. */
const LONGEST_PROMPT = 4096
const SHOWN_PROMPT = 1500

export const models = (chat: Chat): Promise<OfferedModel[]> =>
  offeredModels(pictureProviders(chat.app.config), chat.app.settings, chat.bot.name)

/** A new draft with the model that the person used last, or the first one. */
export async function newDraft(
  chat: Chat,
  start: {
    orderId?: string
    parentId?: string
    prompt?: string
    photos?: string[]
    model?: string
    aspect?: string
  },
): Promise<Picture | undefined> {
  const offered = await models(chat)
  const photos = start.photos ?? []
  const wanted = start.model ?? (await history(chat.app.db, chat.personId, { limit: 1, offset: 0 }))[0]?.model
  const able = offered.filter(({ photoLimit }) => photoLimit >= photos.length)
  const model = able.find(({ id }) => id === wanted) ?? able[0] ?? offered[0]
  if (!model) return undefined
  const orderId = start.orderId ?? newId()
  await chat.app.db.tx((tx) =>
    createDraft(tx, {
      orderId,
      personId: chat.personId,
      bot: chat.bot.name,
      provider: model.provider,
      model: model.id,
      aspect: start.aspect && model.aspects.includes(start.aspect) ? start.aspect : model.aspects[0]!,
      price: model.tokens,
      prompt: clean(start.prompt ?? ''),
      photos: photos.slice(0, model.photoLimit),
      parentId: start.parentId,
    }),
  )
  return readPicture(chat.app.db, orderId)
}

/** @throws UserError `image.gone` when it is no draft of this person */
export async function change(chat: Chat, orderId: string, what: DraftChange): Promise<Picture> {
  if (what.prompt !== undefined) what = { ...what, prompt: clean(what.prompt) }
  const draft = await chat.app.db.tx((tx) => changeDraft(tx, orderId, chat.personId, what))
  if (!draft) throw new UserError('image.gone')
  return draft
}

/** The draft of this person, at the price of now. @throws UserError `image.gone` */
export async function ownDraft(chat: Chat, orderId: string): Promise<Picture> {
  return change(chat, orderId, {})
}

/** Model, aspect ratio, text and the button with the price: everything before the tokens move. */
export async function showPictureDraft(chat: Chat, draft: Picture, note?: string): Promise<void> {
  const model = (await models(chat)).find(({ id }) => id === draft.model)
  if (!model) return await showModels(chat, draft.orderId)
  const fresh =
    model.tokens === draft.price ? draft : await change(chat, draft.orderId, { price: model.tokens })
  chat.session.awaiting = { input: PROMPT_INPUT, args: [draft.orderId] }
  await show(chat, await draftScreen(chat, fresh, model, note))
}

async function draftScreen(chat: Chat, draft: Picture, model: OfferedModel, note?: string): Promise<Screen> {
  const id = draft.orderId
  const length = draft.prompt.length
  const isReady = draft.prompt.trim() !== '' && length <= model.promptLimit
  const aspects = model.aspects.map((aspect) =>
    button(chat, aspect === draft.aspect ? `• ${aspect}` : aspect, [
      'picture-aspect',
      id,
      aspect.replace(':', 'x'),
    ]),
  )
  const { text: price, roubles } = await pictureCost(chat, draft)
  const lines = [
    chat.t('image-draft'),
    '',
    ...(draft.prompt ? [quoted(draft.prompt, SHOWN_PROMPT)] : [chat.t('image-draft-ask')]),
    ...(!draft.prompt && model.photoLimit > 0 ? [chat.t('image-draft-ask-photo')] : []),
    ...(draft.photos.length > 0 ? [chat.t('image-draft-photos', { count: draft.photos.length })] : []),
    `<b>${escapeHtml(model.title)}</b> · ${draft.aspect}`,
    ...(length > model.promptLimit
      ? ['', chat.t('image-draft-limit', { most: model.promptLimit, length })]
      : []),
    ...(await planLines(chat, draft)),
    ...(note ? ['', note] : []),
  ]
  return {
    text: lines.join('\n'),
    keyboard: [
      ...(isReady
        ? [[button(chat, chat.t('image-go', { price }), ['picture-go', id, String(roubles)], 'primary')]]
        : []),
      ...rows(aspects, 4),
      [
        button(chat, chat.t('image-other-model'), ['picture-models', id]),
        ...(draft.photos.length > 0
          ? [button(chat, chat.t('image-no-photo'), ['picture-no-photo', id])]
          : []),
      ],
      back(chat, 'menu'),
    ],
  }
}

/** What the person's plan gives back of the price at once. */
async function planLines(chat: Chat, { price }: Picture): Promise<string[]> {
  const back = mulDiv(price, BigInt(await planDiscount(chat.app.db, chat.personId)), 100n)
  return back > 0n ? ['', chat.t('image-plan-back', { sum: chat.money(back, 'TOK') })] : []
}

/** What pressing the button costs: nothing while the day's free pictures last, else the model's price. */
async function pictureCost(chat: Chat, { price }: Picture): Promise<{ text: string; roubles: bigint }> {
  const { freePerDay } = await chat.app.settings.get(pictureLimits, chat.bot.name)
  if (price === 0n || (freePerDay > 0 && (await usage(chat.app.db, chat.personId)).freeToday < freePerDay))
    return { text: chat.t('image-free'), roubles: 0n }
  return priceOf(chat, price)
}

export const who = ({ personId, bot }: Chat) => ({ personId, bot: bot.name })

/** Every model with its price on the button. */
export async function showModels(chat: Chat, orderId: string): Promise<void> {
  const offered = await models(chat)
  await show(chat, {
    text: chat.t(offered.length > 0 ? 'image-models' : 'image-models-none'),
    keyboard: [
      ...offered.map(({ id, title, tokens }) => {
        const price = tokens === 0n ? chat.t('image-free') : chat.money(tokens, 'TOK')
        return [button(chat, `${title} · ${price}`, ['picture-model', orderId, id])]
      }),
      back(chat, 'menu'),
    ],
  })
}

/** PostgreSQL keeps no zero bytes in a text. */
const clean = (prompt: string): string => shorten(prompt.replaceAll('\0', ''), LONGEST_PROMPT)

function rows<T>(items: T[], width: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / width) }, (_, row) =>
    items.slice(row * width, (row + 1) * width),
  )
}
