import { expect, test } from 'vitest'
import type { Context } from '#shared/context.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { botTexts, readerIn, readerOf } from '#shared/reader.ts'
import { createSecrets } from '#shared/secrets.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { keyboardOf } from '#shop/mailings/keyboard.ts'
import { broadcastCard } from '#shop/mailings/card.ts'
import { paymentCard } from '#shop/payments/bot/card.ts'
import { handleCheckout } from '#shop/payments/bot/checkout.ts'
import { describeBot } from '#workers/bot/describe.ts'
import { sources } from '../lib/sources.ts'

const own: Record<string, Record<string, string>> = {
  art: {
    'ru.back': 'Свой «назад»',
    'ru.mailings-off': 'Свой «не писать»',
    'ru.checkout-unknown': 'Свой счёт неизвестен',
    'ru.bot-description': 'Свой магазин',
    'en.command-buy': 'Own buying',
    'ru.broadcast-title-send': 'Своя рассылка',
  },
}
const secrets = createSecrets(Buffer.alloc(32, 1).toString('base64'))
const calls: Record<string, unknown>[] = []
const api = new Proxy({} as ServedBot['api'], {
  get:
    (_, method: string) =>
    (...args: unknown[]) => {
      calls.push({ method, args })
      return Promise.resolve(true)
    },
})
const bots = new Map(['art', 'main'].map((name) => [name, { name, api } as unknown as ServedBot]))
const app = {
  bots,
  secrets,
  texts: loadTexts(),
  log: { warn() {}, debug() {} },
  settings: { get: async (_: unknown, bot: string) => own[bot] ?? {} },
  db: { rows: async () => [] },
} as unknown as Context

test('a payment’s card is in the words of its bot and of no other', async () => {
  const payment = {
    id: 'p',
    provider: 'cryptopay',
    personId: 1n,
    state: 'created',
    amount: 1n,
    asset: 'RUB',
    booked: 0n,
    suspended: 0n,
    creditAmount: 1n,
    creditAsset: 'TOK',
    details: {},
  }
  const keys = async (bot: string) =>
    JSON.stringify(paymentCard(app, readerIn(await botTexts(app, bot), 'ru'), payment as never).keyboard)
  expect(await keys('art')).toContain('Свой «назад»')
  expect(await keys('main')).not.toContain('Свой')
})

test('the key that ends mailings is in the words of the bot that sends', async () => {
  const key = async (bot: string) =>
    JSON.stringify(
      keyboardOf(app, await botTexts(app, bot), { buttons: [] } as never, { optOut: true } as never, {
        personId: 1n,
        language: 'ru',
      }),
    )
  expect(await key('art')).toContain('Свой «не писать»')
  expect(await key('main')).not.toContain('Свой')
})

test('a mailing’s live message is in the words of its bot', async () => {
  const broadcast = {
    id: 'b',
    createdBy: 1n,
    state: 'running',
    action: 'send',
    options: {},
    sent: 0,
    blocked: 0,
    failed: 0,
    uncertain: 0,
    total: 1,
    rate: 0,
  }
  const reader = readerIn(await botTexts(app, 'art'), 'ru')
  expect(broadcastCard(app, reader, broadcast as never).text).toContain('Своя рассылка')
})

test('the refusal before a payment is in the words of its bot', async () => {
  const refusal = async (bot: string) => {
    calls.length = 0
    const pre_checkout_query = {
      id: 'q',
      from: { id: 1, language_code: 'ru' },
      currency: 'XTR',
      total_amount: 1,
      invoice_payload: 'x',
    }
    await handleCheckout(app, { bot, update: { update_id: 1, pre_checkout_query } } as never)
    return JSON.stringify(calls)
  }
  expect(await refusal('art')).toContain('Свой счёт неизвестен')
  expect(await refusal('main')).not.toContain('Свой')
})

test('the description and the commands that Telegram shows are in the words of their bot', async () => {
  const described = async (bot: string) => {
    calls.length = 0
    await describeBot(app, bots.get(bot)!)
    return JSON.stringify(calls)
  }
  expect(await described('art')).toContain('Свой магазин')
  expect(await described('art')).toContain('Own buying')
  expect(await described('main')).not.toMatch(/Свой|Own/)
})

test('a person whom nobody knows reads English, and a bot whose words cannot be asked speaks as the shop', async () => {
  expect((await readerOf(app, 'art', 1n)).language).toBe('en')
  const settings = { get: () => Promise.reject(new Error('the database is away')) }
  const texts = await botTexts({ ...app, settings } as never, 'art')
  expect(texts.t('ru', 'back')).toBe(app.texts.t('ru', 'back'))
})

test('texts for people are written through a Reader, and their language is asked for in one place', () => {
  const src = sources('src/**/*.ts')
  const past = src.filter(({ text }) => /\bapp\.texts\.t\(/.test(text))
  expect(past.map(({ path }) => path)).toEqual(['src/shared/settings/economy.ts'])
  const asking = src.filter(({ text }) => /s\.language as chosen/.test(text))
  expect(asking.map(({ path }) => path)).toEqual(['src/shared/people.ts', 'src/shared/reachable.ts'])
})
