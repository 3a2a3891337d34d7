import { escapeHtml } from '#shared/i18n/format.ts'
import { mulDiv } from '#shared/money.ts'
import { planDiscount } from '#shop/loyalty/subscriptions/plans.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { back, button, type Screen, show } from '#workers/bot/screen.ts'
import { quoted } from '../cards.ts'
import type { OfferedModel } from '../catalogue.ts'
import { change, models, pictureCost } from '../drafts.ts'
import type { Picture } from '../pictures.ts'

export const PROMPT_INPUT = 'image-prompt'
/** What a key that costs nothing carries instead of the kopecks that it agrees to. */
export const FREE = 'free'
const SHOWN_PROMPT = 1500

/** Shows a draft: model, aspect ratio, text and the button with the price. Nothing is paid yet. */
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
  const { text: price, roubles, isFree } = await pictureCost(chat, draft)
  const agreed = isFree ? FREE : String(roubles)
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
        ? [[button(chat, chat.t('image-go', { price }), ['picture-go', id, agreed], 'primary')]]
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

/** Says how much of the price the person's plan gives back at once. */
async function planLines(chat: Chat, { price }: Picture): Promise<string[]> {
  const back = mulDiv(price, BigInt(await planDiscount(chat.app.db, chat.personId)), 100n)
  return back > 0n ? ['', chat.t('image-plan-back', { sum: chat.money(back, 'TOK') })] : []
}

export const who = ({ personId, bot }: Chat) => ({ personId, bot: bot.name })

/** Shows every model with its price on the button. */
export async function showModels(chat: Chat, orderId: string): Promise<void> {
  const offered = await models(chat)
  // A text typed beside the models answers the next question: what to draw.
  if (offered.length > 0) chat.session.awaiting = { input: PROMPT_INPUT, args: [orderId] }
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

function rows<T>(items: T[], width: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / width) }, (_, row) =>
    items.slice(row * width, (row + 1) * width),
  )
}
