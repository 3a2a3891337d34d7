import { escapeHtml } from '#shared/i18n/format.ts'
import { entryOf, readSetting, writeSetting } from '#shared/settings/edit.ts'
import { changeSetting, resetSetting, revive, settingVersions, undoSetting } from '#shared/settings/change.ts'
import type { SettingScope, SettingEntry, SettingForm } from '#shared/settings/edit.ts'
import type { SettingVersion } from '#shared/settings/change.ts'
import { settingWords } from '#shared/settings/words.ts'
import { UserError } from '#shared/errors.ts'
import { wordings } from '#shared/settings/wordings.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { pairs } from '#workers/bot/screen.ts'
import {
  botOf,
  checkMayChange,
  mayChange,
  scopeKeys,
  scopeOf,
  textOf,
  title,
} from '#workers/bot/settings/setting-scope.ts'
import { shorten } from '#shared/storable.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'

const VERSIONS = 4
const VALUE_LENGTH = 900
/** Characters that a button shows on a phone; a value that does not fit is on the setting's page. */
const WIDTH = 34

/** What can be changed without a restart, for all bots or for one: checked, with its history, and undone by a press. */
export const settings: Feature = {
  adminButtons: {
    'a-settings': showGroups,
    'a-set-group': (chat, [group = '']) => showGroup(chat, group),
    'a-setting': (chat, [key = '', scope]) => showSetting(chat, key, scope),
    'a-set-words': (chat) => showWords(chat),
    'a-set-change': askValue,
    'a-set-do': apply,
    'a-set-undo': sure('a-set-undo', (chat, args) => askBefore(chat, args, 'undo'), undo),
    'a-set-reset': sure('a-set-reset', (chat, args) => askBefore(chat, args, 'reset'), reset),
  },
  adminInputs: { 'a-set-change': previewValue },
  minimumRole: {
    'a-settings': 'admin',
    'a-set-group': 'admin',
    'a-setting': 'admin',
    'a-set-words': 'admin',
    'a-set-change': 'owner',
    'a-set-do': 'owner',
    'a-set-undo': 'owner',
    'a-set-reset': 'owner',
  },
  admin: { sections: [{ text: 'admin-section-settings', route: 'a-settings' }] },
}

/** A typed value that waits for its confirmation. The session keeps it, because a button has no room for it. */
interface Pending {
  key: string
  scope: SettingScope
  text: string
  seen: number
}

function typedEntry(chat: Chat, key: string): SettingEntry & { form: SettingForm } {
  const entry = entryOf(chat.settingGroups, key)
  const { form } = entry.edit
  if (!form) throw new UserError('admin.not-found')
  return { ...entry, form }
}

async function showGroups(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const keys = Object.keys(chat.settingGroups).map((group) =>
    button(chat, chat.t(`settings-group-${group}`), ['a-set-group', group]),
  )
  await show(chat, { text: chat.t('settings-title'), keyboard: [...pairs(keys), back(chat, 'admin')] })
}

async function showGroup(chat: Chat, group: string): Promise<void> {
  chat.session.awaiting = undefined
  const entries = chat.settingGroups[group]
  if (!entries) throw new UserError('admin.not-found')
  const rows = await Promise.all(
    entries.map(async (entry) => {
      const value = settingWords(chat, entry, await chat.app.settings.get(entry.type, chat.bot.name))
      const text = `${title(chat, entry)}: ${value.replaceAll('\n', '; ')}`
      return [button(chat, text.length > WIDTH ? title(chat, entry) : text, ['a-setting', entry.type.key])]
    }),
  )
  await show(chat, {
    text: `<b>${chat.t(`settings-group-${group}`)}</b>`,
    keyboard: [...rows, back(chat, 'a-settings')],
  })
}

async function showWords(chat: Chat): Promise<void> {
  await show(chat, { text: chat.t('text-usage'), keyboard: [back(chat, ['a-setting', wordings.key])] })
}

