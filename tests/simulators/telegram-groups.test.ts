import { openSandbox, type Sandbox } from '@telekassa/telegram-sandbox'
import { Api, Bot, InlineKeyboard, InputFile } from 'grammy'
import { expect, onTestFinished, test } from 'vitest'
import { expectRefusal, PNG } from './telegram-kit.ts'

const GROUP = -1007
const BOT = 1_000_000
const DAY_MS = 24 * 60 * 60 * 1000

async function inGroup(status = 'administrator') {
  const sandbox = await openSandbox({ after: onTestFinished, patienceMs: 60_000 })
  await sandbox.group(GROUP)
  const people = [
    sandbox.person(1, { first_name: 'Anna' }),
    sandbox.person(2, { first_name: 'Boris' }),
  ] as const
  for (const person of people) await person.joins(GROUP)
  await sandbox.control('PATCH', `/chats/${GROUP}`, { members: { [BOT]: status } })
  return { sandbox, anna: people[0], boris: people[1], api: new Api(sandbox.token, { apiRoot: sandbox.url }) }
}

/** The updates of one kind that wait for a bot which has not asked for them yet. */
async function updates(sandbox: Sandbox, kind: string) {
  const waiting = await sandbox.control<{ update: Record<string, unknown> }[]>('GET', '/updates')
  return waiting.flatMap(({ update }) => update[kind] ?? []) as Record<string, unknown>[]
}

test('in a group a bot answers what people write, and they press its buttons', async () => {
  const { sandbox, anna, boris } = await inGroup()
  const bot = new Bot(sandbox.token, { client: { apiRoot: sandbox.url } })
  bot.on('message:text', (ctx) =>
    ctx.reply(`Who is for ${ctx.message.text}?`, {
      reply_parameters: { message_id: ctx.message.message_id },
      reply_markup: new InlineKeyboard().text('I', 'i'),
    }),
  )
  bot.callbackQuery('i', (ctx) => ctx.answerCallbackQuery(`Counted, ${ctx.from.first_name}`))
  void bot.start()
  onTestFinished(() => bot.stop())
  const asked = await anna.saysIn(GROUP, 'tea')
  expect(await boris.pressesIn(GROUP, 'I')).toMatchObject({ answered: true, text: 'Counted, Boris' })
  expect((await boris.sees(GROUP)).at(-1)).toMatchObject({
    text: 'Who is for tea?',
    reply_to_message_id: asked,
    sender: { id: BOT },
  })
})

test('an ephemeral message is seen by one person, edited and deleted, and has no number in the chat', async () => {
  const { anna, boris, api, sandbox } = await inGroup()
  const sent = await api.sendMessage(GROUP, 'for you', {
    ephemeral_message_parameters: { receiver_user_id: 1 },
    reply_markup: new InlineKeyboard().text('More', 'more'),
  })
  const id = sent.ephemeral_message_id!
  expect(sent).toMatchObject({ message_id: 0, receiver_user: { id: 1 } })
  expect((await anna.sees(GROUP)).map(({ text }) => text)).toEqual(['for you'])
  expect(await boris.sees(GROUP)).toEqual([])
  const pressed = anna.pressesIn(GROUP, 'More')
  await expect
    .poll(async () => (await updates(sandbox, 'callback_query')).length, { timeout: 30_000 })
    .toBe(1)
  const query = String((await updates(sandbox, 'callback_query'))[0]!['id'])
  await api.sendPhoto(GROUP, new InputFile(PNG), {
    ephemeral_message_parameters: { receiver_user_id: 1, callback_query_id: query },
  })
  await api.answerCallbackQuery(query)
  expect(await pressed).toMatchObject({ answered: true })
  expect(await api.editEphemeralMessageText(GROUP, 1, id, 'for you alone')).toBe(true)
  expect((await anna.sees(GROUP))[0]!.text).toBe('for you alone')
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  await refused(api.editEphemeralMessageText(GROUP, 2, id, 'x'), 'MESSAGE_ID_INVALID')
  await refused(
    api.editEphemeralMessageCaption(GROUP, 1, id, 'x'),
    'there is no caption in the message to edit',
  )
  expect(await api.deleteEphemeralMessage(GROUP, 1, id)).toBe(true)
  await refused(api.deleteEphemeralMessage(GROUP, 1, id), 'MESSAGE_ID_INVALID')
  const to = (receiver_user_id: number, more: object = {}) =>
    api.sendMessage(GROUP, 'x', { ephemeral_message_parameters: { receiver_user_id, ...more } })
  await sandbox.person(3).says('hi')
  await refused(to(3), 'USER_NOT_PARTICIPANT')
  const old = 'query is too old and response timeout expired or query ID is invalid'
  await refused(to(1, { callback_query_id: query }), old)
})

