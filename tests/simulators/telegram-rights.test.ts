import { openSandbox, type Sandbox } from '@telekassa/telegram-sandbox'
import { Api, InputFile } from 'grammy'
import { expect, onTestFinished, test } from 'vitest'
import { expectRefusal, PNG, refusal } from './telegram-kit.ts'

const GROUP = -1007
const CHANNEL = -1008
const BOT = 1_000_000
const [ANNA, BORIS] = [1, 2]
const HOUR_MS = 60 * 60 * 1000

async function inGroup(status = 'administrator', settings = {}) {
  const sandbox = await openSandbox({ after: onTestFinished, patienceMs: 60_000, settings })
  await sandbox.control('PUT', '/clock', { stand: true })
  await sandbox.group(GROUP)
  await sandbox.group(CHANNEL, 'channel')
  const anna = sandbox.person(ANNA, { first_name: 'Anna' })
  const boris = sandbox.person(BORIS, { first_name: 'Boris' })
  for (const person of [anna, boris]) await person.joins(GROUP)
  const change = (what: object, chat = GROUP) => sandbox.control('PATCH', `/chats/${chat}`, what)
  await change({ members: { [BOT]: status } })
  await change({ members: { [BOT]: 'administrator' } }, CHANNEL)
  return { sandbox, anna, boris, change, api: new Api(sandbox.token, { apiRoot: sandbox.url }) }
}

/** The texts of a group that reached its bot. */
async function heard(sandbox: Sandbox, bot = `sandbox_${BOT}_bot`) {
  const waiting = await sandbox.control<{ update: { message?: { text?: string } } }[]>(
    'GET',
    `/updates?bot=${bot}`,
  )
  return waiting.flatMap(({ update }) => update.message?.text ?? [])
}

const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)

test('each thing that a bot rules in a group needs its own right, and is refused in the words of TDLib', async () => {
  const { api, change, anna } = await inGroup()
  const said = await anna.saysIn(GROUP, 'hello')
  const restrict = 'not enough rights to restrict/unrestrict chat member'
  const links = 'not enough rights to manage chat invite link'
  const info = (what: string) => `not enough rights to ${what}`
  const needs: [right: string, act: () => Promise<unknown>, why: string][] = [
    ['can_delete_messages', () => api.deleteMessage(GROUP, said), "message can't be deleted"],
    ['can_pin_messages', () => api.pinChatMessage(GROUP, said), info('manage pinned messages in the chat')],
    ['can_pin_messages', () => api.unpinAllChatMessages(GROUP), info('manage pinned messages in the chat')],
    ['can_restrict_members', () => api.banChatMember(GROUP, BORIS), restrict],
    ['can_restrict_members', () => api.unbanChatMember(GROUP, BORIS), restrict],
    ['can_restrict_members', () => api.restrictChatMember(GROUP, BORIS, {}), restrict],
    ['can_restrict_members', () => api.setChatPermissions(GROUP, {}), info('change chat permissions')],
    [
      'can_promote_members',
      () => api.promoteChatMember(GROUP, BORIS, { can_pin_messages: true }),
      'not enough rights',
    ],
    ['can_invite_users', () => api.createChatInviteLink(GROUP), links],
    ['can_invite_users', () => api.exportChatInviteLink(GROUP), links],
    ['can_invite_users', () => api.approveChatJoinRequest(GROUP, 1), info('manage chat join requests')],
    ['can_change_info', () => api.setChatTitle(GROUP, 'x'), info('change chat title')],
    ['can_change_info', () => api.setChatDescription(GROUP, 'x'), info('set chat description')],
    ['can_change_info', () => api.setChatPhoto(GROUP, new InputFile(PNG)), info('change chat photo')],
    [
      'can_manage_tags',
      () => api.raw.setChatMemberTag({ chat_id: GROUP, user_id: BORIS, tag: 'x' }),
      'not enough rights',
    ],
  ]
  for (const [right, act, why] of needs) {
    await change({ withheld: { [BOT]: [right] } })
    await refused(act(), why)
  }
  await change({ withheld: { [BOT]: ['can_post_messages'] } }, CHANNEL)
  await refused(api.sendMessage(CHANNEL, 'x'), 'need administrator rights in the channel chat')
  await change({ withheld: { [BOT]: [] } })
  expect(await api.deleteMessage(GROUP, said)).toBe(true)
})

