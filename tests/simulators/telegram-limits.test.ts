import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { InputFile } from 'grammy'
import { ANNA, expectRefusal, PNG, refusal, telegramFor, TOKEN, until, webhook } from './telegram-kit.ts'

// The limits of Telegram, a test for each, with the text of the refusal.

const HALF = 'cut in the middle of \ud83d'

test('half of a surrogate pair is refused wherever it stands', async () => {
  const { api } = await telegramFor()
  await expectRefusal(api.sendMessage(ANNA, HALF), 400, 'Bad Request: text must be encoded in UTF-8')
  const photo = api.sendMediaGroup(ANNA, [{ type: 'photo', media: 'https://127.0.0.1/x.png', caption: HALF }])
  await expectRefusal(photo, 400, 'Bad Request: strings must be encoded in UTF-8')
  const inline = { reply_markup: { inline_keyboard: [[{ text: HALF, callback_data: 'x' }]] } }
  const wording = 'Bad Request: inline keyboard button text must be encoded in UTF-8'
  await expectRefusal(api.sendMessage(ANNA, 'x', inline), 400, wording)
  const reply = { reply_markup: { keyboard: [[{ text: HALF }]] } }
  await expectRefusal(
    api.sendMessage(ANNA, 'x', reply),
    400,
    'Bad Request: keyboard button text must be encoded in UTF-8',
  )
  await expectRefusal(api.setMyDescription(HALF), 400, 'Bad Request: strings must be encoded in UTF-8')
  expect(await api.sendMessage(ANNA, 'whole 😀')).toMatchObject({ text: 'whole 😀' })
})

test('half a pair in JSON that comes as a form field is refused, too', async () => {
  const { url } = await telegramFor()
  const form = new URLSearchParams({
    chat_id: String(ANNA),
    text: 'x',
    reply_markup: JSON.stringify({ inline_keyboard: [[{ text: HALF, callback_data: 'x' }]] }),
  })
  const answer = await fetch(`${url}/bot100:AAshop/sendMessage`, { method: 'POST', body: form })
  expect(await answer.json()).toMatchObject({
    description: 'Bad Request: inline keyboard button text must be encoded in UTF-8',
  })
})

test('a text has 4096 UTF-16 units after its markup is taken out, a caption 1024', async () => {
  const { api } = await telegramFor()
  const html = { parse_mode: 'HTML' as const }
  expect((await api.sendMessage(ANNA, `<b>${'😀'.repeat(2048)}</b>`, html)).text).toHaveLength(4096)
  await expectRefusal(api.sendMessage(ANNA, `${'😀'.repeat(2048)}x`), 400, 'Bad Request: message is too long')
  const photo = () => new InputFile(PNG, 'x.png')
  expect((await api.sendPhoto(ANNA, photo(), { caption: '😀'.repeat(512) })).caption).toHaveLength(1024)
  const long = api.sendPhoto(ANNA, photo(), { caption: `${'😀'.repeat(512)}x` })
  await expectRefusal(long, 400, 'Bad Request: message caption is too long')
})

test('an answer to a press after 15 s is too late', async () => {
  const { api, control } = await telegramFor({ still: true })
  const keyboard = { inline_keyboard: [[{ text: 'x', callback_data: 'x' }]] }
  const { message_id } = await api.sendMessage(ANNA, 'x', { reply_markup: keyboard })
  const pressed = control<{ answered: boolean }>('POST', `/chats/shop_bot/${ANNA}/callbacks`, {
    message_id,
    data: 'x',
  })
  const update = await until(async () => (await api.getUpdates()).find((one) => one.callback_query))
  await control('PUT', '/clock', { advance_ms: 15_000 })
  expect(await pressed).toMatchObject({ answered: false })
  await expectRefusal(
    api.answerCallbackQuery(update.callback_query!.id),
    400,
    'Bad Request: query is too old and response timeout expired or query ID is invalid',
  )
})

test('a message of 48 hours cannot be deleted any more, but edited', async () => {
  const { api, control } = await telegramFor({ still: true })
  const { message_id } = await api.sendMessage(ANNA, 'x')
  await control('PUT', '/clock', { advance_ms: 48 * 60 * 60 * 1000 + 1000 })
  await expectRefusal(
    api.deleteMessage(ANNA, message_id),
    400,
    "Bad Request: message can't be deleted for everyone",
  )
  expect(await api.editMessageText(ANNA, message_id, 'y')).toMatchObject({ text: 'y' })
})

test("another bot's file id means nothing", async () => {
  const { api, apiOf, control } = await telegramFor()
  await control('POST', '/bots', { token: '200:AAother', username: 'other_bot', name: 'Other' })
  const { photo } = await api.sendPhoto(ANNA, new InputFile(PNG, 'x.png'))
  const id = photo.at(-1)!.file_id
  const other = apiOf('200:AAother')
  const wording = 'Bad Request: wrong file_id or the file is temporarily unavailable'
  await expectRefusal(other.getFile(id), 400, wording)
  await control('POST', `/chats/other_bot/${ANNA}/start`)
  await expectRefusal(other.sendPhoto(ANNA, id), 400, wording)
})

test('getUpdates beside a webhook is a conflict', async () => {
  const { api } = await telegramFor({ settings: { conflictDelayMs: 0 } })
  const hook = await webhook(() => 200)
  await api.setWebhook(hook.url)
  await expectRefusal(
    api.getUpdates(),
    409,
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  )
})

