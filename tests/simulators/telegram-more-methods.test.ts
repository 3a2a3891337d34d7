import { InputFile } from 'grammy'
import { expect, test } from 'vitest'
import { ANNA, expectRefusal, PNG, telegramFor } from './telegram-kit.ts'

const BOT = 'shop_bot'
const GROUP = -100_9
const photo = () => new InputFile(PNG, 'one.png')

async function inForum() {
  const kit = await telegramFor()
  const members = { 100: 'administrator', [ANNA]: 'member' }
  await kit.control('POST', '/chats', { id: GROUP, type: 'supergroup', title: 'G', members, is_forum: true })
  return kit
}

test('the topic General is renamed, closed and hidden, and says when nothing changes', async () => {
  const { api } = await inForum()
  await api.editGeneralForumTopic(GROUP, 'News')
  await expectRefusal(api.editGeneralForumTopic(GROUP, 'News'), 400, 'Bad Request: TOPIC_NOT_MODIFIED')
  await api.hideGeneralForumTopic(GROUP)
  await expectRefusal(api.closeGeneralForumTopic(GROUP), 400, 'Bad Request: TOPIC_NOT_MODIFIED')
  await api.reopenGeneralForumTopic(GROUP)
  await expectRefusal(api.unhideGeneralForumTopic(GROUP), 400, 'Bad Request: TOPIC_NOT_MODIFIED')
})

test('the pins of one topic are taken off, and those of the others stay', async () => {
  const { api } = await inForum()
  const topic = await api.createForumTopic(GROUP, 'Orders')
  const inTopic = await api.sendMessage(GROUP, 'a', { message_thread_id: topic.message_thread_id })
  const outside = await api.sendMessage(GROUP, 'b')
  for (const { message_id: id } of [inTopic, outside]) await api.pinChatMessage(GROUP, id)
  await api.unpinAllForumTopicMessages(GROUP, topic.message_thread_id)
  await expectRefusal(
    api.unpinChatMessage(GROUP, inTopic.message_id),
    400,
    'Bad Request: message to unpin not found',
  )
  await api.unpinAllGeneralForumTopicMessages(GROUP)
  await expectRefusal(
    api.unpinChatMessage(GROUP, outside.message_id),
    400,
    'Bad Request: message to unpin not found',
  )
})

test('a group has a photo, titles of administrators, tags of members, and channels that may not write', async () => {
  const { api, control } = await inForum()
  await control('POST', '/chats', { id: -100_77, type: 'channel', title: 'C' })
  await api.setChatPhoto(GROUP, photo())
  expect((await api.getChat(GROUP)).photo?.big_file_id).toEqual(expect.any(String))
  await api.deleteChatPhoto(GROUP)
  expect((await api.getChat(GROUP)).photo).toBeUndefined()
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  const title = (person: number, words: string) => api.setChatAdministratorCustomTitle(GROUP, person, words)
  await refused(title(100, 'Robot'), 'not enough rights to change custom title of the user')
  await api.raw.setChatMemberTag({ chat_id: GROUP, user_id: ANNA, tag: 'Guest' })
  expect(await api.getChatMember(GROUP, ANNA)).toMatchObject({ tag: 'Guest' })
  await refused(title(ANNA, 'Robot'), 'user is not an administrator')
  await api.promoteChatMember(GROUP, ANNA, { can_pin_messages: true })
  await title(ANNA, 'Robot')
  expect(await api.getChatMember(GROUP, ANNA)).toMatchObject({ custom_title: 'Robot', can_be_edited: true })
  await title(ANNA, 'seventeen letters')
  expect(await api.getChatMember(GROUP, ANNA)).toMatchObject({ custom_title: 'seventeen letter' })
  await refused(title(ANNA, '👑'), 'CUSTOM_TITLE_EMOJI_NOT_ALLOWED')
  await api.banChatSenderChat(GROUP, -100_77)
  await api.unbanChatSenderChat(GROUP, -100_77)
  await expectRefusal(api.banChatSenderChat(GROUP, GROUP), 400, 'Bad Request: PARTICIPANT_ID_INVALID')
})

