import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { openImageShop } from '../lib/picture-shop.ts'
import type { ImageShop } from '../lib/picture-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** Lets jobs that wait for their time run now, until this is so. */
const until = (shop: ImageShop, what: () => Promise<unknown>) =>
  eventually(
    async () => {
      for (const queue of shop.shared.producer.queues.get('images')!) await queue.promoteJobs()
      return await what()
    },
    { everyMs: 100 },
  )

test.skipIf(!redisAvailable())(
  'F50 a picture that is drawn while its bot gets another token waits for it, and so does the message that one failed',
  async () => {
    const shop = await openImageShop({ workers: ['images'] })
    atEnd(() => shop.close())
    await shop.person(1, 5n)
    await shop.provider('PUT', '/settings', {
      fates: [
        { prompt: 'whale', drawMs: 60_000 },
        { prompt: 'shark', drawMs: 60_000, end: 'fail', failMessage: 'no' },
      ],
    })
    const [drawn, failed] = [await shop.order(1, 'a whale'), await shop.order(1, 'a shark')]
    for (const id of [drawn, failed]) await shop.is(id, 'fulfilling')
    const isDrawing = async () =>
      (
        await shop.db.rows(q<{ count: number }>`
          select count(*)::int as count from generations where stage = 'drawing'`)
      )[0]!.count === 2
    await eventually(isDrawing)
    await shop.control('POST', '/faults', { on: 'call', bot: 'shop_bot', times: 1, do: { revoke: true } })
    await shop.provider('PUT', '/clock', { advance_ms: 120_000 })
    const refused = async (method: string) =>
      (
        await shop.control<{ status: number }[]>('GET', `/requests?bot=shop_bot&method=${method}&limit=1000`)
      ).some(({ status }) => status === 401)
    await until(shop, () => refused('editMessageMedia'))
    await shop.is(failed, 'failed')
    await until(shop, async () => {
      const [job] = await shop.db.rows(q<{ state: string }>`
        select state from outbox where key like ${`%${failed}%`} and job = 'image.show'`)
      return job && (await refused('editMessageText'))
    })
    await shop.control('POST', '/faults', { on: 'call', bot: 'shop_bot', times: 1, do: { revoke: false } })
    await shop.api.getMe().catch(() => {})
    await until(shop, async () => (await shop.chat(1)).some(({ photo }) => photo))
    await shop.is(drawn, 'delivered')
    await until(shop, async () => (await shop.chat(1)).some(({ text }) => /⚠️/.test(text ?? '')))
    expect(await shop.tokens(1)).toMatchObject({ available: 4n, held: 0n })
  },
)

test.skipIf(!redisAvailable())(
  'F48 a picture whose message was pressed once more while it was drawn stays in the chat after the next command',
  async () => {
    const shop = await openImageShop({ kie: { settings: { fate: { drawMs: 60_000 } } } })
    atEnd(() => shop.close())
    await shop.person(1, 5n)
    await shop.say(1, '/menu')
    await shop.message(1, ({ inline_keyboard: keys }) => keys)
    const order = await shop.order(1, 'a whale')
    await shop.is(order, 'fulfilling')
    // A phone that still showed the keys of before pressed one of them: the press showed its screen in this message.
    const [pressed] = await shop.db.rows(q<{ message: string }>`
      update bot_sessions s set session_data = session_data || jsonb_build_object('anchor', o.card -> 'messageId')
      from orders o where o.id = ${order} and s.bot = o.bot and s.person_id = o.person_id
      returning o.card ->> 'messageId' as message`)
    await shop.provider('PUT', '/clock', { advance_ms: 120_000 })
    await shop.is(order, 'delivered')
    const before = (await shop.chat(1)).length
    await shop.say(1, '/menu')
    await shop.message(1, ({ message_id: id }) => id > Number(pressed!.message))
    await shop.say(1, '/balance')
    await shop.message(1, ({ text }) => /Баланс/.test(text ?? ''))
    const picture = (await shop.chat(1)).find(({ message_id: id }) => id === Number(pressed!.message))
    expect(picture, `of ${before} messages`).toMatchObject({ photo: {} })
  },
)