test('a suggested post is approved, published, and paid for after a day; another is declined', async () => {
  const { sandbox, api, anna } = await inGroup()
  await sandbox.group(-2001, 'channel')
  await sandbox.control('PATCH', '/chats/-2001', { members: { [BOT]: 'administrator' } })
  const direct = { id: -2002, type: 'supergroup', title: 'Direct', direct_messages_of: -2001 }
  await sandbox.control('POST', '/chats', direct)
  const suggest = (text: string, suggested_post: object) =>
    sandbox.control<{ message_id: number }>('POST', '/chats/-2002/messages', {
      from: 1,
      text,
      suggested_post,
    })
  const price = { currency: 'XTR', amount: 50 }
  const paid = await suggest('Read me', { price })
  const [heard] = await updates(sandbox, 'message')
  expect(heard).toMatchObject({
    chat: { is_direct_messages: true },
    direct_messages_topic: { topic_id: 1 },
    suggested_post_info: { state: 'pending', price },
  })
  expect(await api.getChat(-2002)).toMatchObject({ parent_chat: { id: -2001 } })
  expect(await api.approveSuggestedPost(-2002, paid.message_id)).toBe(true)
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  await refused(api.approveSuggestedPost(-2002, paid.message_id), "message can't be used in the method")
  await refused(api.approveSuggestedPost(-2002, 999), 'suggested post not found')
  await sandbox.advance(1000)
  expect(await updates(sandbox, 'channel_post')).toMatchObject([{ text: 'Read me', chat: { id: -2001 } }])
  await sandbox.advance(DAY_MS)
  const other = await suggest('Or me', {})
  expect(await api.declineSuggestedPost(-2002, other.message_id, { comment: 'No' })).toBe(true)
  await sandbox.control('PATCH', '/people/1', { stars: 49 })
  const poor = await suggest('For 50', { price })
  expect(await api.approveSuggestedPost(-2002, poor.message_id)).toBe(true)
  await sandbox.control('PATCH', '/people/1', { nanograms: 10_000_000 })
  const dear = await suggest('For 0.02', { price: { currency: 'TON', amount: 20_000_000 } })
  expect(await api.approveSuggestedPost(-2002, dear.message_id)).toBe(true)
  const told = (await updates(sandbox, 'message')).map((message) =>
    Object.keys(message).find((field) => /^suggested_post_(app|dec|pai)/.test(field)),
  )
  expect(told.filter(Boolean)).toEqual([
    'suggested_post_approved',
    'suggested_post_paid',
    'suggested_post_declined',
    'suggested_post_approval_failed',
    'suggested_post_approval_failed',
  ])
  await sandbox.control('PATCH', '/people/1', { personal_chat: -2001 })
  expect(await api.getUserPersonalChatMessages(1, 5)).toMatchObject([{ text: 'Read me' }])
  expect(await api.getUserPersonalChatMessages(2, 5)).toEqual([])
  await anna.says('hi')
})

test('people vote in polls and quizzes, which close by themselves, and their bot hears of it', async () => {
  const { sandbox, api, anna } = await inGroup()
  await anna.says('hi')
  const poll = await api.sendPoll(1, 'Tea?', [{ text: 'yes' }, { text: 'no' }], {
    is_anonymous: false,
    open_period: 60,
  })
  await anna.votes(poll.message_id, 1)
  await anna.votes(poll.message_id, 0)
  expect((await updates(sandbox, 'poll_answer')).map((answer) => answer['option_ids'])).toEqual([[1], [0]])
  await expect(anna.votes(poll.message_id, 0, 1)).rejects.toThrow('one option only')
  await sandbox.advance(61_000)
  expect((await updates(sandbox, 'poll')).at(-1)).toMatchObject({
    is_closed: true,
    total_voter_count: 1,
    options: [{ voter_count: 1 }, { voter_count: 0 }],
  })
  await expect(anna.votes(poll.message_id, 1)).rejects.toThrow('closed')
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  const quiz = (more: object) =>
    api.sendPoll(1, '2 + 2?', [{ text: '4' }, { text: '5' }], { type: 'quiz', ...more })
  await refused(quiz({}), 'correct quiz option list must be non-empty')
  const asked = await quiz({ correct_option_ids: [0], explanation: 'count' })
  expect(asked.poll).toMatchObject({ type: 'quiz', correct_option_id: 0, explanation: 'count' })
  await anna.votes(asked.message_id, 1)
  await expect(anna.votes(asked.message_id, 0)).rejects.toThrow('cannot be changed')
})

