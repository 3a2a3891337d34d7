import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import { barriersOn } from './barriers.ts'
import { eventually } from './eventually.ts'
import type { Kit } from './stars-premium-kit.ts'
import { signedFor } from './mini-app.ts'
import { openPhone } from './phone.ts'

export const PATIENCE_MS = 120_000
export const PHONE = { width: 390, height: 844 }
/** With `SCREENSHOTS=docs/screenshots` the pictures of the pages are kept in that folder. */
const PICTURES = process.env['SCREENSHOTS']
let next = 7_000

interface Visit {
  rub?: bigint
  tok?: bigint
  language?: string
  dark?: boolean
  username?: string
  /** Opens another page of this person, who has a visit already. */
  as?: number
  query?: string
}

/** Opens the Mini App for people in this browser. */
export const visitsTo =
  (kit: Kit, browser: Browser) =>
  async (wish: Visit = {}) =>
    visit(kit, browser, wish)

/** Somebody opens the Mini App on a phone; Telegram's client around it is played by the test. */
async function visit(
  kit: Kit,
  browser: Browser,
  { rub, tok, language = 'en', dark = false, username, as, query = '' }: Visit,
) {
  const shopUrl = `http://127.0.0.1:${kit.environment['PORT']}`
  const id = as ?? (next += 1)
  const name = username ?? `guest_${id}`
  if (as === undefined) {
    await kit.control('POST', '/people', {
      id,
      first_name: 'Guest',
      username: name,
      language_code: language,
    })
    const phone = openPhone(`${kit.telegram.url}/control`, 'shop_bot', id)
    await phone.start()
    await phone.hears(language === 'ru' ? /Магазин/ : /Shop/)
    if (rub) await kit.give(BigInt(id), rub)
    if (tok) await kit.give(BigInt(id), tok, 'TOK')
  }
  const phone = openPhone(`${kit.telegram.url}/control`, 'shop_bot', id)
  const context = await browser.newContext({
    viewport: PHONE,
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
    colorScheme: dark ? 'dark' : 'light',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  // The browser itself logs a line for an answer 422, although the page has words for that refusal.
  let excused = /status of 422/
  const isOurs = (text: string) => !excused.test(text)
  page.on('console', (line) => {
    if (line.type() === 'error' && isOurs(line.text())) complaints.push(line.text())
  })
  const asked: { event: string; data: Record<string, unknown> }[] = []
  await page.exposeFunction('askedOfTelegram', (event: string, data: string) => {
    asked.push({ event, data: JSON.parse(data) as Record<string, unknown> })
  })
  await page.addInitScript(`
    window.TelegramWebviewProxy = { postEvent: (event, data) => window.askedOfTelegram(event, data) }`)
  const theme = dark
    ? { bg_color: '#1d2733', text_color: '#f5f5f5', button_color: '#2f6ea5', button_text_color: '#ffffff' }
    : undefined
  const app = `${shopUrl}/app?bot=main${query}`
  await page.goto(await signedFor(kit.telegram.url, 'shop_bot', id, app, theme))
  const tell = (event: string, data: Record<string, unknown>) =>
    page.evaluate(
      ([name, told]) => {
        const { Telegram } = globalThis as unknown as {
          Telegram: { WebView: { receiveEvent(name: string, data: unknown): void } }
        }
        Telegram.WebView.receiveEvent(name, told)
      },
      [event, data] as const,
    )
  return {
    id: BigInt(id),
    name,
    page,
    phone,
    asked,
    tell,
    key: (words: RegExp) => page.getByRole('button', { name: words }),
    heading: (words: RegExp) => page.getByRole('heading', { level: 1, name: words }).waitFor(),
    /** Pays or closes the invoice that the page has opened over itself. */
    async invoice(decision: 'pay' | 'decline') {
      const { data } = await eventually(
        () => asked.findLast(({ event }) => event === 'web_app_open_invoice'),
        {
          what: 'the invoice is opened',
        },
      )
      const { slug } = data as { slug: string }
      await kit.control('POST', `/chats/shop_bot/${id}/payments`, { slug, decision })
      await tell('invoice_closed', { slug, status: decision === 'pay' ? 'paid' : 'cancelled' })
    },
    async picture(file: string) {
      if (!PICTURES) return
      mkdirSync(PICTURES, { recursive: true })
      await page.screenshot({ path: join(PICTURES, `${file}.png`) })
    },
    /** The test makes the browser log such lines. */
    excuse: (lines: RegExp) => void (excused = lines),
    barriers: () => barriersOn(page),
    async close() {
      await context.close()
      expect(complaints).toEqual([])
    },
  }
}
