import { audit } from '../../../shared/audit.ts'
import { UserError } from '../../../shared/errors.ts'
import { parseAmount } from '../../../shared/money.ts'
import {
  confirmAbove,
  MANUAL_METHODS,
  manualRequisites,
  type ManualMethod,
  secondAdminAbove,
  switchedOff,
} from '../../../shared/payments/settings.ts'
import { PROVIDER_NAMES, paymentProviders } from '../../../shared/providers/payments/registry.ts'
import type { SettingType } from '../../../shared/settings/settings.ts'
import type { Chat } from '../chat.ts'
import type { Answer, Feature } from '../feature.ts'
import { back, button, show } from '../screen.ts'

/** Which providers take new payments, from which sum they are asked twice, and where people transfer by hand. */
export const adminProviders: Feature = {
  adminCommands: { providers: (chat) => showProviders(chat) },
  adminButtons: {
    providers: (chat) => showProviders(chat),
    'provider-switch': toggle,
    'provider-limit': askLimit,
    'provider-requisites': askRequisites,
    'provider-requisites-off': clearRequisites,
  },
  adminInputs: { 'provider-limit': takeLimit, 'provider-requisites': takeRequisites },
  minimumRole: {
    providers: 'admin',
    'provider-switch': 'owner',
    'provider-limit': 'owner',
    'provider-requisites': 'owner',
    'provider-requisites-off': 'owner',
  },
}

const LIMITS: Record<string, SettingType<string>> = { confirm: confirmAbove, second: secondAdminAbove }

async function showProviders(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const { settings, config } = chat.app
  const configured = paymentProviders(config.payments)
  const [off, confirm, second, requisites] = await Promise.all([
    settings.get(switchedOff, chat.bot.name),
    settings.get(confirmAbove),
    settings.get(secondAdminAbove, chat.bot.name),
    settings.get(manualRequisites, chat.bot.name),
  ])
  const lines = PROVIDER_NAMES.map((name) => {
    const state = !configured.has(name) ? 'not-set' : off.includes(name) ? 'off' : 'on'
    return `• ${name}: ${chat.t(`provider-${state}`)}`
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
    ].join('\n'),
    keyboard: [
      ...[...configured.keys()].map((name) => [
        button(chat, chat.t(off.includes(name) ? 'provider-turn-on' : 'provider-turn-off', { name }), [
          'provider-switch',
          name,
        ]),
      ]),
      [
        button(chat, chat.t('provider-confirm-above'), ['provider-limit', 'confirm']),
        button(chat, chat.t('provider-second-above'), ['provider-limit', 'second']),
      ],
      ...MANUAL_METHODS.map((method) => [
        button(chat, `${requisites[method] ? '✓ ' : ''}${chat.t(`manual-${method}`)}`, [
          'provider-requisites',
          method,
        ]),
      ]),
      back(chat, ['payments', 'all', 0, '']),
    ],
  })
}

/** Off = no new payments. What was begun is still credited: its doors and look-ups stay. */
async function toggle(chat: Chat, [name = '']: string[]): Promise<Answer> {
  const off = await chat.app.settings.get(switchedOff, chat.bot.name)
  const value = off.includes(name) ? off.filter((one) => one !== name) : [...off, name]
  await change(chat, switchedOff, value, `provider ${name}`)
  await showProviders(chat)
}

async function askLimit(chat: Chat, [which = '']: string[]): Promise<Answer> {
  chat.session.awaiting = { input: 'provider-limit', args: [which] }
  await show(chat, { text: chat.t('provider-type-limit'), keyboard: [back(chat, 'providers')] })
}

async function takeLimit(chat: Chat, [which = '']: string[]): Promise<void> {
  const setting = LIMITS[which]
  if (!setting) return
  const amount = parseAmount(chat.ctx.message?.text ?? '', 'RUB')
  if (amount < 0n) throw new UserError('amount.invalid', { text: '' })
  await change(chat, setting, String(amount), setting.key, setting === confirmAbove)
  await showProviders(chat)
}

async function askRequisites(chat: Chat, [method = '']: string[]): Promise<Answer> {
  chat.session.awaiting = { input: 'provider-requisites', args: [method] }
  await show(chat, {
    text: chat.t('provider-type-requisites', { method: chat.t(`manual-${method}`) }),
    keyboard: [
      [button(chat, chat.t('provider-requisites-off'), ['provider-requisites-off', method], 'danger')],
      back(chat, 'providers'),
    ],
  })
}

/** One text for both languages, or Russian and English with a line of `---` between them. */
async function takeRequisites(chat: Chat, [method = '']: string[]): Promise<void> {
  if (!isMethod(method)) return
  const [ru = '', en = ru] = (chat.ctx.message?.text ?? '').split(/^\s*---\s*$/m).map((one) => one.trim())
  if (!ru || !en || ru.length > 1000 || en.length > 1000) return void (await askRequisites(chat, [method]))
  const all = await chat.app.settings.get(manualRequisites, chat.bot.name)
  await change(chat, manualRequisites, { ...all, [method]: { ru, en } }, `requisites ${method}`)
  await showProviders(chat)
}

async function clearRequisites(chat: Chat, [method = '']: string[]): Promise<Answer> {
  if (!isMethod(method)) return
  const { [method]: _gone, ...rest } = await chat.app.settings.get(manualRequisites, chat.bot.name)
  await change(chat, manualRequisites, rest, `requisites ${method}`)
  await showProviders(chat)
}

const isMethod = (name: string): name is ManualMethod => MANUAL_METHODS.some((one) => one === name)

async function change<Value>(
  chat: Chat,
  setting: SettingType<Value>,
  value: Value,
  target: string,
  everywhere = false,
): Promise<void> {
  await chat.app.db.tx(async (tx) => {
    const where = everywhere ? {} : { bot: chat.bot.name }
    await chat.app.settings.set(tx, setting, { value, by: chat.personId, ...where })
    await audit(tx, {
      actor: chat.personId,
      action: 'setting.change',
      target,
      bot: chat.bot.name,
      details: { key: setting.key, value },
    })
  })
}
