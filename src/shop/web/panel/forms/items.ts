import { UserError } from '#shared/errors.ts'
import { rehearse } from '#shared/db/rehearse.ts'
import { inHtml } from '#shared/i18n/format.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { formatAmount } from '#shared/money.ts'
import { fillingWords, fillStock, fillText } from '#shop/shelf/filling.ts'
import { isField, itemChangeOf, readFields } from '#shop/shelf/form.ts'
import { readItem } from '#shop/shelf/items.ts'
import { itemKinds, kindOf, textsOfForms } from '#shop/shelf/kinds/list.ts'
import { stock } from '#shop/shelf/kinds/stock.ts'
import { text as sameText } from '#shop/shelf/kinds/text.ts'
import { keepItem } from '#shop/shelf/keeping.ts'
import { saveItem } from '#shop/shelf/manage.ts'
import type { Item } from '#shop/shelf/tables.ts'
import type { PanelAdmin } from '../admin.ts'
import { mustGive, panelForm } from '../form.ts'
import type { Field, Given } from '../form.ts'
import { inMoscow } from '#shared/i18n/moscow.ts'

const LONG = LANGUAGES.map((language) => `${language}-text`)
const FIELDS = [
  ...LANGUAGES,
  'price',
  ...LONG,
  'bots',
  'limit',
  'low',
  'from',
  'until',
  'category',
  'picture',
]
const MUST = new Set<string>([...LANGUAGES, 'price', 'bots'])
const names = {
  ...Object.fromEntries(FIELDS.map((name) => [name, LONG.includes(name) ? 2_000 : 500])),
  more: 4_000,
}

const moment = (at: Date | null): string => (at ? inMoscow(at).replace('T', ' ') : '')

/** The present values of an item, as an admin would type them. */
const valuesOf = (item: Item): Record<string, string> => ({
  ...item.name,
  ...Object.fromEntries(LANGUAGES.map((language) => [`${language}-text`, item.description[language] ?? ''])),
  price: `${formatAmount(item.price, item.asset)} ${item.asset}`,
  bots: item.bots === null ? 'all' : item.bots.join(', '),
  limit: item.perPerson === null ? '' : String(item.perPerson),
  low: String(item.low),
  from: moment(item.soldFrom),
  until: moment(item.soldUntil),
  category: item.categoryId === null ? '' : String(item.categoryId),
  picture: item.picture ?? '',
})

const fieldsOf = ({ t }: PanelAdmin, values: Readonly<Record<string, string>>): Field[] => [
  ...FIELDS.map((name): Field => {
    const hinted = ['price', 'bots', 'low', 'until', 'category'].includes(name)
    return {
      name,
      kind: LONG.includes(name) ? 'long' : 'line',
      value: values[name] ?? '',
      ...(hinted && { hint: t(`panel-item-${name}`) }),
    }
  }),
  {
    name: 'more',
    kind: 'long',
    hint: [t('panel-item-more'), ...textsOfForms.map((one) => t(one))].join('\n'),
  },
]

/** The fields that differ from the item's present values; an empty field deletes its value. */
function changeOf(admin: PanelAdmin, given: Given, old?: Item) {
  const before = old ? valuesOf(old) : {}
  const fields = new Map<string, string>()
  for (const name of ['kind', ...FIELDS]) {
    const text = (given[name] ?? '').replaceAll('\r\n', '\n').trim()
    if (text === (before[name] ?? '') || (name === 'kind' && old)) continue
    fields.set(name, text === '' ? (MUST.has(name) ? mustGive(admin, given, name) : 'no') : text)
  }
  const more = (given['more'] ?? '').trim()
  if (more !== '')
    for (const [name, text] of readFields(more, isField)) {
      if (fields.has(name)) throw new UserError('item.line', { line: name })
      fields.set(name, text)
    }
  if (old && fields.size === 0) throw new UserError('panel.same')
  return itemChangeOf(fields, old)
}

