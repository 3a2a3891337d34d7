import { InputFile } from 'grammy'
import { expect, test } from 'vitest'
import { ANNA, expectRefusal, PNG, telegramFor, until } from './telegram-kit.ts'

const OWNER = 50
const DAY_MS = 24 * 60 * 60 * 1000
const ALL_RIGHTS = { can_reply: true, can_manage_stories: true, can_view_gifts_and_stars: true }

/** A bot that Olga has connected with her account, to which Anna has written. */
async function connected(rights?: string[]) {
  const kit = await telegramFor({ still: true })
  const { api, control } = kit
  await control('POST', '/people', { id: OWNER, first_name: 'Olga', username: 'olga_shop' })
  const connect = (body: object) => control<{ id: string }>('POST', `/chats/shop_bot/${OWNER}/business`, body)
  await expect(connect({})).rejects.toThrow('no business mode')
  await control('PATCH', '/bots/shop_bot', { can_connect_to_business: true })
  const { id } = await connect({ ...(rights && { rights }) })
  const writes = (text: string, from = ANNA) =>
    control<{ message_id: number }>('POST', `/business/${id}/${ANNA}/messages`, { text, from: String(from) })
  const seen = async () =>
    (
      await control<{ read_up_to: number; messages: Record<string, unknown>[] }>(
        'GET',
        `/business/${id}/${ANNA}/messages`,
      )
    ).messages
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  /** The methods of a business account with this connection. */
  const of = { business_connection_id: id }
  let offset = 0
  const updates = async () => {
    const list = await api.getUpdates({ offset })
    offset = (list.at(-1)?.update_id ?? offset - 1) + 1
    return list
  }
  return { ...kit, id, of, connect, writes, seen, refused, updates }
}

test('a bot hears what is written to the account that it is connected with, and answers in its name', async () => {
  const { api, control, id, writes, seen, updates, connect, refused } = await connected()
  const { message_id: asked } = await writes('How much?')
  await control('PATCH', `/business/${id}/${ANNA}/messages/${asked}`, { text: 'How much is it?' })
  const [connection, message, edited] = await updates()
  expect(connection!.business_connection).toMatchObject({
    id,
    user: { id: OWNER },
    user_chat_id: OWNER,
    is_enabled: true,
    rights: ALL_RIGHTS,
  })
  expect(await api.getBusinessConnection(id)).toEqual(connection!.business_connection)
  expect(message!.business_message).toMatchObject({
    business_connection_id: id,
    from: { id: ANNA },
    chat: { id: ANNA },
    text: 'How much?',
  })
  expect(edited!.edited_business_message).toMatchObject({ text: 'How much is it?' })
  const keyboard = { inline_keyboard: [[{ text: 'Buy', callback_data: 'buy' }]] }
  const sent = await api.sendMessage(ANNA, '5 Stars', { business_connection_id: id, reply_markup: keyboard })
  expect(sent).toMatchObject({
    business_connection_id: id,
    from: { id: OWNER },
    sender_business_bot: { id: 100 },
    message_id: asked + 1,
  })
  const shown = { business_connection_id: id, reply_markup: keyboard }
  await api.editMessageText(ANNA, sent.message_id, '6 Stars', shown)
  expect(await seen()).toMatchObject([{ from: 'person' }, { from: 'bot', text: '6 Stars' }])
  const pressed = control('POST', `/business/${id}/${ANNA}/callbacks`, {
    message_id: sent.message_id,
    data: 'buy',
  })
  const query = await until(async () => (await updates()).find((one) => one.callback_query)?.callback_query)
  expect(query).toMatchObject({ from: { id: ANNA }, message: { business_connection_id: id } })
  await api.answerCallbackQuery(query.id, { text: 'ok' })
  expect(await pressed).toMatchObject({ answered: true, text: 'ok' })
  await control('DELETE', `/business/${id}/${ANNA}/messages/${asked}`)
  await connect({ is_enabled: false })
  await writes('unheard')
  expect((await updates()).slice(-2)).toMatchObject([
    { deleted_business_messages: { business_connection_id: id, chat: { id: ANNA }, message_ids: [asked] } },
    { business_connection: { is_enabled: false } },
  ])
  await refused(api.sendMessage(ANNA, 'x', { business_connection_id: id }), 'BOT_ACCESS_FORBIDDEN')
})

