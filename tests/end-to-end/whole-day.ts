import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { type Browser, chromium } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Sandbox, startSandbox } from '../../sandbox/main.ts'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { eventually } from '../lib/eventually.ts'
import { plain } from '../lib/phone.ts'
import { reservePort } from '../lib/port.ts'
import { chromiumPath } from '../lib/requirements.ts'
import { openShop, type Shop } from '../lib/shop.ts'
import { CHROMIUM_FLAGS, PATIENCE_MS } from './chat-page.ts'

/** With `SCREENSHOTS=folder` a picture of each step is kept in the folder. */
const PICTURES = process.env['SCREENSHOTS']
/** The size of the narrowest phone that is still sold. */
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }
const DESKTOP = { viewport: { width: 1440, height: 900 } }
const WORKERS = ['bot', 'billing', 'fragment', 'images', 'broadcasts', 'exports', 'upkeep']

/**
 * Latin words that a Russian reads without being a programmer: names, and words that Russian texts write in Latin
 * letters too.
 */
const NAMES =
  /^(main|second|Kassa|Telegram|Premium|Telekassa|Two|Crypto|Pay|CryptoBot|Cryptomus|Heleket|MulenPay|Fragment|TON|USDT|BTC|TRX|TRC|CSV|XP|AML|QR|English|Nina|Boris|Ada|Novaya|VESNA|Mini|App|API|Excel|Plus|Pro|id|jpg|png|zip|Redis|PostgreSQL|KIE|AI|Visa|Mir|Stars|Toncoin|Balance|Nano|Banana|Seedream|Flux|GPT|Image|Grok|Imagine|Z-Image)$/
/** Words that every language writes alike: commands, names of people, addresses, file names. */
const AS_IS = /https?:\/\/\S+|t\.me(?:\/\S+)?|[/@][\w-]+|[\w-]+\.(?:csv|png|txt)/g

export type Visitor = Awaited<ReturnType<ReturnType<typeof wholeDay>['visit']>>

