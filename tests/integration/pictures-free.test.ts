import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadTexts } from '#shared/i18n/texts.ts'
import { newId } from '#shared/ids.ts'
import { readBalance } from '#shared/money/read.ts'
import { readerIn } from '#shared/reader.ts'
import { payPicture, pictureCost } from '#shop/pictures/drafts.ts'
import { createDraft, readPicture } from '#shop/pictures/pictures.ts'
import { pictureLimits } from '#shop/pictures/settings.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
  const value = { atOnce: 2, waiting: 10, perDay: 10, freePerDay: 1 }
  await shop.settings.set(shop.db, pictureLimits, { value, by: 1n })
})
afterAll(() => shop.close())

test('F65 a key that says that a picture is free takes no tokens when the day’s free one was drawn elsewhere meanwhile', async () => {
  const personId = await shop.person(1)
  await shop.pay(personId, 50n)
  const asker = { app: shop, bot: { name: 'shop' }, personId, ...readerIn(loadTexts(), 'en') }
  const key = async (messageId: number) => {
    const orderId = newId()
    const model = { provider: 'kie', model: 'z-image', aspect: '1:1', price: 5n, prompt: 'whale' }
    await createDraft(shop.db, { orderId, personId, bot: 'shop', ...model })
    const picture = (await readPicture(shop.db, orderId))!
    const { text, roubles: agreed, ...said } = await pictureCost(asker, picture)
    const card = { bot: 'shop', chatId: 1, messageId }
    return { text, orderId, press: () => payPicture(asker, picture, { agreed, ...said, card }) }
  }
  const [first, second] = [await key(1), await key(2)]
  expect([first.text, second.text]).toEqual(['free', 'free'])
  expect(await first.press()).toMatchObject({ is: 'queued', picture: { price: 0n } })
  await expect(second.press()).rejects.toMatchObject({ code: 'price.changed' })
  expect(await readBalance(shop.db, personId, 'TOK')).toMatchObject({ available: 50n, held: 0n })
  expect(await readPicture(shop.db, second.orderId)).toMatchObject({ state: 'draft' })

  const third = await key(3)
  expect(third.text).toContain('5')
  expect(await third.press()).toMatchObject({ is: 'queued', picture: { price: 5n } })
})