test('only the kinds that were asked for come, and an update waits a day', async () => {
  const { api, say, control } = await telegramFor({ still: true })
  await api.getUpdates({ allowed_updates: ['callback_query'] })
  await say('unheard')
  await api.getUpdates({ allowed_updates: ['message'] })
  await say('heard')
  const texts = async () => (await api.getUpdates()).map(({ message }) => message?.text)
  expect(await texts()).toEqual(['heard'])
  await control('PUT', '/clock', { advance_ms: 24 * 60 * 60 * 1000 - 1 })
  expect(await texts()).toEqual(['heard'])
  await control('PUT', '/clock', { advance_ms: 2 })
  expect(await texts()).toEqual([])
})

test('reactions come only if they are asked for, and an empty list asks for what comes by itself', async () => {
  const { api, say, control } = await telegramFor()
  const react = async () => {
    const { message_id: id } = await say('x')
    await control('POST', `/chats/shop_bot/${ANNA}/messages/${id}/reactions`, { emoji: ['👍'] })
  }
  const kinds = async () => {
    const updates = await api.getUpdates()
    await api.getUpdates({ offset: (updates.at(-1)?.update_id ?? 0) + 1 })
    return updates.map((update) => Object.keys(update)[1])
  }
  await react()
  expect(await kinds()).toEqual(['message'])
  await api.getUpdates({ allowed_updates: ['message_reaction'] })
  await react()
  expect(await kinds()).toEqual(['message_reaction'])
  await api.getUpdates({ allowed_updates: [] })
  await react()
  expect(await kinds()).toEqual(['message'])
})

test('who goes on calling before retry_after is over waits longer each time', async () => {
  const { api, control } = await telegramFor({ still: true, settings: { chatPerSecond: 1, chatBurst: 1 } })
  const waits: (number | undefined)[] = []
  const send = async () => waits.push((await refusal(api.sendMessage(ANNA, 'x'))).parameters.retry_after)
  await api.sendMessage(ANNA, 'x')
  await control('PUT', '/settings', { chatPerSecond: 0.25 })
  await send()
  await send()
  for (let n = 0; n < 3; n++) {
    await control('PUT', '/clock', { advance_ms: 1_000 })
    await send()
  }
  expect(waits).toEqual([4, 4, 8, 16, 32])
  await control('PUT', '/clock', { advance_ms: 32_000 })
  expect(await api.sendMessage(ANNA, 'x')).toMatchObject({ text: 'x' })
})

test('an album has 10 items at most, and files and music stay among themselves', async () => {
  const { api } = await telegramFor()
  const photo = () => ({ type: 'photo' as const, media: new InputFile(PNG, 'x.png') })
  const document = () => ({ type: 'document' as const, media: new InputFile(PNG, 'x.png') })
  expect(await api.sendMediaGroup(ANNA, Array.from({ length: 10 }, photo))).toHaveLength(10)
  await expectRefusal(
    api.sendMediaGroup(ANNA, Array.from({ length: 11 }, photo)),
    400,
    'Bad Request: too many messages to send as an album',
  )
  await expectRefusal(
    api.sendMediaGroup(ANNA, [photo(), document()] as never),
    400,
    "Bad Request: can't use the media of the specified type in the album",
  )
  await expectRefusal(api.sendMediaGroup(ANNA, []), 400, 'Bad Request: there are no messages to send')
})

test('50 MB go up, 20 MB come down, a photo has 10 MB', async () => {
  const { api, control } = await telegramFor()
  const mebibyte = 1024 * 1024
  const file = (size: number) => new InputFile(Buffer.alloc(size), 'x.bin')
  await expectRefusal(api.sendDocument(ANNA, file(51 * mebibyte)), 413, 'Request Entity Too Large')
  const { document } = await api.sendDocument(ANNA, file(20 * mebibyte + 1))
  await expectRefusal(api.getFile(document.file_id), 400, 'Bad Request: file is too big')
  const large = Buffer.concat([PNG, Buffer.alloc(10 * mebibyte)])
  await expectRefusal(
    api.sendPhoto(ANNA, new InputFile(large, 'x.png')),
    400,
    'Bad Request: file is too big for a photo',
  )
  await control('POST', '/reset')
})

test('a Mini App gets its person signed with the token of its bot and nobody else’s, or unsigned if a test asks', async () => {
  const { control } = await telegramFor()
  const open = async (body: object) => {
    const url = 'https://app.example/'
    const opened = await control<{ url: string }>('POST', `/chats/shop_bot/${ANNA}/web_app`, { url, ...body })
    return new URLSearchParams(new URLSearchParams(new URL(opened.url).hash.slice(1)).get('tgWebAppData')!)
  }
  /** The method is the Bot API's own ("Validating data received via the Mini App"). */
  const hashOf = (fields: URLSearchParams, token: string) => {
    const lines = [...fields].filter(([name]) => name !== 'hash').map(([name, value]) => `${name}=${value}`)
    const key = createHmac('sha256', 'WebAppData').update(token).digest()
    return createHmac('sha256', key).update(lines.toSorted().join('\n')).digest('hex')
  }
  const signed = await open({})
  expect(JSON.parse(signed.get('user')!)).toMatchObject({ id: ANNA, username: 'anna' })
  expect(signed.get('hash')).toBe(hashOf(signed, TOKEN))
  expect(signed.get('hash')).not.toBe(hashOf(signed, '101:BBother'))
  expect((await open({ signed: false })).has('hash')).toBe(false)
})
