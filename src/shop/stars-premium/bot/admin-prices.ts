import type { z } from 'zod'
import { goodsWords, starsPremiumGoods } from '../good.ts'
import { UserError } from '#shared/errors.ts'
import { inRub, supplierCost } from '../cost.ts'
import { resellerConnection } from '../connection.ts'
import { supplierPrices } from '../prices.ts'
import { salePrice } from '../quote.ts'
import {
  coinRates,
  resellerTerms,
  premiumPrices,
  premiumWay,
  starsForSale,
  telegramGiftPrices,
} from '../settings.ts'
import { giftsAtTelegram } from '../telegram-gifts.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { parseAmount, readTyped } from '#shared/money.ts'
import { starPrice } from '#shared/settings/economy.ts'
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

/** Our prices beside what they cost us, and the terms of the sale. */
export const salePricesAdmin: Feature = {
  adminButtons: {
    'fadmin-prices': (chat, [scope]) => showPrices(chat, scope),
    'fadmin-edit': askValue,
    'fadmin-way': switchWay,
    'fadmin-save': keepValue,
    'fadmin-way-yes': keepWay,
  },
  adminInputs: { 'fadmin-value': takeValue },
  minimumRole: {
    'fadmin-edit': 'owner',
    'fadmin-way': 'owner',
    'fadmin-value': 'owner',
    'fadmin-save': 'owner',
    'fadmin-way-yes': 'owner',
  },
}

interface Field {
  setting: SettingType<never>
  /** What an admin must see to type a value, below the question. */
  hint?: (chat: Chat) => Promise<string[]>
  /** Reads what an admin typed. @throws UserError `value.invalid` */
  read(text: string, now: never): unknown
  write(value: never): string
}

function field<Value>(
  setting: SettingType<Value>,
  read: (text: string, now: Value) => unknown,
  write: (value: Value) => string,
): Field {
  return { setting, read, write } as unknown as Field
}

const pairs = (text: string) =>
  Object.fromEntries(
    text
      .split(/[\s;]+|,\s+/)
      .filter(Boolean)
      .map((part) => part.split(/[:=]/) as [string, string]),
  )
/**
 * Reads sums in roubles by name.
 * @throws UserError `amount.unclear`; a text that is no sum is refused by the setting's schema
 */
export const readSums = (text: string) => {
  const read = pairs(text)
  for (const sum of Object.values(read)) if (/^[\d.,]+$/.test(sum ?? '')) readTyped(sum, 'RUB')
  return read
}
const joined = (value: Record<string, unknown>) =>
  Object.entries(value)
    .map(([key, one]) => `${key}:${String(one)}`)
    .join(' ')

const NONE = /^[—–-]$/

// The point is a decimal point here: a star's price has fractions of a kopeck (1.755), and terms are in coins.
const FIELDS: Record<string, Field> = {
  star: field(starPrice, (text) => text.trim().replace(',', '.'), String),
  premium: field(premiumPrices, readSums, joined),
  packs: field(
    starsForSale,
    (text) =>
      text
        .split(/[,;\s]+/)
        .filter(Boolean)
        .map(Number),
    (value) => value.join(', '),
  ),
  gifts: {
    ...field(
      telegramGiftPrices,
      (text) => (NONE.test(text.trim()) ? {} : readSums(text)),
      (value) => joined(value) || '—',
    ),
    hint: giftsAtHand,
  },
  rates: field(coinRates, readSums, joined),
  terms: field(
    resellerTerms,
    (text, now) => ({ ...now, ...pairs(text), sellWithoutCost: /sellWithoutCost[:=]true/.test(text) }),
    joined,
  ),
}

const SETTINGS = [...Object.values(FIELDS).map(({ setting }) => setting), premiumWay]

/** The names of the terms are typed as they stand in the setting, and shown as words. */
const termWords = (chat: Chat, terms: object): string =>
  Object.entries(terms)
    .map(([name, value]) => {
      const word = typeof value === 'boolean' ? chat.t(`fadmin-term-${value}`) : escapeHtml(String(value))
      return `${chat.t(`fadmin-term-${name}`)}: ${word}`
    })
    .join(', ')

async function showPrices(chat: Chat, wanted?: string): Promise<void> {
  chat.session.awaiting = undefined
  const scope = await scopeOf(chat, SETTINGS, wanted)
  const bot = botOf(chat, scope)
  const lines = await Promise.all(
    Object.entries(FIELDS).map(async ([name, one]) => {
      const value = await chat.app.settings.get(one.setting, bot)
      return chat.t('fadmin-field', {
        name: chat.t(`fadmin-field-${name}`),
        value: name === 'terms' ? termWords(chat, value as object) : escapeHtml(one.write(value)),
      })
    }),
  )
  const way = await chat.app.settings.get(premiumWay, bot)
  await show(chat, {
    text: [
      chat.t('fadmin-prices-title'),
      ...lines,
      ...(await ownLine(chat, SETTINGS)),
      '',
      ...(await margins(chat, bot)),
    ].join('\n'),
    keyboard: [
      scopeKeys(chat, scope, 'fadmin-prices'),
      ...Object.keys(FIELDS).map((name) => [
        button(chat, chat.t('fadmin-change', { name: chat.t(`fadmin-field-${name}`) }), [
          'fadmin-edit',
          name,
          scope,
        ]),
      ]),
      [button(chat, chat.t(`fadmin-way-${way}`), ['fadmin-way', scope])],
      back(chat, 'fadmin'),
    ],
  })
}

