import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkPayments } from '../../bin/lib/check-payments.ts'
import { environment, startPayments, type PaymentSimulators } from '../../sandbox/payments/start.ts'
import { readConfig } from '#shop/config.ts'

let simulators: PaymentSimulators
beforeAll(async () => {
  simulators = await startPayments({})
})
afterAll(() => simulators.close())

const check = (more: Record<string, string>) =>
  checkPayments(
    readConfig({
      ...simulators.env,
      ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
      PUBLIC_URL: 'https://shop.example',
      ...more,
    }),
  )

test('the doctor finds every provider that is set up in good health and names the addresses for cabinets', async () => {
  const findings = await check({})
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(new Set(findings.map((one) => one.check)).size).toBe(4)
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
  expect(() => readConfig({ ...half, ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64') })).toThrow(
    'heleket is half set up: set HELEKET_API_KEY',
  )
})
