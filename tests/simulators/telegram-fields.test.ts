import { InputFile } from 'grammy'
import { expect, onTestFinished, test } from 'vitest'
import {
  addBot,
  ApiError,
  boxOf,
  checked,
  createWorld,
  described,
  methodsOf,
} from '../../packages/telegram-sandbox/table.ts'
import { ANNA, expectRefusal, PNG, telegramFor, TOKEN } from './telegram-kit.ts'

/** Values that fit, by the name of the field. With them a call gets as far as the field whose value does not fit. */
const FITTING: Record<string, unknown> = {
  chat_id: ANNA,
  from_chat_id: ANNA,
  user_id: ANNA,
  message_id: 1,
  message_ids: [1],
  text: 'x',
  caption: 'x',
  title: 'x',
  description: 'x',
  payload: 'x',
  currency: 'XTR',
  prices: [{ label: 'x', amount: 1 }],
  media: [{ type: 'photo', media: 'x' }],
  options: [{ text: 'x' }],
  question: 'x',
  emoji: '🎲',
  action: 'typing',
  latitude: 1,
  longitude: 1,
  star_count: 1,
  draft_id: 1,
  name: 'x',
  phone_number: '1',
  first_name: 'x',
}
const ODD: unknown[] = ['-12x', [null], { type: {} }, '{"a":', '👑'.repeat(1100)]

test('no method breaks at a value that does not fit, in whichever field, in JSON or in a form', async () => {
  const world = createWorld({ settings: { globalPerSecond: 0, chatPerSecond: 0, conflictDelayMs: 0 } })
  onTestFinished(() => world.clock.stop())
  const bot = addBot(world, { token: TOKEN, username: 'shop_bot', name: 'Shop' })
  world.people.set(ANNA, { id: ANNA, first_name: 'Anna', starsSpent: 0, gifts: [] })
  boxOf(bot, ANNA).started = true
  const methods = methodsOf(async () => {})
  const { signal } = new AbortController()
  const broken = new Set<string>()
  const ask = async (method: string, field: string, values: Record<string, unknown>) => {
    try {
      const p = checked(method, { values, files: new Map() })
      await methods[method]!({ world, bot, p, gone: signal })
    } catch (error) {
      if (error instanceof ApiError && error.status < 500 && error.message !== '') return
      broken.add(`${method}.${field} = ${JSON.stringify(values[field]).slice(0, 40)}: ${String(error)}`)
    }
  }
  await ask('sendMessage', 'text', FITTING)
  for (const [method, { fields }] of Object.entries(described())) {
    const names = Object.keys(fields)
    const fitting = Object.fromEntries(
      names.flatMap((name) => (name in FITTING ? [[name, FITTING[name]]] : [])),
    )
    for (const field of names.filter((name) => method !== 'getUpdates' || name !== 'timeout'))
      for (const value of ODD) {
        const values: Record<string, unknown> = { ...fitting, [field]: value }
        const inForm = Object.entries(values).map(([name, one]) => [
          name,
          typeof one === 'string' ? one : JSON.stringify(one),
        ])
        await ask(method, field, values)
        await ask(method, field, Object.fromEntries(inForm) as Record<string, string>)
      }
  }
  expect([...broken]).toEqual([])
})

test('numbers and booleans are read as the server reads them: leading digits, the nearest of a range, yes and 1', async () => {
  const { raw, api, say } = await telegramFor({ settings: { globalPerSecond: 0 } })
  const result = async (method: string, body: object) =>
    ((await (await raw(method, body)).json()) as { result: Record<string, unknown> }).result
  const file = (await api.sendVideo(ANNA, new InputFile(PNG, 'x.mp4'))).video.file_id
  const video = async (body: object) =>
    (await result('sendVideo', { chat_id: ANNA, video: file, ...body }))['video']
  expect(await video({ duration: '12 seconds', width: 20_000, height: -5 })).toMatchObject({
    duration: 12,
    width: 10_000,
    height: 0,
  })
  expect(await video({ duration: 1e9 })).toMatchObject({ duration: 86_400 })
  const isProtected = async (value: unknown) =>
    (await result('sendMessage', { chat_id: ANNA, text: 'x', protect_content: value }))[
      'has_protected_content'
    ]
  for (const value of [true, 'True', ' yes ', '1', 1]) expect(await isProtected(value)).toBe(true)
  for (const value of [false, 'on', 'y', 0, '', {}]) expect(await isProtected(value)).toBeUndefined()
  for (const text of ['a', 'b']) await say(text)
  expect(await api.getUpdates({ limit: 0 })).toHaveLength(1)
  expect(await result('getUserGifts', { user_id: String(ANNA), limit: 1000 })).toMatchObject({
    total_count: 0,
  })
})

