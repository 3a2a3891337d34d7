import { UserError } from '#shared/errors.ts'
import { rehearse } from '#shared/db/rehearse.ts'
import { escapeHtml, inHtml } from '#shared/i18n/format.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { formatAmount } from '#shared/money.ts'
import { isField, itemChangeOf, readFields } from '#shop/shelf/form.ts'
import { daysOfAccess } from '#shop/shelf/accesses.ts'
import { allCategories } from '#shop/shelf/items.ts'
import { access } from '#shop/shelf/kinds/access.ts'
import { itemKinds, kindOf, textsOfForms } from '#shop/shelf/kinds/list.ts'
import { keepItem, withinReach } from '#shop/shelf/keeping.ts'
import { saveItem } from '#shop/shelf/manage.ts'
import type { Item } from '#shop/shelf/tables.ts'
import type { PanelAdmin } from '../admin.ts'
import { mustBeAsSeen, mustGive, panelForm, SEEN_LENGTH, seenField } from '../form.ts'
import type { Field, Given } from '../form.ts'
import { itemAt } from './item-fills.ts'
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
  'days',
]
const HINTED = ['price', 'bots', 'low', 'until', 'days']
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
  days: String(daysOfAccess(item) ?? ''),
})

/** Categories by name, and the one that the item is in although it is off sale. */
async function categoriesFor({ app, t, language }: PanelAdmin, chosen = ''): Promise<[string, string][]> {
  const all = await allCategories(app.db)
  return [
    ['', t('panel-no-category')],
    ...all
      .filter(({ id, retired }) => !retired || String(id) === chosen)
      .map(({ id, name }): [string, string] => [String(id), `${name[language]} · ${id}`]),
  ]
}

/** @param kind of an item that is there already; a new one may be of any kind */
const fieldsOf = async (
  admin: PanelAdmin,
  values: Readonly<Record<string, string>>,
  kind?: string,
): Promise<Field[]> => [
  ...(await Promise.all(
    FIELDS.filter((name) => name !== 'days' || kind === undefined || kind === access.name).map(
      async (name): Promise<Field> => ({
        name,
        kind: LONG.includes(name) ? 'long' : name === 'category' ? 'choice' : 'line',
        value: values[name] ?? '',
        ...(HINTED.includes(name) && { hint: admin.t(`panel-item-${name}`) }),
        ...(name === 'category' && { options: await categoriesFor(admin, values[name]) }),
        ...(name === 'days' && kind === undefined && { when: { field: 'kind', is: [access.name] } }),
      }),
    ),
  )),
  {
    name: 'more',
    kind: 'long',
    hint: ['panel-item-more', ...textsOfForms].map((one) => admin.t(one)).join('\n'),
  },
]

/** The fields that differ from the item's present values; an empty field deletes its value. */
function changedFields(admin: PanelAdmin, given: Given, old?: Item): Map<string, string> {
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
  return fields
}

const changeOf = (admin: PanelAdmin, given: Given, old?: Item) =>
  itemChangeOf(changedFields(admin, given, old), old)

const titleOf = ({ t, texts, language }: PanelAdmin, name: string): string =>
  texts.has(language, `panel-field-${name}`) ? t(`panel-field-${name}`) : escapeHtml(name)

async function look(admin: PanelAdmin, given: Given, old?: Item): Promise<string[]> {
  const fields = changedFields(admin, given, old)
  if (old) mustBeAsSeen(given, valuesOf(old))
  const change = await withinReach(admin, { old, change: itemChangeOf(fields, old) })
  const { app, personId, t } = admin
  const item = await rehearse(app.db, (tx) => saveItem(tx, old?.id, change, personId))
  const line = (one: Item) =>
    [one.name[admin.language], t(`shelf-kind-${one.kind}`), admin.money(one.price, one.asset)].join(' · ')
  return [
    ...(old ? [`${t('panel-was')}: ${line(old)}`] : []),
    `${t('panel-becomes')}: ${line(item)}`,
    ...(old
      ? [`${t('panel-changes')}: ${[...fields.keys()].map((name) => titleOf(admin, name)).join(', ')}`]
      : []),
  ]
}

async function save(admin: PanelAdmin, given: Given, form: string, old?: Item) {
  const mustBe = (now: Item) => mustBeAsSeen(given, valuesOf(now))
  const item = await keepItem(admin, { old, change: changeOf(admin, given, old), update: form, mustBe })
  return { said: admin.t('setting-saved'), opens: `item/${item.id}` }
}

/** The page of the panel for each key by which a kind is filled. */
const PAGES: Readonly<Record<string, string>> = {
  'a-item-stock': 'stock',
  'a-item-text': 'content',
  'a-item-file': 'file',
  'a-item-chat': 'chat',
}

const make = panelForm({
  at: '/forms/item',
  as: 'a-item-new',
  minimum: 'admin',
  confirmed: true,
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
        ...(await fieldsOf(admin, { bots: admin.bot.name, low: '5' })),
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
  confirmed: true,
  act: 'admin-plan-save',
  names: { ...names, print: SEEN_LENGTH },
  async show(admin, given) {
    const { app, t, language } = admin
    const item = await itemAt(admin, given)
    const state = await kindOf(item).state(app.db, item)
    const { fill } = kindOf(item)
    return {
      title: item.name[language],
      hint: [t(`shelf-kind-${item.kind}`), t(state.text, inHtml(state.params))].join('. '),
      fields: [...(await fieldsOf(admin, valuesOf(item), item.kind)), seenField(valuesOf(item))],
      links: [
        ...(fill ? [[t(fill.text), `${PAGES[fill.route]}/${item.id}`] as [string, string]] : []),
        [t('panel-to-items'), 'items'],
      ],
    }
  },
  look: async (admin, given) => look(admin, given, await itemAt(admin, given)),
  save: async (admin, given, form) => save(admin, given, form, await itemAt(admin, given)),
})

export const itemForms = [...make, ...change]