async function look(admin: PanelAdmin, given: Given, old?: Item): Promise<string[]> {
  const change = changeOf(admin, given, old)
  const { app, personId, t } = admin
  const item = await rehearse(app.db, (tx) => saveItem(tx, old?.id, change, personId))
  const line = (one: Item) =>
    [one.name[admin.language], t(`shelf-kind-${one.kind}`), admin.money(one.price, one.asset)].join(' · ')
  return [
    ...(old ? [`${t('panel-was')}: ${line(old)}`] : []),
    `${t('panel-becomes')}: ${line(item)}`,
    ...(old ? [`${t('panel-changes')}: ${Object.keys(change).join(', ')}`] : []),
  ]
}

async function save(admin: PanelAdmin, given: Given, form: string, old?: Item) {
  const item = await keepItem(admin, { old, change: changeOf(admin, given, old), update: form })
  return { said: admin.t('setting-saved'), opens: `item/${item.id}` }
}

/** @throws UserError `admin.not-found` */
async function itemOf({ app }: PanelAdmin, { id = '' }: Given): Promise<Item> {
  const item = /^\d{1,18}$/.test(id) ? await readItem(app.db, BigInt(id)) : undefined
  if (!item) throw new UserError('admin.not-found')
  return item
}

const make = panelForm({
  at: '/forms/item',
  as: 'a-item-new',
  minimum: 'admin',
  act: 'admin-plan-save',
  names: { ...names, kind: 20 },
  async show(admin) {
    const { t } = admin
    return {
      title: t('shelf-key-new'),
      fields: [
        {
          name: 'kind',
          kind: 'choice',
          value: 'stock',
          options: itemKinds.map((kind) => [kind, t(`shelf-kind-${kind}`)]),
        },
        ...fieldsOf(admin, { bots: admin.bot.name, low: '5' }),
      ],
      links: [[t('panel-to-items'), 'items']],
    }
  },
  look: (admin, given) => look(admin, given),
  save: (admin, given, form) => save(admin, given, form),
})

const change = panelForm({
  at: '/items/:id/edit',
  as: 'a-item-edit',
  minimum: 'admin',
  act: 'admin-plan-save',
  names,
  async show(admin, given) {
    const { app, t, language } = admin
    const item = await itemOf(admin, given)
    const state = await kindOf(item).state(app.db, item)
    const fills: Record<string, [string, string]> = {
      [stock.name]: [t('shelf-key-fill'), `stock/${item.id}`],
      [sameText.name]: [t('shelf-key-text'), `content/${item.id}`],
    }
    const fill = fills[item.kind]
    return {
      title: item.name[language],
      hint: [t(`shelf-kind-${item.kind}`), t(state.text, inHtml(state.params))].join('. '),
      fields: fieldsOf(admin, valuesOf(item)),
      links: [...(fill ? [fill] : []), [t('panel-to-items'), 'items']],
    }
  },
  look: async (admin, given) => look(admin, given, await itemOf(admin, given)),
  save: async (admin, given, form) => save(admin, given, form, await itemOf(admin, given)),
})

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
  secret: true,
  act: 'shelf-key-fill',
  names: { lines: LONGEST_PART },
  async show(admin, given) {
    const { t, language } = admin
    const item = await itemOf(admin, given)
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
    const item = await itemOf(admin, given)
    const upload = `panel-${admin.bot.name}-${admin.personId}-${form}`
    const done = await fillStock(admin, item, { upload, chunks: [linesOf(given)] })
    return { said: fillingWords(admin, done).join(' '), opens: `item/${item.id}` }
  },
})

const content = panelForm({
  at: '/items/:id/content',
  as: 'a-item-text',
  minimum: 'admin',
  act: 'admin-plan-save',
  secret: true,
  names: { content: 4_000 },
  async show(admin, given) {
    const { t, language } = admin
    const item = await itemOf(admin, given)
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
    const item = await itemOf(admin, given)
    await fillText(admin, item, mustGive(admin, given, 'content'))
    return { said: admin.t('setting-saved'), opens: `item/${item.id}` }
  },
})

export const itemForms = [...make, ...change, ...fill, ...content]
