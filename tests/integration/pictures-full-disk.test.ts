import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { relay } from '#shared/queue/outbox.ts'
import { confirmPicture } from '#shop/pictures/confirm.ts'
import { createDraft } from '#shop/pictures/pictures.ts'
import { atEnd } from '../lib/at-end.ts'
import { localServer } from '../lib/local-server.ts'
import { PIXELS } from '../lib/mailings.ts'
import { openImageShop } from '../lib/picture-shop.ts'
import type { ImageShop } from '../lib/picture-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

// A picture that is drawn and paid for by us, while DATA_DIR takes nothing.

/** OpenAI's answer holds the picture itself, once. */
const openai = localServer((_, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ data: [{ b64_json: PIXELS[0] }] }))
})

let shop: ImageShop
beforeAll(async () => {
  if (!redisAvailable()) return
  shop = await openImageShop({
    workers: ['images'],
    env: { OPENAI_API_URL: openai(), OPENAI_API_KEY: 'sk-a-key-of-a-test' },
  })
  atEnd(() => shop.close())
  // A file where the folder should be refuses everything, as a full disk does.
  writeFileSync(join(shop.env['DATA_DIR']!, 'pictures'), '')
})

test.skipIf(!redisAvailable())(
  'F34 F58 a picture that waits at the provider’s address is delivered and paid for, although the disk is full',
  async () => {
    await shop.person(1, 5n)
    const order = await shop.order(1, 'a whale')
    await shop.is(order, 'delivered')
    await shop.message(1, ({ photo }) => photo)
    expect(await shop.tokens(1)).toMatchObject({ available: 4n, held: 0n })
  },
)

test.skipIf(!redisAvailable())(
  'F34 F58 a picture that the provider gives once is delivered and paid for, although the disk is full',
  async () => {
    const [personId, orderId] = [2n, newId()]
    await shop.person(2, 5n)
    const { message_id: messageId } = await shop.api.sendMessage(2, 'Принимаем заказ')
    await shop.db.tx((tx) =>
      createDraft(tx, {
        orderId,
        personId,
        bot: 'shop',
        provider: 'openai',
        model: 'gpt-mini',
        aspect: '1:1',
        photos: [],
        price: 2n,
        prompt: 'a whale',
      }),
    )
    await confirmPicture(shop.db, orderId, personId, {
      price: 2n,
      limits: { atOnce: 2, waiting: 10, perDay: 10, freePerDay: 0 },
      refusedWords: [],
      card: { bot: 'shop', chatId: 2, messageId },
    })
    await relay(shop.db, shop.shared.producer, shop.shared.log)
    await shop.is(orderId, 'delivered')
    await shop.message(2, ({ photo }) => photo)
    expect(await shop.tokens(2)).toMatchObject({ available: 3n, held: 0n })
    const [{ count }] = (await shop.db.rows(q<{ count: number }>`
      select count(*)::int as count from postings where reference = ${`capture-${orderId}`}`)) as [
      { count: number },
    ]
    expect(count).toBe(1)
  },
)
