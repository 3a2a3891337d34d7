import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { bury } from '#shared/queue/outbox.ts'
import { OWNER, SECOND, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { allows, setRole } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import { acts } from '#shop/acts.ts'
import { features } from '#shop/screens.ts'
import { PROVIDER_NAMES } from '#shop/payments/providers/registry.ts'
import type { Bubble } from '../lib/phone.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

const ANNA = 100
const STRANGER = 101
/** The owner of the second bot, and of no other bot. */
const OTHER = 102

describe.skipIf(!redisAvailable())('the admin panel', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({
      workers: ['bot'],
      // Nobody listens at this address, so margins cannot be computed and the page says so.
      env: { FRAGMENT_API_URL: 'http://127.0.0.1:9' },
    })
    await shop.person(ANNA, 'Anna <b>', { username: 'anna_shop', last_name: '=HYPERLINK("x")' })
    await shop.person(STRANGER, 'Stranger')
    await shop.person(OTHER, 'Other')
    for (const id of [OWNER, SECOND, ANNA, STRANGER]) await shop.say(id, '/start')
    for (const id of [OWNER, SECOND, ANNA, STRANGER]) await shop.sees(id, 'Balance')
  })
  afterAll(() => shop?.close())

  test('greets an owner with what waits, and everybody else as an unknown command does', async () => {
    await shop.say(OWNER, '/admin')
    await shop.sees(OWNER, 'Administration')
    await shop.sees(OWNER, 'All quiet')
    await shop.say(STRANGER, '/nonsense')
    const unknown = await shop.sees(STRANGER, "don't know this command")
    for (const command of ['/admin', '/adjust 101 1000 gift', '/find 1']) {
      await shop.say(STRANGER, command)
      const answer = await eventually(async () => {
        const [last] = (await shop.messages(STRANGER)).slice(-1)
        return last?.from === 'bot' && last.message_id > unknown.message_id ? last : undefined
      })
      expect(answer.text).toBe(unknown.text)
    }
    expect(await shop.money(STRANGER)).toBe(0n)
  })

  test('calls a picture by its name in deals, on the page of its order and on its buyer', async () => {
    const id = newId()
    await shop.db.rows(q`
      insert into orders (id, person_id, bot, good, state, asset, price)
      values (${id}, ${ANNA}, 'main', 'image', 'delivered', 'TOK', 10)`)
    await shop.say(OWNER, `/find ${id}`)
    const page = await shop.sees(OWNER, id)
    expect(page.text).toMatch(/^📦 Picture · /)
    await shop.say(OWNER, `/find ${ANNA}`)
    const buyer = await shop.sees(OWNER, '👤 Anna')
    expect(buyer.text).toContain('Picture')
    expect(buyer.text).not.toContain('image')
    await shop.press(OWNER, 'Purchases')
    const deals = await shop.sees(OWNER, 'Orders and payments')
    const keys = (deals.inline_keyboard ?? [])
      .flat()
      .map(({ text }) => text)
      .join('\n')
    expect(keys).toContain('· Picture')
    expect(keys).not.toContain('image')
  })

  test('several alerts of one kind are one message, and behind it is the whole list with each key', async () => {
    await shop.db.tx(async (tx) => {
      for (let number = 1; number <= 7; number++)
        await oweAdminAlert(tx, [{ name: 'main' }], {
          key: `late-${number}`,
          text: 'fragment-alert-late',
          params: { order: `order${number}`, reference: `<b>${number}` },
          buttons: [[['order-open', 'fadmin-order', `order${number}`]]],
        })
    })
    const told = await shop.sees(OWNER, '7 ')
    expect(told.text).not.toContain('order6')
    await shop.press(OWNER, 'All of them')
    const list = await shop.sees(OWNER, 'Alerts 1–5 of 7')
    for (const number of [1, 2, 3, 4, 5]) expect(list.text).toContain(`order${number}`)
    expect(list.inline_keyboard!.flat().map(({ text }) => text.slice(0, 2))).toEqual([
      '1.',
      '2.',
      '3.',
      '4.',
      '5.',
      '›',
      '‹ ',
    ])
    await shop.press(OWNER, /^›$/)
    const rest = await shop.sees(OWNER, 'Alerts 6–7 of 7')
    expect(rest.text).toContain('order7')
    expect(rest.inline_keyboard!.flat()[1]!.text).toMatch(/^7\. /)
  })

  test('tells the whole story of a payment, and of an id that has no page of its own', async () => {
    const id = newId()
    const money = { asset: 'XTR', amount: 50n, creditAsset: 'TOK', creditAmount: 10n } as const
    await createPayment(shop.db, { id, personId: BigInt(ANNA), bot: 'main', provider: 'stars', ...money })
    await shop.say(OWNER, `/find ${id}`)
    await shop.press(OWNER, 'Technical log')
    await shop.sees(OWNER, `${id} made: 50 ⭐ through Stars, customer ${ANNA}`)
    await shop.db.rows(q`insert into handled_updates (bot, update_id) values ('main', 0)`)
    await shop.say(OWNER, '/find main-0')
    await shop.sees(OWNER, '0 of main handled to the end')
  })

  test.each([
    [
      'en',
      'Payments · 121',
      'To look at',
      '₽300 of ₽500 came, the rest is still due',
      '₽120 wait for a decision',
      '💳 ₽300 of ₽500 came',
      '💳 Decide: ₽120',
    ],
    [
      'ru',
      'Платежи · 121',
      'Разобрать',
      'пришло 300 ₽ из 500 ₽, ждём остаток',
      'ждут решения 120 ₽',
      '💳 Пришло 300 ₽ из 500 ₽',
      '💳 Решить: 120 ₽',
    ],
  ])(
    'what waits is counted to the last, its key opens just that, and a person’s page says what of theirs waits: %s',
    async (language, count, opened, part, doubt, partKey, doubtKey) => {
      const [id, buyer] = [language === 'en' ? 301 : 302, language === 'en' ? 401 : 402]
      await shop.person(id, 'Admin', { language_code: language })
      await shop.person(buyer, 'Vera')
      for (const one of [id, buyer]) {
        await shop.say(one, '/start')
        await shop.sees(one, /Balance|Баланс/)
      }
      const role = 'admin'
      await shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(id), role, by: BigInt(OWNER) }))
      await shop.db.rows(q`delete from payments`)
      // One of these payments has money in suspense. A part of a sum waits for its payer, and not for an admin.
      await shop.db.rows(q`
        insert into payments (id, person_id, bot, provider, asset, amount, credit_asset, credit_amount, state,
          received_amount, received_asset, suspended, suspended_asset)
        select lpad(n::text, 16, ${language === 'en' ? 'e' : 'r'}), ${buyer}, 'main', 'mulenpay', 'RUB', 50000, 'RUB', 50000,
          case n when 1 then 'underpaid' when 2 then 'overpaid' else 'review' end,
          case n when 1 then 300 end, case n when 1 then 'RUB' end,
          case n when 2 then 12000 else 0 end, case n when 2 then 'RUB' end
        from generate_series(1, 122) n`)
      await shop.say(id, '/admin')
      await shop.press(id, count)
      const list = await shop.sees(id, /Payments|Платежи/)
      expect(list.inline_keyboard!.flat().map(({ text }) => text)).toContain(`• ${opened}`)
      await shop.say(id, `/find ${buyer}`)
      const page = await shop.sees(id, part)
      expect(page.text).toContain(doubt)
      const keys = page.inline_keyboard!.flat().map(({ text }) => text)
      expect(keys).toContain(partKey)
      expect(keys).toContain(doubtKey)
      await shop.press(id, partKey)
      await shop.sees(id, `${(language === 'en' ? 'e' : 'r').repeat(15)}1`)
      await shop.db.rows(q`delete from payments`)
    },
  )

  test('F66 a button, a forwarded message or a typed sum of somebody else opens nothing', async () => {
    await shop.say(OWNER, '/admin')
    const panel = await shop.sees(OWNER, 'Administration')
    const stolen = panel.inline_keyboard!.flat().map((key) => key.callback_data!)
    const own = await shop.last(STRANGER)
    // Only a few are pressed, because a person who presses 20 keys in ten seconds is asked to slow down instead.
    for (const data of stolen.slice(0, 6)) {
      const { text } = await shop.pressData(STRANGER, own!.message_id, data)
      expect(text).toMatch(/out of date/)
    }
    const user = { id: STRANGER, is_bot: false, first_name: 'Stranger', language_code: 'en' }
    await shop.control('POST', '/updates', {
      bot: 'main_bot',
      update: {
        message: {
          message_id: 900_001,
          date: 1,
          from: user,
          chat: { id: STRANGER, type: 'private', first_name: 'Stranger' },
          forward_origin: {
            type: 'user',
            date: 1,
            sender_user: { id: OWNER, is_bot: false, first_name: 'Olga' },
          },
          text: '/adjust 101 1000 gift',
          entities: [{ type: 'bot_command', offset: 0, length: 7 }],
        },
      },
    })
    await shop.say(STRANGER, '/health')
    await shop.sees(STRANGER, 'The bot works')
    expect(await shop.money(STRANGER)).toBe(0n)
    expect(await shop.audits('adjustment')).toEqual([])
  })

  test('finds a person by id, @name, link and the beginning of a name, and shows names as text', async () => {
    for (const word of [String(ANNA), '@anna_shop', 'https://t.me/anna_shop', 'anna']) {
      await shop.say(OWNER, `/find ${word}`)
      const card = await shop.sees(OWNER, 'anna_shop')
      expect(card.text).toContain('Anna <b> =HYPERLINK("x")')
    }
    await shop.say(OWNER, '/find nobody_here')
    await shop.sees(OWNER, 'Nothing found for')
  })

  test('F66 an owner of one bot cannot pause a bot that others own, nor by a key from the time when it was theirs', async () => {
    const owner = (bot: string) =>
      q`insert into admins (bot, person_id, role, added_by) values (${bot}, ${SECOND}, 'owner', ${OWNER})
        on conflict (bot, person_id) do update set role = 'owner'`
    const stateOf = async () =>
      (await shop.db.rows(q<{ state: string }>`select state from bots where name = 'main'`))[0]!.state
    await shop.db.rows(owner('second'))
    await shop.db.rows(owner('main'))
    await shop.say(SECOND, '/admin', 1)
    await shop.press(SECOND, 'Bots', 1)
    const list = await shop.sees(SECOND, 'customers:', 1)
    const pause = list.inline_keyboard!.flat().find(({ text }) => text === 'Pause main')!.callback_data!

    await shop.db.rows(q`delete from admins where bot = 'main' and person_id = ${SECOND}`)
    const answer = await shop.pressData(SECOND, list.message_id, pause, 1)
    expect(answer.text).toContain('other owners')
    expect(await stateOf()).toBe('active')
    await shop.say(SECOND, '/admin', 1)
    await shop.press(SECOND, 'Bots', 1)
    const own = await eventually(async () => {
      const shown = await shop.sees(SECOND, 'customers:', 1)
      return shown.message_id === list.message_id ? undefined : shown
    })
    expect(own.text).toContain('main')
    const keys = own.inline_keyboard!.flat().map(({ text }) => text)
    expect(keys).toContain('Pause second')
    expect(keys.filter((text) => text.includes('main'))).toEqual([])
    await shop.db.rows(q`delete from admins where bot = 'second' and person_id = ${SECOND}`)
  })

  test('shows a dead letter with a reason that people understand, and replays it once', async () => {
    const letter = {
      key: 'notice-test-letter',
      job: 'notice.send',
      payload: { key: 'test-letter', bot: 'main', personId: String(ANNA), text: 'health-ok', params: {} },
      reason: 'gave up after 8 tries: connect ECONNREFUSED 127.0.0.1:1',
    }
    await bury(shop.db, letter)
    await shop.say(OWNER, '/admin')
    await shop.sees(OWNER, '1 job was given up')
    await shop.press(OWNER, /Failed jobs · 1/)
    await shop.press(OWNER, 'Message to a customer')
    await shop.sees(OWNER, 'did not answer (8 tries)')
    await shop.press(OWNER, 'Replay')
    await shop.sees(ANNA, 'The bot works')
    expect(await shop.audits('letter.replay')).toMatchObject([{ target: 'job notice-test-letter' }])
  })

  test('a key of the API for a name that no bot has is asked about, and a mistyped name makes no bot', async () => {
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, /API keys/)
    await shop.press(OWNER, 'New key')
    await shop.say(OWNER, 'mian')
    await shop.sees(OWNER, /mian[\s\S]*main, second/)
    expect(await shop.db.rows(q`select 1 from bots where name = 'mian'`)).toEqual([])
    await shop.press(OWNER, /Back/)
    await shop.say(OWNER, 'main')
    await eventually(async () => (await shop.audits('key.created')).length === 1)
  })

  test('a banned person reads why and can do nothing, and their money stays', async () => {
    await shop.give(STRANGER, 800n)
    await shop.say(OWNER, `/find ${STRANGER}`)
    await shop.press(OWNER, 'Ban')
    await shop.say(OWNER, 'stolen cards')
    await shop.sees(OWNER, 'Banned')
    await shop.say(STRANGER, '/balance')
    await shop.sees(STRANGER, 'stolen cards')
    expect(await shop.money(STRANGER)).toBe(800n)
    await shop.press(OWNER, 'Lift the ban')
    await shop.say(STRANGER, '/balance')
    await shop.sees(STRANGER, 'Your balance')
  })

  test('/health tells admins how every part is, and the ledger is proven on demand', async () => {
    await shop.say(OWNER, '/health')
    await shop.sees(OWNER, 'Queues (Redis)')
    const { text } = await shop.press(OWNER, 'Prove')
    expect(text).toMatch(/adds up/)
    await shop.sees(OWNER, 'The ledger adds up')
  })

  test.each(['read-only', 'support', 'admin'] as const)(
    'every key that a %s sees is one that the role reaches',
    async (role) => {
      const id = { 'read-only': 111, support: 112, admin: 113 }[role]
      await shop.person(id, 'Helper')
      await shop.say(id, '/start')
      await shop.sees(id, 'Balance')
      await shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(id), role, by: BigInt(OWNER) }))
      await shop.say(id, '/admin')
      const home = await shop.sees(id, 'Administration')
      const minimum = Object.assign({}, ...features.map((one) => one.minimumRole)) as Record<string, Role>
      const dead = new Set<string>()
      const keysOf = ({ inline_keyboard: rows = [] }: Bubble) =>
        rows.flat().flatMap(({ text, callback_data: data }) => {
          const route = data?.split(/[:~]/)[0] ?? ''
          if (!data || !(route in acts)) return []
          if (!allows(role, minimum[route] ?? 'admin')) dead.add(`${text} (${route})`)
          return [data]
        })
      // Twelve presses do not count as a flood.
      for (const data of keysOf(home).slice(0, 12)) {
        await shop.pressData(id, home.message_id, data)
        const shown = (await shop.messages(id)).findLast((one) => one.message_id === home.message_id)
        if (shown) keysOf(shown)
      }
      await shop.say(id, `/find ${ANNA}`)
      expect(keysOf(await shop.sees(id, /Anna.*\n/)).length).toBeGreaterThan(2)
      expect([...dead]).toEqual([])
    },
  )

  test('every screen of the panel that a Russian admin opens is in Russian, and its Back stays in the panel', async () => {
    await shop.say(OWNER, '/profile')
    await shop.press(OWNER, 'Русский')
    await shop.sees(OWNER, 'Язык этого бота')
    await shop.db.rows(q`
      insert into promo_campaigns (name, kind, value, first_purchase_only, created_by) values ('HELLO', 'tokens', 10, true, ${OWNER})`)
    /** Words that are the same in every language: names, currencies, and what is to be typed literally. */
    const SAME = new RegExp(
      [
        String.raw`@\w+|/\w+|https?://\S+|\b[\w.]+@[\w.]+|t\.me/\S+`,
        String.raw`\b(?:[a-z]+=\S+|XP|API|CSV|QR|id|TON|USDT|TOK|RUB|EUR|USD|XTR|Telegram|Premium|PostgreSQL|Redis|Fragment|KYC|JWT|HELLO|START|VIP|GIF|demo|Balance API|PUBLIC_URL|https|Plus|[ap]-z)\b`,
        String.raw`\b(?:Cryptomus|Heleket|MulenPay|YooKassa|Kassa|Crypto Pay|CryptoBot|${PROVIDER_NAMES.join('|')})\b`,
        String.raw`\b(?:main|second|=?HYPERL\w*|redis|updates|checkout|billing|notices|fragment|images|broadcasts|exports|upkeep)\b`,
        // Ids are left out, whole ones and their first letters.
        String.raw`\b[0-9a-z]{16}\b|\b\w*\d\w*|· [0-9a-z]{4,6}(?= ·)`,
      ].join('|'),
      'gi',
    )
    const latin = (text: string) =>
      [...text.replaceAll(SAME, ' ').matchAll(/[a-z][a-z'.-]{2,}/gi)].map(([word]) => word)
    // Names of people stay as they were typed; a key is called by the first letters of its id, which may have no digit.
    const names = new Set(
      (
        await shop.db.rows(q<{ name: string }>`
      select concat_ws(' ', first_name, last_name) as name from persons
      union all select left(id, 4) from api_keys`)
      ).flatMap(({ name }) => latin(name)),
    )
    const found: Record<string, string[]> = {}
    /** Screens whose last key leads out of the panel into the shop. */
    const out: string[] = []
    const seen = new Set<string>()
    await shop.say(OWNER, '/admin')
    const home = await shop.sees(OWNER, 'Управление')
    const look = async (depth: number, message: Bubble) => {
      for (const { text, callback_data: data } of (message.inline_keyboard ?? []).flat()) {
        const route = data?.split(/[:~]/)[0] ?? ''
        const step = `${route} ${['a-set-group', 's-list'].includes(route) ? data : ''}`
        // The question of these screens shows a line to type, which is the same in every language.
        const typed = ['a-promo-new', 'a-plan-edit', 'a-key-new', 'a-item-new', 'a-category-edit'].includes(
          route,
        )
        if (!data || !(route in acts) || typed || seen.has(step) || depth > 4) continue
        seen.add(step)
        await shop.pressData(OWNER, message.message_id, data)
        const shown = (await shop.messages(OWNER)).findLast(({ message_id: id }) => id === message.message_id)
        if (!shown) continue
        const keys = (shown.inline_keyboard ?? []).flat().map((key) => key.text)
        // Reasons are what people typed, and numbers of jobs are what the machine made.
        const own = /«[^»]*»|\b[a-z]+-[a-z]+-letter\b/gi
        const words = latin(
          [shown.text ?? shown.caption ?? '', ...keys].join('\n').replaceAll(own, ''),
        ).filter((word) => !names.has(word))
        if (words.length > 0) found[`${text} (${step.trim()})`] = words
        const last = (shown.inline_keyboard ?? []).at(-1)?.at(-1)
        if (last?.text.startsWith('‹') && /^menu[:~]/.test(last.callback_data ?? '') && route !== 'admin')
          out.push(`${text} (${step.trim()})`)
        await look(depth + 1, shown)
      }
    }
    await look(0, home)
    expect(seen.size).toBeGreaterThan(20)
    expect(found).toEqual({})
    expect(out).toEqual([])
  })
})