test('a bot hands on only the rights that it has, to others than itself, and leaves administrators of others alone', async () => {
  const { api, change } = await inGroup()
  await refused(api.promoteChatMember(GROUP, BOT, { can_pin_messages: true }), "can't promote self")
  await refused(api.restrictChatMember(GROUP, BOT, {}), "can't restrict self")
  await change({ withheld: { [BOT]: ['can_delete_messages'] } })
  await refused(api.promoteChatMember(GROUP, ANNA, { can_delete_messages: true }), 'RIGHT_FORBIDDEN')
  await api.promoteChatMember(GROUP, ANNA, { can_pin_messages: true })
  await api.promoteChatMember(GROUP, ANNA, { can_pin_messages: false })
  expect((await api.getChatMember(GROUP, ANNA)).status).toBe('member')
  await change({ members: { [BORIS]: 'administrator' } })
  await refused(api.promoteChatMember(GROUP, BORIS, { can_pin_messages: true }), 'CHAT_ADMIN_REQUIRED')
  await refused(api.banChatMember(GROUP, BORIS), 'user is an administrator of the chat')
})

test('who is no administrator sends what everybody may and what they themselves may, and nothing else', async () => {
  const { api, change, anna, sandbox } = await inGroup('member')
  const photo = () => api.sendPhoto(GROUP, new InputFile(PNG))
  const to = (what: string) => `not enough rights to send ${what} to the chat`
  await change({ permissions: { can_send_messages: true } })
  await refused(photo(), to('photos'))
  await refused(api.sendDocument(GROUP, new InputFile(PNG)), to('documents'))
  await refused(api.sendPoll(GROUP, 'Tea?', [{ text: 'y' }, { text: 'n' }]), to('polls'))
  await refused(api.sendDice(GROUP, '🎲'), to('dice'))
  await refused(api.sendMediaGroup(GROUP, [{ type: 'photo', media: new InputFile(PNG) }]), to('photos'))
  const { message_id: own } = await api.sendMessage(GROUP, 'a text')
  await change({ permissions: { can_send_photos: true } })
  await photo()
  await refused(api.sendMessage(GROUP, 'a text'), to('text messages'))
  await refused(api.copyMessage(GROUP, GROUP, own), to('text messages'))
  await expect(anna.saysIn(GROUP, 'I')).rejects.toThrow('not enough rights to send text messages')
  await change({ members: { [BOT]: 'administrator' } })
  await api.sendMessage(GROUP, 'an administrator may')
  await api.setChatPermissions(GROUP, { can_send_other_messages: true })
  expect(await api.getChat(GROUP)).toMatchObject({
    permissions: {
      can_send_messages: true,
      can_send_videos: true,
      can_send_polls: false,
      can_pin_messages: false,
    },
  })
  await api.restrictChatMember(GROUP, ANNA, { can_send_polls: true }, { until_date: 0 })
  await anna.saysIn(GROUP, 'polls imply texts')
  await api.restrictChatMember(
    GROUP,
    ANNA,
    { can_send_polls: true },
    { use_independent_chat_permissions: true },
  )
  await expect(anna.saysIn(GROUP, 'no more')).rejects.toThrow('not enough rights')
  expect(await sandbox.requests('restrictChatMember')).toHaveLength(2)
})

test('in slow mode a member waits after each message, person or bot, and administrators do not', async () => {
  const { api, change, anna, sandbox } = await inGroup('member')
  await change({ slow_mode_delay: 30 })
  await api.sendMessage(GROUP, 'one')
  expect(await refusal(api.sendMessage(GROUP, 'two'))).toMatchObject({
    code: 429,
    text: 'Too Many Requests: retry after 30',
    parameters: { retry_after: 30 },
  })
  await anna.saysIn(GROUP, 'one')
  await sandbox.advance(10_000)
  await expect(anna.saysIn(GROUP, 'two')).rejects.toThrow('retry after 20')
  await sandbox.advance(20_000)
  await anna.saysIn(GROUP, 'two')
  await api.sendMessage(GROUP, 'two')
  expect(await api.getChat(GROUP)).toMatchObject({ slow_mode_delay: 30 })
  await change({ members: { [BOT]: 'administrator' } })
  for (const text of ['three', 'four']) await api.sendMessage(GROUP, text)
})