/** The shop with everything outside it simulated, and its chat page in a browser; both close with the test file. */
export function wholeDay() {
  let sandbox: Sandbox
  let shop: Shop
  let browser: Browser
  let pictures = 0

  beforeAll(async () => {
    const port = await reservePort()
    sandbox = await startSandbox({ shopUrl: `http://127.0.0.1:${port}` })
    const { SANDBOX_URL: _, ...env } = sandbox.env
    await ask('PUT', `${env['TELEGRAM_API_ROOT']}/control/settings`, { chatPerSecond: 0, globalPerSecond: 0 })
    await ask('POST', `${env['TELEGRAM_API_ROOT']}/sandbox/api/speed`, { factor: 10 })
    ;[shop, browser] = await Promise.all([
      openShop({
        workers: WORKERS,
        proxied: false,
        env: { ...env, PORT: String(port), TELEGRAM_CHAT_RATE: '0', IMAGE_POLL_MS: '200' },
      }),
      chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS, timeout: PATIENCE_MS }),
    ])
    shop.onClose(() => sandbox.close())
    const card = { ru: 'Сбер 2202 0000 0000 0001, Ада А.', en: 'Sber 2202 0000 0000 0001, Ada A.' }
    await shop.db.rows(q`
      insert into settings (bot, key, value)
      values ('', 'payments-manual-requisites', ${JSON.stringify({ card_ru: card })})`)
    const gift = { name: 'ВЕСНА', kind: 'tokens' as const, value: 7n, createdBy: 1n }
    await addCode(shop.db, await createCampaign(shop.db, gift), 'VESNA', 10)
  })
  afterAll(() => browser?.close())

  /** One of the personas at a phone or at a desk. */
  async function visit(key: 'phone' | 'desk', personId: number) {
    const context = await browser.newContext({
      ...(key === 'phone' ? PHONE : DESKTOP),
      locale: 'ru-RU',
      timezoneId: 'Europe/Moscow',
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    await page.goto(`${sandbox.env['SANDBOX_URL']}/sandbox`)
    await page.locator('.pane').first().waitFor()
    if (key === 'phone') await page.getByRole('button', { name: /^Вы сейчас/ }).click()
    await page.locator(`.people-list:visible [data-key="${personId}"]`).click()
    await page.locator(`.pane[data-person="${personId}"]`).waitFor()

    let taps = 0
    const faults = new Set<string>()

    /** Waits until the press is answered, and checks that a Russian with a phone can read what is on the screen now. */
    async function check(): Promise<void> {
      await page.locator('.key[aria-busy=true]').first().waitFor({ state: 'detached' })
      const { cut, texts } = await page.evaluate<{ cut: string[]; texts: string[] }>(LOOK)
      for (const key of cut) faults.add(`a key is cut off: ${key}`)
      for (const text of texts) for (const word of foreign(text)) faults.add(`«${word}» in: ${text}`)
    }

    /** The words of the bot's messages, by the numbers of the messages. */
    const messages = () => page.evaluate<[number, string][]>(MESSAGES)

    /** Waits until these words stand in messages that are new or were edited since `before`. */
    async function reads(before: [number, string][], words: (string | RegExp)[]): Promise<void> {
      const old = new Set(before.map(([id, text]) => `${id} ${text}`))
      const fresh = async () =>
        (await messages()).filter(([id, text]) => !old.has(`${id} ${text}`)).map(([, text]) => text)
      const has = (text: string, one: string | RegExp) =>
        typeof one === 'string' ? text.includes(one) : one.test(text)
      await eventually(
        async () => {
          const texts = await fresh()
          return words.every((one) => texts.some((text) => has(text, one)))
        },
        { timeoutMs: PATIENCE_MS, everyMs: 20 },
      ).catch(async (error: unknown) => {
        throw new Error(`${words.join(', ')} is not read; what is new:\n${(await fresh()).join('\n---\n')}`, {
          cause: error,
        })
      })
      await check()
    }

    async function after(words: (string | RegExp)[], act: () => Promise<unknown>): Promise<void> {
      const before = await messages()
      await pace()
      await act()
      await reads(before, words)
    }

    let acts = 0
    /** The bot asks a person who does twenty things in ten seconds to slow down, and a test is as fast as that. */
    async function pace(): Promise<void> {
      const { backend } = shop.shared
      if (++acts % 12 === 0) await backend.redis!.del(`${backend.key('limit-person')}:${personId}`)
    }

    /** Clicks a key also when a new message moves it meanwhile. */
    async function click(key: string | RegExp): Promise<void> {
      const found = page.locator('.pane .key', { hasText: key }).last()
      await found.click({ trial: true })
      await found.dispatchEvent('click')
    }

    const person = {
      page,
      get taps() {
        return taps
      },
      /** Waits for words in any message. */
      reads: (...words: (string | RegExp)[]) => reads([], words),
      /** Presses a key, and waits for the words in the messages that follow. */
      async press(key: string | RegExp, ...words: (string | RegExp)[]) {
        taps++
        await after(words, () => click(key))
      },
      async say(text: string, ...words: (string | RegExp)[]) {
        await after(words, async () => {
          await page.getByRole('textbox', { name: 'Сообщение' }).fill(text)
          await page.keyboard.press('Enter')
        })
      },
      /** Presses a button of the page itself, which belongs to no message. */
      async button(name: string | RegExp) {
        taps++
        await page.getByRole('button', { name }).last().click()
      },
      /** Pays with play Stars in the sheet that Telegram would open. */
      async payStars(count: number, ...words: (string | RegExp)[]) {
        await after(words, async () => {
          await person.button(`Заплатить ${count}`)
          // The sheet stays for a moment, so that a person reads what came of it.
          await page.locator('dialog [data-outcome=paid]').waitFor()
          await page.keyboard.press('Escape')
          await page.locator('dialog').waitFor({ state: 'detached' })
        })
      },
      /** Pays an invoice at its provider's page, which the key opens. */
      async payAt(key: string | RegExp, way: RegExp, ...words: (string | RegExp)[]) {
        taps++
        await after(words, async () => {
          const [tab] = await Promise.all([context.waitForEvent('page'), click(key)])
          tab.setDefaultTimeout(PATIENCE_MS)
          await tab.getByRole('button', { name: way }).click()
          await tab.locator('main').waitFor()
          await tab.close()
        })
      },
      /** Sends the page's sample of a receipt, as a photo. */
      async sendReceipt(...words: (string | RegExp)[]) {
        await after(words, async () => {
          await page.getByRole('button', { name: 'Прикрепить фото или файл' }).click()
          await page.getByRole('button', { name: 'Взять образец чека' }).click()
          await page.getByRole('button', { name: 'Отправить как фото' }).click()
          await page.locator('dialog').waitFor({ state: 'detached' })
        })
      },
      async shot(name: string) {
        if (!PICTURES) return
        await page.waitForTimeout(400)
        mkdirSync(PICTURES, { recursive: true })
        const number = String(++pictures).padStart(2, '0')
        await sharp(await page.screenshot())
          .png({ palette: true })
          .toFile(join(PICTURES, `${number}-${name}.png`))
      },
      async leave() {
        await check()
        expect([...faults, ...complaints]).toEqual([])
        await context.close()
      },
    }
    return person
  }

  return {
    visit,
    get shop() {
      return shop
    },
    get sandbox() {
      return sandbox
    },
  }
}

/** Runs in the page: the number and the words of each message of the bot. */
const MESSAGES = `[...document.querySelectorAll('.pane .message.in[data-message]')].map((one) => [
  Number(one.dataset.message),
  one.innerText.replaceAll(/\\s+/g, ' '),
])`

/** Runs in the page: returns the keys whose words do not fit, and all words outside of code. */
const LOOK = `(() => {
  const cut = [...document.querySelectorAll('.pane .key-text')]
    .filter((one) => one.scrollWidth > one.clientWidth)
    .map((one) => one.textContent)
  const texts = [...document.querySelectorAll('.pane .message.in .text, .pane .key-text, .toast, dialog[open]')].map((one) => {
    const copy = one.cloneNode(true)
    for (const code of copy.querySelectorAll('code, pre, a, blockquote')) code.remove()
    return copy.textContent
  })
  return { cut, texts }
})()`

/** The words of a text that only a programmer understands. */
export function foreign(text: string): string[] {
  const words = plain(text).replaceAll(AS_IS, ' ')
  return (words.match(/[A-Za-z]\w*(?:[.-]\w+)*/g) ?? []).filter((word) => !NAMES.test(word))
}

async function ask(method: string, url: string, body: unknown): Promise<void> {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
}
