import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '#shared/audit.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { alertsGroup } from '#shared/settings/alerts-group.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { newId } from '#shared/ids.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { pack } from '#shared/telegram/buttons.ts'
import { tellOthers } from '#shop/admin/worker/tell-others.ts'
import { createKey } from '#shop/balance-api/keys.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { phoneOf, type Bubble } from '../lib/phone.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** The owner of the second bot, and of no other bot. */
const RIVAL = 200
/** A person who opened the main bot, never the second. */
const ANNA = 201
/** A person who opened both bots. */
const BOTH = 202
/** A person who opened the second bot only. */
const BORIS = 203
const SECOND = 1

const NOT_SERVED = 'There is no such thing in the bots you serve'
const ALL_BOTS = 'This takes effect in all bots, and some of them are not yours'

describe.skipIf(!redisAvailable())('F83 several owners on one database', () => {
  let shop: AdminShop
  beforeAll(async () => {
    const tokens = [
      '7000000001:AAmainmainmainmainmainmainmainmainm',
      '7000000002:AAsecondsecondsecondsecondsecondsec',
    ]
    shop = await openAdminShop({
      workers: ['bot', 'exports'],
      env: {
        BOTS: JSON.stringify([
          { name: 'main', token: tokens[0], admins: [OWNER] },
          { name: 'second', token: tokens[1], admins: [RIVAL] },
        ]),
        FRAGMENT_API_URL: 'http://127.0.0.1:9',
      },
    })
    await shop.control('PATCH', '/bots/main_bot', { can_manage_bots: true })
    await shop.person(RIVAL, 'Rival')
    await shop.person(ANNA, 'Anna', { username: 'anna_main' })
    await shop.person(BOTH, 'Both')
    await shop.person(BORIS, 'Boris')
    const starts = [
      [OWNER, 0],
      [ANNA, 0],
      [BOTH, 0],
      [BOTH, SECOND],
      [BORIS, SECOND],
      [RIVAL, SECOND],
    ] as const
    for (const [id, bot] of starts) {
      await shop.say(id, '/start', bot)
      await shop.sees(id, 'Balance', bot)
    }
  })
  afterAll(() => shop?.close())

  /** Waits until all that the second bot was told is handled, so that it writes no session any more. */
  let told = 3
  const settled = () =>
    eventually(async () => (await count('handled_updates', q`bot = 'second'`)) === told || undefined)

  /**
   * What the rival gets for a press that the second bot would accept from its owner. The rival chooses route and
   * ids.
   */
  async function press(route: string, ...args: (string | number)[]): Promise<string> {
    await settled()
    told += 1
    const last = await shop.last(RIVAL, SECOND)
    const data = pack(secretsFrom(shop.config), BigInt(RIVAL), route, ...args)
    const { text } = await shop.pressData(RIVAL, last!.message_id, data, SECOND)
    return text ?? ''
  }

  /** The rival types the text as if the second bot had asked the question, which it must never ask him. */
  async function type(input: string, args: string[], text: string): Promise<string> {
    await settled()
    await shop.db.rows(q`
      update bot_sessions set session_data = session_data || ${JSON.stringify({ awaiting: { input, args } })}::jsonb
      where bot = 'second' and person_id = ${RIVAL}`)
    return await say(text)
  }

  async function say(text: string): Promise<string> {
    await settled()
    told += 1
    const before = (await shop.messages(RIVAL, SECOND)).at(-1)!.message_id
    await shop.say(RIVAL, text, SECOND)
    const answer = await eventually(async () =>
      (await shop.messages(RIVAL, SECOND)).findLast((one) => one.from === 'bot' && one.message_id > before),
    )
    return answer.text ?? ''
  }

  const count = async (table: string, where = q`true`) => {
    const [row] = await shop.db.rows(
      q<{ n: number }>`select count(*)::int as n from ${q.table(table)} where ${where}`,
    )
    return row!.n
  }

  const paid = async (bot: string, person: number) => {
    const id = newId()
    const money = { asset: 'RUB', amount: 50_000n, creditAsset: 'RUB', creditAmount: 50_000n } as const
    await createPayment(shop.db, { id, personId: BigInt(person), bot, provider: 'cryptopay', ...money })
    await shop.db.rows(q`update payments set state = 'paid', paid_at = now() where id = ${id}`)
    return id
  }

  test('a key of the API is made and revoked for a bot of the same owner only', async () => {
    expect(await type('a-key-new', [], 'main')).toContain('The bot main has other owners')
    expect(await count('api_keys', q`bot = 'main'`)).toBe(0)
    const { id } = await shop.db.tx((tx) =>
      createKey(tx, { bot: 'main', name: '', scopes: ['read'], perMinute: 60 }),
    )
    expect(await press('a-key-revoke', id)).toContain(NOT_SERVED)
    expect(await count('api_keys', q`revoked_at is null`)).toBe(1)
    await press('a-keys')
    expect((await shop.last(RIVAL, SECOND))!.text).not.toContain(id)
    // The API key of the rival's own project is his: its home is his bot.
    await type('a-key-new', [], 'their-own')
    await press('a-key-yes', 'their-own')
    const [own] = await shop.db.rows(q<{ home: string }>`select home from bots where name = 'their-own'`)
    expect(own).toEqual({ home: 'second' })
    const [key] = await shop.db.rows(q<{ id: string }>`select id from api_keys where bot = 'their-own'`)
    await press('a-key-revoke', key!.id, 'yes')
    expect(await count('api_keys', q`bot = 'their-own' and revoked_at is not null`)).toBe(1)
  })

  test('plans, which all bots sell, are changed by who owns all of them', async () => {
    const plans = () => shop.db.rows(q`select * from plans order by code`)
    const before = await plans()
    expect(await press('a-plan-edit', '')).toContain(ALL_BOTS)
    expect(await type('a-plan-edit', ['plus'], 'tokens=1 stars=1')).toContain(ALL_BOTS)
    expect(await press('a-plan-sale', 'plus', 'off')).toContain(ALL_BOTS)
    expect(await plans()).toEqual(before)
  })

  test("the reseller's credentials and the sale are the deployment's", async () => {
    expect(await press('fadmin-keys')).toContain(ALL_BOTS)
    expect(await type('fadmin-key', ['apiKey'], 'stolen-key')).toContain(ALL_BOTS)
    expect(await press('fadmin-stop')).toContain(ALL_BOTS)
    expect(await count('sale_stops', q`reason = 'admin'`)).toBe(0)
    expect(await shop.audits('fragment.credentials')).toEqual([])
  })

  test("other bots' payments are neither seen nor credited nor refunded", async () => {
    const [theirs, own] = [await paid('main', BOTH), await paid('second', BOTH)]
    await press('payments', 'all', 0, '')
    const list = await shop.sees(RIVAL, 'Payments', SECOND)
    const keys = list.inline_keyboard!.flat().map(({ text }) => text)
    expect(keys.some((text) => text.includes(own.slice(0, 6)))).toBe(true)
    expect(keys.some((text) => text.includes(theirs.slice(0, 6)))).toBe(false)
    for (const route of [
      'payment',
      'a-payment',
      'payback',
      'payback-do',
      'payment-give',
      'payment-credit-do',
      'payment-disown',
    ])
      expect([route, await press(route, theirs)]).toEqual([route, expect.stringContaining(NOT_SERVED)])
    expect(await say(`/payments ${theirs}`)).toContain(NOT_SERVED)
    expect(await say(`/find ${theirs}`)).not.toContain('Crypto Pay')
    expect(await count('payment_refunds')).toBe(0)
    await press('a-deals', BOTH, 0)
    const deals = await shop.sees(RIVAL, 'Orders and payments', SECOND)
    expect(deals.inline_keyboard!.flat().filter(({ text }) => text.includes('Crypto Pay'))).toHaveLength(1)
  })

  test("a mailing goes to nobody in another owner's name, whatever its draft says", async () => {
    await press('b-new')
    const [draft] = await shop.db.rows(q<{ id: string }>`select id from broadcasts where bot = 'second'`)
    expect(await press('b-bot', draft!.id, 'main')).toContain('The bot main has other owners')
    const [kept] = await shop.db.rows(q<{ audience: { bots?: string[] } }>`select audience from broadcasts`)
    expect(kept!.audience.bots ?? []).not.toContain('main')
    const foreign = newId()
    await shop.db.rows(q`
      insert into broadcasts (id, bot, created_by) values (${foreign}, 'main', ${OWNER})`)
    for (const route of ['b-page', 'b-start', 'b-cancel', 'b-delete-do', 'b-csv'])
      expect([route, await press(route, foreign)]).toEqual([route, expect.stringContaining(NOT_SERVED)])
  })

  test('an export holds the people, payments and operations of the bots that its admin serves', async () => {
    await press('x-do', 'people', '', '')
    const file = await eventually(async () =>
      (await shop.messages(RIVAL, SECOND)).find(({ document }) => document?.file_name.startsWith('people')),
    )
    const csv = await (await fetch(`${shop.telegram.url}${file.document!.url}`)).text()
    expect(csv).toContain('Boris')
    expect(csv).toContain('Both')
    expect(csv).not.toContain('Anna')
    expect(csv).not.toContain('main')
  })

  test('an export of somebody who is no admin any more is not made', async () => {
    const id = newId()
    await shop.db.rows(q`
      insert into exports (id, kind, bot, admin_id, language) values (${id}, 'people', 'second', ${BORIS}, 'en')`)
    const { runExport } = await import('#shop/exports/jobs.ts')
    await shop.producer.add(runExport, { exportId: id, bot: 'second' })
    const made = await eventually(async () => {
      const [row] = await shop.db.rows(q<{ state: string }>`select state from exports where id = ${id}`)
      return row!.state === 'queued' ? undefined : row
    })
    expect(made.state).toBe('failed')
  })

  test('people are visible through the bots that they opened, and a claim of the API opens nothing', async () => {
    for (const word of [String(ANNA), '@anna_main', 'anna'])
      expect([word, await say(`/find ${word}`)]).toEqual([word, expect.not.stringContaining('👤')])
    expect(await say(`/find ${BORIS}`)).toContain('👤')
    for (const route of ['a-person', 'a-write', 'a-history', 'a-badges'])
      expect([route, await press(route, ANNA)]).toEqual([route, expect.stringContaining(NOT_SERVED)])
    expect(await say(`/adjust ${ANNA} 5 gift`)).toContain('There is no')
    expect(await shop.money(ANNA)).toBe(0n)
    await shop.db.rows(q`
      insert into bot_sessions (bot, person_id, claimed) values ('second', ${ANNA}, true)`)
    expect(await press('a-person', ANNA)).toContain(NOT_SERVED)
    await press('a-person', BOTH)
    const page = await shop.sees(RIVAL, '👤 Both', SECOND)
    expect(page.text).not.toContain('main')
  })

  test('a ban holds in all bots, so it takes somebody who serves all of those that the person uses', async () => {
    expect(await press('a-ban', ANNA)).toContain(NOT_SERVED)
    expect(await type('a-ban', [String(BOTH)], 'competitor')).toContain('also uses bots with other owners')
    expect(await count('persons', q`banned_at is not null`)).toBe(0)
    await type('a-ban', [String(BORIS)], 'spam')
    expect(await count('persons', q`banned_at is not null`)).toBe(1)
    await press('a-unban', BORIS)
    expect(await count('persons', q`banned_at is not null`)).toBe(0)
  })

  test('a code that works in all bots is made by who serves all', async () => {
    expect(await type('a-promo-new', [], 'tokens 1000 GIFT5 5')).toMatch(/bot=second|not yours/)
    expect(await count('promo_campaigns')).toBe(0)
  })

  test("names and conversations of another bot's people are not a key's to write", async () => {
    const { key } = await shop.db.tx((tx) =>
      createKey(tx, { bot: 'second', name: '', scopes: ['read', 'write', 'sessions'], perMinute: 600 }),
    )
    const put = async (id: number, path: string, body: unknown) => {
      const answer = await fetch(`${shop.gatewayUrl}/v1/users/${id}${path}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    const others = q`bot = 'main' and person_id <> ${OWNER}`
    const sessions = () => shop.db.rows(q`select * from bot_sessions where ${others} order by person_id`)
    const before = await sessions()
    const renamed = { username: 'taken_over', firstName: 'Mallory' }
    expect((await put(BOTH, '', renamed)).body).toMatchObject({ firstName: 'Both' })
    expect((await put(ANNA, '', renamed)).body).toMatchObject({ username: 'anna_main', firstName: 'Anna' })
    expect((await put(BORIS, '', renamed)).body).toMatchObject({ firstName: 'Mallory' })
    expect(await put(999, '', renamed)).toMatchObject({ status: 201, body: { firstName: 'Mallory' } })
    await put(BOTH, '/session', { sessionData: { awaiting: { input: 'mine', args: [] } } })
    expect(await sessions()).toEqual(before)
    expect(await press('a-person', 999)).toContain(NOT_SERVED)
  })

  test("who owns another bot hears what was done to its people and to what all share, and of nobody else's", async () => {
    const served = ['main', 'second'].map((name) => {
      const admins = [BigInt(name === 'main' ? OWNER : RIVAL)]
      return [name, { name, admins, isAdmin: (id: bigint) => admins.includes(BigInt(id)) }]
    })
    const app = {
      db: shop.db,
      config: shop.config,
      bots: new Map(served as never) as never,
      texts: loadTexts(),
      settings: createSettings(shop.db, shop.config),
    }
    const alerts = () =>
      shop.db.rows(q<{ bots: string[]; params: Record<string, unknown> }>`
        select bots, params from alerts where topic = 'alert-shared' order by id`)
    await tellOthers(app)
    const earlier = (await alerts()).length
    await say(`/adjust ${BORIS} 5 own`)
    await say(`/adjust ${BOTH} 7 gift`)
    // Many harmless acts behind it do not hide it.
    await shop.db.rows(q`
      insert into audit_log (bot, actor_id, action, target, details)
      select 'second', ${RIVAL}, 'export', 'people', '{}' from generate_series(1, 600)`)
    await shop.db.tx((tx) =>
      audit(tx, { actor: BigInt(OWNER), action: 'plan.changed', target: 'plus', bot: 'main' }),
    )
    await tellOthers(app)
    // A round with nothing new asks for nothing but new lines, however many the last hour had.
    let statements = 0
    const rows = (query: never) => {
      statements++
      return shop.db.rows(query)
    }
    await tellOthers({ ...app, db: Object.assign(Object.create(shop.db) as typeof shop.db, { rows }) })
    expect(statements).toBe(1)
    expect((await alerts()).slice(earlier)).toMatchObject([
      { bots: ['main'], params: { id: String(RIVAL), bot: 'second', target: { ru: `покупатель ${BOTH}` } } },
      { bots: ['second'], params: { id: String(OWNER), bot: 'main', target: { ru: 'plus' } } },
    ])
  })

  test('a bot that Telegram makes for an owner is a shop at once; its leaked token is changed by two presses, and no token is seen', async () => {
    const managed = async (method: string, id: number) => {
      const { main } = Object.fromEntries(shop.config.bots.map(({ name, token }) => [name, token]))
      const answer = await fetch(`${shop.telegram.url}/bot${main}/${method}?user_id=${id}`)
      return ((await answer.json()) as { result: string }).result
    }
    const make = async (person: number, username: string) => {
      const path = `/chats/main_bot/${person}/managed_bots`
      return (await shop.control<{ id: number }>('POST', path, { username })).id
    }
    await make(ANNA, 'annas_shop_bot')
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Bots')
    await shop.press(OWNER, 'Add a bot')
    await shop.sees(OWNER, 'let Telegram make the bot')
    const id = await make(OWNER, 'Made_Shop_bot')
    await shop.sees(OWNER, /made_shop_bot.*@Made_Shop_bot.*works/)
    const leaked = await managed('getManagedBotToken', id)
    await shop.sees(OWNER, new RegExp(`token …${leaked.slice(-4)}`))
    await shop.press(OWNER, 'Change the token')
    await shop.sees(OWNER, 'works for nobody')
    // The answer with the new token is lost: it is read, not changed once more.
    const method = 'replaceManagedBotToken'
    await shop.control('POST', '/faults', { on: 'call', method, do: { drop: 'after' } })
    await shop.press(OWNER, 'Yes, change the token')
    const fresh = await managed('getManagedBotToken', id)
    expect(fresh).not.toBe(leaked)
    await shop.sees(OWNER, new RegExp(`token …${fresh.slice(-4)}`))
    expect(await shop.calls(method)).toHaveLength(1)
    const customer = phoneOf(shop.control, 'Made_Shop_bot', BORIS)
    await customer.say('/start')
    await customer.hears('Shop')
    const hers = await shop.db.rows(q`select 1 from bots where username = 'annas_shop_bot'`)
    expect(hers).toEqual([])
    expect((await shop.audits('bot.token')).map(({ target }) => target)).toEqual(['made_shop_bot'])
  })

  test('alerts go into the topics of the owner’s group; a key there opens its page privately, and a lost group loses none', async () => {
    const ROOM = -1_001_000_000_777
    const KEY = [[['alert-list-open', 'a-health']]]
    const members = { 7000000001: 'administrator', [OWNER]: 'creator', [ANNA]: 'member' }
    const room = { id: ROOM, type: 'supergroup', title: 'Shop <office>', members }
    await shop.control('POST', '/chats', room)
    await shop.say(OWNER, '/admin')
    for (const key of ['Settings', 'Alerts', 'Group for alerts', 'Change for main'])
      await shop.press(OWNER, key)
    await shop.sees(OWNER, 'each administrator personally')
    await shop.say(OWNER, 'https://t.me/c/1000000777/15')
    await shop.sees(OWNER, 'no group with topics')
    await shop.control('POST', '/chats', { ...room, is_forum: true })
    await shop.say(OWNER, 'https://t.me/c/1000000777/15')
    await shop.sees(OWNER, 'by topics to the group Shop <office>')
    const { threads } = (await createSettings(shop.db, shop.config).get(alertsGroup, 'main'))!
    const alert = (text: string, params = {}) =>
      oweAdminAlert(shop.db, [{ name: 'main' }], { key: text, text, params, buttons: KEY })
    const inRoom = async (): Promise<Bubble[]> =>
      (await shop.control<{ messages: Bubble[] }>('GET', `/chats/${ROOM}/seen/${OWNER}`)).messages
    await alert('alert-payback-address', { sum: '5', person: '7', find: 'p1' })
    // Alerts of what the tests before did come here, too.
    const isIt = (text: unknown) => String(text).includes('named an address')
    const told = await eventually(async () => (await inRoom()).find(({ text }) => isIt(text)))
    const call = (await shop.calls('sendMessage')).find(({ params }) => isIt(params['text']))
    expect(Number(call!.params['message_thread_id'])).toBe(threads.payments)
    expect((await shop.messages(OWNER)).filter(({ text }) => isIt(text))).toEqual([])
    const press = (person: number) =>
      shop.control<{ text?: string }>('POST', `/chats/${ROOM}/callbacks`, {
        person,
        message_id: told.message_id,
        data: told.inline_keyboard![0]![0]!.callback_data,
      })
    expect((await press(OWNER)).text).toContain('private chat')
    await shop.sees(OWNER, /The ledger|Database/)
    expect((await inRoom()).some(({ text }) => /Database/.test(text ?? ''))).toBe(false)
    // The bot is thrown out: what comes then is told to each admin.
    await shop.control('PATCH', `/chats/${ROOM}`, { members: { 7000000001: 'kicked' } })
    await alert('alert-ledger')
    await shop.sees(OWNER, 'The ledger does not add up')
  })
})
