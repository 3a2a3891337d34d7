import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { atEnd } from '../lib/at-end.ts'
import { repository } from '../lib/compose.ts'
import { tempFolder } from '../lib/infra.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'
import { chromiumPath } from '../lib/requirements.ts'
import { CHROMIUM_FLAGS, PATIENCE_MS } from './chat-page.ts'

const ROMAN = 1002
const SIZE = { width: 360, height: 740 }

describe.skipIf(!chromiumPath())('a phone of 360 px', () => {
  test('shows whole words where there is the least room: who one is, the field, the balance and the packs', async () => {
    const nothing = { BOT_TOKEN: '', BOTS: '', DATABASE_URL: '', REDIS_URL: '', HOST: '' }
    const shop = startNode(join(repository, 'bin/start.ts'), [], {
      env: { ...nothing, DATA_DIR: await tempFolder(), PORT: String(await reservePort()) },
    })
    const [address] = /http:\S+\/sandbox/.exec(await shop.waitFor(/telekassa is ready: open/))!
    const browser = await chromium.launch({
      executablePath: chromiumPath()!,
      args: CHROMIUM_FLAGS,
      timeout: PATIENCE_MS,
    })
    atEnd(() => browser.close())
    const page = await browser.newPage({ viewport: SIZE, locale: 'ru-RU', reducedMotion: 'reduce' })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(address)
    await page.getByRole('button', { name: /^Вы сейчас/ }).click()
    await page.locator(`.people-list:visible [data-key="${ROMAN}"]`).click()
    await page.locator(`.pane[data-person="${ROMAN}"]`).waitFor()
    await page.getByRole('button', { name: 'Начать', exact: true }).click()
    const key = (name: string | RegExp) => page.locator('.pane .key', { hasText: name }).last()
    await key('Купить токены').click()
    await key(/^10/).click()
    await key(/^Оплатить 50/).click()
    await page.getByRole('button', { name: 'Заплатить 50' }).click()
    await page.locator('dialog [data-outcome=paid]').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Зачислено: 10').last().waitFor()

    const isCut = await page
      .locator('.pane-head .as > span')
      .last()
      .evaluate((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
    expect(isCut, 'who one is').toBe(false)
    expect((await page.locator('.composer textarea').boundingBox())!.width).toBeGreaterThan(110)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(SIZE.width)

    await page.locator('.menu-key').click()
    const app = page.frameLocator('iframe.mini-app')
    const balance = (await app.locator('[data-balance="TOK"]', { hasText: '10' }).boundingBox())!
    const topUp = (await app.locator('.wallet .key').boundingBox())!
    expect(
      balance.x + balance.width <= topUp.x || balance.y + balance.height <= topUp.y,
      'the balance stands beside its key or above it',
    ).toBe(true)
    for (const pack of await app.locator('.packs .pack').all()) {
      const [name, price] = [await pack.locator('b').boundingBox(), await pack.locator('span').boundingBox()]
      expect(price!.y).toBeGreaterThan(name!.y)
    }
    await shop.kill('SIGTERM')
    expect(await shop.ended).toBe(0)
  })
})
