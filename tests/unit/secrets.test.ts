import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFrom, idsIn, newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { createSecrets, sameText } from '#shared/secrets.ts'
import { pack, unpack } from '#shared/telegram/buttons.ts'
import { webhookSecrets } from '#shared/telegram/webhook-secret.ts'

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const secrets = createSecrets(key(1))

describe('secrets at rest', () => {
  test('come back with their key and name, and with nothing else', () => {
    const kept = secrets.encrypt('jwt', 'слово')
    expect(secrets.decrypt('jwt', kept)).toBe('слово')
    expect(() => secrets.decrypt('other', kept)).toThrow()
    expect(() => createSecrets(key(2)).decrypt('jwt', kept)).toThrow()
    expect(secrets.encrypt('jwt', 'слово').equals(kept)).toBe(false)
    expect(kept.includes('слово')).toBe(false)
  })

  test('any changed byte is noticed', () => {
    const kept = secrets.encrypt('jwt', 'word')
    for (let at = 0; at < kept.length; at++) {
      const changed = Buffer.from(kept)
      changed[at]! ^= 1
      expect(() => secrets.decrypt('jwt', changed), `byte ${at}`).toThrow()
    }
    for (let length = 0; length < kept.length; length++) {
      expect(() => secrets.decrypt('jwt', kept.subarray(0, length)), `length ${length}`).toThrow()
    }
  })

  test('texts are compared by content, whatever their length and alphabet', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(sameText(a, b)).toBe(a === b)
      }),
    )
  })

  test('the webhook secret of a bot is never empty, fits Telegram and differs from bot to bot', () => {
    const of = (token: string, encryptionKey = key(1)) =>
      webhookSecrets({ encryptionKey, telegram: {} }, { token })[0]
    expect(of('1:a')).toMatch(/^[\w-]{1,256}$/)
    expect(of('1:a')).not.toBe(of('1:b'))
  })

  test('F77 whoever has a bot’s token cannot make its webhook secret: it takes the key of the shop', () => {
    const of = (encryptionKey: string) => webhookSecrets({ encryptionKey, telegram: {} }, { token: '1:a' })
    expect(of(key(1))[0]).not.toBe(of(key(2))[0])
  })

  test('while the key is changed the secret of the other one is taken too; the operator’s word replaces both', () => {
    const changing = { encryptionKey: key(1), encryptionOtherKey: key(2) }
    const [first, ...others] = webhookSecrets({ ...changing, telegram: {} }, { token: '1:a' })
    expect(others).toEqual(webhookSecrets({ encryptionKey: key(2), telegram: {} }, { token: '1:a' }))
    expect(others).not.toContain(first)
    const telegram = { webhookSecret: 'word', webhookOtherSecret: 'old' }
    expect(webhookSecrets({ ...changing, telegram }, { token: '1:a' })).toEqual(['word', 'old'])
  })
})

describe('buttons (F65)', () => {
  const route = fc.constantFrom('menu', 'pack', 'refund-do')
  const args = fc.array(fc.stringMatching(/^[a-z0-9]{0,10}$/), { maxLength: 3 })
  const person = fc.bigInt(1n, 2n ** 52n)

  test('open for the person they were made for', () => {
    fc.assert(
      fc.property(person, route, args, (id, name, list) => {
        expect(unpack(secrets, id, pack(secrets, id, name, ...list))).toEqual({
          route: name,
          args: list,
          days: 0,
        })
      }),
    )
  })

  test('open nothing with any change, for anybody else, or under another key', () => {
    fc.assert(
      fc.property(
        person,
        person,
        route,
        args,
        fc.nat(63),
        fc.constantFrom('0', 'A', ':', '~', 'я'),
        (id, other, name, list, at, letter) => {
          const data = pack(secrets, id, name, ...list)
          const changed = data.slice(0, at % data.length) + letter + data.slice((at % data.length) + 1)
          if (changed !== data) expect(unpack(secrets, id, changed)).toBeUndefined()
          if (other !== id) expect(unpack(secrets, other, data)).toBeUndefined()
          expect(unpack(createSecrets(key(9)), id, data)).toBeUndefined()
        },
      ),
    )
  })

  test('that are longer than Telegram takes throw at once, being a bug of ours', () => {
    expect(() => pack(secrets, 1n, 'pack', 'x'.repeat(60))).toThrow('64 bytes')
  })
})

test('ids are 16 letters that nobody confuses; the same parts make the same id, other parts another one', () => {
  const ids = new Set(Array.from({ length: 2000 }, newId))
  expect(ids.size).toBe(2000)
  for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/)
  expect(idFrom('a', 1, 2n)).toBe(idFrom('a', 1, 2n))
  expect(idFrom('ab', 'c')).not.toBe(idFrom('a', 'bc'))
  expect(idFrom('a', '')).not.toBe(idFrom('a'))
})

test('a log line has no token, password, key or planted word, wherever it stands (F71)', () => {
  const lines: string[] = []
  const planted = 'pl"anted\\secret'
  const log = createLog({
    level: 'trace',
    name: 'test',
    secrets: [planted],
    to: { write: (line) => void lines.push(line) },
  })
  const token = `1234567890:${'AbC_-'.repeat(7)}`
  log.info({ token: 'short1', a: { password: 'short2' }, b: { c: { apiKey: 'short3' } } }, 'x')
  log.info(`https://api.telegram.org/bot${token}/getMe`)
  log.error({ err: new Error(`failed: ${token}`, { cause: new Error(planted) }) }, planted)
  log
    .child({ url: 'redis://:s3cret@host:1/0', db: 'postgres://me:s3cret@host/db' })
    .warn({ [planted]: planted }, 'x')
  expect(lines).toHaveLength(4)
  for (const line of lines) JSON.parse(line)
  const all = lines.join('')
  for (const secret of [
    'short1',
    'short2',
    'short3',
    token,
    token.split(':')[1]!,
    planted,
    JSON.stringify(planted).slice(1, -1),
    's3cret',
  ]) {
    expect(all).not.toContain(secret)
  }
  expect(all).toContain('@host')
})

test('ids are found in keys of jobs and in JSON, also behind escapes and in JSON within JSON, each once', () => {
  const [one, other] = [newId(), idFrom('order', 1)]
  const inner = JSON.stringify({ text: `\n${other}\t"${one}"` })
  for (const text of [
    `fulfil-${one}-1~2 ${other}`,
    inner,
    JSON.stringify({ body: inner }),
    `\\u003c${one}|${other}`,
  ])
    expect(idsIn(text).toSorted()).toEqual([one, other].toSorted())
  expect(idsIn(`${one}0 a${one} ${one.toUpperCase()}A ${'a'.repeat(17)}`)).toEqual([])
})
