import { expect, test } from 'vitest'
import { signedAddress } from '@telekassa/telegram-sandbox'
import { FRESH_SECONDS, readInitData } from '#shop/web/init-data.ts'
import { UserError } from '#shared/errors.ts'

const TOKEN = `7000000001:AA${'a'.repeat(33)}`
const OTHER = `7000000002:AA${'b'.repeat(33)}`
const NOW = Date.UTC(2026, 10, 28, 12)
const PERSON = { id: 6_000_000_000, first_name: 'Анна & <b>', username: 'anna', starsSpent: 0, gifts: [] }

/** The simulated Telegram signs with code of its own, which shares nothing with the shop. */
function signed(at = NOW, token = TOKEN): string {
  const address = signedAddress(
    { clock: { now: () => at } as never },
    { token },
    PERSON,
    'https://shop.example/app',
  )
  return new URLSearchParams(new URL(address).hash.slice(1)).get('tgWebAppData')!
}

function refusal(text: string, token = TOKEN): string {
  try {
    readInitData(text, token, NOW)
    return 'taken'
  } catch (error) {
    return error instanceof UserError ? error.code : String(error)
  }
}

const changed = (change: (fields: URLSearchParams) => void): string => {
  const fields = new URLSearchParams(signed())
  change(fields)
  return fields.toString()
}

test('F67 what Telegram signed for this bot says who it is', () => {
  const { user } = readInitData(signed(), TOKEN, NOW)
  expect(user).toMatchObject({ id: 6_000_000_000, first_name: 'Анна & <b>', username: 'anna' })
})

test('F99 what was signed for another bot is as good as made up', () => {
  expect(refusal(signed(NOW, OTHER))).toBe('web.forged')
  expect(refusal(signed(), OTHER)).toBe('web.forged')
})

test.each<[string, string]>([
  ['nothing', ''],
  ['no hash', changed((fields) => fields.delete('hash'))],
  ['an empty hash', changed((fields) => fields.set('hash', ''))],
  ['another person', changed((fields) => fields.set('user', '{"id":1,"first_name":"Owner"}'))],
  ['a later date', changed((fields) => fields.set('auth_date', String(NOW / 1000 + 30)))],
  ['a field more', changed((fields) => fields.append('can_send_after', '1'))],
  [
    'a field twice, which each reads in their own way',
    changed((fields) => fields.append('user', '{"id":1}')),
  ],
  ['a field that hides in another', changed((fields) => fields.set('query_id', `x\nuser={"id":1}`))],
  ['what is longer than anything of Telegram’s', `${signed()}&x=${'y'.repeat(10_000)}`],
])('F67 forged initData is refused: %s', (_name, text) => {
  expect(refusal(text)).toBe('web.forged')
})

test('F67 initData is good for an hour, and not before it was made', () => {
  expect(refusal(signed(NOW - (FRESH_SECONDS - 1) * 1000))).toBe('taken')
  expect(refusal(signed(NOW - (FRESH_SECONDS + 1) * 1000))).toBe('web.stale')
  expect(refusal(signed(NOW + 50_000))).toBe('taken')
  expect(refusal(signed(NOW + 70_000))).toBe('web.stale')
})