async function showSetting(chat: Chat, key: string, wanted?: string): Promise<void> {
  chat.session.awaiting = undefined
  const entry = entryOf(chat.settingGroups, key)
  const { settings: kept, config, db } = chat.app
  const bot = chat.bot.name
  const origin = await kept.origin(entry.type, bot)
  const scope = await scopeOf(chat, [entry.type], wanted)
  const may = await mayChange(chat, scope)
  const [value, forAll, versions] = await Promise.all([
    kept.get(entry.type, bot),
    kept.get(entry.type),
    settingVersions(db, entry.type, botOf(chat, scope), VERSIONS),
  ])
  const hint = `${textOf(entry)}-hint`
  const lines = versions.map(({ version, value: was, by, at }) => {
    const words =
      was === undefined ? chat.t(`setting-none-${scope}`) : shown(chat, entry, revive(entry, was), 60)
    return `${version}. ${words} · <code>${by ?? '—'}</code> · ${chat.when(at)}`
  })
  const [last] = versions
  await show(chat, {
    text: [
      `⚙️ <b>${title(chat, entry)}</b>`,
      ...(chat.app.texts.has(chat.language, hint) ? [chat.t(hint)] : []),
      '',
      chat.t('setting-now', {
        value: shown(chat, entry, value),
        bot,
        origin: chat.t(`setting-from-${origin}`),
      }),
      ...(origin === 'bot' ? [chat.t('setting-for-all', { value: shown(chat, entry, forAll) })] : []),
      chat.t('setting-default', { value: shown(chat, entry, entry.type.fallback(config)) }),
      ...(entry.scopes.length > 1 ? [] : ['', chat.t(`setting-only-${scope}`)]),
      ...(may ? [] : ['', chat.t('error-setting-all-bots')]),
      ...(lines.length > 0 ? ['', chat.t(`setting-versions-${scope}`, { bot }), ...lines] : []),
    ].join('\n'),
    keyboard: [
      ...(entry.scopes.length > 1 ? [scopeKeys(chat, scope, 'a-setting', key)] : []),
      ...(may ? changeKeys(chat, entry, scope, last) : []),
      back(chat, ['a-set-group', entry.group]),
    ],
  })
}

function changeKeys(chat: Chat, entry: SettingEntry, scope: SettingScope, last: SettingVersion | undefined) {
  const { key } = entry.type
  const at = [key, scope, String(last?.version ?? 0)]
  const { screen: own } = entry.edit
  const screen = own === undefined ? ['a-set-change', key, scope] : [own, scope]
  const text = chat.t(`setting-change-${scope}`, { bot: chat.bot.name })
  return [
    [button(chat, text, screen as [string, ...string[]], 'primary')],
    ...(last ? [[button(chat, chat.t('setting-undo'), ['a-set-undo', ...at])]] : []),
    ...(last?.value !== undefined
      ? [[button(chat, chat.t(`setting-reset-${scope}`), ['a-set-reset', ...at])]]
      : []),
  ]
}

async function askValue(chat: Chat, [key = '', wanted]: string[]): Promise<void> {
  const entry = typedEntry(chat, key)
  const scope = await scopeOf(chat, [entry.type], wanted)
  await checkMayChange(chat, entry.type, scope)
  const value = await chat.app.settings.get(entry.type, botOf(chat, scope))
  chat.session.awaiting = { input: 'a-set-change', args: [key, scope] }
  const { form } = entry
  await show(chat, {
    text: chat.t('setting-ask', {
      title: title(chat, entry),
      scope: chat.t(`setting-scope-${scope}`, { bot: chat.bot.name }),
      value: form.kind === 'money' ? shown(chat, entry, value) : inCode(writeSetting(entry, value)),
      form: chat.t(`setting-form-${form.kind === 'own' ? form.name : form.kind}`, {
        options: form.kind === 'choice' ? form.options.join(', ') : '',
      }),
    }),
    keyboard: [back(chat, ['a-setting', key, scope])],
  })
}

