import { rehearse } from '#shared/db/rehearse.ts'
import { UserError } from '#shared/errors.ts'
import { inLanguages, LANGUAGES } from '#shared/i18n/languages.ts'
import { allCategories, readCategory, shelfId } from '#shop/shelf/items.ts'
import type { Category } from '#shop/shelf/items.ts'
import { keepCategory } from '#shop/shelf/keeping.ts'
import { saveCategory } from '#shop/shelf/manage.ts'
import type { PanelAdmin } from '../admin.ts'
import { mustBeAsSeen, mustGive, panelForm, SEEN_LENGTH, seenField } from '../form.ts'
import type { Field, Given } from '../form.ts'

const names = { ...Object.fromEntries(LANGUAGES.map((language) => [language, 200])), under: 18 }

/** @throws UserError `admin.not-found` */
async function categoryOf({ app }: PanelAdmin, { category = '' }: Given): Promise<Category> {
  const id = shelfId(category)
  const found = id === undefined ? undefined : await readCategory(app.db, id)
  if (!found) throw new UserError('admin.not-found')
  return found
}

const valuesOf = ({ name, parentId }: Category): Record<string, string> => ({
  ...name,
  under: parentId === null ? '' : String(parentId),
})

async function fieldsOf({ app, t, language }: PanelAdmin, now?: Category): Promise<Field[]> {
  const others = (await allCategories(app.db)).filter(
    ({ id, retired }) => id !== now?.id && (!retired || id === now?.parentId),
  )
  return [
    ...LANGUAGES.map((one): Field => ({ name: one, kind: 'line', value: now?.name[one] ?? '' })),
    {
      name: 'under',
      kind: 'choice',
      value: now?.parentId == null ? '' : String(now.parentId),
      options: [
        ['', t('panel-no-category')],
        ...others.map(({ id, name }): [string, string] => [String(id), `${name[language]} · ${id}`]),
      ],
    },
  ]
}

const changeOf = (admin: PanelAdmin, given: Given) => ({
  name: inLanguages((language) => mustGive(admin, given, language)),
  parentId: shelfId(given['under'] ?? '') ?? null,
})

async function look(admin: PanelAdmin, given: Given, old?: Category): Promise<string[]> {
  const change = changeOf(admin, given)
  if (old) mustBeAsSeen(given, valuesOf(old))
  await rehearse(admin.app.db, (tx) => saveCategory(tx, old?.id, change))
  const above = change.parentId === null ? undefined : await readCategory(admin.app.db, change.parentId)
  const place = [above?.name[admin.language], change.name[admin.language]].filter(Boolean).join(' › ')
  return [`${admin.t('panel-becomes')}: ${place}`]
}

async function save(admin: PanelAdmin, given: Given, form: string, old?: Category) {
  const mustBe = (now: Category) => mustBeAsSeen(given, valuesOf(now))
  const change = changeOf(admin, given)
  const id = await keepCategory(admin, { id: old?.id, change, update: form, mustBe })
  return { said: admin.t('setting-saved'), opens: `category/${id}` }
}

const make = panelForm({
  at: '/forms/category',
  as: 'a-category-edit',
  minimum: 'admin',
  act: 'admin-plan-save',
  names,
  show: async (admin) => ({
    title: admin.t('shelf-key-category-new'),
    fields: await fieldsOf(admin),
    links: [[admin.t('panel-to-categories'), 'categories']],
  }),
  look: (admin, given) => look(admin, given),
  save: (admin, given, form) => save(admin, given, form),
})

const change = panelForm({
  at: '/categories/:category/edit',
  as: 'a-category-edit',
  minimum: 'admin',
  act: 'admin-plan-save',
  names: { ...names, category: 18, print: SEEN_LENGTH },
  async show(admin, given) {
    const now = await categoryOf(admin, given)
    return {
      title: now.name[admin.language],
      fields: [...(await fieldsOf(admin, now)), seenField(valuesOf(now))],
      links: [[admin.t('panel-to-categories'), 'categories']],
    }
  },
  look: async (admin, given) => look(admin, given, await categoryOf(admin, given)),
  save: async (admin, given, form) => save(admin, given, form, await categoryOf(admin, given)),
})

export const categoryForms = [...make, ...change]