test('without the right, without the person or after a day of silence a bot does not write for an account', async () => {
  const { api, control, id, of, writes, refused } = await connected(['can_reply', 'can_delete_sent_messages'])
  const send = (chat: number | string, connection = id) =>
    api.sendMessage(chat, 'x', { business_connection_id: connection })
  await refused(send(ANNA), 'BUSINESS_PEER_INVALID')
  await refused(send(ANNA, 'none'), 'business connection not found')
  await refused(send('@anna'), 'chat identifier must be a valid Integer')
  await refused(send(-5), 'chat must be a private chat')
  await refused(send(OWNER), 'messages must not be sent to self')
  const { message_id: first } = await writes('hello')
  const own = await send(ANNA)
  await refused(api.readBusinessMessage(id, ANNA, first), 'BOT_ACCESS_FORBIDDEN')
  await refused(api.deleteBusinessMessages(id, [first]), 'BOT_ACCESS_FORBIDDEN')
  expect(await api.deleteBusinessMessages(id, [own.message_id])).toBe(true)
  await refused(api.raw.setBusinessAccountBio({ ...of, bio: 'x' }), 'BOT_ACCESS_FORBIDDEN')
  await control('PUT', '/clock', { advance_ms: DAY_MS + 1 })
  await refused(send(ANNA), 'BUSINESS_PEER_USAGE_MISSING')
})

test('what the owner of an account wrote is edited by the bot for 48 hours, what others wrote never', async () => {
  const { api, control, of, writes, seen, refused } = await connected()
  const { message_id: asked } = await writes('hello')
  const { message_id: own } = await writes('I am Olga', OWNER)
  const edit = (id: number, text: string) => api.editMessageText(ANNA, id, text, of)
  await refused(edit(asked, 'bye'), "message can't be edited")
  expect(await edit(own, 'I am Olga, from the tea house')).toMatchObject({ edit_date: expect.any(Number) })
  expect(await seen()).toMatchObject([{}, { text: 'I am Olga, from the tea house' }])
  await control('PUT', '/clock', { advance_ms: 2 * DAY_MS + 1000 })
  await writes('still there?')
  await refused(edit(own, 'x'), 'MESSAGE_EDIT_TIME_EXPIRED')
})

test('a bot reads, deletes, and changes name, username, bio and photo of an account', async () => {
  const { api, control, id, of, writes, refused } = await connected()
  const { message_id: first } = await writes('one')
  expect(await api.readBusinessMessage(id, ANNA, first)).toBe(true)
  expect(await control('GET', `/business/${id}/${ANNA}/messages`)).toMatchObject({ read_up_to: first })
  expect(await api.deleteBusinessMessages(id, [first])).toBe(true)
  await refused(api.deleteBusinessMessages(id, [first]), 'MESSAGE_ID_INVALID')
  await api.setBusinessAccountName(id, 'O'.repeat(70), { last_name: 'Shop' })
  await refused(api.raw.setBusinessAccountUsername({ ...of, username: 'a' }), 'username is invalid')
  await control('PATCH', `/people/${ANNA}`, { username: 'anna_reads' })
  const taken = api.raw.setBusinessAccountUsername({ ...of, username: 'Anna_Reads' })
  await refused(taken, 'USERNAME_OCCUPIED')
  await api.raw.setBusinessAccountUsername({ ...of, username: 'olga_sells' })
  await api.raw.setBusinessAccountBio({ ...of, bio: 'Books' })
  const photo = { type: 'static' as const, photo: new InputFile(PNG, 'x.png') }
  await api.raw.setBusinessAccountProfilePhoto({ ...of, photo })
  await control('POST', `/chats/shop_bot/${OWNER}/start`)
  expect(await api.getChat(OWNER)).toMatchObject({
    first_name: 'O'.repeat(64),
    last_name: 'Shop',
    username: 'olga_sells',
    bio: 'Books',
    photo: { big_file_id: expect.any(String) as string },
  })
  await api.raw.removeBusinessAccountProfilePhoto(of)
  expect(await api.getChat(OWNER)).not.toHaveProperty('photo')
})

