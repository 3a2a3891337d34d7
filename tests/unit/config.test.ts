import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError } from '#shared/config/config.ts'
import { readConfig } from '#shop/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'telekassa-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const base = { DATA_DIR: folder, ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64') }
const TOKEN = `123456:${'A'.repeat(35)}`
function problems(environment: Record<string, string>): string[] {
  try {
    readConfig({ ...base, ...environment })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('settings', () => {
  test('all problems are reported at once, each in a sentence that names the setting', () => {
    const found = problems({
      PORT: 'http',
      LOG_LEVEL: 'loud',
      STARS_PACKS: '1,-3',
      PRICE_BUY_RUB: 'NaN',
      BOT_TOKEN: 'x',
      PUBLIC_URL: 'http://x.org',
      OPS_USER: 'me',
      ENCRYPTION_KEY: 'short',
      PREMIUM_PRICES_RUB: '4:1',
      TELEGRAM_API_ROOT: 'ftp://x',
    })
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'STARS_PACKS',
      'PRICE_BUY_RUB',
      'BOT_TOKEN',
      'PUBLIC_URL',
      'OPS_PASSWORD',
      'ENCRYPTION_KEY',
      'PREMIUM_PRICES_RUB',
      'TELEGRAM_API_ROOT',
    ]) {
      expect(
        found.some((sentence) => sentence.includes(name)),
        name,
      ).toBe(true)
    }
  })

  test.each(['NaN', '-1', '0', '1e309', '１２', '9223372036854775808', '1.005', '', '1,000'])(
    'a price of %j is refused (F62)',
    (price) => {
      expect(problems({ PRICE_BUY_RUB: price })).toHaveLength(price === '' ? 0 : 1)
    },
  )

  test('a pack that costs more Stars than Telegram takes for one invoice is a problem', () => {
    const [problem, ...more] = problems({ STARS_PACKS: '10,20000,20001', STARS_PER_TOKEN: '5' })
    expect(problem).toMatch(/STARS_PACKS: 20001 tokens .* 100005 Stars.*100000/)
    expect(more).toEqual([])
  })

  // Each of these was taken once, and the shop then did something else than its operator had written.
  test.each([
    [
      'STAR_PRICE_RUB',
      ['abc', 'NaN', '0', '-1', '1,8', '1e9', '１.8', '1.8 RUB', '0.0000001', '9'.repeat(12)],
    ],
    ['PREMIUM_PRICES_RUB', ['3:0', '3:-1', '3:799,3:800']],
    ['HOST', ['a b', 'http://127.0.0.1', '127.0.0.1/8', '*']],
    ['NEWS_CHANNEL_ID', ['abc', '@a b', 'https://t.me/shop', '100']],
    ['WEBHOOK_SECRET', ['пароль', 'a b', 'a$', 'x'.repeat(257)]],
    ['WEBHOOK_OTHER_SECRET', ['a/b']],
    ['QUEUE_PREFIX', ['a b', '{tk}', 'a\u0000', 'x'.repeat(65)]],
    ['PUBLIC_URL', ['https://x.org/?a=1', 'https://x.org/#b', 'https://me:word@x.org', 'https://x.org?']],
    ['HELEKET_API_URL', ['foo', 'ftp://x.org']],
    ['MULENPAY_SHOP_ID', ['shop', '-1', '1.5']],
    ['MULENPAY_SIGN_WITH_UUID', ['yes', 'TRUE']],
    ['YOOKASSA_RECEIPT_VAT_CODE', ['0', '13', '1.5', 'abc']],
    ['YOOKASSA_RECEIPT_TAX_SYSTEM', ['7']],
    ['YOOKASSA_KEEP_CARDS', ['yes', '1']],
    // In quotes by `docker run --env-file`, which hands them on.
    ['DATA_DIR', [`"${folder}"`, `'${folder}'`]],
    ['PORT', ['"8080"']],
  ])('%s of a wrong kind is one sentence that names it', (name, values) => {
    const others: Record<string, Record<string, string>> = {
      MULENPAY_SHOP_ID: { MULENPAY_API_KEY: 'a', MULENPAY_SECRET_KEY: 'b', MULENPAY_WEBHOOK_SECRET: 'c' },
      YOOKASSA_RECEIPT_TAX_SYSTEM: { YOOKASSA_RECEIPT_VAT_CODE: '1' },
    }
    for (const value of values) {
      const found = problems({ ...others[name], [name]: value })
      expect(found, value).toEqual([expect.stringContaining(name)])
      if (name.includes('SECRET')) expect(found[0]).not.toContain(value)
    }
  })

  test('settings that need or exclude one another are told, each pair in a sentence', () => {
    const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
    const bots = JSON.stringify([{ name: 'a', token: TOKEN, admins: [1] }])
    expect(problems({ YOOKASSA_KEEP_CARDS: 'true' })).toEqual([expect.stringMatching(/KEEP_CARDS.*SHOP_ID/)])
    expect(problems({ YOOKASSA_RECEIPT_TAX_SYSTEM: '2' })).toEqual([expect.stringContaining('VAT_CODE')])
    expect(problems({ PRICE_BUY_RUB: '10', PRICE_SELL_RUB: '10.01' })).toEqual([
      expect.stringMatching(/PRICE_SELL_RUB.*PRICE_BUY_RUB/),
    ])
    // The same key in another spelling is still the same key.
    expect(problems({ BACKUP_KEY: key(1).replace('=', '') })).toEqual([expect.stringContaining('BACKUP_KEY')])
    expect(problems({ BACKUP_KEY: key(2), ENCRYPTION_OTHER_KEY: key(2) })).toEqual([
      expect.stringContaining('ENCRYPTION_OTHER_KEY'),
    ])
    const said: string[] = []
    readConfig({ ...base, BOTS: bots, ADMIN_IDS: '5' }, (line) => said.push(line))
    expect(said.splice(0)).toEqual([expect.stringMatching(/ADMIN_IDS.*BOTS/)])
    readConfig({ ...base, BOT_TOKEN: TOKEN }, (line) => said.push(line))
    expect(said).toEqual([expect.stringMatching(/^ADMIN_IDS is not set, so nobody can open \/admin/)])
  })

  test('what would never work together is told with what to do instead', () => {
    for (const address of ['https://x.org:3000', 'https://x.org:8080/shop'])
      expect(problems({ PUBLIC_URL: address })).toEqual([
        expect.stringMatching(/PUBLIC_URL.*443, 80, 88, 8443.*BOT_MODE=polling/),
      ])
    for (const address of [
      'https://x.org',
      'https://x.org:443',
      'https://x.org:88',
      'https://x.org:8443/shop',
    ])
      expect(problems({ PUBLIC_URL: address })).toEqual([])
    // Providers and the Mini App come to any port, and so does a Bot API server of the operator's own.
    const free = { PUBLIC_URL: 'https://x.org:3000' }
    expect(problems({ ...free, BOT_MODE: 'polling' })).toEqual([])
    expect(problems({ ...free, TELEGRAM_API_ROOT: 'http://127.0.0.1:8081' })).toEqual([])

    expect(problems({ IMAGE_DEADLINE_MS: '60000' })).toEqual([
      expect.stringMatching(/IMAGE_DEADLINE_MS is 60000.*IMAGE_START_TIMEOUT_MS.*to 130000 or more/),
    ])
    expect(problems({ IMAGE_START_TIMEOUT_MS: '900001' })).toEqual([
      expect.stringMatching(/IMAGE_DEADLINE_MS.*IMAGE_START_TIMEOUT_MS/),
    ])
    expect(problems({ IMAGE_DEADLINE_MS: '5000', IMAGE_START_TIMEOUT_MS: '5000' })).toEqual([])
  })

  test('a part of the Fragment credentials is a problem that names what is missing and quotes nothing', () => {
    const all = { FRAGMENT_API_KEY: 'a-key', FRAGMENT_PHONE_NUMBER: '+7900', FRAGMENT_MNEMONICS: 'one two' }
    expect(problems(all)).toEqual([])
    for (const name of Object.keys(all)) {
      const [sentence, ...more] = problems({ ...all, [name]: '' })
      expect(sentence).toMatch(new RegExp(`without ${name}: .*/fragment, Credentials`))
      expect(sentence).not.toMatch(/a-key|7900|one two/)
      expect(more).toEqual([])
      // The token lets the shop sell until it ends.
      expect(problems({ ...all, [name]: '', FRAGMENT_JWT_TOKEN: 'a.b.c' })).toEqual([])
    }
    expect(problems({ FRAGMENT_MNEMONICS: 'one two' })).toEqual([
      expect.stringContaining('without FRAGMENT_API_KEY and FRAGMENT_PHONE_NUMBER'),
    ])
  })

  test('an empty file of a secret is a problem, and no other key is made in its place', () => {
    const file = join(folder, 'empty')
    writeFileSync(file, '\n')
    for (const name of ['ENCRYPTION_KEY', 'BOT_TOKEN', 'DATABASE_URL']) {
      const own = mkdtempSync(join(folder, 'none-'))
      expect(problems({ DATA_DIR: own, ENCRYPTION_KEY: '', [`${name}_FILE`]: file })).toEqual([
        expect.stringMatching(new RegExp(`${name}_FILE.*is empty`)),
      ])
      if (name === 'ENCRYPTION_KEY') expect(readdirSync(own)).toEqual([])
    }
  })

  test('a secret in a problem is not printed', () => {
    for (const sentence of problems({
      BOT_TOKEN: 'very-secret',
      BOTS: '[{"name":"a","token":"also-secret"}]',
    })) {
      expect(sentence).not.toMatch(/very-secret|also-secret/)
    }
  })

  test('aliases are read and said, the name itself wins', () => {
    const said: string[] = []
    const read = (more: object) =>
      readConfig({ ...base, BOT_TOKEN: TOKEN, ...more }, (line) => said.push(line))
    expect(read({ ADMINS: '1, 2' }).bots[0]!.admins).toEqual([1n, 2n])
    expect(read({ ADMIN_ID: '7000000000', ADMIN_IDS: '5' }).bots[0]!.admins).toEqual([5n])
    expect(read({ POSTGRES_DSN: 'postgres://x/y' }).databaseUrl).toBe('postgres://x/y')
    expect(read({ STAR_PACKS: '60,70' }).economy.starsForSale).toEqual([60, 70])
    expect(read({ STAR_PACKS: '60,70', STARS_FOR_SALE: '80' }).economy.starsForSale).toEqual([80])
    expect(said.filter((line) => line.includes('is read as'))).toEqual([
      'ADMINS is read as ADMIN_IDS',
      'POSTGRES_DSN is read as DATABASE_URL',
      'STAR_PACKS is read as STARS_FOR_SALE',
    ])
  })

  test('NAME_FILE holds a secret, and a file that is not there is a problem', () => {
    const file = join(folder, 'token')
    writeFileSync(file, `${TOKEN}\n`)
    expect(readConfig({ ...base, BOT_TOKEN_FILE: file }).bots[0]!.token).toBe(TOKEN)
    expect(problems({ BOT_TOKEN_FILE: join(folder, 'nowhere') })).toEqual([
      expect.stringContaining('BOT_TOKEN_FILE'),
    ])
  })

  test('two bots with one name or token are refused, admin ids that are none too', () => {
    const bot = (name: string, token: string, admins: unknown[] = []) => ({ name, token, admins })
    const check = (...bots: object[]) => problems({ BOTS: JSON.stringify(bots) })
    expect(check(bot('a', TOKEN), bot('a', `9${TOKEN}`))).toHaveLength(1)
    expect(check(bot('a', TOKEN), bot('b', TOKEN))).toHaveLength(1)
    expect(check(bot('a', TOKEN), bot('b', TOKEN.replace('A', 'B')))).toHaveLength(1)
    expect(check({ name: 'a', token: TOKEN, admin: [1] })).toEqual([expect.stringContaining('admin')])
    expect(check(bot('A b', TOKEN))).toHaveLength(1)
    expect(check(bot('a', TOKEN, ['x']))).toHaveLength(1)
    expect(check(bot('a', TOKEN, ['0']))).toHaveLength(1)
    expect(problems({ BOTS: 'not json' })).toHaveLength(1)
    for (const list of ['[]', '{"name":"a"}', '5'])
      expect(problems({ BOTS: list })).toEqual([
        expect.stringMatching(/^BOTS must be a JSON array of at least/),
      ])
    expect(check({ name: 'a' })).toEqual([expect.stringMatching(/^BOTS\[0\] has no "token": write it like/)])
    expect(check({ name: 'a', token: TOKEN, admins: 5 })).toEqual([
      expect.stringMatching(/^BOTS\[0\]\[admins\] is of another type/),
    ])
    expect(check(bot('a', TOKEN, [1, '9007199254740993']))).toEqual([])
  })

  test('what was read cannot be changed', () => {
    const config = readConfig(base)
    expect(Object.isFrozen(config.gateway)).toBe(true)
    expect(() => Object.assign(config.economy, { starsPerToken: 1 })).toThrow(TypeError)
  })

  test('without ENCRYPTION_KEY one is made, kept closed, and found again', () => {
    const own = mkdtempSync(join(folder, 'own-'))
    const first = readConfig({ DATA_DIR: own }).encryptionKey
    expect(Buffer.from(first, 'base64')).toHaveLength(32)
    expect(statSync(join(own, 'encryption-key')).mode & 0o777).toBe(0o600)
    expect(readConfig({ DATA_DIR: own }).encryptionKey).toBe(first)
    expect(readdirSync(own)).toEqual(['encryption-key'])
  })

  test.each(['', '\n', 'c2hvcnQ=', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')])(
    'a key file that a full disk or a bad copy left as %j is refused and stays as it is',
    (kept) => {
      const own = mkdtempSync(join(folder, 'short-'))
      writeFileSync(join(own, 'encryption-key'), kept)
      expect(() => readConfig({ DATA_DIR: own })).toThrow(
        /encryption-key holds \d+ bytes instead of a key of 32/,
      )
      expect(readFileSync(join(own, 'encryption-key'), 'utf8')).toBe(kept)
    },
  )
})
