import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop, TOKENS } from '../lib/shop.ts'
import type { Shop } from '../lib/shop.ts'

const lines: string[] = []
const PLANTED = {
  FRAGMENT_API_KEY: 'planted-fragment-key-1234567890',
  FRAGMENT_PHONE_NUMBER: '+79991234567',
  FRAGMENT_MNEMONICS: 'quantum zebra anchor velvet lantern meadow pigeon cactus marble violin saddle tunnel',
  CRYPTO_BOT_TOKEN: '77777:planted-crypto-token-abcdefghij',
  OPS_USER: 'ops',
  OPS_PASSWORD: 'planted "password"',
  WEBHOOK_SECRET: 'planted_webhook_secret_42',
}
let shop: Shop
beforeAll(async () => {
  shop = await openShop({
    lines,
    env: PLANTED,
    secrets: [...Object.values(PLANTED).filter((value) => value !== 'ops'), ...Object.values(TOKENS)],
  })
})
const dead = async () =>
  (await shop.db.rows(q<{ n: bigint }>`select count(*) as n from outbox where state = 'dead'`))[0]!.n
const drafts = async (id: number) =>
  (await shop.db.rows(q`select 1 from payments where person_id = ${id}`)).length

describe('what people send', () => {
  test('unknown commands, words nobody asked for and things that are no text get a clear answer', async () => {
    const anna = await shop.person()
    const before = await dead()
    const words = [
      '/nonsense',
      '/',
      '//',
      '/BUY2',
      'hello',
      '\u202e\u0300\u200b',
      '🤡'.repeat(500),
      'x'.repeat(4096),
      '/refund',
      '/start '.padEnd(100, 'x'),
      '<b>bold',
      '&amp;',
      '%00%',
      "'; drop table persons; --",
    ]
    for (const text of words) {
      const known = (await anna.messages()).filter((one) => one.from === 'bot').length
      await anna.say(text)
      const answer = await eventually(
        async () => {
          const said = (await anna.messages()).filter((one) => one.from === 'bot')
          return said.length > known || said.length > 3 ? said.at(-1) : undefined
        },
        { what: `an answer to ${text.slice(0, 20)}` },
      )
      expect(answer.text).not.toMatch(/Error|undefined|at .*\.ts/)
    }
    expect(await dead()).toBe(before)
  })

  test('updates of kinds and shapes that we do not use end quietly', async () => {
    const anna = await shop.person()
    const before = await dead()
    const from = { id: anna.id, is_bot: false, first_name: 'A' }
    const chat = { id: anna.id, type: 'private' }
    const shapes: object[] = [
      { edited_message: { message_id: 1, date: 1, edit_date: 2, chat, from, text: '/start' } },
      {
        channel_post: { message_id: 1, date: 1, chat: { id: -100, type: 'channel', title: 'c' }, text: 'x' },
      },
      {
        message: { message_id: 5, date: 1, chat: { id: -5, type: 'group', title: 'g' }, from, text: '/buy' },
      },
      { message: { message_id: 6, date: 1, chat, from, sticker: { file_id: 'x' } } },
      { message: { message_id: 7, date: 1, chat, from: { ...from, is_bot: true }, text: '/start' } },
      {
        my_chat_member: {
          chat,
          from,
          date: 1,
          old_chat_member: { status: 'member' },
          new_chat_member: { status: 'kicked' },
        },
      },
      { poll: { id: '1' } },
      { inline_query: { id: '1', from, query: 'x', offset: '' } },
      { something_of_next_year: { from } },
    ]
    for (const shape of shapes) await shop.inject(shape)
    await anna.start()
    await anna.hears('Shop')
    expect(await dead()).toBe(before)
  })

  test('F67 what a Mini App is said to have sent opens no door: neither as a message nor as a header', async () => {
    const anna = await shop.person()
    const from = { id: anna.id, is_bot: false, first_name: 'A' }
    const chat = { id: anna.id, type: 'private' }
    const forged = `query_id=1&user=${encodeURIComponent(JSON.stringify({ id: ADMIN }))}&auth_date=1&hash=${'0'.repeat(64)}`
    await anna.start()
    await anna.hears('Shop')
    const audited = async () => (await shop.db.rows(q`select 1 from audit_log`)).length
    const [before, asAdmin] = [await audited(), (await shop.calls('sendMessage')).length]
    await shop.inject({
      message: { message_id: 70, date: 1, chat, from, web_app_data: { button_text: '/admin', data: forged } },
    })
    for (const authorization of [`tma ${forged}`, `Bearer ${forged}`]) {
      for (const path of ['/ops/queues', `/v1/users/${ADMIN}`]) {
        const answer = await fetch(`${shop.url}${path}?initData=${encodeURIComponent(forged)}`, {
          headers: { authorization, 'x-telegram-init-data': forged },
        })
        expect([401, 403, 404]).toContain(answer.status)
      }
    }
    await anna.say('/help')
    await eventually(async () => (await shop.calls('sendMessage')).length > asAdmin, { what: 'the answer' })
    expect(await audited()).toBe(before)
    expect((await anna.messages()).some((one) => /admin/i.test(one.text ?? '') && one.from === 'bot')).toBe(
      false,
    )
  })

  test('names with HTML are shown as they are written, and a long one is not cut through an emoji (F70)', async () => {
    for (const first_name of [
      '<b>Bob</b> & "Co" <a href="tg://x">',
      `a${'😀'.repeat(31)}b😀`,
      '</b></code>',
      '\u202eevil',
    ]) {
      const bob = await shop.person({ first_name })
      await bob.start()
      const hello = await bob.hears('Hello')
      expect(hello.text).toContain(first_name.slice(0, 20))
      await bob.say('/profile')
      await bob.hears('Your id')
    }
  })

  test('the same update twice is answered once (F45)', async () => {
    const anna = await shop.person()
    const from = { id: anna.id, is_bot: false, first_name: 'A', language_code: 'en' }
    const update = {
      message: { message_id: 77, date: 1, chat: { id: anna.id, type: 'private' }, from, text: 'twice' },
    }
    const { update_id } = await shop.inject(update)
    await anna.hears('did not understand')
    await Promise.all(
      Array.from({ length: 5 }, () =>
        shop.control('POST', '/updates', { bot: 'main_bot', repeat: update_id }),
      ),
    )
    await anna.say('/help')
    await anna.hears('What you can do here')
    expect((await anna.messages()).filter((one) => one.text?.includes('did not understand'))).toHaveLength(1)
  })
})

