import { Api, InputFile } from 'grammy'
import type { InlineQueryResult, Update } from 'grammy/types'
import { expect, onTestFinished, test } from 'vitest'
import { openSandbox, type Sandbox } from '@telekassa/telegram-sandbox'
import { expectRefusal, PNG } from './telegram-kit.ts'

const GROUP = -500
const MP4 = Buffer.from('not read')

/** A bot that people use in a group where it is no member; `next` is the next update of a kind. */
async function guestOfGroup() {
  const sandbox = await openSandbox({ after: onTestFinished })
  const api = new Api(sandbox.token, { apiRoot: sandbox.url })
  await sandbox.group(GROUP)
  const anna = sandbox.person(1, { first_name: 'Anna' })
  await anna.joins(GROUP)
  await anna.says('/start')
  let offset = 0
  const next = async <K extends keyof Update>(kind: K): Promise<NonNullable<Update[K]>> => {
    for (;;) {
      const [update] = await api.getUpdates({ offset, limit: 1, timeout: 5 })
      if (!update) throw new Error(`there was no ${kind}`)
      offset = update.update_id + 1
      if (update[kind] !== undefined) return update[kind]
    }
  }
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  return { sandbox, api, anna, next, refused }
}

const path = '/chats/sandbox_1000000_bot/1'
const shown = async (sandbox: Sandbox) => (await sandbox.person(1).sees(GROUP)).at(-1)!

const article: InlineQueryResult = {
  type: 'article',
  id: 'a',
  title: 'Tea',
  input_message_content: { message_text: '<b>Tea</b>', parse_mode: 'HTML' },
  reply_markup: { inline_keyboard: [[{ text: 'More', callback_data: 'more' }]] },
}

test('a message of inline mode has an id, by which its bot edits it where it is no member, and its presses carry it', async () => {
  const { sandbox, api, anna, next, refused } = await guestOfGroup()
  const asking = anna.asks('tea', GROUP)
  const query = await next('inline_query')
  expect(query).toMatchObject({ query: 'tea', chat_type: 'supergroup' })
  await api.answerInlineQuery(query.id, [article])
  const [result] = await asking
  await anna.chooses(result!, 'tea', GROUP)
  const { inline_message_id: id = '' } = await next('chosen_inline_result')
  expect(Buffer.from(id, 'base64url')).toHaveLength(24)
  expect(await shown(sandbox)).toMatchObject({ text: 'Tea', entities: [{ type: 'bold' }], from: 'person' })

  const pressing = anna.pressesIn(GROUP, 'More')
  const press = await next('callback_query')
  expect(press).toMatchObject({ inline_message_id: id, data: 'more' })
  expect(press).not.toHaveProperty('message')
  await api.answerCallbackQuery(press.id, { text: 'more tea' })
  expect(await pressing).toMatchObject({ text: 'more tea' })

  expect(await api.editMessageTextInline(id, 'Two teas', { reply_markup: article.reply_markup! })).toBe(true)
  await refused(
    api.editMessageTextInline(id, 'Two teas', { reply_markup: article.reply_markup! }),
    'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
  )
  expect(await shown(sandbox)).toMatchObject({ text: 'Two teas', edits: [{ text: 'Tea' }] })
  expect(await api.editMessageReplyMarkupInline(id)).toBe(true)
  expect(await shown(sandbox)).not.toHaveProperty('inline_keyboard')
  await refused(api.editMessageTextInline('x', 'Tea'), 'invalid inline message identifier specified')
  await refused(api.editMessageTextInline('', 'Tea'), 'message identifier is not specified')
  const other = Buffer.from(id, 'base64url').fill(7, 16).toString('base64url')
  await refused(api.editMessageTextInline(other, 'Tea'), 'MESSAGE_ID_INVALID')
  const stranger = new Api(await sandbox.bot('other_bot'), { apiRoot: sandbox.url })
  await refused(stranger.editMessageTextInline(id, 'mine'), 'MESSAGE_ID_INVALID')
})

