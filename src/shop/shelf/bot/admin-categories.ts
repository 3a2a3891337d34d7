import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { readFields } from '../form.ts'
import { allCategories, readCategory, shelfId } from '../items.ts'
import { keepCategory, switchCategory } from '../keeping.ts'
import { inLanguages, LANGUAGES } from '#shared/i18n/languages.ts'

/** Admins: the categories, which all bots share. A bot shows a category in which it sells something. */
export const adminCategories: Feature = {
  adminButtons: {
    'a-categories': showCategories,
    'a-category': (chat, [id = '']) => showCategory(chat, id),
    'a-category-edit': ask,
    'a-category-hide': sure('a-category-hide', askHide, hide),
  },
  adminInputs: { 'a-category-edit': save },
  minimumRole: { 'a-category-edit': 'admin', 'a-category-hide': 'admin' },
}

async function showCategories(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const all = await allCategories(chat.app.db)
  await show(chat, {
    text: chat.t('admin-categories'),
    keyboard: [
      [button(chat, chat.t('shelf-key-category-new'), ['a-category-edit', ''], 'primary')],
      ...all.map(({ id, name, retired }) => [
        button(chat, `${retired ? '🚫 ' : '📁 '}${id} · ${name[chat.language]}`, ['a-category', String(id)]),
      ]),
      back(chat, 'a-shelf'),
    ],
  })
}

async function showCategory(chat: Chat, text: string): Promise<void> {
  chat.session.awaiting = undefined
  const id = shelfId(text)
  const category = id === undefined ? undefined : await readCategory(chat.app.db, id)
  if (!category) throw new UserError('category.gone')
  const { name, parentId, retired } = category
  await show(chat, {
    text: chat.t('admin-category', {
      number: text,
      ...inLanguages((language) => escapeHtml(name[language])),
      under: parentId === null ? '—' : String(parentId),
    }),
    keyboard: [
      [button(chat, chat.t('shelf-key-edit'), ['a-category-edit', text])],
      [
        retired
          ? button(chat, chat.t('shelf-key-resell'), ['a-category-hide', text, 'off'])
          : button(chat, chat.t('shelf-key-retire'), ['a-category-hide', text, 'on'], 'danger'),
      ],
      back(chat, 'a-categories'),
    ],
  })
}

async function ask(chat: Chat, [id = '']: string[]): Promise<void> {
  chat.session.awaiting = { input: 'a-category-edit', args: [id] }
  await show(chat, {
    text: chat.t('admin-category-ask'),
    keyboard: [back(chat, id === '' ? 'a-categories' : ['a-category', id])],
  })
}

async function save(chat: Chat, [known = '']: string[]): Promise<void> {
  const fields = readFields(typedText(chat), (name) => [...LANGUAGES, 'under'].includes(name))
  const id = shelfId(known)
  const old = id === undefined ? undefined : await readCategory(chat.app.db, id)
  const under = fields.get('under')
  const change = {
    name: inLanguages((language) => fields.get(language) ?? old?.name[language] ?? ''),
    ...(under !== undefined && { parentId: shelfId(under) ?? null }),
  }
  const kept = await keepCategory(chat, { id, change, update: String(chat.ctx.update.update_id) })
  await showCategory(chat, String(kept))
}

async function askHide(chat: Chat, [text = '', on = '']: string[]): Promise<Question | undefined> {
  const id = shelfId(text)
  const category = id === undefined ? undefined : await readCategory(chat.app.db, id)
  if (on !== 'on' || !category || category.retired) return undefined
  const words = { category: escapeHtml(category.name[chat.language]) }
  return {
    text: chat.t('admin-category-hide-ask', words),
    yes: chat.t('shelf-retire-yes'),
    home: ['a-category', text],
  }
}

async function hide(chat: Chat, [text = '', on = '']: string[]): Promise<void> {
  const id = shelfId(text)
  if (id === undefined) throw new UserError('category.gone')
  await switchCategory(chat, id, on === 'on')
  await showCategory(chat, text)
}
