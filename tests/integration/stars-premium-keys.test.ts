import { sql as q } from 'kysely'
import { beforeAll, expect } from 'vitest'
import { expireTokens } from '../../sandbox/fragment/control.ts'
import { startFragment } from '../../sandbox/fragment/server.ts'
import { createSecrets } from '#shared/secrets.ts'
import { owe } from '#shared/queue/outbox.ts'
import { readCredentials } from '#shop/stars-premium/connection.ts'
import { watchSales } from '#shop/stars-premium/jobs.ts'
import { saleStops } from '#shop/stars-premium/sale-stops.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

// An admin types credentials of the reseller while people buy.

let shop: Shop
let reseller: Awaited<ReturnType<typeof startFragment>>
let owner: Customer
beforeAll(async () => {
  reseller = await startFragment({ settings: { stepMs: 30, walletTon: '1000000' } })
  const { apiKey, phoneNumber, mnemonics } = reseller.state.settings
  shop = await openShop({
    workers: ['bot', 'fragment'],
    env: {
      TELEGRAM_CHAT_RATE: '0',
      FRAGMENT_API_URL: reseller.url,
      FRAGMENT_API_KEY: apiKey,
      FRAGMENT_PHONE_NUMBER: phoneNumber,
      FRAGMENT_MNEMONICS: mnemonics.join(' '),
    },
  })
  shop.onClose(() => reseller.close())
  owner = await shop.person({ id: ADMIN, language_code: 'en' })
  await owner.start()
})

const FIELDS = { apiKey: 'Change: API key', phoneNumber: 'Change: Phone', mnemonics: 'Change: Wallet words' }

async function types(field: keyof typeof FIELDS, value: string, answer: RegExp | string): Promise<void> {
  await owner.say('/fragment')
  await owner.press('Credentials')
  await owner.press(FIELDS[field])
  await owner.hears('Send the new value')
  await owner.say(value)
  await owner.hears(answer)
}

const inUse = () => readCredentials(shop.db, createSecrets(shop.config.encryptionKey), shop.config.fragment)

let minute = 1
/** Looks at the reseller once, as every minute. */
async function watches(): Promise<void> {
  const job = { minute: minute++ }
  await owe(shop.db, watchSales, job)
  await eventually(
    async () =>
      (await shop.db.rows(q`select key from outbox where key = ${watchSales.id(job)} and state = 'done'`))[0],
  )
}

test('F52 a mistyped key is told to whoever typed it, and the sale goes on with the one before', async () => {
  await watches()
  const before = await inUse()
  await types('apiKey', 'a-mistyped-key', /API key: the supplier does not let us in with the new value/)
  expect(await inUse()).toEqual(before)
  // The token ends, and the next call logs in.
  expireTokens(reseller.state)
  await watches()
  expect(await saleStops(shop.db)).toEqual([])
  const [letters] = await shop.db.rows(q<{ clear: boolean }>`
    select bool_or(position('mistyped' in encode(ciphertext, 'escape')) > 0) as clear from secrets`)
  expect(letters!.clear).toBe(false)
})

test('F52 while the reseller is away a new key is not used, and neither are the admins told that the old one is wrong', async () => {
  const before = await inUse()
  reseller.state.faults.push({ on: 'auth', times: -1, what: { kind: 'status-before', status: 502 } })
  await types('apiKey', 'another-key', /API key: the supplier does not answer/)
  reseller.state.faults.length = 0
  expect(await inUse()).toEqual(before)
})

test('F52 an account that changes as a whole is used when the last of its credentials is typed, and not before', async () => {
  const { settings } = reseller.state
  const before = await inUse()
  Object.assign(settings, {
    apiKey: 'the-key-of-another-account',
    phoneNumber: '79990000001',
    mnemonics: settings.mnemonics.toReversed(),
  })
  await types('apiKey', settings.apiKey, /API key: the supplier does not let us in/)
  await types('phoneNumber', `+${settings.phoneNumber}`, /Phone: the supplier does not let us in/)
  expect(await inUse()).toEqual(before)
  await types('mnemonics', settings.mnemonics.join(' '), /Wallet words: the supplier lets us in/)
  expect(await inUse()).toMatchObject({ apiKey: settings.apiKey, mnemonics: settings.mnemonics.join(' ') })
  const logins = reseller.state.logins
  await watches()
  expect(reseller.state.logins, 'the token of that login is in use').toBe(logins)
  expect(await saleStops(shop.db)).toEqual([])
})
