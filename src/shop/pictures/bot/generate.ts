import { UserError } from '#shared/errors.ts'
import { idFrom } from '#shared/ids.ts'
import { meansFor } from '#shared/money/exchange.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { placeIn } from '#workers/bot/order-card.ts'
import { back, button, chatId, type Screen, send, show } from '#workers/bot/screen.ts'
import { cancelPicture } from '../confirm.ts'
import { change, models, newDraft, ownDraft, payPicture } from '../drafts.ts'
import { showPicture } from '../jobs.ts'
import { fileIds, type Picture, readPicture, repeats } from '../pictures.ts'
import { sourceOf } from '../sources.ts'
import { oweAgain, ownPicture } from './again.ts'
import { FREE, PROMPT_INPUT, showModels, showPictureDraft, who } from './draft.ts'
import { changeWaiting, dropWaiting, payRest, showShortage } from './shortage.ts'

/** Leads from /generate to the message that becomes the picture, and answers the buttons below a finished picture. */
export const generate: Feature = {
  commands: { generate: startDraft, image: startDraft },
  buttons: {
    generate: (chat) => startDraft(chat, ''),
    'picture-models': async (chat, [orderId = '']) =>
      showModels(chat, (await ownDraft(chat, orderId)).orderId),
    'picture-draft': openDraft,
    'picture-model': pickModel,
    'picture-aspect': async (chat, [orderId = '', aspect = '']) =>
      showPictureDraft(chat, await change(chat, orderId, { aspect: aspect.replace('x', ':') })),
    'picture-no-photo': async (chat, [orderId = '']) =>
      showPictureDraft(chat, await change(chat, orderId, { photos: [] })),
    'picture-go': confirm,
    'picture-cancel': cancel,
    'picture-pay': payRest,
    'picture-change': changeWaiting,
    'picture-drop': dropWaiting,
    'picture-again': again,
    'picture-vary': vary,
    'picture-file': asFile,
  },
  formerly: {
    igl: 'picture-models',
    igd: 'picture-draft',
    igm: 'picture-model',
    igr: 'picture-aspect',
    ign: 'picture-no-photo',
    igo: 'picture-go',
    igc: 'picture-cancel',
    igp: 'picture-pay',
    ige: 'picture-change',
    igx: 'picture-drop',
    iga: 'picture-again',
    igv: 'picture-vary',
    igf: 'picture-file',
  },
  mayWait: ['picture-go'],
  inputs: {
    async [PROMPT_INPUT](chat, [orderId = '']) {
      const prompt = chat.ctx.message?.text
      await showPictureDraft(chat, await change(chat, orderId, prompt ? { prompt } : {}))
    },
  },
  other: takePhoto,
}

/** `/generate a cat in space` goes straight to the confirmation; without a text the models come first. */
async function startDraft(chat: Chat, prompt: string): Promise<void> {
  const draft = await newDraft(chat, { prompt })
  if (!draft)
    return void (await show(chat, { text: chat.t('image-models-none'), keyboard: [back(chat, 'menu')] }))
  return prompt === '' ? await showModels(chat, draft.orderId) : await showPictureDraft(chat, draft)
}

async function pickModel(chat: Chat, [orderId = '', modelId = '']: string[]): Promise<Answer> {
  const draft = await ownDraft(chat, orderId)
  const model = (await models(chat)).find(({ id }) => id === modelId)
  if (!model) {
    await showModels(chat, orderId)
    return 'stale'
  }
  const aspect = model.aspects.includes(draft.aspect) ? draft.aspect : model.aspects[0]!
  const photos = draft.photos.slice(0, model.photoLimit)
  const { provider, tokens: price } = model
  await showPictureDraft(
    chat,
    await change(chat, orderId, { model: modelId, provider, price, aspect, photos }),
  )
}

/**
 * A photo, or a picture sent as a file, begins a draft with this photo as input. Its caption is the text; without a
 * caption the bot asks for the text.
 */
async function takePhoto(chat: Chat): Promise<boolean> {
  const { message } = chat.ctx
  const source = message && sourceOf(message)
  const { awaiting } = chat.session
  if (!source || message.chat.type !== 'private' || (awaiting && awaiting.input !== PROMPT_INPUT))
    return false
  const able = (await models(chat)).filter(({ photoLimit }) => photoLimit > 0)
  if (able.length === 0) return false
  if ('why' in source) throw new UserError(source.why)
  const open = awaiting ? await ownDraft(chat, awaiting.args[0] ?? '').catch(() => undefined) : undefined
  const prompt = message.caption ?? open?.prompt ?? ''
  const most = able.find(({ id }) => id === open?.model)?.photoLimit ?? 0
  // The photos of one album arrive one by one and end in the same draft.
  const draft =
    open && open.photos.length < most
      ? await change(chat, open.orderId, { photos: [...open.photos, source.fileId], prompt })
      : await newDraft(chat, { prompt, photos: [source.fileId], model: open?.model })
  if (draft) await showPictureDraft(chat, draft)
  return true
}

/** A person may tap an older screen while the picture is under way. Then the picture's own message shows it. */
async function openDraft(chat: Chat, [orderId = '']: string[]): Promise<Answer> {
  const picture = await readPicture(chat.app.db, orderId)
  const mine = picture?.personId === chat.personId
  if (mine && picture.state !== 'draft' && picture.state !== 'expired') return alreadyOrdered(chat, picture)
  await showPictureDraft(chat, await ownDraft(chat, orderId))
}

