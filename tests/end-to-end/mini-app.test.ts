import { sql as q } from 'kysely'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { manualRequisites } from '#shop/payments/settings.ts'
import { shelfInMenu } from '#shop/shelf/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/fragment-kit.ts'
import { PATIENCE_MS, PHONE, visitsTo } from '../lib/mini-app-page.ts'
import type { TestProcess } from '../lib/processes.ts'
import { chromiumPath, redisAvailable } from '../lib/requirements.ts'
import { ASKS, shelfOf } from '../lib/shelf.ts'

const WORKERS = ['bot', 'billing', 'fragment', 'images']
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
]

describe.skipIf(!chromiumPath() || !redisAvailable())('the Mini App in Chromium', () => {
  let kit: Kit
  let shopUrl: string
  let browser: Browser
  let visit: ReturnType<typeof visitsTo>
  let worker: TestProcess

  beforeAll(async () => {
    kit = await openKit({
      FRAGMENT_TIMEOUT_MS: '20000',
      FRAGMENT_REVIEW_AFTER_MS: '60000',
      // Nobody listens at this address, and no test pays there: only a path without a vendor is tried.
      MULENPAY_API_URL: 'http://127.0.0.1:9',
      MULENPAY_API_KEY: 'key',
      MULENPAY_SECRET_KEY: 'secret',
      MULENPAY_SHOP_ID: '5',
      MULENPAY_WEBHOOK_SECRET: 'webhooks',
    })
    await kit.control('PUT', '/settings', { chatPerSecond: 0 })
    shopUrl = `http://127.0.0.1:${kit.environment['PORT']}`
    const text = { ru: 'Карта 2200 1234 5678 9012, Анна К.', en: 'Card 2200 1234 5678 9012, Anna K.' }
    await kit.settings.set(kit.db, shelfInMenu, { value: true, by: 1n })
    const shelf = await shelfOf(kit)
    const name = { ru: 'Прокачка персонажа', en: 'Boost' }
    const description = { ru: 'Поднимем уровень за вечер.', en: 'A level in an evening.' }
    const terms = { hours: 24, asks: ASKS }
    await shelf.item({ kind: 'service', name, description, price: 49_900n, terms })
    await kit.settings.set(kit.db, manualRequisites, { value: { card_ru: text }, by: 1n })
    const [opened, , started] = await Promise.all([
      chromium.launch({ executablePath: chromiumPath()!, args: FLAGS, timeout: PATIENCE_MS }),
      kit.gateway(),
      kit.worker(...WORKERS),
    ])
    browser = opened
    worker = started
    visit = visitsTo(kit, browser)
  })
  afterAll(async () => {
    await browser?.close()
    await kit?.close()
  })

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
    // The page is closed and opened again elsewhere, and the order is where it was.
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
    // The quote is made fifteen minutes older.
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

  test('F60 a picture is drawn while its page looks on, is paid once, and stands in the gallery; what it lacks is paid in Stars', async () => {
    const me = await visit({ tok: 3n })
    await me.key(/^Pictures/).click()
    await me.key(/^New picture/).click()
    await me.page.getByLabel('What should we draw?').fill('A red fox in the snow')
    await me.key(/^Draw · 1.token/).dblclick()
    await me.page
      .getByText('The bot will write')
      .or(me.page.locator('[data-picture="done"]'))
      .first()
      .waitFor()
    await me.page.locator('[data-picture="done"]').waitFor()
    const shown = me.page.locator('img.drawn')
    await shown.waitFor()
    expect(await shown.evaluate((image: { naturalWidth: number }) => image.naturalWidth)).toBeGreaterThan(100)
    expect((await kit.money(me.id, 'TOK')).available).toBe(2n)
    // Orders are of Stars and Premium; whoever looks for a picture there is led to it.
    await me.key(/^Orders/).click()
    await me.page.getByText('Your orders of Stars and Premium will be here').waitFor()
    await me.key(/^Pictures/).click()
    await me.page.getByRole('img', { name: 'A red fox in the snow' }).waitFor()
    await me.close()

    const poor = await visit()
    await poor.key(/^Pictures/).click()
    await poor.key(/^New picture/).click()
    await poor.page.getByLabel('What should we draw?').fill('A blue whale')
    await poor.key(/^Draw · 1.token/).click()
    await poor.page.locator('[data-picture="waits"]').waitFor()
    await poor.key(/Pay with Stars/).click()
    await poor.invoice('pay')
    await poor.page.locator('[data-picture]:not([data-picture="waits"])').waitFor()
    expect((await kit.money(poor.id, 'TOK')).available).toBe(0n)
    await poor.close()
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
    // The address of the page has nothing in it that a copy would give away.
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
  ])('no page has a barrier that axe finds, in the %s theme', async (theme, dark) => {
    const me = await visit({ rub: 500_000n, tok: 12n, dark, language: 'ru', username: `anna_${theme}` })
    const look = async (name: string) => {
      expect(await me.barriers(), `${name}, ${theme}`).toEqual([])
      await me.picture(`mini-app-${name}-${theme}`)
    }
    await me.key(/Звёзды/).waitFor()
    await look('home')
    // The picture is drawn while the other pages are looked at.
    await me.key(/^Картинки/).click()
    await me.key(/^Новая картинка/).click()
    await me.page.getByLabel('Что нарисовать?').fill('Лисица на снегу, вечер, тёплый свет из окон')
    await look('draw')
    await me.key(/^Нарисовать · /).click()
    await me.page.locator('[data-picture]').waitFor()
    await look('drawing')
    await me.key(/^🛍|^Магазин/).click()
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
    await me.page.getByText('Ушло').click()
    await me.page.locator('[data-plus=false]').first().waitFor()
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
    await me.key(/^В подарок/).click()
    await me.page.getByLabel('Имя получателя в Telegram').fill('@best_friend')
    await look('plan')
    await me.key(/^🛍|^Магазин/).click()
    await me.key(/^Товары/).click()
    await me.page.locator('.list .row').first().waitFor()
    await look('shelf')
    await me.key(/^Прокачка/).click()
    await me.page.getByLabel('Ник').fill('Neo')
    await me.page.getByText('EU').click()
    await look('item')
    await me.key(/^Купить за/).click()
    await me.page.locator('[data-purchase="reserved"]').waitFor()
    await look('purchase')
    await me.key(/^Ещё/).click()
    await me.key(/^Мои покупки/).click()
    await me.page.locator('.list .row').first().waitFor()
    await look('purchases')
    await me.key(/^🛍|^Магазин/).click()
    await me.key(/^Картинки/).click()
    await me.page.locator('.shot img').waitFor()
    await look('pictures')
    await me.page.locator('.shot').click()
    await me.page.locator('img.drawn').waitFor()
    await look('picture')
    await me.key(/^🛍|^Магазин/).click()
    await me.key(/Пополнить/).click()
    await me.key(/Карта РФ/).click()
    await look('top-up')
    await me.key(/Переводом, с проверкой/).click()
    await me.page.locator('.chips').waitFor()
    await look('by-hand')
    await me.page.locator('.pack').first().click()
    await me.page.locator('[data-request="created"]').waitFor()
    await look('request')
    const receipt = {
      name: 'receipt.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.7 receipt'),
    }
    await me.page.getByLabel('Чек').setInputFiles(receipt)
    await me.key(/^Отправить чек/).click()
    await me.page.locator('[data-request="pending"]').waitFor()
    await me.close()
  })

  test('F1 F101 a worker that is killed in the middle costs nobody anything: Stars come once, a picture comes once, and the open pages show both', async () => {
    const [buyer, drawer] = await Promise.all([visit({ rub: 100_000n }), visit({ tok: 1n })])
    const what = { kind: 'delay-after', ms: 60_000 } as const
    kit.simulator.state.faults.push({ on: 'order', username: buyer.name, what })
    await buyer.key(/Stars from/).click()
    await buyer.page.getByText(/^50 /).first().click()
    await buyer.key(/^Next/).click()
    await buyer.key(/^Buy for/).click()
    await drawer.key(/^Pictures/).click()
    await drawer.key(/^New picture/).click()
    await drawer.page.getByLabel('What should we draw?').fill('A green owl')
    await drawer.key(/^Draw · 1.token/).click()
    // A worker that is killed between the call and its answer loses the picture, and the token goes back: another test.
    await drawer.page.locator('[data-picture="drawing"], [data-picture="done"]').waitFor()
    await eventually(() => kit.posts(buyer.name).length === 1, { what: 'the purchase is under way' })
    await worker.kill('SIGKILL')
    // The worker that takes over asks for the purchase when the time of a call is over.
    worker = await kit.process(WORKERS, { FRAGMENT_TIMEOUT_MS: '5000' })
    await drawer.page.locator('[data-picture="done"]').waitFor()
    await buyer.page.locator('[data-order="delivered"]').waitFor()
    expect([kit.posts(buyer.name).length, kit.deliveries(buyer.name).length]).toEqual([1, 1])
    expect((await kit.money(buyer.id)).held).toBe(0n)
    expect(await kit.money(drawer.id, 'TOK')).toMatchObject({ available: 0n, held: 0n })
    await buyer.close()
    await drawer.close()
  })
})