test('paid media are blurred until they are bought, once, and the bot hears its payload', async () => {
  const { api, control, chat } = await telegramFor()
  const sent = await api.sendPaidMedia(ANNA, 25, [{ type: 'photo', media: photo() }], { payload: 'set 7' })
  expect(sent.paid_media).toMatchObject({ star_count: 25, paid_media: [{ type: 'photo' }] })
  const seen = async () => (await chat()).at(-1)!['paid_media']
  expect(await seen()).toEqual({ star_count: 25, bought: false, media: [{ type: 'photo' }] })
  const buy = () => control('POST', `/chats/${BOT}/${ANNA}/purchases`, { message_id: sent.message_id })
  await buy()
  expect(await seen()).toMatchObject({
    bought: true,
    media: [{ photo: { url: expect.any(String) as string } }],
  })
  expect((await api.getUpdates()).at(-1)?.purchased_paid_media).toMatchObject({
    from: { id: ANNA },
    paid_media_payload: 'set 7',
  })
  const { transactions } = await api.getStarTransactions()
  expect(transactions.at(-1)).toMatchObject({
    amount: 25,
    source: { transaction_type: 'paid_media_payment', paid_media_payload: 'set 7' },
  })
  await expect(buy()).rejects.toThrow('bought already')
  await expectRefusal(
    api.sendPaidMedia(ANNA, 25_001, [{ type: 'photo', media: photo() }]),
    400,
    'Bad Request: STARS_AMOUNT_INVALID',
  )
})

test('the gifts of a person are listed by price and by page', async () => {
  const { api, control } = await telegramFor()
  await control('PATCH', `/bots/${BOT}`, { stars: 1_000 })
  const { gifts } = await api.getAvailableGifts()
  const [cheap, dear] = [gifts[0]!, gifts.at(-1)!]
  await api.sendGift(ANNA, dear.id, { text: 'for you' })
  await api.sendGift(ANNA, cheap.id)
  const newest = await api.getUserGifts(ANNA, { limit: 1 })
  expect(newest).toMatchObject({ total_count: 2, next_offset: '1', gifts: [{ gift: { id: cheap.id } }] })
  const dearest = await api.getUserGifts(ANNA, { sort_by_price: true })
  expect(dearest.gifts).toMatchObject([
    { type: 'regular', gift: { id: dear.id }, text: 'for you', sender_user: { username: BOT } },
    { gift: { id: cheap.id } },
  ])
})

test('a person makes a bot for another one, which reads its token and replaces it', async () => {
  const { api, control, url } = await telegramFor()
  const make = () => control('POST', `/chats/${BOT}/${ANNA}/managed_bots`, { username: 'anna_shop_bot' })
  await expect(make()).rejects.toThrow('can_manage_bots')
  expect(await api.getMe()).toMatchObject({ can_manage_bots: false })
  await control('PATCH', `/bots/${BOT}`, { can_manage_bots: true })
  expect(await api.getMe()).toMatchObject({ can_manage_bots: true })
  const made = await control('POST', `/chats/${BOT}/${ANNA}/managed_bots`, { username: 'anna_shop_bot' })
  const { id } = made as { id: number }
  expect((await api.getUpdates()).slice(-2)).toMatchObject([
    { message: { managed_bot_created: { bot: { id } } } },
    { managed_bot: { user: { id: ANNA }, bot: { username: 'anna_shop_bot' } } },
  ])
  const status = async (token: string) => (await fetch(`${url}/bot${token}/getMe`)).status
  const before = await api.raw.getManagedBotToken({ user_id: id })
  expect(await status(before)).toBe(200)
  const after = await api.raw.replaceManagedBotToken({ user_id: id })
  expect([await status(before), await status(after)]).toEqual([401, 200])
  expect(await api.getUpdates({ offset: -1 })).toMatchObject([{ managed_bot: { bot: { id } } }])
  await api.raw.setManagedBotAccessSettings({
    user_id: id,
    is_access_restricted: true,
    added_user_ids: [ANNA],
  })
  expect(await api.raw.getManagedBotAccessSettings({ user_id: id })).toMatchObject({
    is_access_restricted: true,
    added_users: [{ id: ANNA }],
  })
  await expectRefusal(api.raw.getManagedBotToken({ user_id: 100 }), 400, 'Bad Request: BOT_INVALID')
  await expect(
    control('POST', `/chats/${BOT}/${ANNA}/managed_bots`, { username: 'anna_shop_bot' }),
  ).rejects.toThrow('taken')
})

