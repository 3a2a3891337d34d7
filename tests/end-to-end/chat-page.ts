import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { bots, type Sandbox, startSandbox } from '../../sandbox/main.ts'
import type { Control } from '../../sandbox/chat/extra.ts'
import { chromiumPath } from '../lib/requirements.ts'
import { startShopBot } from './sandbox-bot.ts'

export const CHROMIUM_FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking'.split(' ')
/** As long as eventually() waits, because the browser's own limits are shorter. */
export const PATIENCE_MS = 120_000
export const PHONE = { width: 390, height: 844 }
export const DESKTOP = { width: 1440, height: 900 }

/** What the page reads from a shop: readiness and figures, here with one busy queue. */
const answerAsShop: http.RequestListener = (request, response) => {
  if (request.url === '/readyz')
    return response.writeHead(503).end('{"ready":false,"parts":{"queue":"down"}}')
  response.end(
    [
      '# HELP telekassa_queue_jobs Jobs in a queue by state',
      'telekassa_queue_jobs{queue="billing",state="wait"} 7',
      'telekassa_queue_jobs{queue="billing",state="active"} 2',
      'telekassa_queue_oldest_age_seconds{queue="billing"} 41.2',
      'telekassa_job_wait_seconds_bucket{le="1"} 4',
      'telekassa_ledger_proof_ok 1',
      'process_open_fds 12',
    ].join('\n'),
  )
}

/** The sandbox's chat page in a browser: it is opened and closed with the test file that calls this. */
export function chatPage() {
  let sandbox: Sandbox
  let shop: http.Server
  /** The switches that were pressed so far. */
  const calls: string[] = []
  let stopBot: () => Promise<void>
  let browser: Browser
  let page: Page
  let complaints: string[] = []

  beforeAll(async () => {
    shop = http.createServer(answerAsShop).listen(0, '127.0.0.1')
    await once(shop, 'listening')
    sandbox = await startSandbox({
      shopUrl: `http://127.0.0.1:${(shop.address() as AddressInfo).port}`,
      controls: [
        switchOf('stop-billing', 'Stop the billing worker', 'Billing is stopped.'),
        switchOf('start-billing', 'Start the billing worker', 'Billing runs.'),
      ],
    })
    // The send limits of Telegram are the matter of other tests; here they would only make the bot wait.
    await fetch(`${sandbox.env['TELEGRAM_API_ROOT']}/control/settings`, {
      method: 'PUT',
      body: JSON.stringify({ chatPerSecond: 0, globalPerSecond: 0 }),
    })
    stopBot = await startShopBot(sandbox.env['TELEGRAM_API_ROOT']!, bots[0]!.token)
    browser = await chromium.launch({
      executablePath: chromiumPath()!,
      args: CHROMIUM_FLAGS,
      timeout: PATIENCE_MS,
    })
  })

  afterAll(async () => {
    await browser?.close()
    await stopBot?.()
    await sandbox?.close()
    shop?.closeAllConnections()
    shop?.close()
  })

  afterEach(async () => {
    await page.context().close()
    expect(complaints).toEqual([])
  })

  function switchOf(id: string, label: string, said: string): Control {
    const text = { en: said, ru: said }
    const run = async () => {
      calls.push(id)
      return { text }
    }
    return { id, label: { en: label, ru: label }, expected: text, run }
  }

  /** Opens the page as a newcomer would and becomes one of the personas. */
  async function open(who: string, size = DESKTOP): Promise<Page> {
    complaints = []
    const context = await browser.newContext({ viewport: size, locale: 'en-GB', reducedMotion: 'reduce' })
    page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    await page.goto(`${sandbox.env['SANDBOX_URL']}/sandbox`)
    if (size === PHONE) await page.getByRole('button', { name: /^You are/ }).click()
    await page.locator('.people-list:visible').getByRole('button', { name: who }).click()
    await page.locator(`.pane[aria-label*="${who}"]`).waitFor()
    return page
  }

  const bubble = (text: string) => page.locator('.bubble', { hasText: text }).last()
  const key = (name: string) => page.getByRole('button', { name, exact: true }).last()
  const payKey = () => page.locator('.key', { hasText: 'Pay' }).last()
  async function say(text: string) {
    await page.getByRole('textbox', { name: 'Message' }).fill(text)
    await page.keyboard.press('Enter')
  }
  let greetings = 0
  /** Greets the bot, for the first time or again. An older greeting in the chat is not taken for the new one. */
  async function greet() {
    const start = page.getByRole('button', { name: 'Start', exact: true })
    const field = page.getByRole('textbox', { name: 'Message' })
    await start.or(field).first().waitFor()
    if (await start.isVisible()) {
      await start.click()
      return bubble('Hello').waitFor()
    }
    const word = `again${++greetings}`
    await say(`/start ${word}`)
    await bubble(`You came with ${word}.`).waitFor()
  }
  /** Begins to wait before the act, because words that only pass by would be gone when a slow process comes to look. */
  const passes = (words: Locator, act: Promise<unknown>) => Promise.all([words.waitFor(), act])

  return {
    calls,
    open,
    bubble,
    key,
    payKey,
    say,
    greet,
    passes,
    /** The page that is open. */
    get page() {
      return page
    },
    get sandbox() {
      return sandbox
    },
  }
}
