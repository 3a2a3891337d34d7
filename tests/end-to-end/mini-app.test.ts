import { sql as q } from 'kysely'
import { type Browser, chromium, type Page, type Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { manualRequisites } from '#shop/payments/settings.ts'
import { shelfInMenu } from '#shop/shelf/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { ADMIN, type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { PATIENCE_MS, PHONE, visitsTo } from '../lib/mini-app-page.ts'
import { PAGES, pageShown, walkPages } from '../lib/mini-app-walk.ts'
import { panelPage } from '../lib/panel-page.ts'
import { openPhone, visit as comesBy } from '../lib/phone.ts'
import type { TestProcess } from '../lib/processes.ts'
import { chromiumPath, redisAvailable } from '../lib/requirements.ts'
import { ASKS, shelfOf } from '../lib/shelf.ts'

const WORKERS = ['bot', 'billing', 'fragment', 'images', 'broadcasts']
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking'.split(' ')

describe.skipIf(!chromiumPath() || !redisAvailable())('the Mini App in Chromium', () => {
  let kit: Kit
  let shopUrl: string
  let browser: Browser
  let visit: ReturnType<typeof visitsTo>
  let worker: TestProcess

  beforeAll(async () => {
    kit = await openKit({
      PUBLIC_URL: 'https://shop.example',
      FRAGMENT_TIMEOUT_MS: '20000',
      FRAGMENT_REVIEW_AFTER_MS: '60000',
      // Nobody listens at this address, and no test pays there: only a path without a vendor is tried.
      YOOKASSA_API_URL: 'http://127.0.0.1:9',
      YOOKASSA_SHOP_ID: '5',
      YOOKASSA_SECRET_KEY: 'secret',
      YOOKASSA_WEBHOOK_SECRET: 'webhooks',
      YOOKASSA_KEEP_CARDS: 'true',
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
    await shelf.item({ kind: 'code', name: { ru: 'Сервер', en: 'Server' }, price: 90_000_000n })
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

  test('F60 Back after a payment whose answer is lost or late, and the same key again: nothing is bought twice, and the page says so', async () => {
    const me = await visit({ rub: 100_000n })
    me.excuse(/ERR_FAILED|status of 404/)
    const back = () => me.tell('back_button_pressed', {})
    const boost = async () => {
      await me.key(/^Boost/).click()
      await me.page.getByLabel('Name').fill('Neo')
      await me.page.getByText('EU').click()
      await me.key(/^Buy for/).click()
    }
    await me.page.route('**/buy', (route) => route.fetch().then(() => route.abort()), { times: 1 })
    await me.key(/^Goods/).click()
    await boost()
    await me.page.getByRole('status').getByText('nothing is done twice').waitFor()
    await me.page.reload()
    await me.key(/^Buy for/).waitFor()
    await back()
    await boost()
    await me.page.locator('[data-purchase="reserved"]').waitFor()
    // The purchase stands in the place of the key that made it, so Back does not lead to that key.
    await back()
    await me.key(/^Boost/).waitFor()
    await back()
    const stars = async () => {
      await me.key(/Stars from/).click()
      await me.page.getByText(/^50 /).first().click()
      await me.key(/^Next/).click()
    }
    for (const isPaid of [false, true]) {
      const [pressed, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const hold = async (route: Route) => {
        const paid = isPaid ? await route.fetch() : undefined
        pressed.resolve()
        await late.promise
        await route.fulfill({ response: paid ?? (await route.fetch()) })
      }
      await me.page.route('**/pay', hold, { times: 1 })
      await stars()
      await me.key(/^Buy for/).click()
      await pressed.promise
      await back()
      await stars()
      if (isPaid) await me.page.getByRole('status').getByText('paid for already').waitFor()
      else await me.key(/^Buy for/).click()
      await me.page.locator('[data-order]').waitFor()
      const answer = me.page.waitForResponse('**/pay')
      late.resolve()
      await answer
      await me.key(/^Shop/).click()
    }
    // The browser's own Back leaves the shop, and its Forward shows the same page.
    await me.page.goBack()
    await me.page.goForward()
    await me.heading(/Shop/)
    await eventually(() => kit.deliveries(me.name).length === 2, { what: 'both orders are delivered' })
    const [bought] = await kit.db.rows(q<{ orders: number; sum: bigint }>`
      select count(*)::int as orders, sum(price)::bigint from orders where person_id = ${me.id} and state <> 'draft'`)
    expect(bought).toEqual({ orders: 3, sum: 49_900n + 2n * 9_000n })
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
    const seen = new Set<string>()
    const look = async (name: string) => {
      seen.add(await pageShown(me.page))
      expect(await me.barriers(), `${name}, ${theme}`).toEqual([])
      await me.picture(`mini-app-${name}-${theme}`)
    }
    await walkPages(kit, me, look, theme)
    expect(seen).toEqual(new Set(PAGES))
    await me.close()
  })

  test('F1 F42 F101 a worker that is killed in the middle costs nobody anything: Stars and a picture come once, a refund and a mailing of the panel reach everybody once, and the open pages show it', async () => {
    const [buyer, drawer] = await Promise.all([visit({ rub: 100_000n }), visit({ tok: 1n })])
    const owner = openPhone(`${kit.telegram.url}/control`, 'shop_bot', Number(ADMIN))
    const panel = await panelPage(browser, shopUrl, owner)
    const readers = await Promise.all(
      [6_001, 6_002, 6_003].map(async (id) => {
        const reader = await comesBy(kit.telegram.url, 'shop_bot', { id, first_name: 'R' }, 'killed')
        await reader.key(/./)
        return reader
      }),
    )
    const what = { kind: 'delay-after', ms: 60_000 } as const
    kit.simulator.state.faults.push({ on: 'order', username: buyer.name, what })
    await drawer.key(/5.tokens/).click()
    await drawer.invoice('pay')
    await balanceOf(drawer.page, 'TOK').filter({ hasText: '6' }).waitFor()
    // Telegram does both, and the worker that asked for it never hears so.
    const faults = [
      { on: 'call', method: 'refundStarPayment', do: { delay_ms: 60_000 } },
      { on: 'update', kind: 'refunded_payment', person: Number(drawer.id), do: { lose: true } },
      { on: 'call', method: 'copyMessage', chat: readers[1]!.id, do: { delay_ms: 60_000 } },
    ]
    for (const fault of faults) await kit.control('POST', '/faults', fault)
    const [paid] = await kit.db.rows(
      q<{ id: string }>`select id from payments where person_id = ${drawer.id}`,
    )
    await buyer.key(/Stars from/).click()
    await buyer.page.getByText(/^50 /).first().click()
    await buyer.key(/^Next/).click()
    await buyer.key(/^Buy for/).click()
    await panel.refund(paid!.id)
    await panel.mail('The sale is on', 'killed')
    await drawer.key(/^Pictures/).click()
    await drawer.key(/^New picture/).click()
    await drawer.page.getByLabel('What should we draw?').fill('A green owl')
    await drawer.key(/^Draw · 1.token/).click()
    // A worker that is killed between the call and its answer loses the picture, and the token goes back: another test.
    await drawer.page.locator('[data-picture="drawing"], [data-picture="done"]').waitFor()
    const letters = async ({ messages }: (typeof readers)[number]) =>
      (await messages()).filter(({ text }) => text === 'The sale is on').length
    const isUnderWay = async () =>
      kit.posts(buyer.name).length === 1 &&
      (await letters(readers[1]!)) === 1 &&
      (await kit.control<{ refunded: boolean }[]>('GET', '/payments')).some(({ refunded }) => refunded)
    await eventually(isUnderWay, { what: 'all of it is under way', timeoutMs: 40_000 })
    await worker.kill('SIGKILL')
    // The worker that takes over asks for the purchase when the time of a call is over.
    worker = await kit.process(WORKERS, { FRAGMENT_TIMEOUT_MS: '5000' })
    await drawer.page.locator('[data-picture="done"]').waitFor()
    await buyer.page.locator('[data-order="delivered"]').waitFor()
    await panel.page.getByRole('cell', { name: /^done/ }).waitFor()
    const payment = q`select from payments where id = ${paid!.id} and state = 'refunded'`
    await eventually(async () => (await kit.db.rows(payment)).length > 0, { what: 'the refund is known' })
    expect([kit.posts(buyer.name).length, kit.deliveries(buyer.name).length]).toEqual([1, 1])
    expect((await kit.money(buyer.id)).held).toBe(0n)
    expect(await kit.money(drawer.id, 'TOK')).toMatchObject({ available: 0n, held: 0n })
    // A reader whose letter may have arrived is in doubt and gets no second one.
    const ends = await kit.db.rows(q<{ id: string; state: string }>`
      select person_id::text as id, state from broadcast_recipients`)
    const doubted = new Set(ends.filter(({ state }) => state === 'uncertain').map(({ id }) => id))
    expect(ends).toHaveLength(readers.length)
    for (const reader of readers)
      expect(doubted.has(String(reader.id)) ? [0, 1] : [1]).toContain(await letters(reader))
    expect(doubted).toContain(String(readers[1]!.id))
    await panel.close()
    await buyer.close()
    await drawer.close()
  })
})
