import { escapeHtml } from '#shared/i18n/format.ts'
import { shortened } from '../cards.ts'
import { type Picture, history, historySize } from '../pictures.ts'
import { findModel, pictureProviders } from '../catalogue.ts'
import { oweAgain } from './again.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'

const PAGE = 5
const SHOWN_PROMPT = 80

/** Lists the person's own pictures from every bot. Each comes back as a photo with its buttons. */
export const pictures: Feature = {
  commands: { images: (chat) => showPictures(chat, 0) },
  formerly: { igh: 'pictures-page', igs: 'picture-send' },
  open: ['images', 'pictures-page'],
  buttons: {
    images: (chat) => showPictures(chat, 0),
    'pictures-page': (chat, [page = '0']) => showPictures(chat, Number(page)),
    async 'picture-send'(chat, [orderId = '']) {
      await oweAgain(chat, orderId, 'photo')
      return { toast: chat.t('image-sending') }
    },
  },
}

async function showPictures(chat: Chat, page: number): Promise<void> {
  const [size, shown] = await Promise.all([
    historySize(chat.app.db, chat.personId),
    history(chat.app.db, chat.personId, { limit: PAGE, offset: page * PAGE }),
  ])
  const numbers = shown.map((one, index) =>
    button(chat, String(page * PAGE + index + 1), ['picture-send', one.orderId]),
  )
  const pager = [
    ...(page > 0 ? [button(chat, chat.t('history-newer'), ['pictures-page', page - 1])] : []),
    ...((page + 1) * PAGE < size ? [button(chat, chat.t('images-older'), ['pictures-page', page + 1])] : []),
  ]
  await show(chat, {
    text: [
      chat.t('images-title'),
      '',
      ...(shown.length > 0
        ? shown.map((one, index) => line(chat, one, page * PAGE + index + 1))
        : [chat.t('images-empty')]),
    ].join('\n'),
    keyboard: [
      ...(numbers.length > 0 ? [numbers] : []),
      ...(pager.length > 0 ? [pager] : []),
      [button(chat, chat.t('images-new'), 'generate', 'primary')],
      back(chat, 'menu'),
    ],
  })
}

function line(chat: Chat, picture: Picture, number: number): string {
  const title = findModel(pictureProviders(chat.app.config), picture.model)?.title ?? picture.model
  const isFree = picture.price === 0n || picture.stage === 'late'
  return chat.t('images-line', {
    number,
    prompt: escapeHtml(shortened(picture.prompt.replace(/\s+/g, ' '), SHOWN_PROMPT)),
    model: escapeHtml(title),
    price: isFree ? chat.t('image-free') : chat.money(picture.price, 'TOK'),
  })
}