/** What remains of a sale after its cost, for a few goods that people often buy. */
async function margins(chat: Chat, bot: string): Promise<string[]> {
  const { db, settings } = chat.app
  const prices = await supplierPrices(db, resellerConnection(chat.app)).catch(() => undefined)
  if (!prices) return [chat.t('fadmin-no-cost')]
  const rates = await settings.get(coinRates)
  const rub = { TON: parseAmount(rates.TON, 'RUB'), USDT: parseAmount(rates.USDT, 'RUB') }
  const samples = starsPremiumGoods.flatMap((good) => good.samples)
  const lines = samples.map(async (goods) => {
    const price = await salePrice(settings, bot, goods).catch(() => undefined)
    const cost = supplierCost(goods, prices)
    const spent = cost && inRub(cost, rub)
    if (price === undefined || spent === undefined) return undefined
    return chat.t(spent > price ? 'fadmin-margin-loss' : 'fadmin-margin', {
      goods: chat.t(`orders-label-${goods.kind}`, { ...goodsWords(goods), who: '' }).replace(/ · $/, ''),
      price: chat.money(price, 'RUB'),
      cost: chat.money(spent, 'RUB'),
      left: chat.money(price - spent, 'RUB'),
    })
  })
  return (await Promise.all(lines)).filter((line) => line !== undefined)
}

async function askValue(chat: Chat, [name = '', wanted]: string[]): Promise<Answer> {
  const one = fieldOf(name)
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await checkMayChange(chat, one.setting, scope)
  const value = one.write(await chat.app.settings.get(one.setting, botOf(chat, scope)))
  chat.session.awaiting = { input: 'fadmin-value', args: [name, scope] }
  await show(chat, {
    text: [
      chat.t('fadmin-ask-value', { name: chat.t(`fadmin-field-${name}`), value: escapeHtml(value) }),
      ...((await one.hint?.(chat)) ?? []),
    ].join('\n'),
    keyboard: [back(chat, ['fadmin-prices', scope])],
  })
}

/** A message has room for 4,096 characters, and a line takes some 40 of them. */
const GIFTS_SHOWN = 40

/** The ids of the gifts that Telegram sells this bot; an owner copies them. */
async function giftsAtHand(chat: Chat): Promise<string[]> {
  const gifts = await giftsAtTelegram(chat.app, chat.bot.name)
  const lines = gifts
    .slice(0, GIFTS_SHOWN)
    .map(({ gift, emoji, stars }) => chat.t('fadmin-gift-line', { gift: emoji, stars, id: gift }))
  return ['', chat.t('fadmin-gifts-ask'), ...lines]
}

async function takeValue(chat: Chat, [name = '', wanted]: string[]): Promise<void> {
  const one = fieldOf(name)
  const scope = await scopeOf(chat, SETTINGS, wanted)
  const now = (await chat.app.settings.get(one.setting, botOf(chat, scope))) as never
  const typed = typedText(chat)
  const value = readField(one, typed, now)
  // A value that cannot be stored is refused before the admin is asked to confirm it.
  await chat.app.settings.check(chat.app.db, one.setting, { value, bot: botOf(chat, scope) })
  await askToKeep(chat, {
    title: chat.t(`fadmin-field-${name}`),
    scope,
    before: one.write(now),
    after: one.write(value),
    save: ['fadmin-save', name, scope],
    home: ['fadmin-prices', scope],
    typed,
  })
}

/** @throws UserError `value.invalid` */
function readField(one: Field, typed: string, now: never): never {
  const parsed = (one.setting.schema as z.ZodType).safeParse(one.read(typed, now))
  if (!parsed.success) throw new UserError('value.invalid', { value: one.write(now) })
  return parsed.data as never
}

async function keepValue(chat: Chat, [name = '', wanted = '']: string[]): Promise<Answer> {
  const one = fieldOf(name)
  const preview = takePreview(chat, 'fadmin-save', name, wanted)
  if (!preview) return 'stale'
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await keepSetting(chat, one.setting, scope, (now) => {
    if (one.write(now) !== preview.before) throw new UserError('setting.changed')
    return readField(one, preview.typed, now)
  })
  await showPrices(chat, scope)
  return { toast: chat.t('setting-saved') }
}

function fieldOf(name: string): Field {
  const one = FIELDS[name]
  if (!one) throw new UserError('order.moved')
  return one
}

const other = (way: 'fragment' | 'bot-stars') => (way === 'fragment' ? 'bot-stars' : 'fragment')

async function switchWay(chat: Chat, [wanted]: string[]): Promise<Answer> {
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await checkMayChange(chat, premiumWay, scope)
  const now = await chat.app.settings.get(premiumWay, botOf(chat, scope))
  await askToKeep(chat, {
    title: chat.t('setting-premium-way'),
    scope,
    before: chat.t(`fadmin-way-${now}`),
    after: chat.t(`fadmin-way-${other(now)}`),
    save: ['fadmin-way-yes', scope],
    home: ['fadmin-prices', scope],
  })
}

async function keepWay(chat: Chat, [wanted = '']: string[]): Promise<Answer> {
  const preview = takePreview(chat, 'fadmin-way-yes', wanted)
  if (!preview) return 'stale'
  const scope = await scopeOf(chat, SETTINGS, wanted)
  await keepSetting(chat, premiumWay, scope, (now) => {
    if (chat.t(`fadmin-way-${now}`) !== preview.before) throw new UserError('setting.changed')
    return other(now)
  })
  await showPrices(chat, scope)
  return { toast: chat.t('setting-saved') }
}
