import { InputFile } from 'grammy'
import { describe, expect, test } from 'vitest'
import { ANNA, expectRefusal, PNG, refusal, telegramFor, TOKEN } from './telegram-kit.ts'

const button = (more: object) => ({ reply_markup: { inline_keyboard: [[{ text: 'a', ...more }]] } }) as never

describe('texts', () => {
  test('HTML becomes entities with UTF-16 offsets', async () => {
    const { api } = await telegramFor()
    const html =
      '😀 <b>жир <i>курсив</i></b> <code>x&lt;y</code> <pre><code class="language-ts">let a</code></pre> ' +
      '<a href="https://example.com/a?b=1&amp;c=2">link</a> <tg-spoiler>s</tg-spoiler> <span class="tg-spoiler">t</span> ' +
      '<blockquote expandable>q</blockquote> <tg-emoji emoji-id="5368324170671202286">👍</tg-emoji> ' +
      '<tg-time unix="1647531900" format="wDT">22:45</tg-time> <u>u</u><s>d</s>'
    const sent = await api.sendMessage(ANNA, html, { parse_mode: 'HTML' })
    const parts = sent.entities!.map(({ type, offset, length }) => [
      type,
      sent.text.slice(offset, offset + length),
    ])
    expect(parts).toEqual([
      ['bold', 'жир курсив'],
      ['italic', 'курсив'],
      ['code', 'x<y'],
      ['pre', 'let a'],
      ['text_link', 'link'],
      ['spoiler', 's'],
      ['spoiler', 't'],
      ['expandable_blockquote', 'q'],
      ['custom_emoji', '👍'],
      ['date_time', '22:45'],
      ['underline', 'u'],
      ['strikethrough', 'd'],
    ])
    expect(sent.entities![0]).toMatchObject({ offset: 3 })
    expect(sent.entities![3]).toMatchObject({ language: 'ts' })
    expect(sent.entities![4]).toMatchObject({ url: 'https://example.com/a?b=1&c=2' })
    expect(sent.entities![9]).toMatchObject({ unix_time: 1647531900, date_time_format: 'wDT' })
  })

  test.each([
    ['<b>a', 'Can\'t find end tag corresponding to start tag "b"'],
    ['я <blink>a</blink>', 'Unsupported start tag "blink" at byte offset 3'],
    ['<b><i>a</b></i>', 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'],
    ['a</b>', 'Unexpected end tag at byte offset 1'],
    ['a < b', 'Unsupported start tag "" at byte offset 2'],
    ['a <b', 'Unclosed start tag at byte offset 2'],
    ['<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
  ])('markup %j is refused with the real words', async (html, why) => {
    const { api } = await telegramFor()
    const call = api.sendMessage(ANNA, html, { parse_mode: 'HTML' })
    await expectRefusal(call, 400, `Bad Request: can't parse entities: ${why}`)
  })

  test('MarkdownV2 becomes entities too, and its reserved characters are refused', async () => {
    const { api } = await telegramFor()
    const source = '*жир _и курсив_* ||тайна|| `a\\`b` [link](https://example.com/\\)x) \\*'
    const sent = await api.sendMessage(ANNA, source, { parse_mode: 'MarkdownV2' })
    expect(sent.text).toBe('жир и курсив тайна a`b link *')
    expect(sent.entities!.map(({ type }) => type)).toEqual(['bold', 'italic', 'spoiler', 'code', 'text_link'])
    await expectRefusal(
      api.sendMessage(ANNA, 'a.b', { parse_mode: 'MarkdownV2' }),
      400,
      "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
    )
    await expectRefusal(
      api.sendMessage(ANNA, 'я *b', { parse_mode: 'MarkdownV2' }),
      400,
      "Bad Request: can't parse entities: Can't find end of Bold entity at byte offset 3",
    )
    const read = async (text: string, parse_mode: 'Markdown' | 'MarkdownV2' = 'MarkdownV2') => {
      const { text: shown, entities = [] } = await api.sendMessage(ANNA, text, { parse_mode })
      return {
        shown,
        entities: entities.map(({ type, offset, length, ...more }) => [type, offset, length, more]),
      }
    }
    expect(await read('>one\n>two\nthree')).toEqual({
      shown: 'one\ntwo\nthree',
      entities: [['blockquote', 0, 8, {}]],
    })
    expect(await read('**>long\n>quote||')).toEqual({
      shown: 'long\nquote',
      entities: [['expandable_blockquote', 0, 10, {}]],
    })
    expect(
      await read(`![👍](tg://emoji?id=5) [Анна](tg://user?id=${ANNA}) _a__b___\n\`\`\`ts\nx\`\`\``),
    ).toEqual({
      shown: '👍 Анна ab\nx',
      entities: [
        ['custom_emoji', 0, 2, { custom_emoji_id: '5' }],
        ['text_mention', 3, 4, { user: expect.objectContaining({ id: ANNA }) }],
        ['italic', 8, 2, {}],
        ['underline', 9, 1, {}],
        ['pre', 11, 1, { language: 'ts' }],
      ],
    })
    const wrong = (text: string, why: string, parse_mode: 'Markdown' | 'MarkdownV2' = 'MarkdownV2') =>
      expectRefusal(
        api.sendMessage(ANNA, text, { parse_mode }),
        400,
        `Bad Request: can't parse entities: ${why}`,
      )
    await wrong('a > b', "Character '>' is reserved and must be escaped with the preceding '\\'")
    await wrong('>*a\nb', "Can't find end of Bold entity at byte offset 1")
    await wrong('[a](b', "Can't find end of a URL at byte offset 4")
    await wrong('![a](x)', 'Invalid tg://emoji or tg://time URL specified')
    expect(await read('_a*b_ \\_ [c](https://d.test)', 'Markdown')).toEqual({
      shown: 'a*b _ c',
      entities: [
        ['italic', 0, 3, {}],
        ['text_link', 6, 1, { url: 'https://d.test/' }],
      ],
    })
    await wrong('я *b', "Can't find end of the entity starting at byte offset 3", 'Markdown')
  })

  test('lengths count after the markup is read, and white space around a text is cut', async () => {
    const { api } = await telegramFor()
    const longest = `<b>${'я'.repeat(4096)}</b>`
    expect((await api.sendMessage(ANNA, longest, { parse_mode: 'HTML' })).text).toHaveLength(4096)
    await expectRefusal(api.sendMessage(ANNA, 'я'.repeat(4097)), 400, 'Bad Request: message is too long')
    await expectRefusal(api.sendMessage(ANNA, ' \n '), 400, 'Bad Request: message text is empty')
    await expectRefusal(
      api.sendPhoto(ANNA, new InputFile(PNG), { caption: 'я'.repeat(1025) }),
      400,
      'Bad Request: message caption is too long',
    )
    const trimmed = await api.sendMessage(ANNA, ' \n<b> a </b> ', { parse_mode: 'HTML' })
    expect(trimmed).toMatchObject({ text: 'a', entities: [{ type: 'bold', offset: 0, length: 1 }] })
  })

  test('an edit without a change, and edits of what is not there, are refused', async () => {
    const { api, chat } = await telegramFor()
    const { message_id } = await api.sendMessage(ANNA, '<b>one</b>', {
      parse_mode: 'HTML',
      ...(button({ callback_data: 'x' }) as object),
    })
    await expectRefusal(
      api.editMessageText(ANNA, message_id, '<b>one</b>', {
        parse_mode: 'HTML',
        ...(button({ callback_data: 'x' }) as object),
      }),
      400,
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    )
    const edited = await api.editMessageText(ANNA, message_id, 'two')
    expect(edited).toMatchObject({ text: 'two' })
    expect(edited).not.toHaveProperty('reply_markup')
    await expectRefusal(api.editMessageText(ANNA, 999, 'x'), 400, 'Bad Request: message to edit not found')
    await expectRefusal(
      api.editMessageCaption(ANNA, message_id, { caption: 'x' }),
      400,
      'Bad Request: there is no caption in the message to edit',
    )
    const [shown] = await chat()
    expect(shown).toMatchObject({ text: 'two', edits: [{ text: 'one' }] })
    await api.deleteMessage(ANNA, message_id)
    await expectRefusal(api.deleteMessage(ANNA, message_id), 400, 'Bad Request: message to delete not found')
    expect((await chat())[0]!.deleted).toBe(true)
  })

  test("a message older than 48 hours can't be deleted, and keeps those beside it; a missing one is skipped", async () => {
    const { api, control, chat } = await telegramFor()
    const { message_id: old } = await api.sendMessage(ANNA, 'old')
    await control('PUT', '/clock', { advance_ms: 48 * 3600_000 + 2000 })
    const { message_id: fresh } = await api.sendMessage(ANNA, 'fresh')
    const tooOld = "Bad Request: message can't be deleted for everyone"
    await expectRefusal(api.deleteMessage(ANNA, old), 400, tooOld)
    await expectRefusal(api.deleteMessages(ANNA, [fresh, old]), 400, tooOld)
    expect((await chat()).map(({ deleted }) => deleted)).toEqual([false, false])
    await api.deleteMessages(ANNA, [fresh, 9_999])
    expect((await chat()).map(({ deleted }) => deleted)).toEqual([false, true])
  })
})

describe('keyboards', () => {
  test.each([
    [{ callback_data: 'я'.repeat(33) }, 'BUTTON_DATA_INVALID'],
    [{}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"],
    [
      { url: 'http://localhost:8080/x' },
      "inline keyboard button URL 'http://localhost:8080/x' is invalid: Wrong HTTP URL",
    ],
    [
      { web_app: { url: 'http://a.example/' } },
      "inline keyboard button Web App URL 'http://a.example/' is invalid: Only HTTPS links are allowed",
    ],
    [{ copy_text: { text: 'x'.repeat(257) } }, 'BUTTON_COPY_TEXT_INVALID'],
    [
      { callback_data: 'x', style: 'pink' },
      "can't parse inline keyboard button: invalid button style specified",
    ],
    [{ pay: true }, 'BUTTON_TYPE_INVALID'],
    [{ switch_inline_query_chosen_chat: { query: 'x' } }, 'at least one chat type must be allowed'],
  ])('an inline button with %j is refused', async (more, why) => {
    const { api } = await telegramFor()
    await expectRefusal(api.sendMessage(ANNA, 'x', button(more)), 400, `Bad Request: ${why}`)
  })

  test('64 bytes of callback data, copy, style and shared chats pass', async () => {
    const { api } = await telegramFor()
    for (const more of [
      { callback_data: 'я'.repeat(32), style: 'danger' },
      { copy_text: { text: 'x'.repeat(256) } },
      { url: 'https://t.me/shop_bot?start=1' },
      { switch_inline_query_chosen_chat: { query: 'x', allow_user_chats: true } },
    ])
      expect(await api.sendMessage(ANNA, 'x', button(more))).toHaveProperty('reply_markup')
  })

  test('a reply keyboard stays until it is removed, and a shared user comes back to the bot', async () => {
    const { api, control } = await telegramFor()
    const keyboard = [
      [{ text: 'Кому', request_users: { request_id: 1, max_quantity: 1, request_username: true } }],
    ]
    const sent = await api.sendMessage(ANNA, 'x', { reply_markup: { keyboard, resize_keyboard: true } })
    expect(sent).not.toHaveProperty('reply_markup')
    const now = () => control<{ replyKeyboard: unknown }>('GET', `/chats/shop_bot/${ANNA}`)
    expect((await now()).replyKeyboard).toMatchObject({ keyboard })
    const pick = (request_id: number, ...users: number[]) =>
      control('POST', `/chats/shop_bot/${ANNA}/messages`, {
        users_shared: { request_id, users: users.map((user_id) => ({ user_id, username: 'made_up' })) },
      })
    await control('POST', '/people', [
      { id: 55, first_name: 'Bob', username: 'bob' },
      { id: 56, first_name: 'Nameless' },
    ])
    await pick(1, 55)
    await pick(1, 56)
    // The update has only what was asked for about each person, from what Telegram knows, and not from what the
    // client says.
    const shared = (await api.getUpdates()).map((update) => update.message?.users_shared)
    expect(shared).toEqual([
      { request_id: 1, users: [{ user_id: 55, username: 'bob' }] },
      { request_id: 1, users: [{ user_id: 56 }] },
    ])
    await expect(pick(2, 55)).rejects.toThrow(/no key with this request/)
    await expect(pick(1, 55, 56)).rejects.toThrow(/1 to 1 different people/)
    await expect(pick(1, 4_040)).rejects.toThrow(/no person/)
    await api.sendMessage(ANNA, 'y', { reply_markup: { remove_keyboard: true } })
    expect((await now()).replyKeyboard).toBeNull()
    await expectRefusal(
      api.sendMessage(ANNA, 'x', { reply_markup: { keyboard: [[{} as never]] } }),
      400,
      'Bad Request: can\'t parse keyboard button: Can\'t find field "text"',
    )
  })
})

describe('who can be written to', () => {
  test('people who blocked the bot, are gone or never came are refused in the real words (F40, F41)', async () => {
    const { api, control } = await telegramFor()
    await control('PATCH', `/people/${ANNA}`, { block: 'shop_bot' })
    await expectRefusal(api.sendMessage(ANNA, 'x'), 403, 'Forbidden: bot was blocked by the user')
    expect(await api.getUpdates()).toMatchObject([
      { my_chat_member: { old_chat_member: { status: 'member' }, new_chat_member: { status: 'kicked' } } },
    ])
    await control('POST', `/chats/shop_bot/${ANNA}/start?param=ref_1`)
    expect(await api.sendMessage(ANNA, 'x')).toMatchObject({ text: 'x' })
    await control('PATCH', `/people/${ANNA}`, { deactivated: true })
    await expectRefusal(api.sendMessage(ANNA, 'x'), 403, 'Forbidden: user is deactivated')
    await control('POST', '/people', { id: 8, first_name: 'Борис' })
    await expectRefusal(api.sendMessage(8, 'x'), 400, 'Bad Request: chat not found')
    await expectRefusal(api.sendMessage(999, 'x'), 400, 'Bad Request: chat not found')
  })

  test('channels need rights, memberships are told, and an upgraded group names its new id', async () => {
    const { api, control } = await telegramFor()
    await control('POST', '/chats', {
      id: -1001,
      type: 'channel',
      title: 'News',
      username: 'news',
      members: { 100: 'member', [ANNA]: 'member' },
    })
    await expectRefusal(
      api.sendMessage('@news', 'x'),
      400,
      'Bad Request: need administrator rights in the channel chat',
    )
    await expectRefusal(api.getChatMember('@news', ANNA), 400, 'Bad Request: member list is inaccessible')
    await control('PATCH', '/chats/-1001', { members: { 100: 'administrator' } })
    expect(await api.sendMessage('@news', 'x')).toMatchObject({
      chat: { id: -1001 },
      sender_chat: { title: 'News' },
    })
    expect((await api.getChatMember('@news', ANNA)).status).toBe('member')
    await control('PATCH', '/chats/-1001', { members: { [ANNA]: 'left' } })
    expect((await api.getChatMember(-1001, ANNA)).status).toBe('left')
    await control('POST', '/chats', { id: -5, type: 'group', title: 'G', members: { 100: 'member' } })
    await control('PATCH', '/chats/-5', { migrate_to_chat_id: -1005 })
    const { parameters } = await refusal(api.sendMessage(-5, 'x'))
    expect(parameters).toEqual({ migrate_to_chat_id: -1005 })
  })
})

describe('the rest of the API', () => {
  test('a wrong token is 401 and an unknown method 404', async () => {
    const { apiOf, raw, url } = await telegramFor()
    await expectRefusal(apiOf('100:wrong').getMe(), 401, 'Unauthorized')
    const unknown = await raw('sendStars', {})
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toEqual({
      ok: false,
      error_code: 404,
      description: 'Not Found: method not found',
    })
    expect((await fetch(`${url}/bot100/getMe`)).status).toBe(404)
  })

  test('JSON, forms, queries and multipart say the same, and names of methods ignore case', async () => {
    const { url, chat } = await telegramFor()
    const at = `${url}/bot${TOKEN}`
    const form = new FormData()
    form.set('chat_id', String(ANNA))
    form.set('text', 'multipart')
    const answers = await Promise.all([
      fetch(`${at}/SENDMESSAGE?chat_id=${ANNA}&text=query`),
      fetch(`${at}/sendMessage`, {
        method: 'POST',
        body: new URLSearchParams({ chat_id: String(ANNA), text: 'form' }),
      }),
      fetch(`${at}/sendmessage`, { method: 'POST', body: form }),
    ])
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200])
    expect(new Set((await chat()).map((message) => message.text))).toEqual(
      new Set(['form', 'multipart', 'query']),
    )
  })

  test('copies lose their author, forwards keep it, and replies need what they answer', async () => {
    const { api, say, chat } = await telegramFor()
    const { message_id } = await say('слово')
    await api.copyMessage(ANNA, ANNA, message_id)
    expect(await api.forwardMessage(ANNA, ANNA, message_id)).toHaveProperty('forward_origin')
    await api.copyMessages(ANNA, ANNA, [message_id])
    expect((await chat()).filter((message) => message.text === 'слово')).toHaveLength(4)
    await expectRefusal(
      api.sendMessage(ANNA, 'x', { reply_parameters: { message_id: 999 } }),
      400,
      'Bad Request: message to be replied not found',
    )
    const reply = await api.sendMessage(ANNA, 'x', { reply_parameters: { message_id } })
    expect(reply.reply_to_message).toMatchObject({ text: 'слово' })
  })

  test('commands, descriptions, names and the menu button are kept per language', async () => {
    const { api, control } = await telegramFor()
    await api.setMyCommands([{ command: 'buy', description: 'Купить' }])
    await api.setMyCommands([{ command: 'buy', description: 'Buy' }], { language_code: 'en' })
    expect(await api.getMyCommands({ language_code: 'en' })).toEqual([{ command: 'buy', description: 'Buy' }])
    await api.setMyDescription('Магазин')
    await api.setMyShortDescription('М')
    await api.setMyName('Касса')
    await api.setChatMenuButton({ menu_button: { type: 'commands' } })
    expect(await control('GET', '/bots')).toMatchObject([
      {
        name: 'Касса',
        description: 'Магазин',
        shortDescription: 'М',
        commands: [{ command: 'buy' }],
        menuButton: { type: 'commands' },
      },
    ])
    await expectRefusal(
      api.setMyCommands([{ command: 'Buy', description: 'x' }]),
      400,
      'Bad Request: BOT_COMMAND_INVALID',
    )
  })

  test('a chat action is seen, a pinned message is pinned, a profile photo is listed', async () => {
    const { api, control } = await telegramFor()
    await api.sendChatAction(ANNA, 'upload_photo')
    expect(await control('GET', `/chats/shop_bot/${ANNA}`)).toMatchObject({ action: 'upload_photo' })
    const { message_id } = await api.sendMessage(ANNA, 'x')
    await api.pinChatMessage(ANNA, message_id)
    expect(await control('GET', `/chats/shop_bot/${ANNA}`)).toMatchObject({
      action: null,
      pinned: [message_id],
    })
    expect((await api.getUserProfilePhotos(ANNA)).total_count).toBe(0)
    await control('POST', '/people', { id: ANNA, first_name: 'Анна', photo: PNG.toString('base64') })
    expect((await api.getUserProfilePhotos(ANNA)).total_count).toBe(1)
    expect(await api.getChat(ANNA)).toMatchObject({ id: ANNA, type: 'private', username: 'anna' })
  })
})
