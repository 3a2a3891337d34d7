import { expect, test } from 'vitest'
import type { Context } from '#shared/context.ts'
import { readHtml } from '#shared/i18n/html.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { queueNames } from '#shared/queue/queues.ts'
import { accountName, botTexts, providerName, readerAtOnce, readerIn, readerOf } from '#shared/reader.ts'
import { createSecrets } from '#shared/secrets.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { keyboardOf } from '#shop/mailings/keyboard.ts'
import { mailingCard } from '#shop/mailings/card.ts'
import { paymentCard } from '#shop/payments/bot/card.ts'
import { handleCheckout } from '#shop/payments/bot/checkout.ts'
import { paymentLines } from '#shop/payments/words.ts'
import { caption } from '#shop/pictures/cards.ts'
import { describeBot } from '#workers/bot/describe.ts'
import { noticeWords } from '#workers/bot/notice-words.ts'
import { VENDOR_NAMES } from '../../sandbox/payments/start.ts'
import { sources } from '../lib/sources.ts'
import { everyPictureProvider } from '../lib/picture-providers.ts'

const own: Record<string, Record<string, string>> = {
  art: {
    'ru.menu-open': 'Своё меню',
    'ru.mailings-off': 'Свой «не писать»',
    'ru.checkout-unknown': 'Свой счёт неизвестен',
    'ru.bot-description': 'Свой магазин',
    'en.command-buy': 'Own buying',
    'ru.broadcast-title-send': 'Своя рассылка',
    'ru.image-free': 'Своё «даром»',
    'ru.time-zone': 'по-своему',
    'en.checkout-unknown': 'Own unknown',
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
  expect(await keys('art')).toContain('Своё меню')
  expect(await keys('main')).not.toContain('Своё меню')
  // Telegram shows the times in the zone of the reader's phone; an older client shows the words, which name Moscow.
  const [expiresAt, checkedAt] = ['2100-01-01T11:05:00Z', '2100-01-01T10:50:00Z']
  const waits = { ...payment, state: 'pending', expiresAt: new Date(expiresAt), details: { checkedAt } }
  const { text } = paymentCard(app, readerIn(await botTexts(app, 'main'), 'ru'), waits as never)
  const entity = (at: string, words: string) =>
    `<tg-time unix="${Date.parse(at) / 1000}" format="t">${words} МСК</tg-time>`
  expect(text).toContain(`Счёт действует до ${entity(expiresAt, '14:05')} (ещё`)
  expect(text).toContain(`Последняя проверка: ${entity(checkedAt, '13:50')}.`)
})