test('an entity begins and ends between whole characters of the text, and those that Telegram finds are found anew', async () => {
  const { api } = await telegramFor()
  const send = (text: string, ...entities: object[]) =>
    api.sendMessage(ANNA, text, { entities: entities as never })
  const bold = (offset: number, length: number) => ({ type: 'bold', offset, length })
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  await refused(send('a👑b', bold(2, 2)), 'entity begins in a middle of a UTF-16 symbol at byte offset 5')
  await refused(
    send('a👑b', bold(0, 2)),
    'entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 5',
  )
  await refused(send('ab', bold(3, 1)), 'entity begins after the end of the text at UTF-16 offset 3')
  await refused(
    send('ab', bold(1, 5)),
    'entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 6',
  )
  await refused(send('ab', bold(-1, 1)), 'receive an entity with incorrect offset -1')
  const parse = (why: string) => `can't parse MessageEntity: ${why}`
  await refused(send('ab', { type: 'loud', offset: 0, length: 1 }), parse('Unsupported type specified'))
  await refused(send('ab', { offset: 0, length: 1 }), parse('Can\'t find field "type"'))
  await refused(send('ab', { type: 'text_link', offset: 0, length: 1 }), parse('Can\'t find field "url"'))
  await refused(
    send('ab', { type: 'bold', offset: 'x', length: 1 }),
    parse('Field "offset" must be a Number'),
  )
  const sent = await send('a #b', { type: 'mention', offset: 0, length: 1 }, bold(0, 1), bold(1, 0))
  expect(sent.entities).toEqual([bold(0, 1), { type: 'hashtag', offset: 2, length: 2 }])
  await refused(
    api.sendPhoto(ANNA, new InputFile(PNG), {
      caption: '👑',
      caption_entities: [{ type: 'bold', offset: 1, length: 1 }],
    }),
    'entity begins in a middle of a UTF-16 symbol at byte offset 4',
  )
})

test('texts and captions, polls and drafts are as long as the description says after their markup is gone', async () => {
  const { raw, api } = await telegramFor({ settings: { globalPerSecond: 0 } })
  const { message_id } = await api.sendPhoto(ANNA, new InputFile(PNG))
  const files: Record<string, string> = {}
  for (const [kind, sent] of Object.entries({
    photo: api.sendPhoto(ANNA, new InputFile(PNG)),
    audio: api.sendAudio(ANNA, new InputFile(PNG, 'x.mp3')),
    document: api.sendDocument(ANNA, new InputFile(PNG, 'x.bin')),
    video: api.sendVideo(ANNA, new InputFile(PNG, 'x.mp4')),
    animation: api.sendAnimation(ANNA, new InputFile(PNG, 'x.mp4')),
    voice: api.sendVoice(ANNA, new InputFile(PNG, 'x.ogg')),
  })) {
    const file = ((await sent) as unknown as Record<string, { file_id: string } | { file_id: string }[]>)[
      kind
    ]!
    files[kind] = Array.isArray(file) ? file[0]!.file_id : file.file_id
  }
  const long = (length: number) => `<b>${'x'.repeat(length)}</b>`
  const media = [{ type: 'photo', media: files['photo'] }]
  const cases: [method: string, field: string, most: number, more?: object][] = [
    ['sendMessage', 'text', 4096],
    ['sendMessageDraft', 'text', 4096, { draft_id: 1 }],
    ['editMessageText', 'text', 4096, { message_id }],
    ['copyMessage', 'caption', 1024, { from_chat_id: ANNA, message_id }],
    ['editMessageCaption', 'caption', 1024, { message_id }],
    ['sendPaidMedia', 'caption', 1024, { star_count: 1, media }],
    ...['Photo', 'Audio', 'Document', 'Video', 'Animation', 'Voice'].map((kind): [string, string, number] => [
      `send${kind}`,
      'caption',
      1024,
    ]),
    ['sendPoll', 'description', 1024, { question: 'x', options: ['x'], description_parse_mode: 'HTML' }],
    [
      'sendPoll',
      'explanation',
      200,
      {
        question: 'x',
        options: ['x'],
        type: 'quiz',
        correct_option_ids: [0],
        explanation_parse_mode: 'HTML',
      },
    ],
  ]
  const tooLong = async (method: string, field: string, length: number, more: object) => {
    const body = { chat_id: ANNA, parse_mode: 'HTML', ...files, ...more, [field]: long(length) }
    const answer = (await (await raw(method, body)).json()) as { ok: boolean; description?: string }
    return /too long|TOO_LONG/.test(answer.description ?? '')
  }
  for (const [method, field, most, more = {}] of cases) {
    const seen = [await tooLong(method, field, most, more), await tooLong(method, field, most + 1, more)]
    expect({ method, field, seen }).toEqual({ method, field, seen: [false, true] })
  }
})
