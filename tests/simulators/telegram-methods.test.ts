import { openSandbox } from '@telekassa/telegram-sandbox'
import { Api, Bot } from 'grammy'
import { expect, onTestFinished, test } from 'vitest'
import { ANNA, expectRefusal, telegramFor } from './telegram-kit.ts'

const GROUP = -100_7

async function inGroup(status = 'administrator', more: object = {}) {
  const kit = await telegramFor()
  const members = { 100: status, [ANNA]: 'left' }
  await kit.control('POST', '/chats', { id: GROUP, type: 'supergroup', title: 'G', members, ...more })
  return kit
}

test('an invite link lets people in until it is used up or taken back', async () => {
  const { api, control } = await inGroup()
  await control('POST', '/people', { id: 8, first_name: 'Boris' })
  const link = await api.createChatInviteLink(GROUP, { name: 'one', member_limit: 1 })
  expect(link).toMatchObject({ name: 'one', member_limit: 1, is_revoked: false, creator: { id: 100 } })
  const join = (person: number) =>
    control('POST', `/chats/${GROUP}/join`, { person: String(person), link: link.invite_link })
  expect(await join(ANNA)).toEqual({ joined: true })
  expect((await api.getChatMember(GROUP, ANNA)).status).toBe('member')
  await expect(join(8)).rejects.toThrow('used too often')
  expect((await api.revokeChatInviteLink(GROUP, link.invite_link)).is_revoked).toBe(true)
  await expectRefusal(
    api.revokeChatInviteLink(GROUP, 'https://t.me/+nothing'),
    400,
    'Bad Request: INVITE_HASH_EXPIRED',
  )
})

test('who asks to join waits for the bot', async () => {
  const { api, control } = await inGroup()
  const { invite_link: link } = await api.createChatInviteLink(GROUP, { creates_join_request: true })
  await expectRefusal(api.approveChatJoinRequest(GROUP, ANNA), 400, 'Bad Request: HIDE_REQUESTER_MISSING')
  expect(await control('POST', `/chats/${GROUP}/join`, { person: String(ANNA), link })).toEqual({
    joined: false,
  })
  expect((await api.getUpdates()).at(-1)?.chat_join_request).toMatchObject({
    from: { id: ANNA },
    user_chat_id: ANNA,
    invite_link: { invite_link: link },
  })
  await api.approveChatJoinRequest(GROUP, ANNA)
  expect((await api.getChatMember(GROUP, ANNA)).status).toBe('member')
  await expectRefusal(api.approveChatJoinRequest(GROUP, ANNA), 400, 'Bad Request: USER_ALREADY_PARTICIPANT')
})

test('an administrator without a right is refused, whoever is in asks nothing, and whoever is banned does not get in', async () => {
  const { api, control } = await inGroup()
  const { invite_link: link } = await api.createChatInviteLink(GROUP, { creates_join_request: true })
  const join = () => control('POST', `/chats/${GROUP}/join`, { person: String(ANNA), link })
  await control('PATCH', `/chats/${GROUP}`, { withheld: { 100: ['can_invite_users'] } })
  expect((await api.getUpdates()).at(-1)?.my_chat_member).toMatchObject({
    old_chat_member: { can_invite_users: true },
    new_chat_member: { status: 'administrator', can_invite_users: false, can_restrict_members: true },
  })
  await join()
  const refusal = 'Bad Request: not enough rights to manage chat join requests'
  await expectRefusal(api.approveChatJoinRequest(GROUP, ANNA), 400, refusal)
  await control('PATCH', `/chats/${GROUP}`, { withheld: { 100: ['can_restrict_members'] } })
  await api.approveChatJoinRequest(GROUP, ANNA)
  expect(await join()).toEqual({ joined: true })
  await expectRefusal(
    api.unbanChatMember(GROUP, ANNA),
    400,
    'Bad Request: not enough rights to restrict/unrestrict chat member',
  )
  await control('PATCH', `/chats/${GROUP}`, { members: { [ANNA]: 'kicked' } })
  await expect(join()).rejects.toThrow('this link has expired')
})

