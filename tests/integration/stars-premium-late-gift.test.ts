import { expect, test } from 'vitest'
import { draftOrder } from '#shop/stars-premium/orders.ts'
import { quote } from '#shop/stars-premium/quote.ts'
import { knownRecipients } from '#shop/stars-premium/recipients.ts'
import { telegramGiftPrices } from '#shop/stars-premium/settings.ts'
import { newId } from '#shared/ids.ts'
import { ensurePerson } from '#shared/people.ts'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { openKit } from '../lib/stars-premium-kit.ts'

const TEDDY = { kind: 'telegram-gift', gift: '5170233102089322756', emoji: '🧸', stars: 15 } as const

test.skipIf(!redisAvailable())(
  'F3 a gift that Telegram carries out long after nobody waits for its call any more is paid for, and not given for nothing',
  async () => {
    const kit = await openKit({ FRAGMENT_TIMEOUT_MS: '3000', FRAGMENT_REVIEW_AFTER_MS: '1000' })
    atEnd(kit.close)
    await kit.control('PATCH', '/bots/shop_bot', { stars: 1_000 })
    await kit.settings.set(kit.db, telegramGiftPrices, { value: { [TEDDY.gift]: '49' }, bot: 'main', by: 1n })
    await kit.control('POST', '/people', {
      id: 901,
      first_name: 'Friend',
      username: 'friend',
      started: ['shop_bot'],
    })
    await ensurePerson(kit.db, 901n, 'main')
    await kit.db.rows({ text: `update persons set username = 'friend' where id = 901`, values: [] })
    const [id, person] = [newId(), await kit.person(4_900n)]
    await draftOrder(kit.db, {
      id,
      personId: person,
      bot: 'main',
      quote: await quote(kit.settings, undefined, 'main', TEDDY),
      recipients: await knownRecipients(kit.context, 'main', ['friend']),
    })
    await kit.control('POST', '/faults', { on: 'call', method: 'sendGift', do: { arrive_ms: 9_000 } })
    await kit.place(id, person)
    await kit.worker()
    await kit.until(id, 'unknown')
    await eventually(async () => {
      await kit.hurry()
      return (await kit.state(id)) !== 'unknown'
    })
    expect(await kit.state(id)).toBe('delivered')
    expect(await kit.control('GET', '/people/901')).toMatchObject({ gifts: [{ id: TEDDY.gift }] })
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
  },
)
