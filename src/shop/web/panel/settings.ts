import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { currencySign } from '#shared/i18n/format.ts'
import { allows } from '#shared/roles.ts'
import { entryOf, readSetting, writeSetting } from '#shared/settings/edit.ts'
import { changeSetting, resetSetting, revive, settingVersions, undoSetting } from '#shared/settings/change.ts'
import type { SettingEntry, SettingForm, SettingScope } from '#shared/settings/edit.ts'
import type { SettingVersion } from '#shared/settings/change.ts'
import { settingWords } from '#shared/settings/words.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import { shorten } from '#shared/storable.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { namesOf } from '#shared/names-of-people.ts'
import { panelRoute } from './route.ts'
import type { PanelAnswer } from './route.ts'

const VERSIONS = 20
const IN_A_LIST = 200

const key = z.string().regex(/^[\w.-]{1,60}$/)
const scope = z.enum(['all', 'own'])
const text = z.string().max(20_000)
const seen = z.number().int().min(0)

const botOf = ({ bot }: PanelAdmin, where: SettingScope): string => (where === 'own' ? bot.name : '')

const titleOf = ({ t }: PanelAdmin, { type }: SettingEntry): string => plain(t(`setting-${type.key}`))

const hintOf = ({ t, texts, language }: PanelAdmin, { type }: SettingEntry): string | null =>
  texts.has(language, `setting-${type.key}-hint`) ? plain(t(`setting-${type.key}-hint`)) : null

/** @throws UserError `admin.not-found` for a setting that cannot have a value in this scope */
function entryIn(admin: PanelAdmin, name: string, where: SettingScope): SettingEntry {
  const entry = entryOf(admin.settingGroups, name)
  if (!entry.scopes.includes(where)) throw new UserError('admin.not-found')
  return entry
}

/** All settings by group, with the values that hold in this bot. */
const settings = panelRoute({
  method: 'GET',
  path: '/settings',
  as: 'a-settings',
  minimum: 'admin',
  async run(admin) {
    const { app, bot, t } = admin
    const shown = async (entry: SettingEntry) => ({
      key: entry.type.key,
      title: titleOf(admin, entry),
      hint: hintOf(admin, entry),
      value: shorten(settingWords(admin, entry, await app.settings.get(entry.type, bot.name)), IN_A_LIST),
      origin: await app.settings.origin(entry.type, bot.name),
    })
    return {
      bot: bot.name,
      groups: await Promise.all(
        Object.entries(admin.settingGroups).map(async ([name, entries]) => ({
          name,
          title: plain(t(`settings-group-${name}`)),
          settings: await Promise.all(entries.map(shown)),
        })),
      ),
    }
  },
})

/** One setting: for all bots and for this one, each with its history, its form and what can be undone. */
const setting = panelRoute({
  method: 'GET',
  path: '/settings/:key',
  as: 'a-setting',
  minimum: 'admin',
  input: z.object({ key }),
  async run(admin, input) {
    const { app, bot, t } = admin
    const entry = entryOf(admin.settingGroups, input.key)
    const { form } = entry.edit
    const origin = await app.settings.origin(entry.type, bot.name)
    return {
      key: entry.type.key,
      title: titleOf(admin, entry),
      hint: hintOf(admin, entry),
      group: plain(t(`settings-group-${entry.group}`)),
      now: {
        value: settingWords(admin, entry, await app.settings.get(entry.type, bot.name)),
        origin,
        words: plain(t(`setting-from-${origin}`)),
      },
      byDefault: settingWords(admin, entry, entry.type.fallback(app.config)),
      form: form ? formOf(admin, form) : null,
      places: await Promise.all(entry.scopes.map((one) => place(admin, entry, one))),
    }
  },
})

/** How a value is typed; the shop checks the value when it is sent. */
const formOf = ({ t }: PanelAdmin, form: SettingForm) => ({
  kind: form.kind,
  unit: form.kind === 'money' ? currencySign(form.asset) : null,
  options: form.kind === 'choice' ? [...form.options] : [],
  words: plain(
    t(`setting-form-${form.kind === 'own' ? form.name : form.kind}`, {
      options: form.kind === 'choice' ? form.options.join(', ') : '',
    }),
  ),
})

