import { sql as q } from 'kysely'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { repository } from './compose.ts'
import type { Kit } from './stars-premium-kit.ts'
import type { visitsTo } from './mini-app-page.ts'

/** The names of all pages, as the router has them. */
export const PAGES: readonly string[] = [
  ...readFileSync(join(repository, 'web/src/router.ts'), 'utf8').matchAll(/\| \{ page: '(\w+)'/g),
].map(([, name]) => name!)

const TRAIL = 'telekassa-place'
/** The page of the Mini App that is open. */
export const pageShown = async (page: Page): Promise<string> =>
  (
    JSON.parse(
      (await page.evaluate(`sessionStorage.getItem('${TRAIL}') ?? '[{"page":"home"}]'`)) as string,
    ) as { page: string }[]
  ).at(-1)!.page

/** A Russian buyer with money goes through every page of the Mini App, and looks at each. */
export async function walkPages(
  kit: Kit,
  me: Awaited<ReturnType<ReturnType<typeof visitsTo>>>,
  look: (page: string) => Promise<void>,
  theme: string,
): Promise<void> {
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
  await kit.db.rows(q`
    insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
    values (${`sub-${theme}`}, ${me.id}, 'plus', 'main', 'balance', true, now() + interval '9 days')`)
  await me.key(/^Подписки/).click()
  await me.key(/^Продлевать с карты/).click()
  await me.key(/^Картой РФ, и запомнить/).waitFor()
  await look('keep-card')
  await kit.db.rows(q`
    insert into kept_cards (person_id, provider, digits, payment_id) values (${me.id}, 'yookassa', '4477', 'x')`)
  await me.key(/^Ещё/).click()
  await me.key(/^Подписки/).click()
  await me.page.locator('[data-card="kept"]').waitFor()
  await look('plans')
  await me.key(/^Забыть карту/).click()
  await look('forget-card')
  await me.key(/^Да, забыть карту/).click()
  await me.key(/^Продлевать с карты/).waitFor()
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
  await me.key(/^🛍|^Магазин/).click()
  await me.key(/^Товары/).click()
  await me.key(/^Сервер/).click()
  await me.key(/^Купить за/).click()
  await me.page.locator('[data-waiting="awaiting_payment"]').waitFor()
  await look('waiting')
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
  const id = `paid${theme.padEnd(12, '0')}`
  await kit.db.rows(q`
    insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount)
    values (${id}, ${me.id}, 'main', 'yookassa', 'pending', 'RUB', 50000, 'RUB', 50000)`)
  const trail = JSON.stringify([{ page: 'home' }, { page: 'payment', id }])
  await me.page.evaluate(`sessionStorage.setItem('${TRAIL}', ${JSON.stringify(trail)})`)
  await me.page.reload()
  await me.heading(/Пополнение/)
  await me.page.locator('.card').first().waitFor()
  await look('payment')
}