test('photos, places and games of inline mode are edited, moved, stopped and scored; nothing new is uploaded into them', async () => {
  const { sandbox, api, anna, next, refused } = await guestOfGroup()
  await sandbox.game('chess', 'Chess')
  const keys = { reply_markup: { inline_keyboard: [[{ text: 'Go', callback_data: 'go' }]] } }
  const send = async (result: InlineQueryResult) => {
    const asking = anna.asks(result.id, GROUP)
    await api.answerInlineQuery((await next('inline_query')).id, [result])
    await anna.chooses((await asking)[0]!, '', GROUP)
    return (await next('chosen_inline_result')).inline_message_id!
  }
  const photo = (await api.sendPhoto(1, new InputFile(PNG))).photo.at(-1)!.file_id
  const pictured = await send({
    type: 'photo',
    id: 'p',
    photo_file_id: photo,
    caption: 'One',
    ...keys,
  } as never)
  expect(await shown(sandbox)).toMatchObject({ caption: 'One', photo: { width: 1 } })
  expect(await api.editMessageCaptionInline(pictured, { caption: 'Two', ...keys })).toBe(true)
  const video = (await api.sendVideo(1, new InputFile(MP4))).video.file_id
  expect(await api.editMessageMediaInline(pictured, { type: 'video', media: video, caption: 'Three' })).toBe(
    true,
  )
  expect(await shown(sandbox)).toMatchObject({ caption: 'Three', video: {} })
  await refused(
    api.editMessageMediaInline(pictured, { type: 'photo', media: new InputFile(PNG) }),
    'invalid message content specified',
  )

  const live = { latitude: 55, longitude: 37, live_period: 900 }
  const placed = await send({ type: 'location', id: 'l', title: 'Here', ...live, ...keys })
  expect(await api.editMessageLiveLocationInline(placed, 56, 37)).toBe(true)
  expect(await api.stopMessageLiveLocationInline(placed)).toBe(true)
  expect(await shown(sandbox)).toMatchObject({ location: { latitude: 56 } })
  expect((await shown(sandbox))['location']).not.toHaveProperty('live_period')
  await refused(api.editMessageLiveLocationInline(placed, 57, 37), "message can't be edited")

  const played = await send({ type: 'game', id: 'g', game_short_name: 'chess' })
  expect(await api.setGameScoreInline(played, 1, 30)).toBe(true)
  expect(await api.raw.getGameHighScores({ user_id: 1, inline_message_id: played })).toMatchObject([
    { position: 1, score: 30, user: { id: 1 } },
  ])
  expect(await shown(sandbox)).toMatchObject({ game: { text: '1. Anna – 30' } })
})

test("what is no result is refused in the server's words, with its prefix only among the results of a query", async () => {
  const { api, refused } = await guestOfGroup()
  const raw = api.raw as unknown as Record<string, (fields: object) => Promise<unknown>>
  const cases: [object, string][] = [
    [{ id: 'a' }, 'Can\'t find field "type"'],
    [{ type: 'article' }, 'Can\'t find field "id"'],
    [{ type: 'article', id: 'a' }, 'Can\'t find field "message_text"'],
    [{ type: 'article', id: 'a', input_message_content: {} }, 'Input message content is not specified'],
    [{ type: 'photo', id: 'a' }, 'Can\'t find field "photo_file_id"'],
    [{ type: 'voice', id: 'a', voice_url: 'https://x.test/a.ogg' }, 'Can\'t find field "title"'],
    [{ type: 'video', id: 'a', title: 'x', video_url: 'https://x.test/a' }, 'Can\'t find field "mime_type"'],
    [{ type: 'film', id: 'a' }, 'type "film" is unsupported for the inline query result'],
  ]
  for (const [result, why] of cases) {
    await refused(
      raw['answerInlineQuery']!({ inline_query_id: '1', results: [result] }),
      `can't parse inline query result: ${why}`,
    )
    await refused(
      raw['answerWebAppQuery']!({ web_app_query_id: '1', result }),
      why.charAt(0).toLowerCase() + why.slice(1),
    )
  }
  await refused(raw['answerWebAppQuery']!({ web_app_query_id: '1' }), "result isn't specified")
  const text = {
    type: 'document',
    id: 'a',
    title: 'x',
    document_url: 'https://x.test/a',
    mime_type: 'text/plain',
  }
  await refused(
    raw['answerInlineQuery']!({ inline_query_id: '1', results: [text] }),
    'unallowed document MIME type',
  )
})

