import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkCallbacks } from '../../bin/lib/check-callbacks.ts'
import { checkPayments } from '../../bin/lib/check-payments.ts'
import {
  environment,
  startPayments,
  type PaymentSimulators,
  VENDOR_NAMES,
} from '../../sandbox/payments/start.ts'
import { readConfig } from '#shop/config.ts'
import type { Config } from '#shared/config/config.ts'

const KEY = Buffer.alloc(32, 1).toString('base64')
let simulators: PaymentSimulators
beforeAll(async () => {
  simulators = await startPayments({})
})
afterAll(() => simulators.close())

const check = (more: Record<string, string>) =>
  checkPayments(
    readConfig({
      ...simulators.env,
      ENCRYPTION_KEY: KEY,
      PUBLIC_URL: 'https://shop.example',
      ...more,
    }),
  )

test('the doctor finds every provider that is set up in good health and names the webhook addresses for the vendors’ cabinets', async () => {
  const findings = await check({})
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(new Set(findings.map((one) => one.check)).size).toBe(VENDOR_NAMES.length)
  const said = findings.map((one) => one.says).join('\n')
  expect(said).toContain('https://shop.example/webhooks/mulenpay/<MULENPAY_WEBHOOK_SECRET>')
  expect(said).not.toContain('sim-mulenpay-token')
})

test('the doctor tells a wrong key from a provider that is away', async () => {
  const wrong = await check({ HELEKET_API_KEY: 'nobodys-key', CRYPTO_BOT_API_URL: 'http://127.0.0.1:9' })
  const level = (name: string) => wrong.find((one) => one.check === name)?.level
  expect([level('heleket'), level('cryptopay'), level('mulenpay')]).toEqual(['fail', 'warn', 'ok'])
})

test('a provider that is half set up is a sentence among the other problems of the settings', () => {
  const half = { ...environment({ heleket: 'http://x' }), HELEKET_API_KEY: '' }
  expect(() => readConfig({ ...half, ENCRYPTION_KEY: KEY })).toThrow(
    'heleket is half set up: set HELEKET_API_KEY',
  )
})

test('the doctor calls every address that third parties call, whether a setting holds the whole address or its beginning', async () => {
  const called: string[] = []
  const server = createServer((request, response) => {
    called.push(request.url!)
    response.writeHead(/^\/webhooks\/\w+\/doctor$/.test(request.url!) ? 401 : 404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const shop = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const callbacks = (more: Record<string, string>) =>
    checkCallbacks(withPublicUrl(readConfig({ ...simulators.env, ENCRYPTION_KEY: KEY, ...more })))
  // The settings accept only https, as Telegram does, so the address is put in afterwards.
  const withPublicUrl = (config: Config) => ({ ...config, gateway: { ...config.gateway, publicUrl: shop } })
  const doors = [...VENDOR_NAMES, 'fragment', 'images'].toSorted()
  for (const whole of [false, true]) {
    called.length = 0
    const base = (route: string) => (whole ? `${shop}${route}` : shop)
    const findings = await callbacks({
      IMAGE_WEBHOOK_URL: base('/webhooks/images'),
      FRAGMENT_CALLBACK_URL: base('/webhooks/fragment'),
      HELEKET_CALLBACK_URL: base('/webhooks/heleket'),
      MULENPAY_CALLBACK_URL: base('/webhooks/mulenpay'),
    })
    expect(findings.map(({ level }) => level)).toEqual(doors.map(() => 'ok'))
    expect(called.toSorted()).toEqual(doors.map((name) => `/webhooks/${name}/doctor`))
  }
  const astray = await callbacks({
    IMAGE_WEBHOOK_URL: `${shop}/elsewhere`,
    MULENPAY_CALLBACK_URL: `${shop}/nowhere`,
  })
  expect(astray.filter(({ level }) => level === 'fail').map(({ says }) => says)).toEqual([
    expect.stringMatching(/nowhere\/webhooks\/mulenpay answers 404 .* set MULENPAY_CALLBACK_URL to/),
    expect.stringMatching(/elsewhere\/webhooks\/images answers 404 .* set IMAGE_WEBHOOK_URL to/),
  ])
  server.closeAllConnections()
  server.close()
})