/** An update that is handled a second time may remember the message from before it became the picture's. */
function alreadyOrdered(chat: Chat, { card }: Picture): Answer {
  if (card?.messageId === chat.session.anchor) chat.session.anchor = undefined
  return { toast: chat.t('image-already') }
}

/**
 * The screen has a way back: if the database goes away right here, the tap is answered with "not now" and nothing
 * follows.
 */
const accepting = (chat: Chat, orderId: string): Screen => ({
  text: chat.t('image-accepting'),
  keyboard: [[button(chat, chat.t('image-to-draft'), ['picture-draft', orderId])]],
})

/** This tap costs tokens. From here on the message belongs to the picture. */
async function confirm(chat: Chat, [orderId = '', agreed = '0']: string[]): Promise<Answer> {
  const picture = await readPicture(chat.app.db, orderId)
  if (picture?.personId !== chat.personId || picture.state === 'expired') throw new UserError('image.gone')
  if (picture.state === 'awaiting_payment') return await showShortage(chat, picture)
  if (picture.state !== 'draft') return alreadyOrdered(chat, picture)
  const model = (await models(chat)).find(({ id }) => id === picture.model)
  if (model?.tokens !== picture.price) {
    await showPictureDraft(chat, picture)
    return { alert: chat.t('image-price-changed') }
  }
  const length = picture.prompt.length
  if (length > model.promptLimit) throw new UserError('image.too-long', { length, most: model.promptLimit })
  const messageId = await show(chat, accepting(chat, orderId))
  chat.session.awaiting = undefined
  chat.session.anchor = undefined
  try {
    const { is } = await payPicture(chat, picture, {
      agreed: /^\d{1,15}$/.test(agreed) ? BigInt(agreed) : 0n,
      isFree: agreed === FREE,
      card: placeIn(chat, messageId),
    })
    // Another run of this press was faster, and its message shows the picture.
    if (is === 'already' && messageId !== chat.ctx.callbackQuery?.message?.message_id)
      await chat.ctx.api.deleteMessage(chatId(chat), messageId).catch(() => {})
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error.code === 'balance.insufficient') return await tooLittle(chat, picture)
    await showPictureDraft(chat, picture)
    throw error
  }
}

/** The balance has changed since the key was made, so the key is made anew. */
async function tooLittle(chat: Chat, draft: Picture): Promise<Answer> {
  const means = await meansFor(chat.app.db, chat.app.settings, { ...who(chat), price: draft.price })
  if (means.missing > 0n) return await showShortage(chat, draft)
  await showPictureDraft(chat, draft)
  return { alert: chat.t('image-price-changed') }
}

async function cancel(chat: Chat, [orderId = '']: string[]): Promise<Answer> {
  if (!(await cancelPicture(chat.app.db, orderId, chat.personId))) return { alert: chat.t('image-too-late') }
  await owe(chat.app.db, showPicture, { orderId, why: 'cancelled' })
}

/**
 * Draws the same picture once more and pays for it at once: the price is on the button. While one repeat is under
 * way, another press means that repeat.
 */
async function again(chat: Chat, [parentId = '', shownPrice = '']: string[]): Promise<Answer> {
  const parent = await ownPicture(chat, parentId)
  const model = (await models(chat)).find(({ id }) => id === parent.model)
  if (!model) return { alert: chat.t('image-models-none') }
  const { open, over } = await repeats(chat.app.db, parentId)
  if (open > 0) return { toast: chat.t('image-already') }
  const orderId = idFrom('image-again', parentId, over)
  const draft = await newDraft(chat, {
    orderId,
    parentId,
    prompt: parent.prompt,
    model: parent.model,
    aspect: parent.aspect,
    photos: parent.bot === chat.bot.name ? parent.photos : [],
  })
  if (!draft || draft.model !== parent.model) return { alert: chat.t('image-models-none') }
  if (String(model.tokens) !== shownPrice) {
    await showPictureDraft(chat, draft)
    return { alert: chat.t('image-price-changed') }
  }
  const messageId = await send(chat, accepting(chat, orderId))
  try {
    await payPicture(chat, draft, { agreed: 0n, card: placeIn(chat, messageId) })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    await chat.ctx.api.deleteMessage(chatId(chat), messageId).catch(() => {})
    if (error.code !== 'balance.insufficient') throw error
    // The pressed message is a picture and has no text, so what is missing, or the key that pays with roubles, comes
    // below it.
    await tooLittle(chat, draft)
  }
}

/** Makes a new draft from a finished picture, which is its input where the model takes one. */
async function vary(chat: Chat, [parentId = '']: string[]): Promise<Answer> {
  const parent = await ownPicture(chat, parentId)
  const model = (await models(chat)).find(({ id }) => id === parent.model)
  const own = (await fileIds(chat.app.db, parentId)).find(
    ({ bot, kind }) => bot === chat.bot.name && kind === 'photo',
  )
  // A failed picture has no file that could be an input, so the photos that came with its request are used.
  const asked = parent.stage === 'failed' && parent.bot === chat.bot.name ? parent.photos : []
  const photos = model && model.photoLimit > 0 ? (own ? [own.fileId] : asked) : []
  const draft = await newDraft(chat, {
    prompt: parent.prompt,
    model: parent.model,
    aspect: parent.aspect,
    photos,
  })
  if (!draft) return { alert: chat.t('image-models-none') }
  // The pressed message is a picture and has no text, so the draft becomes a message of its own.
  await showPictureDraft(chat, draft, chat.t('image-vary-ask'))
}

async function asFile(chat: Chat, [orderId = '']: string[]): Promise<Answer> {
  await oweAgain(chat, orderId, 'document')
  return { toast: chat.t('image-sending-file') }
}