test('a live photo is a photo with its video, alone, in an album and for Stars', async () => {
  const { api, anna } = await inGroup()
  await anna.says('hi')
  const video = () => new InputFile(Buffer.from('moving'), 'x.mp4')
  const sent = await api.sendLivePhoto(1, video(), new InputFile(PNG), { caption: 'sea' })
  expect(sent).toMatchObject({ caption: 'sea', live_photo: { photo: [{ width: 1 }] }, photo: [{ width: 1 }] })
  const media = { type: 'live_photo' as const, media: video(), photo: new InputFile(PNG) }
  expect(await api.sendMediaGroup(1, [media, { type: 'photo', media: new InputFile(PNG) }])).toHaveLength(2)
  const { paid_media: paid } = await api.sendPaidMedia(1, 5, [{ ...media, photo: new InputFile(PNG) }])
  expect(paid!.paid_media[0]).toMatchObject({ type: 'live_photo' })
  const wrong = 'Bad Request: wrong file identifier/HTTP URL specified'
  await expectRefusal(api.sendLivePhoto(1, 'https://example.com/x.mp4', new InputFile(PNG)), 400, wrong)
})

test('a video is as long and as large as its bot says, with its own thumbnail', async () => {
  const { api, anna } = await inGroup()
  await anna.says('hi')
  const { video } = await api.sendVideo(1, new InputFile(Buffer.from('v'), 'x.mp4'), {
    duration: 12,
    width: 640,
    height: 360,
    thumbnail: new InputFile(PNG),
  })
  expect(video).toMatchObject({ duration: 12, width: 640, height: 360, thumbnail: { width: 1 } })
  const { audio } = await api.sendAudio(1, new InputFile(Buffer.from('a'), 'x.mp3'), {
    performer: 'A',
    title: 'B',
  })
  expect(audio).toMatchObject({ performer: 'A', title: 'B', duration: 1 })
})

test('an effect flies over a private chat alone, and only one that Telegram has', async () => {
  const { api, anna } = await inGroup()
  await anna.says('/start')
  const party = { message_effect_id: '5046509860389126442' }
  expect(await api.sendMessage(1, 'Paid', party)).toMatchObject({ effect_id: party.message_effect_id })
  await expectRefusal(
    api.sendMessage(1, 'Paid', { message_effect_id: '5' }),
    400,
    'Bad Request: EFFECT_ID_INVALID',
  )
  await expectRefusal(
    api.sendMessage(GROUP, 'Paid', party),
    400,
    "Bad Request: can't use message effects in the chat",
  )
})

test('people react in a group, and a bot with the right takes reactions away', async () => {
  const { sandbox, api, anna } = await inGroup()
  await api.getUpdates({ allowed_updates: ['message_reaction'] })
  const { message_id: id } = await api.sendMessage(GROUP, 'x')
  const react = (person: number, ...emoji: string[]) =>
    sandbox.control('POST', `/chats/${GROUP}/reactions/${id}`, { person: String(person), emoji })
  await react(1, '🔥')
  await react(2, '👍')
  await react(1, '🎉')
  expect((await updates(sandbox, 'message_reaction')).at(-1)).toMatchObject({
    user: { id: 1 },
    old_reaction: [{ emoji: '🔥' }],
    new_reaction: [{ emoji: '🎉' }],
  })
  const seen = async () => (await anna.sees(GROUP)).at(-1)!['reactions']
  expect(await seen()).toEqual(['🎉', '👍'])
  await api.raw.deleteMessageReaction({ chat_id: GROUP, message_id: id, user_id: 1 })
  expect(await seen()).toEqual(['👍'])
  await api.raw.deleteAllMessageReactions({ chat_id: GROUP, user_id: 2 })
  expect(await seen()).toEqual([])
})

test('a forwarded post says the channel it is from, and says so still when it is forwarded once more', async () => {
  const { sandbox, api } = await inGroup()
  await sandbox.group(-2001, 'channel')
  await sandbox.control('PATCH', '/chats/-2001', { members: { [BOT]: 'administrator' } })
  const post = await api.sendMessage(-2001, 'post')
  const origin = { type: 'channel', chat: { id: -2001 }, message_id: post.message_id }
  const first = await api.forwardMessage(GROUP, -2001, post.message_id)
  expect(first.forward_origin).toMatchObject(origin)
  const again = await api.forwardMessage(GROUP, GROUP, first.message_id)
  expect(again.forward_origin).toMatchObject(origin)
})

test('a managed bot with restricted access is there for its owner and those who were added', async () => {
  const { sandbox, api, anna } = await inGroup()
  await anna.says('hi')
  await sandbox.control('PATCH', `/bots/sandbox_${BOT}_bot`, { can_manage_bots: true })
  const path = `/chats/sandbox_${BOT}_bot/1/managed_bots`
  const made = await sandbox.control<{ id: number; username: string }>('POST', path, {
    username: 'helper_bot',
  })
  await api.raw.setManagedBotAccessSettings({
    user_id: made.id,
    is_access_restricted: true,
    added_user_ids: [2],
  })
  const as = (id: number) => sandbox.person(id, { bot: made.username, first_name: 'P' })
  await as(1).says('the owner')
  await as(2).says('was added')
  await expect(as(3).says('a stranger')).rejects.toThrow('there for others only')
})