test('a live location moves until its time is over or the bot stops it', async () => {
  const { api, control } = await telegramFor()
  const { message_id: id } = await api.sendLocation(ANNA, 55.75, 37.61, { live_period: 60 })
  const moved = await api.editMessageLiveLocation(ANNA, id, 55.76, 37.62, { heading: 90 })
  expect(moved).toMatchObject({ location: { latitude: 55.76, heading: 90, live_period: 60 } })
  const stopped = await api.stopMessageLiveLocation(ANNA, id)
  expect((stopped as { location: object }).location).toEqual({ latitude: 55.76, longitude: 37.62 })
  await expectRefusal(api.stopMessageLiveLocation(ANNA, id), 400, "Bad Request: message can't be edited")
  const late = await api.sendLocation(ANNA, 1, 1, { live_period: 60 })
  await control('PUT', '/clock', { advance_ms: 61_000 })
  await expectRefusal(
    api.editMessageLiveLocation(ANNA, late.message_id, 2, 2),
    400,
    "Bad Request: message can't be edited",
  )
})

test('people see the one reaction of a bot', async () => {
  const { api, chat } = await telegramFor()
  const { message_id: id } = await api.sendMessage(ANNA, 'hello')
  await api.setMessageReaction(ANNA, id, [{ type: 'emoji', emoji: '🔥' }])
  expect((await chat()).at(-1)).toMatchObject({ bot_reactions: ['🔥'] })
  const two = ['🔥', '👍'].map((emoji) => ({ type: 'emoji', emoji }) as const)
  await expectRefusal(
    api.setMessageReaction(ANNA, id, two as Parameters<typeof api.setMessageReaction>[2]),
    400,
    'Bad Request: REACTIONS_TOO_MANY',
  )
})

test('a Mini App ends with a message of its person, once', async () => {
  const { api, control, chat } = await telegramFor()
  const { url: address } = (await control('POST', `/chats/${BOT}/${ANNA}/web_app`, {
    url: 'https://example.com/',
  })) as { url: string }
  const launch = new URLSearchParams(new URL(address).hash.slice(1))
  const query = new URLSearchParams(launch.get('tgWebAppData')!).get('query_id')!
  const result = {
    type: 'article',
    id: '1',
    title: 'Order',
    input_message_content: { message_text: 'two cups' },
  } as const
  await api.answerWebAppQuery(query, result)
  expect((await chat()).at(-1)).toMatchObject({ from: 'person', text: 'two cups' })
  await expectRefusal(
    api.answerWebAppQuery(query, result),
    400,
    'Bad Request: query is too old and response timeout expired or query ID is invalid',
  )
  const prepared = await api.savePreparedInlineMessage(ANNA, result, { allow_user_chats: true })
  expect(prepared.expiration_date).toBeGreaterThan(0)
})

test('a bot keeps the rights it asks for, of groups and of channels apart, and its photo', async () => {
  const { api } = await telegramFor()
  const rights = { ...(await api.getMyDefaultAdministratorRights()), can_delete_messages: true }
  await api.setMyDefaultAdministratorRights({ rights })
  expect((await api.getMyDefaultAdministratorRights()).can_delete_messages).toBe(true)
  expect((await api.getMyDefaultAdministratorRights({ for_channels: true })).can_delete_messages).toBe(false)
  await api.raw.setMyProfilePhoto({ photo: { type: 'static', photo: photo() } })
  await api.raw.removeMyProfilePhoto()
})

