import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { type ImageShop, openImageShop } from '../lib/image-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('pictures, from the command to the message that became one', () => {
  let shop: ImageShop
  beforeAll(async () => {
    shop = await openImageShop()
  })
  afterAll(() => shop.close())

  test('/generate with a text leads over one confirmation to a picture that costs its price once', async () => {
    await shop.person(1, 10n)
    await shop.say(1, '/generate кот в космосе')
    const draft = await shop.message(1, ({ text }) => text?.includes('кот в космосе'))
    expect((await shop.press(1, /Нарисовать · 2/)).answered).toBe(true)
    const picture = await shop.message(1, ({ photo }) => photo)
    expect(picture.message_id).toBe(draft.message_id)
    expect(picture.caption).toContain('кот в космосе')
    expect(picture.caption).toContain('Nano Banana 2')
    const buttons = picture.inline_keyboard!.flat().map(({ text }) => text.replaceAll('\u00a0', ' '))
    expect(buttons).toEqual(['Ещё раз · 2 токена', 'Изменить', 'Файлом'])
    expect(picture.edits.map(({ text = '' }) => text.split('\n')[0])).toContainEqual(
      expect.stringMatching(/Принимаем|Рисуем|Модель/),
    )
    await eventually(async () => (await shop.orders(1))[0]?.state === 'delivered')
    expect(await shop.tokens(1)).toMatchObject({ available: 8n, held: 0n })
    expect(await shop.tasks()).toHaveLength(1)
  })
})
