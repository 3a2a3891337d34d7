import { escapeHtml } from '#shared/i18n/format.ts'
import { UserError } from '#shared/errors.ts'
import { brokenAddresses } from '../addresses.ts'
import { readTyped } from '#shared/money.ts'
import { providerName } from '#shared/reader.ts'
import {
  confirmAbove,
  MANUAL_METHODS,
  manualRequisites,
  type ManualMethod,
  secondAdminForRequests,
  switchedOff,
} from '../settings.ts'
import { PROVIDER_NAMES, paymentProviders } from '../providers/registry.ts'
import type { SettingType } from '#shared/settings/settings.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { askToKeep, takePreview } from '#workers/bot/settings/preview.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import {
  botOf,
  checkMayChange,
  keepSetting,
  ownLine,
  scopeKeys,
  scopeOf,
} from '#workers/bot/settings/setting-scope.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { LANGUAGES, inLanguages } from '#shared/i18n/languages.ts'
import type { Words } from '#shared/notices.ts'

/** Which providers take new payments, from which sum they are asked twice, and where people transfer by hand. */
export const adminProviders: Feature = {
  adminCommands: { providers: (chat) => showProviders(chat) },
  adminButtons: {
    providers: (chat, [scope]) => showProviders(chat, scope),
    'provider-switch': askToggle,
    'provider-switch-yes': toggle,
    'provider-limit-yes': keepLimit,
    'provider-requisites-yes': keepRequisites,
    'provider-limit': askLimit,
    'provider-requisites': askRequisites,
    'provider-requisites-off': sure('provider-requisites-off', askClear, clearRequisites),
  },
  adminInputs: { 'provider-limit': takeLimit, 'provider-requisites': takeRequisites },
  minimumRole: {
    providers: 'admin',
    'provider-switch': 'owner',
    'provider-switch-yes': 'owner',
    'provider-limit-yes': 'owner',
    'provider-requisites-yes': 'owner',
    'provider-limit': 'owner',
    'provider-requisites': 'owner',
    'provider-requisites-off': 'owner',
  },
}

const LIMITS: Record<string, SettingType<string>> = { confirm: confirmAbove, second: secondAdminForRequests }

/** In one language: the card of a payment has room for no more beside its own words. */
const LONGEST_REQUISITES = 1_000

const SETTINGS = [switchedOff, manualRequisites, secondAdminForRequests, confirmAbove]

async function showProviders(chat: Chat, wanted?: string): Promise<void> {
  chat.session.awaiting = undefined
  const { settings, config } = chat.app
  const scope = await scopeOf(chat, SETTINGS, wanted)
  const bot = botOf(chat, scope)
  const configured = paymentProviders(config.payments)
  const [off, confirm, second, requisites] = await Promise.all([
    settings.get(switchedOff, bot),
    settings.get(confirmAbove),
    settings.get(secondAdminForRequests, bot),
    settings.get(manualRequisites, bot),
  ])
  const lines = PROVIDER_NAMES.map((name) => {
    const state = !configured.has(name) ? 'not-set' : off.includes(name) ? 'off' : 'on'
    return `• ${providerName(chat, name)}: ${chat.t(`provider-${state}`)}`
  })
  await show(chat, {
    text: [
      chat.t('providers-title'),
      ...lines,
      '',
      chat.t('providers-limits', {
        confirm: chat.money(BigInt(confirm), 'RUB'),
        second: chat.money(BigInt(second), 'RUB'),
      }),
      ...(await ownLine(chat, SETTINGS)),
    ].join('\n'),
    keyboard: [
      scopeKeys(chat, scope, 'providers'),
      ...[...configured.keys()].map((name) => [
        button(
          chat,
          chat.t(off.includes(name) ? 'provider-turn-on' : 'provider-turn-off', {
            name: providerName(chat, name),
          }),
          ['provider-switch', name, scope],
        ),
      ]),
      [
        button(chat, chat.t('provider-confirm-above'), ['provider-limit', 'confirm', scope]),
        button(chat, chat.t('provider-second-above'), ['provider-limit', 'second', scope]),
      ],
      ...MANUAL_METHODS.map((method) => [
        button(chat, `${requisites[method] ? '✓ ' : ''}${chat.t(`manual-${method}`)}`, [
          'provider-requisites',
          method,
          scope,
        ]),
      ]),
      back(chat, ['payments', 'all', 0, '']),
    ],
  })
}

/**
 * A provider that is off takes no new payments. Its webhooks and look-ups stay, so what was begun is still credited.
 */
async function askToggle(chat: Chat, [name = '', wanted]: string[]): Promise<Answer> {
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await checkMayChange(chat, switchedOff, scope)
  const isOff = (await chat.app.settings.get(switchedOff, botOf(chat, scope))).includes(name)
  const words = (off: boolean) => chat.t(off ? 'provider-off' : 'provider-on')
  await askToKeep(chat, {
    title: escapeHtml(providerName(chat, name)),
    scope,
    before: words(isOff),
    after: words(!isOff),
    save: ['provider-switch-yes', name, scope],
    home: ['providers', scope],
  })
}

async function toggle(chat: Chat, [name = '', wanted = '']: string[]): Promise<Answer> {
  const preview = takePreview(chat, 'provider-switch-yes', name, wanted)
  if (!preview) return 'stale'
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await keepSetting(chat, switchedOff, scope, (off) => {
    const isOff = off.includes(name)
    if (chat.t(isOff ? 'provider-off' : 'provider-on') !== preview.before)
      throw new UserError('setting.changed')
    return isOff ? off.filter((one) => one !== name) : [...off, name]
  })
  await showProviders(chat, scope)
  return { toast: chat.t('setting-saved') }
}

