import { describe, expect, test } from 'vitest'
import { ConfigError } from '#shared/config/config.ts'
import { passwordsIn } from '#shared/config/reader.ts'
import { createLog } from '#shared/log.ts'
import { readConfig } from '#shop/config.ts'
import { repository } from '../lib/compose.ts'
import { startNode } from '../lib/processes.ts'

const PASSWORDS = [
  'PLANTED/word',
  'PLANTED#word',
  'PLANTED@word',
  'PLANTED word',
  'PLANTED?word',
  'PLANTED%word',
  'PLANTED:word',
]
const addresses = (password: string) => ({
  DATABASE_URL: `postgres://shop:${password}@127.0.0.1:9/shop`,
  REDIS_URL: `redis://shop:${password}@127.0.0.1:9`,
})

describe('F71 the password in DATABASE_URL or REDIS_URL is never printed', () => {
  test.each(PASSWORDS)('%s in a log line, as an address, alone and encoded', (password) => {
    const lines: string[] = []
    const { DATABASE_URL, REDIS_URL } = addresses(password)
    const log = createLog({
      level: 'trace',
      name: 'test',
      secrets: [...passwordsIn(DATABASE_URL), ...passwordsIn(REDIS_URL)],
      to: { write: (line) => void lines.push(line) },
    })
    const quoting = Object.assign(new TypeError('Invalid URL'), {
      input: DATABASE_URL,
      code: 'ERR_INVALID_URL',
    })
    log.error({ err: quoting, url: REDIS_URL }, `cannot read ${DATABASE_URL}`)
    log.warn({ password, note: encodeURIComponent(password) }, password)
    expect(lines.join('')).not.toMatch(/PLANTED|word@/)
    for (const line of lines) JSON.parse(line)
  })

  test('a printed address has no password in it, also where no list of secrets is known', () => {
    for (const password of PASSWORDS.filter((one) => !one.includes(' '))) {
      const lines: string[] = []
      const log = createLog({ level: 'trace', name: 'test', to: { write: (line) => void lines.push(line) } })
      log.error({ err: new Error(`bad address "${addresses(password).DATABASE_URL}"`) }, 'x')
      expect(lines.join('')).not.toContain('PLANTED')
    }
  })

  test('why an address cannot be read is told in a sentence that does not quote it', () => {
    let refused = 0
    for (const password of PASSWORDS) {
      try {
        readConfig(
          { ...addresses(password), ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64') },
          () => {},
        )
      } catch (error) {
        refused++
        expect((error as ConfigError).problems.join('\n')).toMatch(/percent-encoded/)
        expect((error as ConfigError).message).not.toContain('PLANTED')
      }
    }
    expect(refused).toBeGreaterThanOrEqual(3)
  })

  test.each(['doctor', 'migrate', 'backup', 'start'])('bin/%s.ts', async (program) => {
    const started = ['PLANTED/word', 'PLANTED@word'].map((password) => {
      const env = { ...addresses(password), BOT_TOKEN: `123456:${'A'.repeat(35)}`, LOG_LEVEL: 'trace' }
      const args = program === 'backup' ? ['/nowhere'] : []
      return startNode(`${repository}/bin/${program}.ts`, args, { env })
    })
    for (const one of started) {
      expect(await one.ended).not.toBe(0)
      expect(one.lines.join('\n')).not.toBe('')
      expect(one.lines.join('\n')).not.toContain('PLANTED')
    }
  })
})
