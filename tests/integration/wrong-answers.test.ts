import { afterAll, beforeAll, describe, test } from 'vitest'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

// What is no answer to a question of the bot is told so in words; the question shown once more would read as if the bot
// had not noticed.
describe.skipIf(!redisAvailable())('an answer that is none', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot'] })
    await shop.say(OWNER, '/start')
    await shop.sees(OWNER, 'Balance')
  })
  afterAll(() => shop?.close())

  test('a photo among the words that pictures may not have is told so, and the words are asked for again', async () => {
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, /Pictures/)
    await shop.press(OWNER, 'Refused words')
    await shop.sees(OWNER, 'The list is empty')
    await shop.send(OWNER, { photo: PIXEL })
    await shop.sees(OWNER, 'Type the words as text')
    await shop.say(OWNER, 'gun')
    await shop.sees(OWNER, /Refused words.*gun/s)
  })

  test('what to draw may be typed while the models are shown: it is the answer to the next question', async () => {
    await shop.say(OWNER, '/generate')
    await shop.sees(OWNER, 'Choose a model, or type right away what to draw')
    await shop.say(OWNER, 'a cat in space')
    await shop.sees(OWNER, /New picture.*a cat in space/s)
  })
})