test('the bot that is assigned to wishes to join answers their queries, each once and within 10 s', async () => {
  const { api, control } = await telegramFor({ still: true })
  const members = { 100: 'administrator', [ANNA]: 'left' }
  const group = { id: GROUP, type: 'supergroup', title: 'G', members }
  await control('POST', '/chats', { ...group, joins_by: 100 })
  const { invite_link: link } = await api.createChatInviteLink(GROUP, { creates_join_request: true })
  await control('POST', `/chats/${GROUP}/join`, { person: String(ANNA), link })
  const wish = (await api.getUpdates({ offset: -1 }))[0]?.chat_join_request
  const query = { chat_join_request_query_id: wish!.query_id! }
  const late = 'Bad Request: query is too old and response timeout expired or query ID is invalid'
  await api.raw.sendChatJoinRequestWebApp({ ...query, web_app_url: 'https://example.com/rules' })
  await api.raw.answerChatJoinRequestQuery({ ...query, result: 'approve' })
  expect((await api.getChatMember(GROUP, ANNA)).status).toBe('member')
  await expectRefusal(api.raw.answerChatJoinRequestQuery({ ...query, result: 'approve' }), 400, late)
  await control('POST', '/people', { id: 8, first_name: 'Boris' })
  await control('POST', `/chats/${GROUP}/join`, { person: '8', link })
  const second = (await api.getUpdates({ offset: -1 }))[0]?.chat_join_request
  await control('PUT', '/clock', { advance_ms: 10_000 })
  await expectRefusal(
    api.raw.answerChatJoinRequestQuery({ chat_join_request_query_id: second!.query_id!, result: 'queue' }),
    400,
    late,
  )
})

test('a method that needs what no simulated bot has is refused as Telegram refuses it, and not as an unknown method', async () => {
  const { api } = await telegramFor()
  await expectRefusal(api.getBusinessConnection('none'), 400, 'Bad Request: business connection not found')
  await expectRefusal(
    api.convertGiftToStars('', 'gift'),
    400,
    'Bad Request: parameter "business_connection_id" is required',
  )
  await expectRefusal(api.verifyUser(ANNA), 400, 'Bad Request: BOT_VERIFIER_FORBIDDEN')
  expect(await api.getForumTopicIconStickers()).toHaveLength(6)
})

test('a status, a verification and a moving photo are set by bots that may', async () => {
  const { api, control } = await telegramFor()
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  const status = () => api.setUserEmojiStatus(ANNA, { emoji_status_custom_emoji_id: '5' })
  await refused(status(), 'USER_PERMISSION_DENIED')
  await control('PATCH', `/people/${ANNA}`, { emoji_status_by: 'shop_bot' })
  await status()
  expect(await api.getChat(ANNA)).toMatchObject({ emoji_status_custom_emoji_id: '5' })
  await refused(api.verifyUser(ANNA), 'BOT_VERIFIER_FORBIDDEN')
  await control('PATCH', '/bots/shop_bot', { can_verify: true })
  expect(await api.raw.verifyUser({ user_id: ANNA, custom_description: 'A good shop' })).toBe(true)
  expect(await api.removeUserVerification(ANNA)).toBe(true)
  const moving = { type: 'animated' as const, animation: new InputFile(PNG, 'x.mp4') }
  expect(await api.setMyProfilePhoto(moving)).toBe(true)
  await refused(api.setMyProfilePhoto({ ...moving, type: 'loud' } as never), 'PHOTO_INVALID')
})

test('a chat says what is pinned in it and by which link people come; an action belongs to a topic that is there', async () => {
  const { api, control } = await inForum()
  const { message_id: id } = await api.sendMessage(GROUP, 'rules')
  await api.pinChatMessage(GROUP, id)
  const link = await api.exportChatInviteLink(GROUP)
  await control('PATCH', `/chats/${GROUP}`, { profile: { message_auto_delete_time: 86_400 } })
  expect(await api.getChat(GROUP)).toMatchObject({
    pinned_message: { message_id: id, text: 'rules' },
    invite_link: link,
    message_auto_delete_time: 86_400,
  })
  const typing = (topic: number) => api.sendChatAction(GROUP, 'typing', { message_thread_id: topic })
  await expectRefusal(typing(99), 400, 'Bad Request: message thread not found')
  const { message_thread_id: topic } = await api.createForumTopic(GROUP, 'News')
  expect(await typing(topic)).toBe(true)
})

