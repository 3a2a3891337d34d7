// Takes pictures for docs/screenshots (npm exec -- node tests/chaos/shop-windows.ts): what one owner's goods look like in an
// ordinary bot and in a bot for regular customers, which shows other goods and has other prices.
import type { Page } from 'playwright-core'
import { openDb } from '#shared/db/db.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { readConfig } from '#shop/config.ts'
import type { ItemChange } from '#shop/shelf/manage.ts'
import { shelfInMenu } from '#shop/shelf/settings.ts'
import { bots } from '../../sandbox/main.ts'
import { shelfOf } from '../lib/shelf.ts'
import { openPicturedShop } from './pictured-shop.ts'

/** The size of a phone, as in the pictures of the panel. */
const PHONE = { width: 390, height: 844 }
/** Nina of the sandbox. */
const BUYER = 1001

const [main, second] = bots
const windows = [
  { ...main!, name: 'main', title: 'Keys' },
  { ...second!, name: 'vip', title: 'Keys VIP' },
]
const shop = await openPicturedShop({ viewport: PHONE, bots: windows })
await shop.start('gateway')
await shop.start('bot')
const db = await openDb(shop.env['DATABASE_URL']!, { max: 2, name: 'windows' })
const shelf = await shelfOf({ db })

async function sell(
  [ru, en]: [string, string],
  roubles: number,
  lines: string[],
  { vip, ...more }: { vip?: number; bots?: string[] } & Pick<ItemChange, 'kind' | 'terms'> = {},
): Promise<void> {
  const prices: Record<string, string> = vip === undefined ? {} : { vip: String(vip * 100) }
  const price = BigInt(roubles * 100)
  await shelf.item({ name: { ru, en }, asset: 'RUB', price, prices, ...more }, lines)
}
const keysOf = (count: number) => Array.from({ length: count }, (_, at) => `KEY-${at}`)
await sell(['Ключ на год', 'Key for a year'], 1_490, keysOf(40), { vip: 990 })
await sell(['Ключ на месяц', 'Key for a month'], 190, keysOf(200), { vip: 120 })
await sell(['Гид по городу', 'City guide'], 350, ['Read'], { kind: 'text', vip: 250 })
await sell(['Первые шаги', 'First steps'], 90, ['Read'], { kind: 'text', bots: ['main'] })
const terms = { hours: 24, asks: [] }
await sell(['Настройка под вас', 'Set up for you'], 2_900, [], { kind: 'service', terms, bots: ['vip'] })
await sell(['Ранний доступ', 'Early access'], 500, keysOf(5), { bots: ['vip'] })
const settings = createSettings(db, readConfig(shop.env))
await settings.set(db, shelfInMenu, { value: true, by: 1n })
await db.close()

const bubble = (page: Page, text: string) => page.locator('.bubble', { hasText: text }).last()
for (const { name, username } of windows) {
  const page = await shop.context.newPage()
  await page.addInitScript(
    `localStorage.setItem('telegram-sandbox', '${JSON.stringify({
      bot: username,
      person: BUYER,
      language: 'en',
    })}')`,
  )
  await page.goto(`${shop.url}/sandbox`)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await bubble(page, 'Balance').waitFor({ timeout: 60_000 })
  await page.getByRole('textbox', { name: 'Message' }).fill('/goods')
  await page.keyboard.press('Enter')
  await page.locator('.key', { hasText: 'Key for a year' }).last().waitFor({ timeout: 60_000 })
  await page.waitForTimeout(1_500)
  await shop.keep(`shop-window-${name}`, await page.screenshot())
}
await shop.close()
process.exit(0)