async function askLimit(chat: Chat, [which = '', wanted]: string[]): Promise<Answer> {
  const setting = LIMITS[which]
  if (!setting) return
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await checkMayChange(chat, setting, scope)
  chat.session.awaiting = { input: 'provider-limit', args: [which, scope] }
  await show(chat, { text: chat.t('provider-type-limit'), keyboard: [back(chat, ['providers', scope])] })
}

async function takeLimit(chat: Chat, [which = '', wanted]: string[]): Promise<void> {
  const setting = LIMITS[which]
  if (!setting) return
  const amount = readTyped(typedText(chat), 'RUB')
  if (amount < 0n) throw new UserError('amount.invalid', { text: '' })
  const scope = await scopeOf(chat, SETTINGS, wanted)
  const now = await chat.app.settings.get(setting, botOf(chat, scope))
  await askToKeep(chat, {
    title: chat.t(`provider-${which}-above`),
    scope,
    before: chat.money(BigInt(now), 'RUB'),
    after: chat.money(amount, 'RUB'),
    save: ['provider-limit-yes', which, scope],
    home: ['providers', scope],
    typed: String(amount),
  })
}

async function keepLimit(chat: Chat, [which = '', wanted = '']: string[]): Promise<Answer> {
  const setting = LIMITS[which]
  const preview = setting && takePreview(chat, 'provider-limit-yes', which, wanted)
  if (!preview) return 'stale'
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await keepSetting(chat, setting, scope, (now) => {
    if (chat.money(BigInt(now), 'RUB') !== preview.before) throw new UserError('setting.changed')
    return preview.typed
  })
  await showProviders(chat, scope)
  return { toast: chat.t('setting-saved') }
}

async function askRequisites(chat: Chat, [method = '', wanted]: string[]): Promise<Answer> {
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await checkMayChange(chat, manualRequisites, scope)
  chat.session.awaiting = { input: 'provider-requisites', args: [method, scope] }
  await show(chat, {
    text: chat.t('provider-type-requisites', { method: chat.t(`manual-${method}`) }),
    keyboard: [
      [button(chat, chat.t('provider-requisites-off'), ['provider-requisites-off', method, scope], 'danger')],
      back(chat, ['providers', scope]),
    ],
  })
}

/** One text for all languages, or one for each in the order of `LANGUAGES`, with lines of `---` between them. */
async function takeRequisites(chat: Chat, [method = '', wanted]: string[]): Promise<void> {
  if (!isMethod(method)) return
  const texts = (chat.ctx.message?.text ?? '').split(/^\s*---\s*$/m).map((one) => one.trim())
  const typed = inLanguages((language) => texts[LANGUAGES.indexOf(language)] ?? texts[0] ?? '')
  const scope = await scopeOf(chat, SETTINGS, wanted)
  const longest = Math.max(...Object.values(typed).map((one) => one.length))
  if (Object.values(typed).includes('') || longest > LONGEST_REQUISITES)
    throw new UserError('provider.requisites', { most: LONGEST_REQUISITES })
  // People who pay by hand copy the address from here: a mistyped one would lose the money of all of them.
  const [broken] = method === 'crypto' ? brokenAddresses(Object.values(typed).join(' ')) : []
  if (broken) throw new UserError('address.in-text', { address: broken })
  const now = (await chat.app.settings.get(manualRequisites, botOf(chat, scope)))[method]
  await askToKeep(chat, {
    title: chat.t(`manual-${method}`),
    scope,
    before: allOf(now),
    after: allOf(typed),
    save: ['provider-requisites-yes', method, scope],
    home: ['providers', scope],
    typed: JSON.stringify(typed),
  })
}

/** The requisites as an admin types them: a text that is the same in all languages stands there once. */
const allOf = (text: Words | undefined) =>
  [...new Set(text && LANGUAGES.map((one) => text[one]))].join('\n---\n')

async function keepRequisites(chat: Chat, [method = '', wanted = '']: string[]): Promise<Answer> {
  const preview = isMethod(method) && takePreview(chat, 'provider-requisites-yes', method, wanted)
  if (!preview) return 'stale'
  const scope = await scopeOf(chat, SETTINGS, wanted)
  const typed = JSON.parse(preview.typed) as Words
  await keepSetting(chat, manualRequisites, scope, (all) => {
    if (allOf(all[method]) !== preview.before) throw new UserError('setting.changed')
    return { ...all, [method]: typed }
  })
  await showProviders(chat, scope)
  return { toast: chat.t('setting-saved') }
}

async function clearRequisites(chat: Chat, [method = '', wanted]: string[]): Promise<Answer> {
  if (!isMethod(method)) return
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await keepSetting(chat, manualRequisites, scope, ({ [method]: _gone, ...rest }) => rest)
  await showProviders(chat, scope)
  return { toast: chat.t('setting-saved') }
}

/** Without this question one tap would delete the requisites, and nobody has them written down. */
async function askClear(chat: Chat, [method = '', wanted]: string[]): Promise<Question | undefined> {
  if (!isMethod(method)) return undefined
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await checkMayChange(chat, manualRequisites, scope)
  const now = (await chat.app.settings.get(manualRequisites, botOf(chat, scope)))[method]
  if (!now) return undefined
  const text = chat.t('setting-preview', {
    title: chat.t(`manual-${method}`),
    scope: chat.t(`setting-scope-${scope}`, { bot: chat.bot.name }),
    before: `<code>${escapeHtml(allOf(now))}</code>`,
    after: chat.t('provider-requisites-none'),
  })
  return { text, yes: chat.t('provider-requisites-off'), home: ['providers', scope] }
}

const isMethod = (name: string): name is ManualMethod => MANUAL_METHODS.some((one) => one === name)