test('a card names all that a payment brought to the balance, each in its own asset, and the rest while it waits', () => {
  const all = (row: object, language: 'ru' | 'en' = 'ru') => {
    const payment = {
      id: 'p',
      provider: 'cryptopay',
      personId: 1n,
      amount: 50_000n,
      asset: 'RUB',
      booked: 57_500n,
      suspended: 0n,
      suspendedAsset: 'RUB',
      creditAmount: 50n,
      creditAsset: 'TOK',
      details: { credited: true },
      ...row,
    }
    return paymentLines(readerIn(app.texts, language), payment as never).map((line) =>
      line.replaceAll('\u00a0', ' '),
    )
  }
  const lines = (row: object) => all(row)[1]
  expect(lines({ state: 'overpaid', suspended: 7_500n })).toContain(
    'Зачислено: 50 токенов, ещё ждут вас: 75 ₽.',
  )
  expect(lines({ state: 'overpaid' })).toContain('Оплачено.</b> Зачислено: 50 токенов + 75 ₽.')
  const roubles = { creditAmount: 50_000n, creditAsset: 'RUB' }
  expect(lines({ state: 'overpaid', ...roubles })).toContain('Зачислено: 575 ₽.')
  expect(lines({ state: 'paid', booked: 50_000n })).toContain('Зачислено: 50 токенов.')
  // What came late or was too little is on the balance once its payer has taken it.
  const taken = { state: 'underpaid', booked: 30_000n, details: {} }
  expect(lines({ ...taken, suspended: 30_000n })).toContain('Деньги у нас, ждут вас: 300 ₽.')
  expect(lines(taken)).toContain('Деньги на балансе.</b> Зачислено: 300 ₽.')
  // A second invoice of the provider under the same payment was paid as well: it waits, and then it is taken.
  const twice = {
    state: 'paid',
    booked: 50_000n,
    details: { credited: true, beside: { RUB: '50000' } },
    ...roubles,
  }
  expect(all({ ...twice, suspended: 50_000n }).slice(1, 3)).toEqual([
    '③ ✅ <b>Переплата.</b> Зачислено: 500 ₽, ещё ждут вас: 500 ₽.',
    'Всего пришло 1 000 ₽, из них сверх счёта 500 ₽.',
  ])
  expect(all(twice, 'en').slice(1, 3)).toEqual([
    '③ ✅ <b>Paid.</b> Credited: ₽1,000.',
    '₽1,000 received in all, ₽500 of it beyond the invoice.',
  ])
  // A payment of an earlier build.
  expect(all({ ...twice, details: { credited: true, beside: '50000' } })).toEqual(all(twice))
  const coins = { suspendedAsset: 'USDT', suspended: 5_000_000n }
  expect(all({ ...twice, ...coins, details: { credited: true, beside: { USDT: '5000000' } } })[2]).toBe(
    'Сверх счёта пришло 5 USDT.',
  )
  // Sums of two assets are never added up.
  const both = { ...twice, details: { credited: true, beside: { RUB: '50000', USDT: '5000000' } } }
  expect(all({ ...both, suspended: 50_000n }).slice(1, 4)).toEqual([
    '③ ✅ <b>Переплата.</b> Зачислено: 500 ₽ + 5 USDT, ещё ждут вас: 500 ₽.',
    'Всего пришло 1 000 ₽, из них сверх счёта 500 ₽.',
    'Сверх счёта пришло 5 USDT.',
  ])
  expect(all({ state: 'paid', booked: 50_000n })[2]).toContain('Номер')
  expect(all({ state: 'review', booked: 100n, suspended: 100n, details: {} })[2]).toBe(
    'Пришло 1 ₽, деньги ждут вас.',
  )
  const stars = {
    provider: 'stars',
    state: 'paid',
    amount: 25n,
    asset: 'XTR',
    booked: 25n,
    suspendedAsset: null,
  }
  expect(all({ ...stars, details: { paidAgain: ['q', 'r'] } }).slice(2, 4)).toEqual([
    'Этот счёт оплачен ещё раз: платёж <code>q</code>.',
    'Этот счёт оплачен ещё раз: платёж <code>r</code>.',
  ])
  expect(all({ ...stars, details: { againOf: 'p' } })[2]).toContain('ещё одна оплата счёта <code>p</code>')
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
  expect(mailingCard(app, reader, broadcast as never).text).toContain('Своя рассылка')
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
    await handleCheckout(app, { bot, update: { update_id: 1, pre_checkout_query } } as never, {
      sealed: true,
    })
    return JSON.stringify(calls)
  }
  expect(await refusal('art')).toContain('Свой счёт неизвестен')
  expect(await refusal('main')).not.toContain('Свой')
})

test('the refusal before a payment is in the language that the person chose, and while nobody says it in their client’s', async () => {
  const refusal = async (rows: () => Promise<unknown[]>) => {
    calls.length = 0
    const pre_checkout_query = { id: 'q', from: { id: 1, language_code: 'ru' }, invoice_payload: 'x' }
    const job = { bot: 'art', update: { update_id: 1, pre_checkout_query } }
    await handleCheckout({ ...app, db: { rows } } as never, job as never, { sealed: true })
    return JSON.stringify(calls)
  }
  const chosen = async () => [{ language: 'en' }]
  expect(await refusal(chosen)).toContain('Own unknown')
  expect(await refusal(async () => [])).toContain('Свой счёт неизвестен')
})

