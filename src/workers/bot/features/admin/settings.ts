import { escapeHtml } from '../../../../shared/i18n/format.ts'
import { creditsPerDay, secondAdminAbove } from '../../../../shared/settings/admin.ts'
import {
  changeSetting,
  editable,
  readSetting,
  revive,
  settingVersions,
  writeSetting,
} from '../../../../shared/settings/edit.ts'
import type { SettingEntry } from '../../../../shared/settings/edit.ts'
import { priceBuyRub, priceSellRub, starsPacks, starsPerToken } from '../../../../shared/settings/economy.ts'
import { UserError } from '../../../../shared/errors.ts'
import type { Chat } from '../../chat.ts'
import type { Answer, Feature } from '../../feature.ts'
import { back, button, show } from '../../screen.ts'
import { shortDate } from '../balance.ts'

const PAGE = 8
const VERSIONS = 4

/** What can be changed without a restart: checked, with its history, and undone with one press. */
export const settings: Feature = {
  adminButtons: {
    'a-settings': showList,
    'a-setting': (chat, [key = '']) => showSetting(chat, key),
    'a-set-change': askValue,
    'a-set-do': apply,
    'a-set-undo': undo,
    'a-set-reset': reset,
  },
  adminInputs: { 'a-set-change': previewValue },
  minimumRole: {
    'a-settings': 'admin',
    'a-setting': 'admin',
    'a-set-change': 'owner',
    'a-set-do': 'owner',
    'a-set-undo': 'owner',
    'a-set-reset': 'owner',
  },
  admin: {
    sections: [{ text: 'admin-section-settings', route: 'a-settings' }],
    settings: [
      editable(starsPacks, { kind: 'integers' }),
      editable(starsPerToken, { kind: 'integer' }),
      editable(priceBuyRub, { kind: 'money', asset: 'RUB' }),
      editable(priceSellRub, { kind: 'money', asset: 'RUB' }),
      editable(secondAdminAbove, { kind: 'amounts' }),
      editable(creditsPerDay, { kind: 'amounts' }),
    ],
  },
}

/** What was typed and waits for its yes; the session keeps it, because a button has no room for it. */
interface Pending {
  key: string
  text: string
  seen: number
}

const entriesOf = (chat: Chat) => chat.adminParts.flatMap((parts) => parts.settings ?? [])

function entryOf(chat: Chat, key: string): SettingEntry {
  const entry = entriesOf(chat).find(({ type }) => type.key === key)
  if (!entry) throw new UserError('admin.not-found')
  return entry
}

async function showList(chat: Chat, [offset = '0']: string[]): Promise<void> {
  const at = Number(offset)
  const entries = entriesOf(chat)
  const rows = await Promise.all(
    entries.slice(at, at + PAGE).map(async (entry) => {
      const value = await chat.app.settings.get(entry.type, chat.bot.name)
      const text = `${title(chat, entry)}: ${writeSetting(entry.form, value)}`
      return [button(chat, text.slice(0, 60), ['a-setting', entry.type.key])]
    }),
  )
  const pager = [
    ...(at > 0 ? [button(chat, chat.t('page-back'), ['a-settings', String(Math.max(0, at - PAGE))])] : []),
    ...(entries.length > at + PAGE
      ? [button(chat, chat.t('page-on'), ['a-settings', String(at + PAGE)])]
      : []),
  ]
  await show(chat, {
    text: chat.t('settings-title'),
    keyboard: [...rows, ...(pager.length > 0 ? [pager] : []), back(chat, 'admin')],
  })
}