test('a boost lasts its days, a paid link takes Stars for each period, and who logged out is away for ten minutes', async () => {
  const { api, control, raw } = await telegramFor({ still: true })
  const CHANNEL = -100_78
  const members = { 100: 'administrator', [ANNA]: 'left' }
  await control('POST', '/chats', { id: CHANNEL, type: 'channel', title: 'C', members })
  const pass = (days: number) => control('PUT', '/clock', { advance_ms: days * 24 * 60 * 60 * 1000 + 1000 })
  await control('POST', `/chats/${CHANNEL}/boosts`, { person: String(ANNA), days: 1 })
  const boosts = async () => (await api.getUserChatBoosts(CHANNEL, ANNA)).boosts
  expect(await boosts()).toMatchObject([{ source: { source: 'premium', user: { id: ANNA } } }])
  await control('PATCH', `/people/${ANNA}`, { stars: 250 })
  const link = await api.createChatSubscriptionInviteLink(CHANNEL, 2_592_000, 100)
  const join = { person: String(ANNA), link: link.invite_link }
  expect(await control('POST', `/chats/${CHANNEL}/join`, join)).toEqual({ joined: true })
  const anna = async () => await api.getChatMember(CHANNEL, ANNA)
  expect(await anna()).toMatchObject({ status: 'member', until_date: expect.any(Number) as number })
  await pass(30)
  expect(await boosts()).toEqual([])
  expect(await anna()).toMatchObject({ status: 'member' })
  await pass(30)
  expect(await anna()).toMatchObject({ status: 'left' })
  expect(await api.close()).toBe(true)
  await expectRefusal(api.close(), 429, 'Too Many Requests: retry after 600')
  expect(await api.logOut()).toBe(true)
  expect(await (await raw('getMe', {})).json()).toMatchObject({ error_code: 400, description: 'Logged out' })
  await pass(1)
  expect(await api.getMe()).toMatchObject({ id: 100 })
})

test('a withdrawal, a commission and an advertisement stand in the ledger, and a post is paid in grams', async () => {
  const { api, control } = await telegramFor()
  const move = (amount: number, type: string) =>
    control('POST', '/bots/shop_bot/transactions', { amount, partner: { type } })
  await move(-40, 'fragment')
  await move(7, 'affiliate_program')
  await expect(move(-1000, 'telegram_ads')).rejects.toThrow('too few Stars')
  await expect(move(1, 'friend')).rejects.toThrow('partner has a type')
  expect((await api.getMyStarBalance()).amount).toBe(67)
  expect((await api.getStarTransactions()).transactions).toMatchObject([
    { amount: 40, receiver: { type: 'fragment' } },
    { amount: 7, source: { type: 'affiliate_program' } },
  ])
})

test('a passport that somebody sent is faulted, in hashes that can be read', async () => {
  const { api, control, raw } = await telegramFor()
  const passport = { data: [{ type: 'email', email: 'a@b.test', hash: 'aGFzaA==' }], credentials: {} }
  const fault = {
    type: 'email',
    source: 'unspecified',
    element_hash: 'aGFzaA==',
    message: 'no such box',
  } as const
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  await refused(api.setPassportDataErrors(ANNA, [fault]), 'USER_ID_INVALID')
  await control('POST', `/chats/${BOT}/${ANNA}/messages`, { passport_data: passport })
  expect(await api.getUpdates()).toMatchObject([{ message: { passport_data: passport } }])
  expect(await api.setPassportDataErrors(ANNA, [fault])).toBe(true)
  const wrong = "can't parse PassportElementError: "
  await refused(
    api.setPassportDataErrors(ANNA, [{ ...fault, element_hash: 'x' }]),
    `${wrong}hash isn't a valid base64-encoded string`,
  )
  await refused(
    api.setPassportDataErrors(ANNA, [{ ...fault, source: 'data' } as never]),
    `${wrong}Can't find field "data_hash"`,
  )
  expect((await raw('setPassportDataErrors', { user_id: ANNA })).status).toBe(400)
})
