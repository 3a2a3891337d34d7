import { expect, test } from 'vitest'
import { sources } from '../lib/sources.ts'

/** Words without which no code can read what a Mini App sends. */
const MINI_APP = /init_?data|auth_date|web_app_data|WebAppData|telegram-web-app/i

test('F67 nothing of a Mini App is ever read, so a forged or old initData has no door to come through', () => {
  const files = sources('src/**/*.ts')
  expect(files.length).toBeGreaterThan(200)
  // Whoever adds a Mini App replaces this by a test of its HMAC and of the age of auth_date.
  expect(files.filter(({ text }) => MINI_APP.test(text)).map(({ path }) => path)).toEqual([])
})
