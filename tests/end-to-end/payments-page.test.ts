import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { VENDOR_NAMES as names } from '../../sandbox/payments/start.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { chromiumPath, redisAvailable } from '../lib/requirements.ts'

const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'
/** As long as eventually() waits, because the browser's own limits are shorter. */
const PATIENCE_MS = 120_000

describe.skipIf(!redisAvailable() || !chromiumPath())('a newcomer pays in the browser', () => {
  let shop: PaymentShop
  let browser: Browser
  beforeAll(async () => {
    shop = await openPaymentShop({ vendors: [...names] })
    browser = await chromium.launch({
      executablePath: chromiumPath() as string,
      args: FLAGS.split(' '),
      timeout: PATIENCE_MS,
    })
  })
  afterAll(async () => {
    await browser.close()
    await shop.close()
  })

  test.each(names)(
    '%s: the pay page says that it is an imitation, takes the payment, and the shop credits it',
    async (name) => {
      const personId = BigInt(4000 + names.indexOf(name))
      const payment = await shop.begin(name, { personId })
      const page = await browser.newPage({ locale: 'ru-RU', viewport: { width: 360, height: 740 } })
      page.setDefaultTimeout(PATIENCE_MS)
      const problems: string[] = []
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      await page.goto(String(payment.details['payUrl']))
      await expect.poll(() => page.getByRole('note').innerText()).toContain('Настоящих денег здесь нет')
      const overflow = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth')
      expect(overflow, 'nothing is wider than a phone').toBe(false)
      if (name === 'mulenpay')
        expect(await page.getByRole('button', { name: /меньше/ }).isDisabled()).toBe(true)
      await page.getByRole('button', { name: /Заплатить точно/ }).press('Enter')
      await eventually(async () => (await shop.payment(payment.id)).state === 'paid')
      await expect.poll(() => page.locator('main').innerText()).toContain('больше ничего сделать нельзя')
      expect(await shop.has(personId)).toBe(100_000n)
      expect(problems.filter((one) => !one.includes('favicon'))).toEqual([])
      await page.close()
    },
  )
})
