import { unpack } from '#shared/telegram/buttons.ts'
import type { Chat } from './chat.ts'
import type { Routes } from './feature.ts'
import { answer, command, commandIn, press, route } from './route.ts'
import { button, show } from './screen.ts'
import type { NewsChannel } from '#shared/telegram/news-channel.ts'

/** Says "I have subscribed". */
const CHECK = 'news-check'
/** A command of so many characters waits for a subscription. A prompt is longer, and the person still has it in the chat. */
const KEPT_LENGTH = 300

/**
 * Where NEWS_CHANNEL_ID is set, buying needs a subscription to that channel. Whoever has none is shown what to do, and
 * what they wanted goes on once they have one.
 */
export async function admit(news: NewsChannel, routes: Routes, chat: Chat): Promise<void> {
  const checks = routeOf(chat) === CHECK
  if (isOpen(routes, chat)) return await route(routes, chat)
  if (await news.lets(asReader(chat))) return checks ? await goOn(routes, chat) : await route(routes, chat)
  if (checks) return await answer(chat, { alert: chat.t('news-not-yet') })
  // The back key of an open screen leads here again, and replaces nothing that the person wanted.
  if (routeOf(chat) !== 'menu') chat.session.wanted = wanted(chat)
  await showGate(chat)
  if (chat.ctx.callbackQuery) await answer(chat)
}

const asReader = ({ app, bot, personId, isAdmin, ctx, log }: Chat) => ({
  channel: app.config.texts.newsChannelId,
  bot: bot.name,
  personId,
  isAdmin,
  api: ctx.api,
  log,
})

function routeOf({ ctx, app, personId }: Chat): string | undefined {
  return ctx.callbackQuery && unpack(app.secrets, personId, ctx.callbackQuery.data ?? '')?.route
}

function isOpen(routes: Routes, chat: Chat): boolean {
  const { message, callbackQuery } = chat.ctx
  if (callbackQuery) return routes.open.has(routeOf(chat) ?? '')
  if (!message) return true
  const given = commandIn(message.text ?? '')?.name ?? chat.session.awaiting?.input
  return given !== undefined && routes.open.has(given)
}

/** A press or a command; anything else was not understood yet, and is shown the menu afterwards. */
function wanted({ ctx }: Chat): string | undefined {
  const text = ctx.message?.text
  const asked = ctx.callbackQuery?.data ?? (text && commandIn(text) ? text : undefined)
  return asked && asked.length <= KEPT_LENGTH ? asked : undefined
}

/** What stood before the gate: a press is its data, a command its text. */
async function goOn(routes: Routes, chat: Chat): Promise<void> {
  const { wanted: asked } = chat.session
  chat.session.wanted = undefined
  if (typeof asked === 'string' && !asked.startsWith('/')) return await press(routes, chat, asked)
  await command(routes, chat, typeof asked === 'string' ? asked : '/menu', true)
  await answer(chat)
}

async function showGate(chat: Chat): Promise<void> {
  const { newsChannelLink } = chat.app.config.texts
  await show(chat, {
    text: chat.t('news-required'),
    keyboard: [
      ...(newsChannelLink ? [[{ text: chat.t('menu-news'), url: newsChannelLink }]] : []),
      [button(chat, chat.t('news-check'), CHECK, 'primary')],
      [button(chat, chat.t('menu-balance'), 'balance'), button(chat, chat.t('help-support'), 'support')],
    ],
  })
}
