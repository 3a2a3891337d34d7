import { unpack } from '#shared/telegram/buttons.ts'
import type { Chat } from './chat.ts'
import type { Routes } from './feature.ts'
import { answer, command, commandIn, press, route } from './route.ts'
import { button, show } from './screen.ts'
import type { NewsChannel } from '#shared/telegram/news-channel.ts'

/** The route of the key "Done, I have joined". */
const CHECK = 'news-check'
/**
 * Up to this many characters a command is remembered until the person has subscribed. A longer one is a prompt, which
 * the person still has in the chat.
 */
const KEPT_LENGTH = 300

/**
 * If NEWS_CHANNEL_ID is set, buying needs a subscription to that channel. A person without one sees what to do, and
 * afterwards their press or command is carried out.
 */
export async function admit(news: NewsChannel, routes: Routes, chat: Chat): Promise<void> {
  const checks = routeOf(chat) === CHECK
  if (isOpen(routes, chat)) return await route(routes, chat)
  if (await news.lets(asReader(chat))) return checks ? await goOn(routes, chat) : await route(routes, chat)
  if (checks) return await answer(chat, { alert: chat.t('news-not-yet') })
  // The back key of an open screen arrives here too; it must not replace the remembered wish.
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

/** The press or command to remember. Any other message has not been understood yet; afterwards the menu is shown. */
function wanted({ ctx }: Chat): string | undefined {
  const text = ctx.message?.text
  const asked = ctx.callbackQuery?.data ?? (text && commandIn(text) ? text : undefined)
  return asked && asked.length <= KEPT_LENGTH ? asked : undefined
}

/** Carries out the remembered press (its data) or command (its text). */
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