test('a Mini App lets its person send what the bot prepared, into the chats that the bot allows, and share who or what they pick', async () => {
  const { sandbox, api, anna, next } = await guestOfGroup()
  const { id } = await api.savePreparedInlineMessage(1, article, { allow_group_chats: true })
  await expect(sandbox.control('POST', `${path}/prepared`, { id })).rejects.toThrow('no bot chat')
  await sandbox.control('POST', `${path}/prepared`, { id, chat: GROUP })
  expect(await shown(sandbox)).toMatchObject({ text: 'Tea' })
  const { inline_message_id: sent = '' } = await next('chosen_inline_result')
  expect(await api.editMessageTextInline(sent, 'Later')).toBe(true)

  const users = { text: 'Whom?', request_users: { request_id: 3, request_name: true } }
  const whom = await api.raw.savePreparedKeyboardButton({ user_id: 1, button: users })
  await sandbox.person(2, { first_name: 'Boris' }).joins(GROUP)
  await anna.sends({ users_shared: { request_id: 3, users: [{ user_id: 2 }] }, prepared: whom.id })
  while (!('users_shared' in (await next('message'))));
  const chat = {
    text: 'Where?',
    request_chat: { request_id: 4, chat_is_channel: false, request_title: true },
  }
  const where = await api.raw.savePreparedKeyboardButton({ user_id: 1, button: chat })
  await anna.sends({ chat_shared: { request_id: 4, chat_id: GROUP }, prepared: where.id })
  expect(await next('message')).toMatchObject({
    chat_shared: { request_id: 4, chat_id: GROUP, title: 'Group' },
  })
  await expect(anna.sends({ chat_shared: { request_id: 4, chat_id: GROUP } })).rejects.toThrow('no key')
})

test('a bot that may be a guest is called by its name, answers once, and edits its answer', async () => {
  const { sandbox, api, anna, next, refused } = await guestOfGroup()
  await anna.saysIn(GROUP, '@sandbox_1000000_bot tea?')
  await sandbox.control('PATCH', '/bots/sandbox_1000000_bot', { supports_guest_queries: true })
  await anna.saysIn(GROUP, '@sandbox_1000000_bot tea?')
  const { guest_query_id: query = '', message_id: asked } = await next('guest_message')
  expect(asked).toBe(2)
  const { inline_message_id: id } = await api.raw.answerGuestQuery({ guest_query_id: query, result: article })
  expect(await shown(sandbox)).toMatchObject({ text: 'Tea', from: 'bot', reply_to_message_id: asked })
  expect(await api.editMessageTextInline(id, 'No tea')).toBe(true)
  await refused(
    api.raw.answerGuestQuery({ guest_query_id: query, result: article }),
    'query is too old and response timeout expired or query ID is invalid',
  )
})

test('private chats have topics where the bot has them, made by the bot and by people', async () => {
  const { sandbox, api, anna, next, refused } = await guestOfGroup()
  await refused(api.createForumTopic(1, 'Orders'), 'the chat is not a forum')
  await refused(api.sendMessage(1, 'x', { message_thread_id: 5 }), 'message thread not found')
  await sandbox.control('PATCH', '/bots/sandbox_1000000_bot', { has_topics_enabled: true })
  expect(await api.getMe()).toMatchObject({ has_topics_enabled: true, allows_users_to_create_topics: false })
  const { message_thread_id: thread } = await api.createForumTopic(1, 'Orders')
  expect(await api.sendMessage(1, 'x', { message_thread_id: thread })).toMatchObject({
    is_topic_message: true,
  })
  await anna.sends({ text: 'here', message_thread_id: thread })
  await next('message')
  expect(await next('message')).toMatchObject({ text: 'here', message_thread_id: thread })
  expect(await api.editForumTopic(1, thread, { name: 'Old orders' })).toBe(true)
  expect(await api.editForumTopic(1, thread)).toBe(true)
  await refused(api.editForumTopic(1, thread, { name: ' ' }), 'name must be non-empty')
  await refused(api.closeForumTopic(1, thread), 'the chat is not a supergroup forum')
  const make = () => sandbox.control(`POST`, `${path}/topics`, { name: 'Mine' })
  await expect(make()).rejects.toThrow('people make no topics')
  await sandbox.control('PATCH', '/bots/sandbox_1000000_bot', { allows_users_to_create_topics: true })
  const made = await make()
  expect(await next('message')).toMatchObject({ forum_topic_created: { name: 'Mine' }, ...(made as object) })
  expect(await api.deleteForumTopic(1, thread)).toBe(true)
  expect((await anna.messages()).map(({ text }) => text)).not.toContain('here')
  await refused(api.sendMessage(1, 'x', { message_thread_id: thread }), 'message thread not found')
})

test('a bot whose inline mode is off says so, and nobody can ask it', async () => {
  const { sandbox, api, anna } = await guestOfGroup()
  expect(await api.getMe()).toMatchObject({ supports_inline_queries: true })
  await sandbox.control('PATCH', '/bots/sandbox_1000000_bot', { supports_inline_queries: false })
  expect(await api.getMe()).toMatchObject({ supports_inline_queries: false })
  await expect(anna.asks('tea', GROUP)).rejects.toThrow('inline mode of this bot is off')
})
