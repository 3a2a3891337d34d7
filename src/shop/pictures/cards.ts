import type { InlineKeyboardButton } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readerOf } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import type { Picture } from './pictures.ts'
import { findModel, type PictureProviders, offeredModels } from './catalogue.ts'
import { bar, type Shown } from './stage.ts'
import { shorten } from '#shared/storable.ts'

/** The parts of the shop that a card is written from. */
export interface CardParts {
  app: Context
  providers: PictureProviders
}

export interface Message {
  text: string
  keyboard: InlineKeyboardButton[][]
}

/** Telegram counts a caption after its tags are taken out: 1,024 characters. */
const CAPTION_PROMPT = 700
const CARD_PROMPT = 400

/** The person a card is written for, and what the same picture would cost this person now. */
export interface CardReader extends Reader {
  priceNow: bigint | undefined
}

export async function cardReader({ app, providers }: CardParts, picture: Picture): Promise<CardReader> {
  const { bot, personId, model } = picture
  const offered = await offeredModels(providers, app.settings, bot)
  return {
    ...(await readerOf(app, bot, personId)),
    priceNow: offered.find(({ id }) => id === model)?.tokens,
  }
}

/** The one message of a picture while it is drawn, and after it failed. */
export function progressCard(parts: CardParts, reader: CardReader, picture: Picture, stage: Shown): Message {
  const { t } = reader
  const about = aboutLine(parts, reader, picture)
  const prompt = quoted(picture.prompt, CARD_PROMPT)
  const lines = (head: string, ...rest: string[]) => [head, '', prompt, about, ...rest].join('\n')
  switch (stage.stage) {
    case 'queued': {
      const { place, expectedSeconds } = stage
      const text = lines(t('image-queued'), '', t('image-queue-place', { place, seconds: expectedSeconds }))
      return { text, keyboard: [[press(parts, reader, picture, 'image-cancel', 'picture-cancel')]] }
    }
    case 'handed':
    case 'drawing': {
      const { elapsedSeconds, usualSeconds } = stage
      const head = t(stage.stage === 'handed' ? 'image-handed' : 'image-drawing')
      const times = t('image-elapsed', { elapsed: elapsedSeconds, usual: usualSeconds })
      return {
        text: lines(head, '', `${bar(elapsedSeconds, usualSeconds)}  ${times}`),
        keyboard: [],
      }
    }
    case 'uploading':
      return { text: lines(t('image-uploading')), keyboard: [] }
    case 'failed': {
      if (picture.stage === 'cancelled') {
        return {
          text: lines(t('image-cancelled'), '', t('image-tokens-back')),
          keyboard: again(parts, reader, picture),
        }
      }
      const reason = t(`image-reason-${picture.reason ?? 'failed'}`)
      const back = picture.price > 0n ? [t('image-tokens-back')] : []
      // A prompt that was refused has to be worded otherwise. After other failures another try is worth it.
      const change = [press(parts, reader, picture, 'image-change', 'igv')]
      const menu = [callbackButton(t('menu-open'), pack(parts.app.secrets, picture.personId, 'menu-below'))]
      const once = again(parts, reader, picture)
      const first = isAboutWords(picture.reason) ? [change, ...once] : [...once, change]
      const keyboard = [...first, ask(parts, reader, picture), menu]
      return { text: lines(`⚠️ ${reason}`, '', ...back), keyboard }
    }
  }
}

const isAboutWords = (reason: string | null) => reason === 'refused' || reason === 'invalid'

export function caption(parts: CardParts, reader: CardReader, picture: Picture): string {
  return `${quoted(picture.prompt, CAPTION_PROMPT)}\n${aboutLine(parts, reader, picture)}`
}

/** The keys below a finished picture. */
export function finalButtons(
  parts: CardParts,
  reader: CardReader,
  picture: Picture,
): InlineKeyboardButton[][] {
  return [
    ...again(parts, reader, picture),
    [
      press(parts, reader, picture, 'image-vary', 'picture-vary'),
      press(parts, reader, picture, 'image-as-file', 'picture-file'),
    ],
    ask(parts, reader, picture),
  ]
}

/** Support sees which picture the question is about. */
function ask({ app }: CardParts, { t }: CardReader, { personId, orderId }: Picture): InlineKeyboardButton[] {
  const data = pack(app.secrets, personId, 'support-this', 'order', orderId, 'below')
  return [callbackButton(t('order-ask'), data)]
}

/** The button holds the price only so that the bot notices when the price has changed since. */
function again(
  { app }: CardParts,
  reader: CardReader,
  { personId, orderId }: Picture,
): InlineKeyboardButton[][] {
  const { money, priceNow, t } = reader
  if (priceNow === undefined) return []
  const text = priceNow === 0n ? t('image-again-free') : t('image-again', { price: money(priceNow, 'TOK') })
  return [[callbackButton(text, pack(app.secrets, personId, 'picture-again', orderId, String(priceNow)))]]
}

function press(
  { app }: CardParts,
  { t }: CardReader,
  { personId, orderId }: Picture,
  text: string,
  route: string,
): InlineKeyboardButton {
  return callbackButton(t(text), pack(app.secrets, personId, route, orderId))
}

function aboutLine(
  { providers }: CardParts,
  { money, t }: CardReader,
  { model, aspect, price }: Picture,
): string {
  const title = findModel(providers, model)?.title ?? model
  const cost = price === 0n ? t('image-free') : money(price, 'TOK')
  return `<b>${escapeHtml(title)}</b> · ${aspect} · ${cost}`
}

/** The prompt as a quote; HTML is escaped after the cut. */
export function quoted(prompt: string, most: number): string {
  return `<blockquote>${escapeHtml(shortened(prompt, most))}</blockquote>`
}

/** Cuts a text and puts an ellipsis at its end. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${shorten(text, most)}…` : text
}
