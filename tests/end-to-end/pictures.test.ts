import { sql as q } from 'kysely'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pictureLimits, picturePrices, picturesPaused, refusedWords } from '#shop/pictures/settings.ts'
import { operations } from '#shared/money/read.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { ADMIN, type ImageShop, openImageShop } from '../lib/picture-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('pictures, from the command to the message that became one', () => {
  let shop: ImageShop
  let settings: ReturnType<typeof createSettings>
  const keep = (type: Parameters<typeof settings.set>[1], value: unknown) =>
    settings.set(shop.db, type, { value, by: BigInt(ADMIN) })
  const set = async (...given: Parameters<typeof keep>) => {
    await keep(...given)
    // Every process reads its settings again after at most 2 s.
    await new Promise((resolve) => setTimeout(resolve, 2100))
  }
  const delivered = (person: number, count = 1) =>
    eventually(async () => {
      const orders = await shop.orders(person)
      return orders.filter(({ state }) => state === 'delivered').length === count
    })

  beforeAll(async () => {
    shop = await openImageShop()
    settings = createSettings(shop.db, shop.config)
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
    const buttons = picture.inline_keyboard!.flat().map(({ text }) => text)
    expect(buttons).toEqual(['Ещё раз · 2 токена', 'Изменить', 'Файлом', '🛟 Задать вопрос'])
    // A question about the picture names its order, and the picture stays as it is.
    await shop.press(1, /Задать вопрос/)
    await shop.message(1, ({ text }) => /Напишите, что случилось с [0-9a-z]{16}/.test(text ?? ''))
    await shop.message(1, ({ photo }) => photo)
    expect(picture.edits.map(({ text = '' }) => text)).toContainEqual(expect.stringMatching(/Принимаем/))
    await delivered(1)
    expect(await shop.tokens(1)).toMatchObject({ available: 8n, held: 0n })
    expect(await shop.tasks()).toHaveLength(1)
  })

  test('the history of operations shows a generation with model, link and prompt', async () => {
    const [operation] = await operations(shop.db, 1n, { limit: 1 })
    expect(operation).toMatchObject({ kind: 'generation', amount: -2n, description: 'кот в космосе' })
    expect(operation?.details).toMatchObject({
      model: 'nano-2',
      link: expect.stringContaining('/files/task_'),
    })
  })

  test('model, shape and text are chosen step by step, with the price on every button', async () => {
    await shop.person(2, 10n)
    await shop.say(2, '/generate')
    const models = await shop.message(2, ({ inline_keyboard }) => inline_keyboard?.flat().length)
    expect(models.inline_keyboard!.flat().map(({ text }) => text)).toEqual(
      expect.arrayContaining(['Nano Banana Pro · 4 токена', 'Z-Image · 1 токен']),
    )
    await shop.press(2, /Z-Image/)
    await shop.press(2, /16:9/)
    await shop.say(2, 'горы <b>на</b> рассвете')
    await shop.message(2, ({ text }) => text?.includes('горы'))
    await shop.press(2, /Нарисовать · 1/)
    const picture = await shop.message(2, ({ photo }) => photo)
    expect(picture.caption).toContain('горы <b>на</b> рассвете')
    expect(picture.caption).toContain('16:9')
    const [task] = (await shop.tasks()).filter(({ prompt }) => prompt.includes('горы'))
    expect(task).toMatchObject({ model: 'z-image', input: { aspect_ratio: '16:9' } })
  })

  test('F60: two presses of one button are one picture', async () => {
    await shop.person(3, 10n)
    await shop.say(3, '/generate лиса')
    const draft = await shop.message(3, ({ text }) => text?.includes('лиса'))
    const data = draft.inline_keyboard!.flat().find(({ text }) => text.includes('Нарисовать'))!.callback_data
    const press = () =>
      shop.control('POST', '/chats/shop_bot/3/callbacks', { message_id: draft.message_id, data })
    await Promise.all([press(), press(), press()])
    await delivered(3)
    expect((await shop.tokens(3)).available).toBe(8n)
  })

  test('Again draws the same for the price on its button, once while it is under way', async () => {
    // The picture stays under way until both presses are answered.
    await shop.provider('PUT', '/settings', { fates: [{ prompt: 'лиса', drawMs: 600_000 }] })
    await shop.press(3, /Ещё раз/)
    await shop.press(3, /Ещё раз/)
    await eventually(async () => (await shop.tasks()).filter(({ prompt }) => prompt === 'лиса').length === 2)
    await shop.provider('PUT', '/settings', { fates: [] })
    await shop.provider('PUT', '/clock', { advance_ms: 600_000 })
    await delivered(3, 2)
    expect((await shop.tokens(3)).available).toBe(6n)
    const prompts = (await shop.tasks()).map(({ prompt }) => prompt).filter((prompt) => prompt === 'лиса')
    expect(prompts).toHaveLength(2)
  })

  test('a finished picture comes as a file, and a changed one starts from it', async () => {
    await shop.press(3, /Файлом/)
    const file = await shop.message(3, ({ document }) => document)
    expect(file.document?.file_name).toMatch(/^picture-\w+\.png$/)
    await shop.press(3, /Изменить/)
    await shop.message(3, ({ text }) => text?.includes('каким будет новый вариант'))
    await shop.say(3, 'лиса зимой')
    await shop.press(3, /Нарисовать/)
    await delivered(3, 3)
    const task = (await shop.tasks()).find(({ prompt }) => prompt === 'лиса зимой') as { input?: unknown }
    expect(JSON.stringify(task.input)).toContain('/uploads/')
  })

  test('a photo with a caption is the input of a model that takes one', async () => {
    await shop.person(4, 10n)
    await shop.say(4, '/start')
    const photo = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#aa3311' } })
      .jpeg()
      .toBuffer()
    await shop.sendPhoto(4, photo, 'сделай из этого марку')
    await shop.message(4, ({ text }) => text?.includes('Ваших фото: 1'))
    await shop.press(4, /Нарисовать/)
    await delivered(4)
    const task = (await shop.tasks()).find(({ prompt }) => prompt.includes('марку')) as { input?: unknown }
    expect(JSON.stringify(task.input)).toContain('/uploads/')
  })

  test('a source picture sent as a file is taken like a photo, upright, and what cannot be opened says what to do', async () => {
    await shop.person(14, 10n)
    await shop.say(14, '/start')
    const lying = await sharp({ create: { width: 64, height: 32, channels: 3, background: '#aa3311' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    await shop.sendFile(14, lying, {
      file_name: 'IMG_1.JPG',
      mime_type: 'image/jpeg',
      caption: 'сделай открытку',
    })
    await shop.message(14, ({ text }) => text?.includes('Ваших фото: 1'))
    await shop.press(14, /Нарисовать/)
    await delivered(14)
    const task = (await shop.tasks()).find(({ prompt }) => prompt.includes('открытку')) as { input?: unknown }
    expect(JSON.stringify(task.input)).toContain('/uploads/')

    const heic = Buffer.from('00000018667479706865696300000000686569636d696631', 'hex')
    await shop.sendFile(14, heic, { file_name: 'IMG_2.HEIC', mime_type: 'application/octet-stream' })
    await shop.message(14, ({ text }) => text?.includes('HEIC мы открыть не можем'))
    await shop.sendFile(14, Buffer.from('GIF89a'), { file_name: 'a.gif', mime_type: 'image/gif' })
    await shop.message(14, ({ text }) => text?.includes('Подойдут JPEG, PNG и WebP'))
    // The file claims to be a JPEG, so the lie is found out only when the picture is paid for, and the tokens come
    // back.
    await shop.sendFile(14, heic, { file_name: 'a.jpg', mime_type: 'image/jpeg', caption: 'нарисуй по ней' })
    await shop.message(14, ({ text }) => text?.includes('нарисуй по ней'))
    await shop.press(14, /Нарисовать/)
    await shop.message(14, ({ text }) => text?.includes('Фото в формате HEIC мы открыть не можем'))
    expect(await shop.tokens(14)).toMatchObject({ available: 8n, held: 0n })
  })

  test('too few tokens lead to what is missing, and back to a draft of the same words', async () => {
    await shop.person(5, 1n)
    await shop.say(5, '/generate дом у моря')
    await shop.press(5, /Нарисовать · 2/)
    await shop.message(5, ({ text }) => text?.includes('Картинка стоит 2 токена. Не хватает: 1 токен'))
    await shop.press(5, /Изменить картинку/)
    await shop.message(5, ({ text }) => text?.includes('Новая картинка') && text.includes('дом у моря'))
    expect((await shop.orders(5)).map(({ state }) => state).toSorted()).toEqual(['cancelled', 'draft'])
    expect(await shop.tokens(5)).toMatchObject({ available: 1n, held: 0n })
  })

  test('a picture that was not drawn can be changed, tried again or dropped, and the changed draft keeps its words', async () => {
    await shop.provider('PUT', '/settings', { fates: [{ prompt: 'кривой', end: 'fail' }] })
    await shop.person(15, 10n)
    await shop.say(15, '/generate кривой дом')
    await shop.press(15, /Нарисовать/)
    const failed = await shop.message(15, ({ text }) => text?.includes('Токены вернулись'))
    const keys = failed.inline_keyboard!.flat().map(({ text }) => text)
    expect(keys.toSorted()).toEqual(['В меню', 'Ещё раз · 2 токена', 'Изменить картинку', '🛟 Задать вопрос'])
    await shop.press(15, /Изменить картинку/)
    await shop.message(
      15,
      ({ text }) => text?.includes('каким будет новый вариант') && text.includes('кривой дом'),
    )
    await shop.provider('PUT', '/settings', { fates: [] })
  })

  test('whoever waited long for a picture is told with a sound, and whoever did not is not', async () => {
    const told = () =>
      shop.db.rows(q<{ person: string }>`
        select payload ->> 'personId' as person from outbox where key like 'notice-image-ready-%'`)
    expect(await told()).toEqual([])
    await shop.provider('PUT', '/settings', { fates: [{ prompt: 'долгий', drawMs: 600_000 }] })
    await shop.person(16, 10n)
    await shop.say(16, '/generate долгий закат')
    await shop.press(16, /Нарисовать/)
    await eventually(async () => (await shop.tasks()).some(({ prompt }) => prompt === 'долгий закат'))
    await shop.db.rows(
      q`update generations set queued_at = now() - interval '5 minutes' where person_id = 16`,
    )
    await shop.provider('PUT', '/settings', { fates: [] })
    await shop.provider('PUT', '/clock', { advance_ms: 600_000 })
    await delivered(16)
    await shop.message(16, ({ text }) => text?.includes('Картинка готова: долгий закат'))
    expect(await told()).toEqual([{ person: '16' }])
  })

  test('own pictures are listed, and come again from any bot without using the other bot’s file', async () => {
    await shop.say(3, '/images', 'other_bot')
    await shop.message(3, ({ text }) => text?.includes('лиса зимой'), 'other_bot')
    await shop.press(3, /^1$/, 'other_bot')
    const again = await shop.message(3, ({ photo }) => photo, 'other_bot')
    expect(again.caption).toContain('лиса зимой')
    // The worker notes the id of the file a moment after Telegram has shown the photo.
    const files = () =>
      shop.db.rows(q<{ bot: string }>`
        select bot from generation_files where kind = 'photo' and file_id in
          (select file_id from generation_files where bot = 'other')`)
    await eventually(async () => (await files()).length > 0)
    expect((await files()).map(({ bot }) => bot)).toEqual(['other'])
  })

  test('a waiting picture can be cancelled and its tokens are back at once', async () => {
    await set(picturesPaused, true)
    await shop.person(6, 5n)
    await shop.say(6, '/generate мост')
    await shop.press(6, /Нарисовать/)
    await eventually(async () => (await shop.tokens(6)).held === 2n)
    await shop.db.rows(q`select 1`)
    await set(pictureLimits, { atOnce: 1, waiting: 1, perDay: 3, freePerDay: 1 })
    const [order] = await shop.orders(6)
    expect(order?.state).toBe('reserved')
    await shop.press(6, /Отменить/)
    await shop.message(6, ({ text }) => text?.includes('Заказ отменён'))
    expect(await shop.tokens(6)).toMatchObject({ available: 5n, held: 0n })
    await set(picturesPaused, undefined)
  })

  test('the first pictures of a day are free where the shop says so, and beyond the day’s limit none is sold', async () => {
    await shop.person(7, 10n)
    for (const [index, word] of ['раз', 'два', 'три'].entries()) {
      await shop.say(7, `/generate ${word}`)
      await shop.message(7, ({ text }) => text?.includes(word))
      await shop.press(7, index === 0 ? /Нарисовать · бесплатно/ : /Нарисовать · 2/)
      await delivered(7, index + 1)
    }
    expect((await shop.tokens(7)).available).toBe(6n)
    await shop.say(7, '/generate четыре')
    await shop.message(7, ({ text }) => text?.includes('четыре'))
    expect((await shop.press(7, /Нарисовать/)).text).toContain('Лимит на сегодня исчерпан')
    await keep(pictureLimits, undefined)
  })

  test('a refused word costs nothing, starts nothing, and admins see the prompt', async () => {
    await set(refusedWords, ['запретное слово'])
    await shop.person(8, 5n)
    const before = (await shop.tasks()).length
    await shop.say(8, '/generate здесь ЗАПРЕТНОЕ, слово!')
    expect((await shop.press(8, /Нарисовать/)).text).toContain('запрещённые слова')
    expect((await shop.tokens(8)).available).toBe(5n)
    expect((await shop.tasks()).length).toBe(before)
    await shop.person(ADMIN, 0n)
    await shop.say(ADMIN, '/images_admin')
    await shop.press(ADMIN, /Отказы/)
    await shop.message(ADMIN, ({ text }) => text?.includes('здесь ЗАПРЕТНОЕ'))
  })

  test('an admin changes a price, and the next button has it; others do not get in', async () => {
    await shop.say(ADMIN, '/images_admin')
    await shop.message(ADMIN, ({ text }) => text?.includes('KIE AI:'))
    await shop.press(ADMIN, /Модели и цены/)
    await shop.press(ADMIN, /Nano Banana 2/)
    await shop.press(ADMIN, /Другая цена/)
    await shop.say(ADMIN, 'дорого')
    await shop.message(ADMIN, ({ text }) => text?.includes('не целое число'))
    await shop.say(ADMIN, '7')
    await shop.message(ADMIN, ({ text }) => text?.includes('Станет: 7 токенов'))
    await shop.press(ADMIN, /Сохранить/)
    await shop.message(ADMIN, ({ text }) => text?.includes('Цена: 7 токенов'))
    expect(await settings.get(picturePrices)).toEqual({ 'nano-2': 7 })
    const [line] = await shop.db.rows(q<{ action: string; target: string }>`
      select action, target from audit_log order by id desc limit 1`)
    expect(line).toEqual({ action: 'setting', target: 'setting picture-prices' })
    await shop.say(8, '/images_admin')
    await shop.message(8, ({ text }) => text?.includes('не знаю такой команды'))
  })
})