describe('buttons', () => {
  test('forged, tampered and other people’s data is refused, and nothing is created (F65)', async () => {
    const [anna, eve] = [await shop.person(), await shop.person()]
    await anna.say('/buy')
    const { message, key } = await anna.key(/^10\s/)
    const data = key.callback_data!
    await eve.start()
    const screen = (await eve.key('Buy tokens')).message
    const attempts = [
      data, // Eve presses Anna's own button.
      data.replace('10', '1'),
      data.replace(/~.*/, '~AAAAAA'),
      data.replace(/~.*/, ''),
      'pack:1000000:1:x~AAAAAA',
      'refund-do:x~AAAAAA',
      'menu',
      '~',
      'x'.repeat(64),
    ]
    for (const attempt of attempts) {
      const answer = await eve.tap(screen.message_id, attempt)
      expect(answer, attempt).toMatchObject({ answered: true, show_alert: true })
      expect(answer.text, attempt).toContain('out of date')
    }
    expect(await drafts(eve.id)).toBe(0)
    const tampered = await anna.tap(message.message_id, data.replace(':10:', ':1:'))
    expect(tampered.text).toContain('out of date')
    expect(await drafts(anna.id)).toBe(0)
  })

  test('two taps at once on a pack, from two devices, are one invoice (F60)', async () => {
    const anna = await shop.person()
    await anna.say('/buy')
    const { message, key } = await anna.key(/^10\s/)
    await Promise.all(Array.from({ length: 6 }, () => anna.tap(message.message_id, key.callback_data!)))
    expect(await drafts(anna.id)).toBe(1)
  })

  test('the same screen again is no error (F47)', async () => {
    const anna = await shop.person()
    const before = await dead()
    await anna.start()
    await anna.press('Prices')
    const { message } = await anna.key('Buy tokens')
    const again = (await anna.key('Back')).message
    expect(again.message_id).toBe(message.message_id)
    await anna.press('Back')
    const { key } = await anna.key('Help')
    const answers = await Promise.all([1, 2, 3].map(() => anna.tap(message.message_id, key.callback_data!)))
    expect(answers.every((answer) => answer.answered)).toBe(true)
    await anna.hears('What you can do here')
    // Taps that came while the first was waited for may have been left out; this tap asks anew.
    expect(await anna.tap(message.message_id, key.callback_data!)).toMatchObject({ answered: true })
    expect(
      (await shop.calls('editMessageText')).some((call) => call.description?.includes('not modified')),
    ).toBe(true)
    expect(await dead()).toBe(before)
  })

  test('a press answered too late still has its effect, and its words come as a message (F46)', async () => {
    const anna = await shop.person()
    await anna.start()
    const { message, key } = await anna.key('Prices')
    await shop.control('PUT', '/settings', { callbackAnswerMs: 1 })
    try {
      await anna.tap(message.message_id, key.callback_data!, 500)
      await anna.hears('Token prices')
      await anna.tap(message.message_id, 'forged~AAAAAA', 500)
      await anna.hears('out of date')
    } finally {
      await shop.control('PUT', '/settings', { callbackAnswerMs: 15_000 })
    }
  })
})

