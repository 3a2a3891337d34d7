import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { sql as q } from 'kysely'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/fragment-kit.ts'
import { signedFor } from '../lib/mini-app.ts'
import { openPhone } from '../lib/phone.ts'
import { chromiumPath, redisAvailable } from '../lib/requirements.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
]
const PATIENCE_MS = 60_000
const PHONE = { width: 390, height: 844 }
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** `SCREENSHOTS=docs/screenshots` keeps pictures of the pages there. */
const PICTURES = process.env['SCREENSHOTS']

describe.skipIf(!chromiumPath() || !redisAvailable())('the Mini App in Chromium', () => {
  let kit: Kit
  let shopUrl: string
  let browser: Browser
  let next = 7_000

  beforeAll(async () => {
    kit = await openKit({
      FRAGMENT_TIMEOUT_MS: '20000',
      FRAGMENT_REVIEW_AFTER_MS: '60000',
      // Never asked: only a path is tried here on which no vendor is.
      MULENPAY_API_URL: 'http://127.0.0.1:9',
      MULENPAY_API_KEY: 'key',
      MULENPAY_SECRET_KEY: 'secret',
      MULENPAY_SHOP_ID: '5',
      MULENPAY_WEBHOOK_SECRET: 'webhooks',
    })
    await kit.control('PUT', '/settings', { chatPerSecond: 0 })
    shopUrl = `http://127.0.0.1:${kit.environment['PORT']}`
    const [opened] = await Promise.all([
      chromium.launch({ executablePath: chromiumPath()!, args: FLAGS, timeout: PATIENCE_MS }),
      kit.gateway(),
      kit.worker('bot', 'billing', 'fragment'),
    ])
    browser = opened
  })
  afterAll(async () => {
    await browser?.close()
    await kit?.close()
  })

  interface Visit {
    rub?: bigint
    tok?: bigint
    language?: string
    dark?: boolean
    username?: string
    /** Another page of the same person. */
    as?: number
    query?: string
  }

  /** Somebody opens the Mini App on a phone; Telegram's client around it is played by the test. */
  async function visit({ rub, tok, language = 'en', dark = false, username, as, query = '' }: Visit = {}) {
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
    if (PICTURES) await drawEmoji(context)
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    // A refusal that the page has words for is a line of the browser's own.
    const isOurs = (text: string) => !text.includes('status of 422')
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
      /** Pays, or closes, the invoice that the page has opened over itself. */
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
      /** What a reader with a screen reader, or with weak eyes, would meet. */
      async barriers(): Promise<string[]> {
        await page.evaluate(AXE)
        const { violations } = await page.evaluate(() =>
          (
            globalThis as unknown as {
              axe: {
                run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
              }
            }
          ).axe.run(),
        )
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map((one) => `${one.id}: ${one.nodes.map(({ html }) => html).join(' ')}`)
      },
      async close() {
        await context.close()
        expect(complaints).toEqual([])
      },
    }
  }

  /** Phones have emoji; a machine that draws pictures for the documents may have none. */
  async function drawEmoji(context: BrowserContext): Promise<void> {
    const font = createRequire(import.meta.url).resolve('@fontsource-variable/noto-emoji/index.css')
    const faces = readFileSync(font, 'utf8').replaceAll('./files/', '/app/assets/emoji/')
    await context.route('**/assets/emoji/*', (route) =>
      route.fulfill({ path: join(font, '../files', basename(new URL(route.request().url()).pathname)) }),
    )
    await context.route('**/assets/*.css', async (route) => {
      const reply = await route.fetch()
      await route.fulfill({
        response: reply,
        body: `${await reply.text()}\n${faces} html { font-family: system-ui, 'Noto Emoji Variable' }`,
      })
    })
  }

  const balanceOf = (page: Page, asset: string) => page.locator(`[data-balance="${asset}"]`)

  test('tokens are bought with Stars, and the balance shows them without a reload', async () => {
    const me = await visit()
    await me.key(/5.tokens/).click()
    await me.invoice('decline')
    await me.page.getByText('nothing was charged').waitFor()
    me.asked.length = 0
    await me.key(/5.tokens/).click()
    await me.invoice('pay')
    await balanceOf(me.page, 'TOK').filter({ hasText: '5' }).waitFor()
    await me.key(/^History/).click()
    await me.page.getByText('+5').waitFor()
    await me.close()
  })

  test('Stars for a friend: the price stands there before anything is typed, and the order is followed to its end', async () => {
    await kit.control('POST', '/people', {
      id: 6_999,
      first_name: 'Friend',
      username: 'best_friend',
      language_code: 'en',
    })
    const me = await visit({ rub: 100_000n })
    kit.simulator.state.faults.push({
      on: 'order',
      username: 'best_friend',
      what: { kind: 'stuck', at: 'PENDING' },
    })
    await me.key(/Stars from/).click()
    await me.page.getByText('₽180').first().waitFor()
    await me.page.getByText(/^100 /).first().click()
    await me.page.getByText('Somebody else').click()
    await me.page.getByLabel('Their name in Telegram').fill('https://t.me/best_friend')
    await me.key(/^Next · ₽180/).click()
    await me.heading(/Check your order/)
    await me.page.getByText('@best_friend').waitFor()
    await me.page.getByText('Left afterwards: ₽820').waitFor()
    await me.key(/^Buy for ₽180/).dblclick()
    await me.page.getByText('the money is reserved').waitFor()
    // The page is closed and opened again, elsewhere: the order is where it was.
    const later = await visit({ as: Number(me.id) })
    await later.key(/100 Stars/).click()
    await later.page.locator('[data-order="fulfilling"]').waitFor()
    const bought = await eventually(() => kit.bought('best_friend'), { what: 'the purchase' })
    await kit.finish(bought.id, 'COMPLETED')
    for (const { page } of [me, later]) await page.locator('[data-order="delivered"]').waitFor()
    expect(kit.deliveries('best_friend')).toMatchObject([{ quantity: 100 }])
    expect((await kit.money(me.id)).available).toBe(82_000n)
    await me.phone.hears(/Delivered/)
    await later.close()
    await me.close()
  })

  test('what the balance lacks is paid in Stars, and the order goes on by itself; one that waits can be cancelled', async () => {
    const me = await visit()
    const ask = async () => {
      await me.key(/Stars from/).click()
      await me.page.getByText(/^50 /).first().click()
      await me.key(/^Next/).click()
      await me.key(/Pay the rest and buy for .* tokens/).click()
      await me.page.locator('[data-order="awaiting_payment"]').waitFor()
    }
    await ask()
    await me.key(/Cancel the order/).click()
    await me.page.locator('[data-order="cancelled"]').waitFor()
    await me.key(/^Shop/).click()
    await ask()
    me.asked.length = 0
    await me.key(/Pay with Stars/).click()
    await me.invoice('pay')
    await me.page.locator('[data-order="delivered"]').waitFor()
    expect(kit.deliveries(me.name)).toMatchObject([{ quantity: 50 }])
    await me.close()
  })

  test('a name that is nobody’s, a number that is not sold and a price that is too old are told in words', async () => {
    const me = await visit({ rub: 100_000n })
    await me.key(/Stars from/).click()
    await me.page.getByText('Another number').click()
    await me.page.getByLabel('Number of Stars').fill('7')
    await me.page.getByText(/50/).first().waitFor()
    await me.page.getByLabel('Number of Stars').fill('60')
    await me.key(/^Next · ₽108/).waitFor()
    await me.page.getByText('Somebody else').click()
    await me.page.getByLabel('Their name in Telegram').fill('имя')
    await me.key(/^Next/).click()
    await me.page.getByRole('status').getByText('not a Latin letter').waitFor()
    await me.page.getByText('Myself').click()
    await me.key(/^Next/).click()
    await me.heading(/Check your order/)
    // Fifteen minutes later.
    await kit.db.rows(
      q`update orders set expires_at = now() - interval '1 second' where person_id = ${me.id} and state = 'draft'`,
    )
    await me.key(/^Buy for/).click()
    await me.page.getByRole('status').getByText('nothing was charged').waitFor()
    await me.key(/^Buy for/).click()
    await me.page.locator('[data-order="delivered"]').waitFor()
    await me.close()
  })

  test('F60 a promo code and a plan are had on the page, in the language that was chosen there, with one press that comes twice', async () => {
    const made = { name: 'web', kind: 'tokens' as const, value: 5n, perPerson: 1, createdBy: 1n }
    await addCode(kit.db, await createCampaign(kit.db, made), 'PAGE', 10)
    const me = await visit({ tok: 1_000n })
    await me.key(/^More/).click()
    await me.key(/^Русский/).click()
    await me.heading(/Ещё/)
    await me.key(/^Промокод/).click()
    await me.page.getByLabel('Промокод').fill('page')
    await me.key(/^Проверить/).click()
    await me.page.getByText('на ваш баланс').waitFor()
    await me.key(/^Применить/).dblclick()
    await me.page.locator('[data-promo="done"]').waitFor()
    expect((await kit.money(me.id, 'TOK')).available).toBe(1_005n)
    await me.key(/^Ещё/).click()
    await me.key(/^Подписки/).click()
    await me.page.locator('.list .row').first().click()
    await me.key(/^Оформить · /).dblclick()
    await me.page.locator('[data-plan]').waitFor()
    const [bought] = await kit.db.rows(q<{ periods: number }>`
      select count(*)::int as periods from subscription_periods p join subscriptions s on s.id = p.subscription_id
      where s.person_id = ${me.id}`)
    expect(bought?.periods).toBe(1)
    await me.key(/^Не продлевать/).click()
    await me.page.getByText('Не продлевать').waitFor({ state: 'detached' })
    await me.close()
  })

  test('the client’s Back goes back, and a page that is loaded again stays where it was', async () => {
    const me = await visit({ rub: 10_000n })
    await me.key(/Premium from/).click()
    await me.heading(/Premium/)
    expect(me.asked.findLast(({ event }) => event === 'web_app_setup_back_button')?.data).toEqual({
      is_visible: true,
    })
    await me.page.reload()
    await me.heading(/Premium/)
    // The address says nothing that could be copied.
    expect(me.page.url()).not.toContain('tgWebAppData')
    await me.tell('back_button_pressed', {})
    await me.heading(/Shop/)
    await me.close()
  })

  test('a page that nobody signed says where to go, in words', async () => {
    const context = await browser.newContext({ viewport: PHONE, locale: 'ru-RU' })
    const page = await context.newPage()
    await page.goto(`${shopUrl}/app?bot=main`)
    await page.getByText('открывается из Telegram').waitFor({ timeout: PATIENCE_MS })
    await context.close()
  })

  test.each([
    ['light', false],
    ['dark', true],
  ])('nothing on any page stands in anybody’s way, in the %s theme', async (theme, dark) => {
    const me = await visit({ rub: 500_000n, tok: 12n, dark, language: 'ru', username: `anna_${theme}` })
    const look = async (name: string) => {
      expect(await me.barriers(), `${name}, ${theme}`).toEqual([])
      await me.picture(`mini-app-${name}-${theme}`)
    }
    await me.key(/Звёзды/).waitFor()
    await look('home')
    await me.key(/Звёзды/).click()
    await me.page.getByText(/^100 /).first().click()
    await look('good')
    await me.key(/^Дальше/).click()
    await me.heading(/Проверьте заказ/)
    await look('confirm')
    await me.key(/^Купить за .*₽/).click()
    await me.page.locator('[data-order="delivered"]').waitFor()
    await look('order')
    await me.key(/^История/).click()
    await me.page.locator('.list').waitFor()
    await look('history')
    await me.key(/^Заказы/).click()
    await me.page.locator('.list').waitFor()
    await look('orders')
    await me.key(/^Ещё/).click()
    await look('more')
    const within = async (name: string, way: RegExp, ready: string) => {
      await me.key(way).click()
      await me.page.locator(ready).first().waitFor()
      await look(name)
      await me.key(/^Ещё/).click()
    }
    await within('promo', /^Промокод/, '#promo')
    await within('friends', /^Друзья/, '.qr')
    await kit.db.rows(q`
      insert into deposit_wallets (reference, person_id, bot, provider, asset, network, address)
      values (${`tw-${theme}`}, ${me.id}, 'main', 'cryptomus', 'USDT', 'tron', ${`TQn9Y2khEsLJW1ChVWFMSMeRDow5K${theme}`})`)
    await within('addresses', /^Адреса/, '.qr')
    await me.key(/^Подписки/).click()
    await me.page.locator('.list .row').first().click()
    await me.key(/^Оформить/).waitFor()
    await look('plan')
    await me.key(/^🛍|^Магазин/).click()
    await me.key(/Пополнить/).click()
    await me.key(/Карта РФ/).click()
    await look('top-up')
    await me.close()
  })
})
