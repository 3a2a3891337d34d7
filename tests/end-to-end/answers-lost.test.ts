import { sql as q } from 'kysely'
import { type Browser, chromium, type Page, type Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { PATIENCE_MS, PHONE } from '../lib/mini-app-page.ts'
import { signedFor } from '../lib/mini-app.ts'
import { panelLink } from '../lib/panel.ts'
import { chromiumPath, redisAvailable } from '../lib/requirements.ts'
import { shelfOf } from '../lib/shelf.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']

/** The shop does what it is asked, and the page never hears of it. */
const lost = (route: Route) => route.fetch().then(() => route.abort())

/** The shop refuses at its door, before it looks at what is asked. */
const refusedAs = (status: number, code: string) => (route: Route) =>
  route.fulfill({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ status, code, detail: `refused as ${code}` }),
  })

describe.skipIf(!chromiumPath() || !redisAvailable())('answers that get lost on their way to a page', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let browser: Browser
  beforeAll(async () => {
    ;[shop, browser] = await Promise.all([
      openShop({ env: { PUBLIC_URL: 'https://shop.example' } }),
      chromium.launch({ executablePath: chromiumPath()!, args: FLAGS, timeout: PATIENCE_MS }),
    ])
  })
  afterAll(() => browser?.close())

  async function started(profile: Parameters<typeof shop.person>[0] = {}) {
    const person = await shop.person({ language_code: 'en', ...profile })
    await person.start()
    await person.key(/./)
    return person
  }

  async function pageAt(address: string, beside?: Page): Promise<Page> {
    const context = beside?.context() ?? (await browser.newContext({ viewport: PHONE, locale: 'en-US' }))
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(address)
    return page
  }

  test('F60 a purchase whose answer is lost is made once, also when the next presses are refused at the door and the app was opened anew', async () => {
    const shelf = await shelfOf(shop)
    const item = await shelf.item({ price: 500n }, ['KEY-A', 'KEY-B', 'KEY-C'])
    const me = await started()
    await shelf.give(BigInt(me.id), 5_000n)
    const trail = JSON.stringify([{ page: 'home' }, { page: 'item', id: String(item) }])
    /** Telegram opens the app for a person, who goes to the item. */
    const opened = async (beside?: Page) => {
      const address = await signedFor(shop.telegram.url, me.bot, me.id, `${shop.url}/app?bot=main`)
      const page = await pageAt(address, beside)
      await page.evaluate(`sessionStorage.setItem('telekassa-place', ${JSON.stringify(trail)})`)
      await page.reload()
      return { page, buy: () => page.getByRole('button', { name: /^Buy for/ }).click() }
    }
    const { page, buy } = await opened()
    await page.route('**/buy', lost, { times: 1 })
    await buy()
    await page.getByText('nothing is done twice').waitFor()
    for (const [status, code] of [
      [429, 'web.often'],
      [403, 'web.news'],
      [401, 'web.over'],
      [503, 'web.away'],
    ] as const) {
      await page.route('**/buy', refusedAs(status, code), { times: 1 })
      await buy()
      await page.getByText(`refused as ${code}`).waitFor()
    }
    await page.close()
    const later = await opened(page)
    await later.buy()
    await later.page.locator('[data-purchase="delivered"]').waitFor()
    expect(await shop.db.rows(q`select from orders where person_id = ${me.id}`)).toHaveLength(1)
    await page.context().close()
  })

  test('F60 a replacement and a letter whose answers are lost are made once, although the page has read meanwhile what they changed', async () => {
    const shelf = await shelfOf(shop)
    const item = await shelf.item({ price: 500n }, ['KEY-D', 'KEY-E', 'KEY-F', 'KEY-G'])
    const [buyer, owner] = [await started(), await started({ id: ADMIN, first_name: 'Olga' })]
    await shelf.give(BigInt(buyer.id), 5_000n)
    const id = newId()
    await shelf.buy(shelf.wish(BigInt(buyer.id), item, { id, bot: 'main' }))
    const page = await pageAt(`${shop.url}/panel#${await panelLink(owner)}`)
    await page.getByRole('navigation').first().waitFor()
    await shop.db.rows(q`update panel_sessions set confirmed_at = now() where person_id = ${ADMIN}`)
    await page.goto(`${shop.url}/panel/order/${id}`)

    /** Presses the key of an act twice; before the second press the page shows what the first one did. */
    async function twice(act: string, key: RegExp, words: string, isRead: (deal: string) => boolean) {
      await page.getByRole('button', { name: key }).click()
      const asked = page.getByRole('group')
      await asked.getByRole('textbox').fill(words)
      const read = page.waitForResponse(
        async (answer) => answer.url().endsWith(`/orders/${id}`) && isRead(await answer.text()),
      )
      await page.route(`**/${act}`, lost, { times: 1 })
      await asked.getByRole('button', { name: key }).click()
      await page.getByText('nothing is done twice').waitFor()
      await read
      const answer = page.waitForResponse(`**/${act}`)
      await asked.getByRole('button', { name: key }).click()
      await answer
    }
    await twice('replace', /^Replace/, 'It did not work', (deal) => deal.includes('"seen":1'))
    const replaced = q`select from order_events where order_id = ${id} and details ? 'replaced'`
    expect(await shop.db.rows(replaced)).toHaveLength(1)
    await page.goto(`${shop.url}/panel/order/${id}`)
    await twice('answer', /Write/, 'Here is another key', (deal) => deal.includes('Here is another key'))
    const letters = q`select from support_messages where person_id = ${buyer.id} and admin_id = ${ADMIN}`
    expect(await shop.db.rows(letters)).toHaveLength(1)
    await page.context().close()
  })
})
