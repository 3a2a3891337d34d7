import type { z } from 'zod'
import { audit } from '../../../../shared/audit.ts'
import { UserError } from '../../../../shared/errors.ts'
import { inRub, supplierCost } from '../../../../shared/fragment/cost.ts'
import { fragmentConnection } from '../../../../shared/fragment/connection.ts'
import { supplierPrices } from '../../../../shared/fragment/prices.ts'
import { salePrice } from '../../../../shared/fragment/quote.ts'
import {
  coinRates,
  fragmentTerms,
  premiumPrices,
  premiumWay,
  starPacks,
  starPrice,
} from '../../../../shared/fragment/settings.ts'
import { escapeHtml } from '../../../../shared/i18n/format.ts'
import { parseAmount } from '../../../../shared/money.ts'
import type { Goods } from '../../../../shared/providers/supplier.ts'
import type { SettingType } from '../../../../shared/settings/settings.ts'
import type { Chat } from '../../chat.ts'
import type { Answer, Feature } from '../../feature.ts'
import { back, button, show } from '../../screen.ts'

/** Our prices beside what they cost us, and the terms of the sale. */
export const fragmentPrices: Feature = {
  adminButtons: {
    'fadmin-prices': (chat) => showPrices(chat),
    'fadmin-edit': askValue,
    'fadmin-way': switchWay,
  },
  adminInputs: { 'fadmin-value': takeValue },
  minimumRole: { 'fadmin-edit': 'owner', 'fadmin-way': 'owner', 'fadmin-value': 'owner' },
}

interface Field {
  setting: SettingType<never>
  /** A bot's own value, or one for all bots, as the reseller's wallet is one for all. */
  perBot: boolean
  /** Reads what an admin typed. @throws UserError `value-invalid` */
  read(text: string, now: never): unknown
  write(value: never): string
}

function field<Value>(
  setting: SettingType<Value>,
  perBot: boolean,
  read: (text: string, now: Value) => unknown,
  write: (value: Value) => string,
): Field {
  return { setting, perBot, read, write } as unknown as Field
}

const pairs = (text: string) =>
  Object.fromEntries(
    text
      .split(/[\s;]+|,\s+/)
      .filter(Boolean)
      .map((part) => part.split(/[:=]/) as [string, string]),
  )
const joined = (value: Record<string, unknown>) =>
  Object.entries(value)
    .map(([key, one]) => `${key}:${String(one)}`)
    .join(' ')

const FIELDS: Record<string, Field> = {
  star: field(starPrice, true, (text) => text.trim().replace(',', '.'), String),
  premium: field(premiumPrices, true, pairs, joined),
  packs: field(
    starPacks,
    true,
    (text) =>
      text
        .split(/[,;\s]+/)
        .filter(Boolean)
        .map(Number),
    (value) => value.join(', '),
  ),
  rates: field(coinRates, false, pairs, joined),
  terms: field(
    fragmentTerms,
    false,
    (text, now) => ({ ...now, ...pairs(text), sellWithoutCost: /sellWithoutCost[:=]true/.test(text) }),
    joined,
  ),
}

async function showPrices(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const lines = await Promise.all(
    Object.entries(FIELDS).map(async ([name, one]) => {
      const value = await chat.app.settings.get(one.setting, chat.bot.name)
      return chat.t('fadmin-field', {
        name: chat.t(`fadmin-field-${name}`),
        value: escapeHtml(one.write(value)),
      })
    }),
  )
  const way = await chat.app.settings.get(premiumWay, chat.bot.name)
  await show(chat, {
    text: [chat.t('fadmin-prices-title'), ...lines, '', ...(await margins(chat))].join('\n'),
    keyboard: [
      ...Object.keys(FIELDS).map((name) => [
        button(chat, chat.t('fadmin-change', { name: chat.t(`fadmin-field-${name}`) }), [
          'fadmin-edit',
          name,
        ]),
      ]),
      [button(chat, chat.t(`fadmin-way-${way}`), 'fadmin-way')],
      back(chat, 'fadmin'),
    ],
  })
}

/** What is left of a sale, for a few goods that people buy. */
async function margins(chat: Chat): Promise<string[]> {
  const { db, settings } = chat.app
  const prices = await supplierPrices(db, fragmentConnection(chat.app)).catch(() => undefined)
  if (!prices) return [chat.t('fadmin-no-cost')]
  const rates = await settings.get(coinRates)
  const rub = { TON: parseAmount(rates.TON, 'RUB'), USDT: parseAmount(rates.USDT, 'RUB') }
  const samples: Goods[] = [
    { kind: 'stars', quantity: 50 },
    { kind: 'stars', quantity: 1000 },
    { kind: 'premium', months: 3 },
    { kind: 'premium', months: 12 },
  ]
  const lines = samples.map(async (goods) => {
    const price = await salePrice(settings, chat.bot.name, goods).catch(() => undefined)
    const cost = supplierCost(goods, prices)
    const spent = cost && inRub(cost, rub)
    if (price === undefined || spent === undefined) return undefined
    const count = goods.kind === 'stars' ? goods.quantity : goods.months
    return chat.t(spent > price ? 'fadmin-margin-loss' : 'fadmin-margin', {
      goods: chat.t(`orders-label-${goods.kind}`, { count, who: '' }).replace(/ · $/, ''),
      price: chat.money(price, 'RUB'),
      cost: chat.money(spent, 'RUB'),
      left: chat.money(price - spent, 'RUB'),
    })
  })
  return (await Promise.all(lines)).filter((line) => line !== undefined)
}

async function askValue(chat: Chat, [name = '']: string[]): Promise<Answer> {
  const one = FIELDS[name]
  if (!one) throw new UserError('order-moved')
  const value = one.write(await chat.app.settings.get(one.setting, chat.bot.name))
  chat.session.awaiting = { input: 'fadmin-value', args: [name] }
  await show(chat, {
    text: chat.t('fadmin-ask-value', { name: chat.t(`fadmin-field-${name}`), value: escapeHtml(value) }),
    keyboard: [back(chat, 'fadmin-prices')],
  })
}

async function takeValue(chat: Chat, [name = '']: string[]): Promise<void> {
  const one = FIELDS[name]
  if (!one) throw new UserError('order-moved')
  const { db, settings } = chat.app
  const bot = one.perBot ? chat.bot.name : ''
  const before = await settings.get(one.setting, bot)
  const parsed = (one.setting.schema as z.ZodType).safeParse(one.read(chat.ctx.message?.text ?? '', before))
  if (!parsed.success) throw new UserError('value-invalid', { value: one.write(before) })
  await db.tx(async (tx) => {
    await settings.set(tx, one.setting, { value: parsed.data as never, bot, by: chat.personId })
    await audit(tx, {
      actor: chat.personId,
      bot: chat.bot.name,
      action: 'setting.change',
      target: one.setting.key,
      details: { before: one.write(before), after: one.write(parsed.data as never) },
    })
  })
  await showPrices(chat)
}

async function switchWay(chat: Chat): Promise<Answer> {
  const { db, settings } = chat.app
  const now = await settings.get(premiumWay, chat.bot.name)
  const value = now === 'fragment' ? 'bot-stars' : 'fragment'
  await db.tx(async (tx) => {
    await settings.set(tx, premiumWay, { value, bot: chat.bot.name, by: chat.personId })
    const details = { before: now, after: value }
    await audit(tx, {
      actor: chat.personId,
      bot: chat.bot.name,
      action: 'setting.change',
      target: premiumWay.key,
      details,
    })
  })
  await showPrices(chat)
}
