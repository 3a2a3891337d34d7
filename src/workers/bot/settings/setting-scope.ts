import type { InlineKeyboardButton } from 'grammy/types'
import { UserError } from '#shared/errors.ts'
import { entryOf } from '#shared/settings/edit.ts'
import { changeSetting, settingVersions } from '#shared/settings/change.ts'
import type { SettingScope, SettingEntry } from '#shared/settings/edit.ts'
import type { SettingMove } from '#shared/settings/change.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import type { SettingType } from '#shared/settings/settings.ts'
import type { Chat } from '../chat.ts'
import { button } from '../screen.ts'

/*
 * Every screen of settings chooses here whether a value is for all bots or only for this chat's bot, and stores it
 * here.
 */

type Types = readonly Pick<SettingType<unknown>, 'key'>[]

export const botOf = (chat: Chat, scope: SettingScope): string => (scope === 'own' ? chat.bot.name : '')

const fitting = ({ scopes }: SettingEntry, scope: SettingScope): SettingScope =>
  scopes.includes(scope) ? scope : scopes[0]!

/** Whether this person may change values in the scope. */
export const mayChange = async (chat: Chat, scope: SettingScope): Promise<boolean> =>
  scope === 'own' || mayChangeForAll(chat.app.db, chat.app, chat.personId)

/**
 * Checks the right before somebody types a value that would be refused.
 * @throws UserError `setting.all-bots`
 */
export async function checkMayChange(chat: Chat, type: Types[number], scope: SettingScope): Promise<void> {
  if (!(await mayChange(chat, fitting(entryOf(chat.settingGroups, type.key), scope))))
    throw new UserError('setting.all-bots')
}

/**
 * The scope that a screen of these settings shows: the one named by its button; else this bot, if it has a value of
 * its own or the person may not change those of all bots.
 */
export async function scopeOf(chat: Chat, types: Types, wanted?: string): Promise<SettingScope> {
  const entries = types.map(({ key }) => entryOf(chat.settingGroups, key))
  const known = (['all', 'own'] as const).find((scope) => scope === wanted)
  if (known) return entries.some(({ scopes }) => scopes.includes(known)) ? known : fitting(entries[0]!, known)
  const own = (await ownOf(chat, types)).length > 0 || !(await mayChange(chat, 'all'))
  return own && entries.some(({ scopes }) => scopes.includes('own')) ? 'own' : fitting(entries[0]!, 'all')
}

/** The settings that have a value of this bot's own. */
async function ownOf(chat: Chat, types: Types): Promise<SettingEntry[]> {
  const entries = types.map(({ key }) => entryOf(chat.settingGroups, key))
  const origins = await Promise.all(entries.map(({ type }) => chat.app.settings.origin(type, chat.bot.name)))
  return entries.filter((_, at) => origins[at] === 'bot')
}

/** A line that names this bot's own values; none when it has none. */
export async function ownLine(chat: Chat, types: Types): Promise<string[]> {
  const names = (await ownOf(chat, types)).map((entry) => title(chat, entry)).join(', ')
  return names ? ['', chat.t('setting-own-here', { bot: chat.bot.name, names })] : []
}

/** The row of keys that switches the scope of a screen. */
export function scopeKeys(
  chat: Chat,
  scope: SettingScope,
  ...route: [string, ...string[]]
): InlineKeyboardButton[] {
  return (['all', 'own'] as const).map((one) =>
    button(chat, `${one === scope ? '☑️' : '▫️'} ${chat.t(`setting-scope-${one}`, { bot: chat.bot.name })}`, [
      ...route,
      one,
    ]),
  )
}

/**
 * Changes a setting, starting from its present value. A setting that cannot have a value in the chosen scope is
 * changed in the scope where it can.
 * @throws UserError `setting.changed` when somebody else changed it meanwhile, `setting.all-bots`
 */
export async function keepSetting<Value>(
  chat: Chat,
  type: SettingType<Value>,
  scope: SettingScope,
  change: (now: Value) => Value,
  line: Pick<SettingMove, 'action' | 'target' | 'details' | 'minimum'> = { action: 'setting' },
): Promise<void> {
  const { app } = chat
  const entry = entryOf(chat.settingGroups, type.key)
  const bot = botOf(chat, fitting(entry, scope))
  const [last] = await settingVersions(app.db, type, bot, 1)
  // The value is read from the database after its version: a change by somebody else in between is then refused and not
  // overwritten.
  app.settings.forget()
  const value = change(await app.settings.get(type, bot))
  await changeSetting(app, entry, { ...line, value, bot, by: chat.personId, seen: last?.version ?? 0 })
}

export const textOf = ({ type }: { type: Types[number] }) => `setting-${type.key}`

export const title = (chat: Chat, entry: { type: Types[number] }) => chat.t(textOf(entry))