test('what Telegram refuses for good becomes a dead letter, and the person learns that it failed', async () => {
  const anna = await shop.person()
  const before = await dead()
  await shop.fault({
    on: 'call',
    method: 'createInvoiceLink',
    do: { status: 400, description: 'Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID' },
  })
  await anna.say('/buy')
  const answer = await anna.press(/^10\s/)
  expect(answer.text).toContain('went wrong on our side')
  await eventually(async () => (await dead()) === before + 1n)
})

test('a pre-checkout is answered with no while the database is away or hangs, and nobody is charged (F25)', async () => {
  const anna = await shop.person()
  const link = (await anna.order(10)).split('/').at(-1)!
  for (const state of ['frozen', 'down', 'frozen'] as const) {
    shop.proxy.be(state)
    const answer = await anna.pay(link)
    shop.proxy.be('up')
    expect(answer, state).toMatchObject({ outcome: 'refused' })
  }
  await eventually(async () => (await anna.pay(link)).outcome === 'paid', {
    what: 'a payment after the database is back',
  })
  await eventually(async () => (await anna.tokens()) === 10n)
})

test('a NUL in a text, a name or a button is handled like any other character, and nothing is lost', async () => {
  const anna = await shop.person({ first_name: 'Ada' })
  await anna.start()
  await anna.hears('Hello')
  const before = await dead()
  const from = { id: anna.id, is_bot: false, first_name: 'A\u0000da', language_code: 'en' }
  const chat = { id: anna.id, type: 'private', first_name: 'A\u0000da' }
  const said = await shop.inject({
    message: { message_id: 77, date: 1, chat, from, text: 'a \u0000 in between' },
  })
  await anna.hears('did not understand')
  const pressed = await shop.inject({
    callback_query: {
      id: '1',
      from,
      chat_instance: '1',
      data: 'menu\u0000~abcdef',
      message: { message_id: 1, date: 0, chat },
    },
  })
  // These texts are kept: what the session remembers, and what an order says.
  await shop.inject({
    message: { message_id: 78, date: 1, chat, from, text: '/generate a \u0000 fox', entities: [] },
  })
  await eventually(async () => {
    const handled = await shop.db.rows(q`
      select from handled_updates where bot = 'main' and update_id = any(${[said.update_id, pressed.update_id, pressed.update_id + 1]})`)
    return handled.length === 3
  })
  const [person] = await shop.db.rows(
    q<{ name: string }>`select first_name as name from persons where id = ${anna.id}`,
  )
  expect(person!.name).toBe('A\ufffdda')
  expect(await dead()).toBe(before)
})

test('no secret is in a log line, in job data or in a dead letter (F71)', async () => {
  const { log } = shop.shared
  log.info({ token: TOKENS.main, nested: { apiKey: 'planted-fragment-key-1234567890' } }, 'planted')
  log.warn({ err: new Error(`Network request to https://x/bot${TOKENS.second}/getMe failed`) }, 'planted')
  log.warn(`words ${PLANTED.FRAGMENT_MNEMONICS} and ${PLANTED.OPS_PASSWORD}`)
  log.warn(
    {
      phone: PLANTED.FRAGMENT_PHONE_NUMBER,
      url: 'postgres://user:hunter22@db/x',
      other: `99887766:${'Q'.repeat(35)}`,
    },
    'planted',
  )
  const admin = await shop.person({ id: ADMIN })
  await admin.say('/health')
  await admin.hears('Health')
  expect(lines.filter((line) => line.includes('planted"'))).not.toHaveLength(0)
  const jobs = await Promise.all(
    [...shop.shared.producer.queues.values()]
      .flat()
      .map((queue) => queue.getJobs(['wait', 'active', 'delayed', 'completed', 'failed'], 0, 500)),
  )
  const rows = await shop.db.rows(q`select * from outbox`)
  const places = {
    log: lines.join('\n'),
    jobs: JSON.stringify(jobs.flat().map((job) => [job.data, job.failedReason, job.stacktrace])),
    outbox: JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  }
  expect(places.jobs.length).toBeGreaterThan(1000)
  const secrets = [
    ...Object.values(PLANTED).filter((value) => value !== 'ops'),
    ...Object.values(TOKENS),
    'hunter22',
    `99887766:${'Q'.repeat(35)}`,
    JSON.stringify(PLANTED.OPS_PASSWORD).slice(1, -1),
  ]
  for (const [place, text] of Object.entries(places)) {
    for (const secret of secrets) expect(text.includes(secret), `${secret} in ${place}`).toBe(false)
  }
})
