import { UserError } from '#shared/errors.ts'
import { inLanguages } from '#shared/i18n/languages.ts'
import { escapeHtml, inHtml } from '#shared/i18n/format.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { readItemForm } from '../form.ts'
import { readCategory, readItem, shelfId } from '../items.ts'
import { kindOf, textsOfForms } from '../kinds/list.ts'
import { keepItem } from '../keeping.ts'
import { switchItem } from '../manage.ts'
import type { Item } from '../tables.ts'
import { shelfInMenu } from '../settings.ts'

/** Admins: an item's page, its form, and whether it is sold. */
export const adminItem: Feature = {
  adminButtons: {
    'a-item': (chat, [id = '']) => showItemPage(chat, id),
    'a-item-new': askNew,
    'a-item-edit': ask,
    'a-item-sale': sure('a-item-sale', askRetire, sell),
  },
  adminInputs: { 'a-item-new': (chat) => save(chat, ''), 'a-item-edit': (chat, [id = '']) => save(chat, id) },
}

/** @throws UserError `item.gone` */
export async function itemById(chat: Chat, text: string): Promise<Item> {
  const id = shelfId(text)
  const item = id === undefined ? undefined : await readItem(chat.app.db, id)
  if (!item) throw new UserError('item.gone')
  return item
}

/** @param report what was just done, for the top of the page */
export async function showItemPage(chat: Chat, id: string, report: readonly string[] = []): Promise<void> {
  chat.session.awaiting = undefined
  const item = await itemById(chat, id)
  const { db } = chat.app
  const category = item.categoryId === null ? undefined : await readCategory(db, item.categoryId)
  const kind = kindOf(item)
  const state = await kind.state(db, item)
  const inMenu = item.retired || (await chat.app.settings.get(shelfInMenu, chat.bot.name))
  const own = Object.entries(item.prices).map(
    ([bot, price]) => `${bot}: ${chat.money(BigInt(price), item.asset)}`,
  )
  await show(chat, {
    text: [
      ...report.flatMap((line) => [line, '']),
      chat.t('admin-item', {
        number: id,
        ...inLanguages((language) => escapeHtml(item.name[language])),
        kind: chat.t(`shelf-kind-${item.kind}`),
        state: chat.t(item.retired ? 'admin-item-retired' : 'admin-item-sold'),
        price: [chat.money(item.price, item.asset), ...own].join(' · '),
        bots: item.bots === null ? chat.t('admin-item-everywhere') : item.bots.join(', '),
        category: category ? escapeHtml(category.name[chat.language]) : '—',
        limit: item.perPerson ?? '—',
        from: item.soldFrom ? chat.when(item.soldFrom) : '—',
        until: item.soldUntil ? chat.when(item.soldUntil) : '—',
      }),
      chat.t(state.text, inHtml(state.params)),
      ...Object.entries(item.description).map(
        ([, words]) => `\n<blockquote>${escapeHtml(words)}</blockquote>`,
      ),
      ...(inMenu ? [] : ['', chat.t('admin-shelf-not-in-menu', { bot: chat.bot.name })]),
    ].join('\n'),
    keyboard: [
      ...(kind.fill ? [[button(chat, chat.t(kind.fill.text), [kind.fill.route, id], 'primary')]] : []),
      [button(chat, chat.t('shelf-key-edit'), ['a-item-edit', id])],
      ...(inMenu ? [] : [[button(chat, chat.t('shelf-key-in-menu'), ['a-setting', shelfInMenu.key])]]),
      [
        item.retired
          ? button(chat, chat.t('shelf-key-resell'), ['a-item-sale', id, 'on'])
          : button(chat, chat.t('shelf-key-retire'), ['a-item-sale', id, 'off'], 'danger'),
      ],
      back(chat, 'a-shelf'),
    ],
  })
}

const fieldsOf = (chat: Chat): string[] => ['admin-item-fields', ...textsOfForms].map((one) => chat.t(one))

async function askNew(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'a-item-new', args: [] }
  await show(chat, {
    text: [chat.t('admin-item-ask-new'), ...fieldsOf(chat)].join('\n\n'),
    keyboard: [back(chat, 'a-shelf')],
  })
}

async function ask(chat: Chat, [id = '']: string[]): Promise<void> {
  await itemById(chat, id)
  chat.session.awaiting = { input: 'a-item-edit', args: [id] }
  await show(chat, {
    text: [chat.t('admin-item-ask', { number: id }), ...fieldsOf(chat)].join('\n\n'),
    keyboard: [back(chat, ['a-item', id])],
  })
}

async function save(chat: Chat, known: string): Promise<void> {
  const old = known === '' ? undefined : await itemById(chat, known)
  const change = readItemForm(typedText(chat), old)
  const saved = await keepItem(chat, { old, change, update: String(chat.ctx.update.update_id) })
  await showItemPage(chat, String(saved.id))
}

/** An item that is taken off sale disappears from the shelf of every bot that sells it. */
async function askRetire(chat: Chat, [id = '', on = '']: string[]): Promise<Question | undefined> {
  const { name, bots, retired } = await itemById(chat, id)
  if (on !== 'off' || retired) return undefined
  const words = {
    item: escapeHtml(name[chat.language]),
    bots: bots === null ? chat.t('admin-item-everywhere') : bots.join(', '),
  }
  return {
    text: chat.t('admin-item-retire-ask', words),
    yes: chat.t('shelf-retire-yes'),
    home: ['a-item', id],
  }
}

async function sell(chat: Chat, [id = '', on = '']: string[]): Promise<void> {
  const item = await itemById(chat, id)
  const { app, bot, personId } = chat
  await switchItem(app.db, { id: item.id, retired: on === 'off', bot: bot.name, by: personId })
  await showItemPage(chat, id)
}