async function previewValue(chat: Chat, [key = '', wanted]: string[]): Promise<void> {
  const entry = typedEntry(chat, key)
  const scope = await scopeOf(chat, [entry.type], wanted)
  const bot = botOf(chat, scope)
  const text = typedText(chat)
  const value = readSetting(entry, text)
  await chat.app.settings.check(chat.app.db, entry.type, { value, bot })
  const before = await chat.app.settings.get(entry.type, bot)
  const [last] = await settingVersions(chat.app.db, entry.type, bot, 1)
  chat.session['admin-setting'] = { key, scope, text, seen: last?.version ?? 0 } satisfies Pending
  chat.session.awaiting = undefined
  await show(chat, {
    text: chat.t('setting-preview', {
      title: title(chat, entry),
      scope: chat.t(`setting-scope-${scope}`, { bot: chat.bot.name }),
      before: shown(chat, entry, before),
      after: shown(chat, entry, value),
    }),
    keyboard: [
      [button(chat, chat.t('setting-save'), ['a-set-do', key], 'success')],
      [button(chat, chat.t('cancel'), ['a-setting', key, scope])],
    ],
  })
}

async function apply(chat: Chat, [key = '']: string[]): Promise<Answer> {
  const pending = chat.session['admin-setting'] as Pending | undefined
  if (pending?.key !== key) return 'stale'
  const entry = entryOf(chat.settingGroups, key)
  delete chat.session['admin-setting']
  await changeSetting(chat.app, entry, {
    value: readSetting(entry, pending.text),
    bot: botOf(chat, pending.scope),
    by: chat.personId,
    seen: pending.seen,
    action: 'setting',
  })
  await showSetting(chat, key, pending.scope)
  return { toast: chat.t('setting-saved') }
}

/** One tap could change a price of every bot, so the present and the new value are shown before the confirmation. */
async function askBefore(
  chat: Chat,
  [key = '', wanted, seen = '']: string[],
  how: 'undo' | 'reset',
): Promise<Question | undefined> {
  const entry = entryOf(chat.settingGroups, key)
  const scope = await scopeOf(chat, [entry.type], wanted)
  await checkMayChange(chat, entry.type, scope)
  const bot = botOf(chat, scope)
  const [last, earlier] = await settingVersions(chat.app.db, entry.type, bot, 2)
  // Another admin was faster: no question is asked, and the act itself reports it.
  if ((last?.version ?? 0) !== Number(seen)) return undefined
  const words = (kept: unknown) =>
    kept === undefined ? chat.t(`setting-none-${scope}`) : shown(chat, entry, revive(entry, kept))
  const text = chat.t('setting-preview', {
    title: title(chat, entry),
    scope: chat.t(`setting-scope-${scope}`, { bot: chat.bot.name }),
    before: words(last?.value),
    after: words(how === 'undo' ? earlier?.value : undefined),
  })
  return {
    text,
    yes: chat.t(how === 'undo' ? 'setting-undo-yes' : 'setting-reset-yes'),
    home: ['a-setting', key, scope],
  }
}

const stepOf = (chat: Chat, scope: SettingScope, seen: string) => ({
  bot: botOf(chat, scope),
  by: chat.personId,
  seen: Number(seen),
})

async function undo(chat: Chat, [key = '', wanted, seen = '']: string[]): Promise<Answer> {
  const entry = entryOf(chat.settingGroups, key)
  const scope = await scopeOf(chat, [entry.type], wanted)
  await undoSetting(chat.app, entry, stepOf(chat, scope, seen))
  await showSetting(chat, key, scope)
  return { toast: chat.t('setting-undone') }
}

async function reset(chat: Chat, [key = '', wanted, seen = '']: string[]): Promise<Answer> {
  const entry = entryOf(chat.settingGroups, key)
  const scope = await scopeOf(chat, [entry.type], wanted)
  await resetSetting(chat.app, entry, stepOf(chat, scope, seen))
  await showSetting(chat, key, scope)
  return { toast: chat.t('setting-saved') }
}

const shown = (chat: Chat, entry: SettingEntry, value: unknown, length = VALUE_LENGTH) =>
  inCode(settingWords(chat, entry, value), length)

const inCode = (text: string, length = VALUE_LENGTH) => `<code>${escapeHtml(shorten(text, length))}</code>`
