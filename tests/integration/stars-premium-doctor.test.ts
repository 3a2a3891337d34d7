import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFragment } from '../../bin/lib/check-fragment.ts'
import { expireTokens } from '../../sandbox/fragment/control.ts'
import { startFragment } from '../../sandbox/fragment/server.ts'
import { units } from '../../sandbox/fragment/state.ts'
import { readConfig } from '#shop/config.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { saveCredential } from '#shop/stars-premium/connection.ts'
import { stopSale } from '#shop/stars-premium/sale-stops.ts'
import { createOrder } from '#shared/money/orders.ts'
import { ensurePerson } from '#shared/people.ts'
import { createSecrets } from '#shared/secrets.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'

let reseller: Awaited<ReturnType<typeof startFragment>>
let database: TestDatabase
let db: Db
beforeAll(async () => {
  reseller = await startFragment({ settings: { walletTon: '500' } })
  database = await createDatabase()
  db = await openDb(database.url, { max: 3, name: 'test' })
})
afterAll(async () => {
  await db.close()
  await Promise.all([reseller.close(), database.drop()])
})

const NONE = { FRAGMENT_API_KEY: '', FRAGMENT_PHONE_NUMBER: '', FRAGMENT_MNEMONICS: '' }
const KEY = Buffer.alloc(32, 5).toString('base64')
const configOf = (more: Record<string, string> = {}) => {
  const { apiKey, phoneNumber, mnemonics } = reseller.state.settings
  return readConfig({
    ENCRYPTION_KEY: KEY,
    FRAGMENT_API_URL: reseller.url,
    FRAGMENT_API_KEY: apiKey,
    FRAGMENT_PHONE_NUMBER: phoneNumber,
    FRAGMENT_MNEMONICS: mnemonics.join(' '),
    FRAGMENT_CALLBACK_URL: 'https://shop.example',
    ...more,
  })
}
const check = async (more?: Record<string, string>) => {
  const findings = await checkFragment(db, configOf(more))
  const worst = findings.filter(({ level }) => level !== 'ok')
  return { all: findings.map(({ says }) => says).join('\n'), worst }
}

test('a shop that sells neither Stars nor Premium hears nothing of the reseller', async () => {
  expect(await check(NONE)).toEqual({ all: '', worst: [] })
})

test('of a healthy reseller the doctor tells wallet, token and callback address, and no secret', async () => {
  await check()
  const { all, worst } = await check()
  expect(worst).toEqual([])
  expect(all).toMatch(/500 TON in the wallet/)
  expect(all).toMatch(/the token is 0 h old/)
  expect(all).toContain('https://shop.example')
  for (const secret of [reseller.state.settings.apiKey, 'word1 word2', ...reseller.state.tokens.keys()])
    expect(all).not.toContain(secret)
})

test('F53 a wallet that is low, and one that is empty, with what to do', async () => {
  reseller.state.wallet.ton = units('20')
  expect((await check()).worst).toMatchObject([
    { level: 'warn', says: expect.stringContaining('less than 50') },
  ])
  reseller.state.wallet.ton = units('1')
  expect((await check()).worst).toMatchObject([
    { level: 'fail', says: expect.stringContaining('fill it up') },
  ])
  reseller.state.wallet.ton = units('500')
})

test('half a set of credentials, no way to be called back, and a reseller that is away', async () => {
  const secrets = createSecrets(configOf().encryptionKey)
  for (const field of ['apiKey', 'phoneNumber'] as const) await saveCredential(db, secrets, field, '12345')
  const half = await check(NONE)
  expect(half.worst[0]).toMatchObject({
    level: 'fail',
    says: expect.stringContaining('missing: wallet words'),
  })
  await db.rows(q`delete from secrets`)
  const deaf = await check({ FRAGMENT_CALLBACK_URL: '', PUBLIC_URL: '' })
  expect(deaf.worst[0]!.says).toMatch(/settled by an admin only/)
  const away = await check({ FRAGMENT_API_URL: 'http://127.0.0.1:9/v1' })
  expect(away.worst[0]).toMatchObject({ level: 'warn', says: expect.stringContaining('cannot be asked') })
})

test('F71 credentials that were kept with another key are told from wrong ones, and nothing of them is shown', async () => {
  await saveCredential(db, createSecrets(configOf().encryptionKey), 'apiKey', 'a-wrong-api-key')
  const other = await check({ ENCRYPTION_KEY: Buffer.alloc(32, 6).toString('base64') })
  expect(other.worst[0]).toMatchObject({
    level: 'fail',
    says: expect.stringContaining('cannot be decrypted'),
  })
  const changing = await check({
    ENCRYPTION_KEY: Buffer.alloc(32, 6).toString('base64'),
    ENCRYPTION_OTHER_KEY: configOf().encryptionKey,
  })
  expect(changing.all).toContain('the credentials are there and can be read')
  expireTokens(reseller.state)
  const wrong = await check()
  expect(wrong.worst[0]).toMatchObject({ level: 'fail', says: expect.stringContaining('login') })
  expect((await check()).all).toMatch(/last 1 logins failed/)
  expect(wrong.all + other.all).not.toContain('a-wrong-api-key')
  await db.rows(q`delete from secrets`)
})

test('a stopped sale and purchases in doubt for more than an hour are named', async () => {
  await stopSale(db, 'kyc', 'documents, please')
  await registerBots(db, [{ name: 'main', token: '', admins: [] }])
  await ensurePerson(db, 5n, 'main')
  for (const id of ['old_doubt', 'new_doubt']) {
    await createOrder(db, { id, personId: 5n, bot: 'main', good: 'stars', asset: 'RUB', price: 1n }, 'test')
  }
  await db.rows(q`update orders set state = 'unknown'`)
  await db.rows(q`update orders set updated_at = now() - interval '2 hours' where id = 'old_doubt'`)
  const { worst } = await check()
  expect(worst.map(({ level }) => level)).toEqual(['warn', 'warn'])
  expect(worst[0]!.says).toMatch(/not for sale since .*kyc \(documents, please\)/)
  expect(worst[1]!.says).toMatch(/1 purchases are in doubt .*old_doubt/)
})
