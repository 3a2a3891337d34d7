import { beforeAll, describe, expect } from 'vitest'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop, TOKENS } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

const BOT = Number(TOKENS.main.split(':')[0])
const NEWS = -1_001_000_000_001

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ env: { NEWS_CHANNEL_ID: String(NEWS) } })
  const members = { [BOT]: 'administrator' }
  await shop.control('POST', '/chats', { id: NEWS, type: 'channel', title: 'News', members })
})

const joins = ({ id }: Customer) => shop.control('PATCH', `/chats/${NEWS}`, { members: { [id]: 'member' } })

describe('with a news channel that buying needs', () => {
  test('every press of somebody who is not subscribed is answered', async () => {
    const guest = await shop.person()
    await guest.start()
    const pressed = await guest.press('Buy tokens')
    expect(pressed.answered).toBe(true)
    await guest.hears('One step before you shop')
    expect(await guest.press('Done, I have joined')).toMatchObject({
      answered: true,
      show_alert: true,
      text: expect.stringContaining('in the channel yet') as string,
    })
  })

  test('what was wanted goes on after the subscription: a press', async () => {
    const guest = await shop.person()
    await guest.start()
    await guest.press('Promo code')
    await guest.hears('One step before you shop')
    // A person who looks at the balance meanwhile still wants what they asked for.
    await guest.press('Balance')
    await guest.hears('Your balance')
    await guest.press('Back')
    await guest.hears('One step before you shop')
    await joins(guest)
    expect(await guest.press('Done, I have joined')).toMatchObject({ answered: true })
    await guest.hears(/promo code/i)
  })

  test('what was wanted goes on after the subscription: a command with its words', async () => {
    const guest = await shop.person()
    await guest.say('/generate a cat in space')
    await guest.hears('One step before you shop')
    await joins(guest)
    await guest.press('Done, I have joined')
    await guest.hears('a cat in space')
  })

  test('support, the balance and payments stay open without a subscription', async () => {
    const guest = await shop.person()
    await guest.say('/buy')
    await guest.hears('One step before you shop')
    await guest.press('Write to support')
    await guest.hears(/support/i)
    for (const [command, words] of [
      ['/balance', 'Your balance'],
      ['/help', /help|can do/i],
      ['/history', /operations/i],
    ] as const) {
      await guest.say(command)
      await guest.hears(words)
    }
  })
})