async function showSetting(chat: Chat, key: string): Promise<void> {
  chat.session.awaiting = undefined
  const entry = entryOf(chat, key)
  const [value, versions] = await Promise.all([
    chat.app.settings.get(entry.type, chat.bot.name),
    settingVersions(chat.app.db, key, '', VERSIONS),
  ])
  const hint = `setting-${key}-hint`
  const lines = versions.map(({ version, value: kept, by, at }) => {
    const words = kept === undefined ? chat.t('setting-environment') : shown(entry, revive(entry, kept))
    return `${version}. ${words} · <code>${by ?? '—'}</code> · ${shortDate(chat, at.getTime() / 1000)}`
  })
  const [last] = versions
  const seen = String(last?.version ?? 0)
  await show(chat, {
    text: [
      `⚙️ <b>${title(chat, entry)}</b>`,
      ...(chat.app.texts.has(chat.language, hint) ? [chat.t(hint)] : []),
      '',
      chat.t('setting-now', { value: shown(entry, value) }),
      chat.t('setting-default', { value: shown(entry, entry.type.fallback(chat.app.config)) }),
      ...(lines.length > 0 ? ['', chat.t('setting-versions'), ...lines] : []),
    ].join('\n'),
    keyboard: [
      [button(chat, chat.t('setting-change'), ['a-set-change', key], 'primary')],
      ...(last ? [[button(chat, chat.t('setting-undo'), ['a-set-undo', key, seen])]] : []),
      ...(last?.value !== undefined
        ? [[button(chat, chat.t('setting-reset'), ['a-set-reset', key, seen])]]
        : []),
      back(chat, 'a-settings'),
    ],
  })
}

async function askValue(chat: Chat, [key = '']: string[]): Promise<void> {
  const entry = entryOf(chat, key)
  const value = await chat.app.settings.get(entry.type, chat.bot.name)
  chat.session.awaiting = { input: 'a-set-change', args: [key] }
  await show(chat, {
    text: chat.t('setting-ask', {
      title: title(chat, entry),
      value: shown(entry, value),
      form: chat.t(`setting-form-${entry.form.kind}`),
    }),
    keyboard: [back(chat, ['a-setting', key])],
  })
}

async function previewValue(chat: Chat, [key = '']: string[]): Promise<void> {
  const entry = entryOf(chat, key)
  const text = chat.ctx.message?.text ?? ''
  const value = readSetting(entry, text)
  const before = await chat.app.settings.get(entry.type, chat.bot.name)
  const [last] = await settingVersions(chat.app.db, key, '', 1)
  chat.session['admin-setting'] = { key, text, seen: last?.version ?? 0 } satisfies Pending
  chat.session.awaiting = undefined
  await show(chat, {
    text: chat.t('setting-preview', {
      title: title(chat, entry),
      before: shown(entry, before),
      after: shown(entry, value),
    }),
    keyboard: [
      [button(chat, chat.t('setting-save'), ['a-set-do', key], 'success')],
      [button(chat, chat.t('cancel'), ['a-setting', key])],
    ],
  })
}

async function apply(chat: Chat, [key = '']: string[]): Promise<Answer> {
  const pending = chat.session['admin-setting'] as Pending | undefined
  if (pending?.key !== key) return { alert: chat.t('stale-button') }
  const entry = entryOf(chat, key)
  delete chat.session['admin-setting']
  await changeSetting(chat.app, entry, {
    value: readSetting(entry, pending.text),
    bot: '',
    by: chat.personId,
    seen: pending.seen,
    action: 'setting',
  })
  await showSetting(chat, key)
  return { toast: chat.t('setting-saved') }
}

/** Back to the version before the last: a new version with the old value. */
async function undo(chat: Chat, [key = '', seen = '']: string[]): Promise<Answer> {
  const entry = entryOf(chat, key)
  const [, before] = await settingVersions(chat.app.db, key, '', 2)
  await changeSetting(chat.app, entry, {
    value: before?.value === undefined ? undefined : revive(entry, before.value),
    bot: '',
    by: chat.personId,
    seen: Number(seen),
    action: 'setting.undone',
  })
  await showSetting(chat, key)
  return { toast: chat.t('setting-undone') }
}

async function reset(chat: Chat, [key = '', seen = '']: string[]): Promise<Answer> {
  await changeSetting(chat.app, entryOf(chat, key), {
    value: undefined,
    bot: '',
    by: chat.personId,
    seen: Number(seen),
    action: 'setting',
  })
  await showSetting(chat, key)
  return { toast: chat.t('setting-saved') }
}

function title(chat: Chat, entry: SettingEntry): string {
  const key = `setting-${entry.type.key}`
  return chat.app.texts.has(chat.language, key) ? chat.t(key) : entry.type.key
}

const shown = (entry: SettingEntry, value: unknown) =>
  `<code>${escapeHtml(writeSetting(entry.form, value).slice(0, 300))}</code>`
