import { randomBytes } from 'node:crypto'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environment } from '../../sandbox/payments/start.ts'
import { createKey, findKey, listKeys, revokeKey } from '#shop/balance-api/keys.ts'
import { orderToken, readOrderToken } from '#shop/stars-premium/callback-token.ts'
import { readCredentials, saveCredential } from '#shop/stars-premium/connection.ts'
import { readSecret, writeSecret } from '#shared/vault.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { createSecrets } from '#shared/secrets.ts'
import { pack, unpack } from '#shared/telegram/buttons.ts'
import { repository } from '../lib/compose.ts'
import { ledgerDatabase } from '../lib/ledger.ts'
import { startNode } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { TOKENS, openShop } from '../lib/shop.ts'
import type { Shop } from '../lib/shop.ts'

const fresh = () => randomBytes(32).toString('base64')

describe('the encryption key is changed while processes run', () => {
  const at = ledgerDatabase()
  const [old, next] = [fresh(), fresh()]
  /** The keys that a process has at each step of the change. */
  const steps = [createSecrets(old), createSecrets(old, next), createSecrets(next, old), createSecrets(next)]

  test('F19 processes of neighbouring steps open and verify what the others sealed and signed', async () => {
    const { db } = at
    const person = 7_000_000_123n
    for (const [index, one] of steps.entries()) {
      for (const other of [steps[index - 1], steps[index + 1]]) {
        if (!other) continue
        const name = `word-${index}`
        await writeSecret(db, one, name, 'the words of a wallet')
        expect(await readSecret(db, other, name)).toBe('the words of a wallet')
        expect(unpack(other, person, pack(one, person, 'pay', 'abc', 5))).toEqual({
          route: 'pay',
          args: ['abc', '5'],
          days: 0,
        })
        expect(readOrderToken(other, orderToken(one, 'k3v8q2m7c5x1b9zd', 2))).toEqual({
          orderId: 'k3v8q2m7c5x1b9zd',
          attempt: 2,
        })
      }
    }
    // The first step and the last step have no key in common.
    const [first, , , last] = steps as [(typeof steps)[0], unknown, unknown, (typeof steps)[0]]
    expect(unpack(last, person, pack(first, person, 'pay', 'abc', 5))).toBeUndefined()
    expect(() => last.decrypt('word', first.encrypt('word', 'x'))).toThrow()
  })

  test('the command seals everything anew with the new key, changes nothing when a secret opens with neither, and may run twice', async () => {
    const { db, database } = at
    await db.rows(q`delete from secrets`)
    await writeSecret(db, steps[0]!, 'one', 'first secret')
    await writeSecret(db, steps[2]!, 'two', 'second secret')
    const reseal = async (env: Record<string, string>) => {
      const one = startNode(`${repository}/bin/reseal.ts`, [], {
        env: { DATABASE_URL: database.url, BOT_TOKEN: '', BOTS: '', ENCRYPTION_OTHER_KEY: '', ...env },
      })
      return { code: await one.ended, text: one.lines.join('\n') }
    }
    const before = await db.rows(q`select name, ciphertext from secrets order by name`)
    const wrong = await reseal({ ENCRYPTION_KEY: next })
    expect(wrong).toMatchObject({
      code: 1,
      text: expect.stringContaining('the secret one opens with neither'),
    })
    expect(await db.rows(q`select name, ciphertext from secrets order by name`)).toEqual(before)

    for (let time = 0; time < 2; time++) {
      const done = await reseal({ ENCRYPTION_KEY: next, ENCRYPTION_OTHER_KEY: old })
      expect(done).toMatchObject({ code: 0, text: expect.stringContaining('2 secrets are sealed') })
    }
    expect(await readSecret(db, steps[3]!, 'one')).toBe('first secret')
    expect(await readSecret(db, steps[3]!, 'two')).toBe('second secret')
  })

  test('new credentials of the reseller hold from the next look on, the others stay, and a key of the API can be replaced', async () => {
    const { db } = at
    const settings = { apiKey: 'from-env', phoneNumber: '+1', mnemonics: 'a b c' } as never
    await saveCredential(db, steps[2]!, 'apiKey', 'entered-key-1')
    await saveCredential(db, steps[3]!, 'apiKey', 'entered-key-2')
    expect(await readCredentials(db, steps[3]!, settings)).toEqual({
      apiKey: 'entered-key-2',
      phoneNumber: '+1',
      mnemonics: 'a b c',
    })

    const wanted = { bot: 'main', name: 'site', scopes: ['read'] as const, perMinute: 60 }
    const [first, second] = [await createKey(db, wanted), await createKey(db, wanted)]
    expect(await findKey(db, first.key)).toBeDefined()
    expect(await findKey(db, second.key)).toBeDefined()
    expect(await revokeKey(db, first.id)).toBe(true)
    expect(await findKey(db, first.key)).toBeUndefined()
    expect(await findKey(db, second.key)).toBeDefined()
    expect((await listKeys(db)).filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id)).toContain(
      second.id,
    )
  })

  test('F19 the secret in the address of MulenPay may be the old one for a while', () => {
    const provider = paymentProviders({
      ...environment({ mulenpay: 'http://x' }),
      MULENPAY_WEBHOOK_SECRET: 'new-word',
      MULENPAY_OLD_WEBHOOK_SECRET: 'old-word',
    }).get('mulenpay')!
    const genuine = (token: string) => provider.isGenuine({ body: Buffer.from('{}'), headers: {}, token })
    expect(['new-word', 'old-word', 'nobodys', ''].map(genuine)).toEqual([true, true, false, false])
  })
})

describe.skipIf(!redisAvailable())("the webhook's secret is changed while a bot is written to", () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop({
      mode: 'webhook',
      env: { WEBHOOK_SECRET: 'word-of-today', WEBHOOK_OTHER_SECRET: 'word-of-tomorrow' },
    })
  })
  afterAll(() => shop.close())

  test('F19 both the old and the new one are taken, a third is not, and an update under either is answered', async () => {
    const anna = await shop.person()
    await anna.start()
    await anna.hears('Shop')
    const post = (secret: string) =>
      fetch(`${shop.url}/telegram/main`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
        body: JSON.stringify({ update_id: 900_000_001 }),
      })
    expect((await post('word-of-today')).status).toBe(200)
    expect((await post('word-of-tomorrow')).status).toBe(200)
    expect((await post('word-of-yesterday')).status).toBe(401)
    // Another gateway has told Telegram the new secret already.
    const set = await fetch(`${shop.config.telegram.apiRoot}/bot${TOKENS.main}/setWebhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: `${shop.url}/telegram/main`, secret_token: 'word-of-tomorrow' }),
    })
    expect(await set.json()).toMatchObject({ ok: true })
    await anna.say('/help')
    await anna.hears('What you can do here')
  })
})