test('only an administrator rules a group, and nobody its owner', async () => {
  const { api, control } = await inGroup('member')
  const refusal = 'Bad Request: not enough rights to restrict/unrestrict chat member'
  await expectRefusal(api.banChatMember(GROUP, ANNA), 400, refusal)
  await expectRefusal(
    api.createChatInviteLink(GROUP),
    400,
    'Bad Request: not enough rights to manage chat invite link',
  )
  await control('PATCH', `/chats/${GROUP}`, { members: { 100: 'administrator', [ANNA]: 'creator' } })
  await expectRefusal(api.banChatMember(GROUP, ANNA), 400, "Bad Request: can't remove chat owner")
  await control('PATCH', `/chats/${GROUP}`, { members: { [ANNA]: 'member' } })
  await api.banChatMember(GROUP, ANNA)
  expect((await api.getChatMember(GROUP, ANNA)).status).toBe('kicked')
  await api.unbanChatMember(GROUP, ANNA, { only_if_banned: true })
  expect((await api.getChatMember(GROUP, ANNA)).status).toBe('left')
  await api.setChatTitle(GROUP, 'New')
  expect(await api.getChat(GROUP)).toMatchObject({ title: 'New' })
})

test('what a member may do, and until when a ban lasts, is shown as it was set', async () => {
  const { api } = await inGroup()
  await api.promoteChatMember(GROUP, ANNA, { can_pin_messages: true, can_delete_messages: false })
  expect(await api.getChatMember(GROUP, ANNA)).toMatchObject({
    status: 'administrator',
    can_pin_messages: true,
    can_delete_messages: false,
  })
  await api.promoteChatMember(GROUP, ANNA, { can_pin_messages: false })
  expect(await api.getChatMember(GROUP, ANNA)).not.toHaveProperty('can_pin_messages')
  await api.restrictChatMember(GROUP, ANNA, { can_send_messages: true, can_send_polls: false })
  expect(await api.getChatMember(GROUP, ANNA)).toMatchObject({
    status: 'restricted',
    can_send_messages: true,
    can_send_polls: false,
  })
  const until = Math.floor(Date.now() / 1000) + 3600
  await api.banChatMember(GROUP, ANNA, { until_date: until })
  expect(await api.getChatMember(GROUP, ANNA)).toMatchObject({ status: 'kicked', until_date: until })
})

test('a forum has topics, and a message goes into one that is there', async () => {
  const { api } = await inGroup('administrator', { is_forum: true })
  const topic = await api.createForumTopic(GROUP, 'News')
  const sent = await api.sendMessage(GROUP, 'x', { message_thread_id: topic.message_thread_id })
  expect(sent).toMatchObject({ message_thread_id: topic.message_thread_id, is_topic_message: true })
  await expectRefusal(
    api.sendMessage(GROUP, 'x', { message_thread_id: 999 }),
    400,
    'Bad Request: message thread not found',
  )
  await api.closeForumTopic(GROUP, topic.message_thread_id)
  await expectRefusal(
    api.closeForumTopic(GROUP, topic.message_thread_id),
    400,
    'Bad Request: TOPIC_NOT_MODIFIED',
  )
  const plain = await inGroup()
  await expectRefusal(plain.api.createForumTopic(GROUP, 'x'), 400, 'Bad Request: the chat is not a forum')
})

