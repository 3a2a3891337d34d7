import { changeOfSession } from '#shared/people.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Chat } from '../chat.ts'
import type { Feature } from '../feature.ts'
import { button, pairs, send, show, showBelow } from '../screen.ts'
import type { Screen } from '../screen.ts'
import { shorten } from '#shared/storable.ts'
import { waitingPart } from './waiting.ts'
import { miniAppAddress } from '#shared/web-address.ts'

/** The welcome, deep links and the main menu, to which every back key leads in the end. */
export const menu: Feature = {
  commands: {
    start: welcome,
    menu: (chat) => showMenu(chat),
  },
  open: ['start'],
  buttons: {
    menu: (chat) => showMenu(chat),
    'menu-below': async (chat) => {
      chat.session.awaiting = undefined
      await showBelow(chat, await menuScreen(chat))
    },
  },
}

/** At the first contact the welcome is shown, and the deep link's value is stored for this bot. */
async function welcome(chat: Chat, argument: string): Promise<void> {
  if (chat.isNew) {
    const { welcomeImageUrl, welcomeDescription } = chat.app.config.texts
    const text = welcomeDescription
      ? escapeHtml(welcomeDescription)
      : chat.t('welcome', { name: firstName(chat) })
    if (welcomeImageUrl) await sendWelcomePicture(chat, welcomeImageUrl)
    await send(chat, { text })
  }
  if (/^[A-Za-z0-9_-]{1,64}$/.test(argument)) {
    await chat.app.db.rows(
      changeOfSession({ bot: chat.bot.name, personId: chat.personId })
        .set({ start_param: argument })
        .where('start_param', 'is', null),
    )
  }
  await showMenu(chat)
}

/** A wrong picture address must not prevent the welcome, so a failure is ignored. */
async function sendWelcomePicture(chat: Chat, url: string): Promise<void> {
  await chat.ctx.api
    .sendPhoto(chat.ctx.chat!.id, url)
    .catch((error: unknown) => chat.log.warn({ err: error }, 'WELCOME_IMAGE_URL cannot be sent'))
}

/** @param options.without an order that was just given up and must not be shown as waiting */
export async function showMenu(chat: Chat, { without }: { without?: string } = {}): Promise<void> {
  if (chat.waiting?.id === without) chat.waiting = null
  chat.session.awaiting = undefined
  await show(chat, await menuScreen(chat))
}

/** No path to the menu moves money before the menu is shown, so the balances read with the update are still right. */
async function menuScreen(chat: Chat): Promise<Screen> {
  const { wallet } = chat
  const tokens = wallet.find(({ asset }) => asset === 'TOK') ?? {
    asset: 'TOK' as const,
    available: 0n,
    held: 0n,
  }
  const others = wallet.filter(({ asset, available }) => asset !== 'TOK' && available > 0n)
  const lines = [tokens, ...others].map(({ asset, available }) => chat.money(available, asset))
  const { newsChannelLink } = chat.app.config.texts
  const waiting = await waitingPart(chat)
  const shop = miniAppAddress(chat.app.config, chat.bot.name)
  const goods = await goodsOfMenu(chat)
  return {
    text: [...(waiting ? [waiting.line, ''] : []), chat.t('menu', { balance: lines.join(' · ') })].join('\n'),
    keyboard: [
      ...(waiting ? [waiting.keys] : []),
      ...(shop ? [[{ text: chat.t('menu-web'), web_app: { url: shop } }]] : []),
      [
        button(chat, chat.t('menu-buy'), 'buy', ...(waiting ? [] : ['primary' as const])),
        button(chat, chat.t('balance-add'), 'top-up-now'),
      ],
      ...pairs([
        ...goods.map(({ text, button: key }) => button(chat, chat.t(text), key)),
        button(chat, chat.t('menu-images'), 'images'),
      ]),
      [button(chat, chat.t('menu-balance'), 'balance'), button(chat, chat.t('menu-pricing'), 'pricing')],
      [button(chat, chat.t('menu-profile'), 'profile'), button(chat, chat.t('menu-help'), 'help')],
      [button(chat, chat.t('menu-friends'), 'friends'), button(chat, chat.t('menu-promo'), 'promo')],
      ...(chat.isAdmin ? [[button(chat, chat.t('menu-admin'), 'admin')]] : []),
      ...(newsChannelLink ? [[{ text: chat.t('menu-news'), url: newsChannelLink }]] : []),
    ],
  }
}

async function goodsOfMenu({ app, bot }: Chat) {
  const keys = await Promise.all(
    app.goods.map(async ({ menu: key }) =>
      key?.shown && !(await key.shown(app.settings, bot.name)) ? undefined : key,
    ),
  )
  return keys.filter((key) => key !== undefined)
}

function firstName(chat: Chat): string {
  return escapeHtml(shorten(chat.ctx.from?.first_name ?? '', 64))
}