test('whoever must not wait reads the client’s language while the database hangs', async () => {
  const db = { rows: () => new Promise<never>(() => {}) }
  const from = { id: 1, language_code: 'uk' }
  expect((await readerAtOnce({ ...app, db } as never, 'art', from, 1)).t('menu-open')).toBe('Своё меню')
  const away = { rows: () => Promise.reject(new Error('the database is away')) }
  expect((await readerAtOnce({ ...app, db: away } as never, 'art', from, 1)).t('menu-open')).toBe('Своё меню')
})

test('a picture’s caption is in the words of its bot', async () => {
  const reader = { ...readerIn(await botTexts(app, 'art'), 'ru'), priceNow: undefined }
  const picture = { prompt: 'кот', model: 'gone', aspect: '1:1', price: 0n }
  expect(caption({ app, providers: new Map() } as never, reader, picture as never)).toContain('Своё «даром»')
})

test('sums, days and times are written in the reader’s language, in Moscow, with the zone in the bot’s words', async () => {
  const at = new Date('2026-11-21T11:05:00Z')
  const ru = readerIn(await botTexts(app, 'art'), 'ru')
  const en = readerIn(await botTexts(app, 'main'), 'en')
  const plain = (text: string) => text.replaceAll('\u00a0', ' ')
  expect([ru.time(at), ru.day(at), readHtml(ru.clock(at)).text]).toEqual([
    '21.11, 14:05 по-своему',
    '21.11.2026',
    '14:05 по-своему',
  ])
  expect([en.day(at), readHtml(en.clock(at)).text]).toEqual(['21/11/2026', '14:05 MSK'])
  expect([plain(ru.money(123_450n, 'RUB')), plain(en.signed(5n, 'TOK'))]).toEqual(['1 234,50 ₽', '+5 tokens'])
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
  const asking = src.filter(({ text }) => /coalesce\(\s*s\.language|s\.language as/.test(text))
  expect(asking.map(({ path }) => path)).toEqual(['src/shared/people.ts'])
  const formatting = src.filter(({ text }) =>
    /\b(?:money|signedMoney)\((?:chat\.)?language,|\bdateFormat\(/.test(text),
  )
  expect(formatting.map(({ path }) => path)).toEqual([
    'src/shared/i18n/format.ts',
    'src/shared/reader.ts',
    // A notice names its reader when it is sent, so this file may ask for the language.
    'src/workers/bot/notice-words.ts',
  ])
})

test('queues, providers and accounts have a name in both languages, in alerts as well', () => {
  const texts = loadTexts()
  const providers = [...VENDOR_NAMES, 'stars', 'manual', ...everyPictureProvider().keys(), 'demo']
  for (const language of ['ru', 'en'] as const) {
    const reader = readerIn(texts, language)
    expect(queueNames.filter((name) => !texts.has(language, `queue-${name}`))).toEqual([])
    expect(providers.filter((name) => providerName(reader, name) === name)).toEqual([])
    const methods = VENDOR_NAMES.flatMap((name) => [`method-${name}`, `method-${name}-hint`])
    expect(methods.filter((key) => !texts.has(language, key))).toEqual([])
    expect(noticeWords(reader, { provider: 'cryptopay', number: '1' })).toEqual({
      provider: 'Crypto Pay',
      number: '1',
    })
  }
  const reader = readerIn(texts, 'ru')
  // Reasons of ours are said in the admin's language; a vendor's words are quoted as they came.
  const reasons = ['refund-why-vendor', 'fadmin-reason-down', 'no <funds>']
  expect(reasons.map((reason) => noticeWords(reader, { reason })['reason'])).toEqual([
    'платёжная система не смогла его провести',
    texts.t('ru', 'fadmin-reason-down'),
    'no &lt;funds&gt;',
  ])
  expect(['provider:stars', 'conversion', 'api:main'].map((one) => accountName(reader, one))).toEqual([
    'Звёзды',
    'обмен',
    'API main',
  ])
})