test('a ban and a restriction with a date end by themselves, one that is too short never', async () => {
  const { api, anna, boris, sandbox } = await inGroup()
  const now = async () =>
    (await sandbox.control<{ now: number }>('PUT', '/clock', { advance_ms: 0 })).now / 1000
  const until_date = Math.floor(await now()) + 3600
  await api.banChatMember(GROUP, BORIS, { until_date })
  await api.restrictChatMember(GROUP, ANNA, {}, { until_date })
  await expect(anna.saysIn(GROUP, 'I')).rejects.toThrow('not enough rights')
  const status = async (id: number) => (await api.getChatMember(GROUP, id)).status
  await sandbox.advance(HOUR_MS + 1000)
  expect([await status(ANNA), await status(BORIS)]).toEqual(['member', 'left'])
  await anna.saysIn(GROUP, 'free again')
  await boris.joins(GROUP)
  await api.banChatMember(GROUP, BORIS, { until_date: Math.floor(await now()) + 20 })
  await sandbox.advance(HOUR_MS)
  expect(await status(BORIS)).toBe('kicked')
})

test('with its privacy mode a bot hears commands, answers, mentions and nothing else; without it, or as an administrator, everything', async () => {
  const { api, change, anna, boris, sandbox } = await inGroup('member')
  const other = await sandbox.bot('other_bot')
  await change({ members: { 1000001: 'member' } })
  await new Api(other, { apiRoot: sandbox.url }).sendMessage(GROUP, 'the other was last')
  await anna.saysIn(GROUP, 'tea?')
  await anna.saysIn(GROUP, '/start')
  await anna.saysIn(GROUP, `/start@sandbox_${BOT}_bot`)
  await anna.saysIn(GROUP, `Ask @sandbox_${BOT}_bot`)
  await anna.saysIn(GROUP, 'mail me@sandbox.test')
  const { message_id: own } = await api.sendMessage(GROUP, 'mine')
  await anna.saysIn(GROUP, '/help')
  const answer = await boris.saysIn(GROUP, 'an answer', own)
  await boris.saysIn(GROUP, 'an answer to a person', answer)
  expect(await heard(sandbox)).toEqual([
    `/start@sandbox_${BOT}_bot`,
    `Ask @sandbox_${BOT}_bot`,
    '/help',
    'an answer',
  ])
  expect(await heard(sandbox, 'other_bot')).toEqual(['/start'])
  const bot = `/bots/sandbox_${BOT}_bot`
  await sandbox.control('PATCH', bot, { can_read_all_group_messages: true })
  expect((await api.getMe()).can_read_all_group_messages).toBe(true)
  await anna.saysIn(GROUP, 'heard without privacy')
  await sandbox.control('PATCH', bot, { can_read_all_group_messages: false })
  await change({ members: { [BOT]: 'administrator' } })
  await anna.saysIn(GROUP, 'heard by an administrator')
  await change({ members: { [BOT]: 'left' } })
  await anna.saysIn(GROUP, `Gone, @sandbox_${BOT}_bot`)
  expect((await heard(sandbox)).slice(4)).toEqual(['heard without privacy', 'heard by an administrator'])
})

test('after 48 hours no bot deletes a message in a group, not even one with the right', async () => {
  const { api, anna, sandbox } = await inGroup()
  const said = await anna.saysIn(GROUP, 'old')
  const { message_id: own } = await api.sendMessage(GROUP, 'own')
  const { message_id: post } = await api.sendMessage(CHANNEL, 'post')
  await sandbox.advance(48 * HOUR_MS + 1000)
  await refused(api.deleteMessage(GROUP, said), "message can't be deleted")
  await refused(api.deleteMessage(GROUP, own), "message can't be deleted")
  await refused(api.deleteMessages(CHANNEL, [post]), "message can't be deleted")
  await api.editMessageText(CHANNEL, post, 'edited after two days')
})