test('Stars and gifts of an account are seen, converted, upgraded and handed on', async () => {
  const { api, control, id, of, writes, refused } = await connected()
  await writes('hello')
  await control('POST', `/chats/shop_bot/${OWNER}/start`)
  await control('PATCH', `/people/${OWNER}`, { stars: 60 })
  for (const gift of ['5170233102089322756', '5170144170496491616'])
    await control('PATCH', '/bots/shop_bot', { stars: 100 }).then(() => api.sendGift(OWNER, gift))
  const owned = async () => (await api.raw.getBusinessAccountGifts(of)).gifts as { owned_gift_id: string }[]
  const [cake, bear] = await owned()
  expect(cake).toMatchObject({ type: 'regular', convert_star_count: 43, can_be_upgraded: true })
  expect((await api.getUserGifts(OWNER)).gifts[0]).not.toHaveProperty('owned_gift_id')
  await api.convertGiftToStars(id, bear!.owned_gift_id)
  expect(await api.getBusinessAccountStarBalance(id)).toEqual({ amount: 73 })
  const gift = { ...of, owned_gift_id: cake!.owned_gift_id }
  const transfer = () => api.raw.transferGift({ ...gift, new_owner_chat_id: ANNA, star_count: 25 })
  await refused(transfer(), 'STARGIFT_NOT_UNIQUE')
  await refused(api.raw.upgradeGift({ ...gift, star_count: 1 }), 'STARS_AMOUNT_INVALID')
  await api.raw.upgradeGift({ ...gift, star_count: 25 })
  expect(await owned()).toMatchObject([{ type: 'unique', gift: { number: expect.any(Number) as number } }])
  await transfer()
  expect(await owned()).toEqual([])
  expect((await api.getUserGifts(ANNA)).gifts).toMatchObject([{ type: 'unique' }])
  await refused(api.transferBusinessAccountStars(id, 24), 'BALANCE_TOO_LOW')
  await api.transferBusinessAccountStars(id, 23)
  expect((await api.getStarTransactions()).transactions.at(-1)).toMatchObject({
    amount: 23,
    source: { type: 'user', transaction_type: 'business_account_transfer', user: { id: OWNER } },
  })
  const accepted = { unlimited_gifts: true, limited_gifts: false, unique_gifts: false }
  await api.setBusinessAccountGiftSettings(id, true, {
    ...accepted,
    premium_subscription: false,
    gifts_from_channels: false,
  })
  expect(await api.getChat(OWNER)).toMatchObject({ accepted_gift_types: { limited_gifts: false } })
})

test('stories are posted, edited, posted again and deleted', async () => {
  const { api, control, id, refused } = await connected()
  const photo = () => ({ type: 'photo' as const, photo: new InputFile(PNG, 'x.png') })
  const post = (period: number, caption = 'one') =>
    api.postStory(id, photo(), period as 86_400, { caption, post_to_chat_page: true })
  await refused(post(86_401), 'STORY_PERIOD_INVALID')
  await refused(post(86_400, 'x'.repeat(2049)), 'MEDIA_CAPTION_TOO_LONG')
  const story = await post(86_400)
  expect(story).toMatchObject({ id: 1, chat: { id: OWNER } })
  await refused(
    api.postStory(id, { type: 'photo', photo: 'https://x.example/x.png' as never }, 86_400, {}),
    'story photo must be uploaded as a file',
  )
  const edit = { business_connection_id: id, story_id: 1, content: photo(), caption: 'x'.repeat(2049) }
  await refused(api.raw.editStory(edit), 'MEDIA_CAPTION_TOO_LONG')
  expect(await api.editStory(id, 1, photo(), { caption: 'x'.repeat(2048) })).toMatchObject({ id: 1 })
  await control('POST', '/people', { id: 51, first_name: 'Petr' })
  const other = await control<{ id: string }>('POST', '/chats/shop_bot/51/business', {})
  expect(await api.repostStory(other.id, OWNER, 1, 86_400, {})).toMatchObject({ id: 1, chat: { id: 51 } })
  expect(await control('GET', '/people/51')).toMatchObject({ stories: [{ from: { chat: OWNER, id: 1 } }] })
  expect(await api.deleteStory(id, 1)).toBe(true)
  await refused(
    api.raw.editStory({ business_connection_id: id, story_id: 1, content: photo() }),
    'STORY_ID_INVALID',
  )
})

test('checklists are sent for an account, marked by those who may, and changed', async () => {
  const { api, control, id, of, writes, seen, updates, refused } = await connected()
  await writes('hello')
  const list = (more = {}) => ({ title: 'Order', tasks: [{ id: 1, text: 'Pack' }], ...more })
  const sent = await api.raw.sendChecklist({ ...of, chat_id: ANNA, checklist: list() })
  expect(sent.checklist).toMatchObject({ title: 'Order', tasks: [{ id: 1, text: 'Pack' }] })
  const { message_id } = sent
  const change = (checklist: ReturnType<typeof list>) =>
    api.raw.editMessageChecklist({ ...of, chat_id: ANNA, message_id, checklist })
  const mark = () => control('POST', `/business/${id}/${ANNA}/checklist`, { message_id, done: [1] })
  await expect(mark()).rejects.toThrow('may not mark')
  await refused(change(list({ tasks: [] })), 'TODO_ITEMS_INVALID')
  const open = list({ others_can_mark_tasks_as_done: true })
  await change(open)
  await mark()
  expect((await updates()).at(-1)!.business_message).toMatchObject({
    checklist_tasks_done: { marked_as_done_task_ids: [1] },
  })
  expect((await seen())[1]).toMatchObject({ checklist: { tasks: [{ completed_by_user: { id: ANNA } }] } })
})
