import { Transient, UnknownOutcome, UserError } from '#shared/errors.ts'
import { escapeHtml, inHtml } from '#shared/i18n/format.ts'
import { telegramError } from '#shared/telegram/errors.ts'
import { chatTyped } from '#shared/telegram/chat-typed.ts'
import { linkOfBot } from '#shared/telegram/link-of-bot.ts'
import { fillingWords, fillStock, fillText } from '#shop/shelf/filling.ts'
import { readItem } from '#shop/shelf/items.ts'
import { access } from '#shop/shelf/kinds/access.ts'
import { stock } from '#shop/shelf/kinds/stock.ts'
import { text as sameText } from '#shop/shelf/kinds/text.ts'
import { checkedChat, chooseChat } from '#shop/shelf/chosen-chat.ts'
import type { Item } from '#shop/shelf/tables.ts'
import type { PanelAdmin } from '../admin.ts'
import { mustGive, panelForm } from '../form.ts'
import type { Given } from '../form.ts'

/* What the buyers of an item get: its stock, its text, the channel or group it lets them into. */

/** @throws UserError `admin.not-found` */
export async function itemAt({ app }: PanelAdmin, { id = '' }: Given): Promise<Item> {
  const item = /^\d{1,18}$/.test(id) ? await readItem(app.db, BigInt(id)) : undefined
  if (!item) throw new UserError('admin.not-found')
  return item
}

/** The longest text in one request. The page sends a longer file in parts, and each part is an upload of its own. */
const LONGEST_PART = 50_000

/** @throws UserError `item.no-lines` */
const linesOf = ({ lines = '' }: Given): string => {
  if (lines.trim() === '') throw new UserError('item.no-lines')
  return lines
}

const fill = panelForm({
  at: '/items/:id/stock',
  as: 'a-item-stock',
  minimum: 'admin',
  confirmed: true,
  secret: true,
  act: 'shelf-key-fill',
  names: { lines: LONGEST_PART },
  async show(admin, given) {
    const { t, language } = admin
    const item = await itemAt(admin, given)
    if (item.kind !== stock.name) throw new UserError('admin.not-found')
    return {
      title: `${item.name[language]}: ${t('shelf-key-fill')}`,
      hint: t('panel-stock-hint'),
      fields: [{ name: 'lines', kind: 'long' }],
      links: [[t('panel-to-item'), `item/${item.id}`]],
    }
  },
  async look({ t }, given) {
    const count = linesOf(given)
      .split('\n')
      .filter((line) => line.trim() !== '').length
    return [t('panel-stock-look', { count })]
  },
  async save(admin, given, form) {
    const item = await itemAt(admin, given)
    const upload = `panel-${admin.bot.name}-${admin.personId}-${form}`
    const done = await fillStock(admin, item, { upload, chunks: [linesOf(given)] })
    return { said: fillingWords(admin, done).join('. '), opens: `item/${item.id}` }
  },
})

const content = panelForm({
  at: '/items/:id/content',
  as: 'a-item-text',
  minimum: 'admin',
  confirmed: true,
  act: 'admin-plan-save',
  secret: true,
  names: { content: 4_000 },
  async show(admin, given) {
    const { t, language } = admin
    const item = await itemAt(admin, given)
    if (item.kind !== sameText.name) throw new UserError('admin.not-found')
    return {
      title: `${item.name[language]}: ${t('shelf-key-text')}`,
      hint: t('panel-content-hint'),
      fields: [{ name: 'content', kind: 'long' }],
      links: [[t('panel-to-item'), `item/${item.id}`]],
    }
  },
  look: async (admin, given) => [`${admin.t('panel-becomes')}: ${mustGive(admin, given, 'content')}`],
  async save(admin, given) {
    const item = await itemAt(admin, given)
    await fillText(admin, item, mustGive(admin, given, 'content'))
    return { said: admin.t('setting-saved'), opens: `item/${item.id}` }
  },
})

/** The bot whose rights in a channel or group are looked at. */
async function chooserOf(admin: PanelAdmin) {
  const { app, bot, personId } = admin
  try {
    return { app, bot, personId, api: bot.api, me: await bot.api.getMe() }
  } catch (error) {
    throw new Transient('Telegram did not say who the bot is', { cause: error })
  }
}

/** A call to Telegram that may be asked again: nothing of it is lost or done twice. */
async function askedAgain<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const meaning = telegramError(error)
    throw meaning instanceof UnknownOutcome
      ? new Transient('Telegram did not answer', { cause: error })
      : meaning
  }
}

const chat = panelForm({
  at: '/items/:id/chat',
  as: 'a-item-chat',
  minimum: 'admin',
  confirmed: true,
  act: 'shelf-key-chat',
  names: { chat: 200 },
  async show(admin, given) {
    const { app, bot, t, language } = admin
    const item = await itemAt(admin, given)
    if (item.kind !== access.name) throw new UserError('admin.not-found')
    const state = await access.state(app.db, item)
    const link = await linkOfBot(app.db, bot.name)
    const name = link?.replace('https://t.me/', '@') ?? bot.name
    return {
      title: `${item.name[language]}: ${t('shelf-key-chat')}`,
      hint: `${t(state.text, inHtml(state.params))}\n\n${t('panel-chat-hint', { bot: name })}`,
      fields: [{ name: 'chat', kind: 'line' }],
      links: [[t('panel-to-item'), `item/${item.id}`]],
    }
  },
  look: async (admin, given) =>
    await askedAgain(async () => {
      const chosen = await checkedChat(await chooserOf(admin), chatTyped(mustGive(admin, given, 'chat')))
      return [`${admin.t('panel-becomes')}: ${escapeHtml(chosen.title ?? '')}`]
    }),
  save: async (admin, given) =>
    await askedAgain(async () => {
      const item = await itemAt(admin, given)
      await chooseChat(await chooserOf(admin), item, chatTyped(mustGive(admin, given, 'chat')))
      return { said: admin.t('setting-saved'), opens: `item/${item.id}` }
    }),
})

export const itemFillForms = [...fill, ...content, ...chat]