const bare = (entry: SettingEntry, value: unknown): string => writeSetting(entry, value).replace(/ \w+$/, '')

async function place(admin: PanelAdmin, entry: SettingEntry, where: SettingScope) {
  const { app, t } = admin
  const bot = botOf(admin, where)
  const [versions, value, may] = await Promise.all([
    settingVersions(app.db, entry.type, bot, VERSIONS + 1),
    app.settings.get(entry.type, bot),
    where === 'own' || mayChangeForAll(app.db, app, admin.personId),
  ])
  const nameOf = await namesOf(
    app.db,
    versions.map(({ by }) => by),
  )
  const words = (version: SettingVersion | undefined): string =>
    version?.value === undefined
      ? plain(t(`setting-none-${where}`))
      : settingWords(admin, entry, revive(entry, version.value))
  const [last, earlier] = versions
  const mayHere = may && allows(admin.role, 'owner')
  return {
    scope: where,
    title: plain(t(`setting-scope-${where}`, { bot: admin.bot.name })),
    /** The value as an admin would type it; the unit of a sum stands beside the field. */
    value: entry.edit.form?.kind === 'money' ? bare(entry, value) : writeSetting(entry, value),
    /** Whether this scope has a value of its own. */
    isSet: last?.value !== undefined,
    may: mayHere,
    /** Why the admin may not change it; null = the admin may. */
    why: mayHere ? null : plain(t(may ? 'error-admin-role' : 'error-setting-all-bots')),
    seen: last?.version ?? 0,
    undo: last ? { before: words(last), after: words(earlier) } : null,
    history: versions.slice(0, VERSIONS).map((version, at) => ({
      version: version.version,
      before: words(versions[at + 1]),
      after: words(version),
      by: nameOf(version.by),
      at: admin.time(version.at),
    })),
  }
}

/** Tells what a change would do, after the same checks as the change itself. */
const check = panelRoute({
  method: 'POST',
  path: '/settings/:key/check',
  as: 'a-set-change',
  minimum: 'owner',
  looks: true,
  input: z.object({ key, scope, text }),
  async run(admin, input) {
    const entry = entryIn(admin, input.key, input.scope)
    const bot = botOf(admin, input.scope)
    const value = readSetting(entry, input.text)
    await admin.app.settings.check(admin.app.db, entry.type, { value, bot })
    return {
      before: settingWords(admin, entry, await admin.app.settings.get(entry.type, bot)),
      after: settingWords(admin, entry, value),
    }
  },
})

const stepOf = (admin: PanelAdmin, given: { scope: SettingScope; seen: number }) => ({
  bot: botOf(admin, given.scope),
  by: admin.personId,
  seen: given.seen,
})

const save = panelRoute({
  method: 'POST',
  path: '/settings/:key/save',
  as: 'a-set-do',
  minimum: 'owner',
  confirmed: true,
  input: z.object({ key, scope, text, seen }),
  async run(admin, input) {
    const entry = entryIn(admin, input.key, input.scope)
    const value = readSetting(entry, input.text)
    await changeSetting(admin.app, entry, { ...stepOf(admin, input), value, action: 'setting' })
    return { said: plain(admin.t('setting-saved')) }
  },
})

const undo = panelRoute({
  method: 'POST',
  path: '/settings/:key/undo',
  as: 'a-set-undo',
  minimum: 'owner',
  confirmed: true,
  input: z.object({ key, scope, seen }),
  async run(admin, input) {
    await undoSetting(admin.app, entryIn(admin, input.key, input.scope), stepOf(admin, input))
    return { said: plain(admin.t('setting-undone')) }
  },
})

const reset = panelRoute({
  method: 'POST',
  path: '/settings/:key/reset',
  as: 'a-set-reset',
  minimum: 'owner',
  confirmed: true,
  input: z.object({ key, scope, seen }),
  async run(admin, input) {
    await resetSetting(admin.app, entryIn(admin, input.key, input.scope), stepOf(admin, input))
    return { said: plain(admin.t('setting-saved')) }
  },
})

export const settingRoutes = [settings, setting, check, save, undo, reset]

export type SettingsAnswer = PanelAnswer<typeof settings>
export type SettingAnswer = PanelAnswer<typeof setting>
export type SettingPreview = PanelAnswer<typeof check>