test('inline mode: what is typed, what is offered, what is chosen', async () => {
  const sandbox = await openSandbox({ after: onTestFinished })
  const bot = new Bot(sandbox.token, { client: { apiRoot: sandbox.url } })
  let chosen = ''
  bot.on('inline_query', (ctx) =>
    ctx.answerInlineQuery([
      {
        type: 'article',
        id: 'a',
        title: ctx.inlineQuery.query,
        input_message_content: { message_text: `You asked for ${ctx.inlineQuery.query}` },
      },
    ]),
  )
  bot.on('chosen_inline_result', (ctx) => {
    chosen = ctx.chosenInlineResult.result_id
  })
  bot.on('message', (ctx) => ctx.reply(`${ctx.message.text}, by ${ctx.message.via_bot?.username}`))
  void bot.start()
  onTestFinished(() => bot.stop())
  const anna = sandbox.person(1)
  const [result] = await anna.asks('tea')
  expect(result).toMatchObject({ id: 'a', title: 'tea' })
  await anna.chooses(result!, 'tea')
  await anna.hears('You asked for tea, by sandbox_1000000_bot')
  const again = () => sandbox.control('POST', '/chats/sandbox_1000000_bot/1/inline', { query: 'tea' })
  expect(await again()).toMatchObject({ answered: true, cached: true, results: [{ title: 'tea' }] })
  await sandbox.advance(300_000)
  expect(await again()).not.toHaveProperty('cached')
  await expect.poll(() => chosen).toBe('a')
})

test('results of an inline query are 50 at most, each with an id of its own', async () => {
  const sandbox = await openSandbox({ after: onTestFinished })
  const api = new Api(sandbox.token, { apiRoot: sandbox.url })
  const article = (id: string) => ({
    type: 'article' as const,
    id,
    title: 'x',
    input_message_content: { message_text: 'x' },
  })
  const many = Array.from({ length: 51 }, (_, n) => article(String(n)))
  await expectRefusal(
    api.answerInlineQuery('1', many),
    400,
    'Bad Request: too many inline query results specified',
  )
  const twice = api.answerInlineQuery('1', [article('a'), article('a')])
  await expectRefusal(twice, 400, 'Bad Request: RESULT_ID_DUPLICATE')
  await expectRefusal(
    api.answerInlineQuery('1', [article('a')]),
    400,
    'Bad Request: query is too old and response timeout expired or query ID is invalid',
  )
})

test('polls are sent and stopped, places sent, drafts shown', async () => {
  const { api, control } = await telegramFor()
  const sent = await api.sendPoll(ANNA, 'Tea?', [{ text: 'yes' }, { text: 'no' }])
  expect(sent.poll).toMatchObject({
    question: 'Tea?',
    options: [{ text: 'yes' }, { text: 'no' }],
    is_closed: false,
  })
  expect(await api.stopPoll(ANNA, sent.message_id)).toMatchObject({ is_closed: true })
  await expectRefusal(api.stopPoll(ANNA, sent.message_id), 400, 'Bad Request: poll has already been closed')
  expect(await api.sendVenue(ANNA, 55.7, 37.6, 'Tea', 'Street 1')).toMatchObject({ venue: { title: 'Tea' } })
  expect(await api.sendMessageDraft(ANNA, 1, 'writing…', { can_stop: true })).toBe(true)
  expect(await control('GET', `/chats/shop_bot/${ANNA}`)).toMatchObject({
    draft: { text: 'writing…', can_stop: true },
  })
})

test('what should be an object or a list is refused when it is none, and never a 500', async () => {
  const { raw } = await telegramFor()
  const said = async (method: string, body: object) =>
    ((await (await raw(method, body)).json()) as { description: string }).description
  const photo = { chat_id: ANNA, photo: 'https://127.0.0.1/x.png', caption: 'x' }
  expect(await said('sendPhoto', { ...photo, caption_entities: '[' })).toBe(
    "Bad Request: can't parse caption entities JSON object",
  )
  expect(await said('setMessageReaction', { chat_id: ANNA, message_id: 1, reaction: 'like' })).toBe(
    "Bad Request: can't parse reaction JSON object",
  )
  expect(await said('setMessageReaction', { chat_id: ANNA, message_id: 1, reaction: {} })).toBe(
    'Bad Request: expected an Array as reaction',
  )
  expect(await said('sendVideoCall', { chat_id: ANNA })).toBe('Not Found: method not found')
})
