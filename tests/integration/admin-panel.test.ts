import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { referralHoldDays } from '#shop/loyalty/referrals/settings.ts'
import { starsPacks, starsPerToken } from '#shared/settings/economy.ts'
import { changeSetting, settingVersions, typed } from '#shared/settings/edit.ts'
import { wordings } from '#shared/settings/wordings.ts'
import { createSettings } from '#shared/settings/settings.ts'
import {
  confirmAdjustment,
  decideAdjustment,
  draftAdjustment,
  waitingAdjustments,
} from '#shop/admin/adjustments.ts'
import type { UserError } from '#shared/errors.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { setRole } from '#shared/roles.ts'
import { starPrice } from '#shared/settings/economy.ts'
import { hiddenModels, picturePrices } from '#shop/pictures/settings.ts'
import { manualRequisites, secondAdminForRequests } from '#shop/payments/settings.ts'
import { newId } from '#shared/ids.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { tellOwners } from '#shop/admin/worker/admin-digest.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { bury } from '#shared/queue/outbox.ts'
import { OWNER, SECOND, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

const ANNA = 100
const STRANGER = 101
/** Owner of the second bot only. */
const OTHER = 102

describe.skipIf(!redisAvailable())('the admin panel', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({
      workers: ['bot'],
      // Nobody listens: margins cannot be reckoned, and the page says so.
      env: { FRAGMENT_API_URL: 'http://127.0.0.1:9' },
    })
    await shop.person(ANNA, 'Anna <b>', { username: 'anna_shop', last_name: '=HYPERLINK("x")' })
    await shop.person(STRANGER, 'Stranger')
    await shop.person(OTHER, 'Other')
    for (const id of [OWNER, SECOND, ANNA, STRANGER]) await shop.say(id, '/start')
    for (const id of [OWNER, SECOND, ANNA, STRANGER]) await shop.sees(id, 'Balance')
  })
  afterAll(() => shop?.close())

  /** What a change of a setting is made with, read anew each time. */
  const settingsApp = () => {
    const bots = shop.config.bots.map((bot) => [
      bot.name,
      { ...bot, isAdmin: (id: bigint) => bot.admins.includes(id) },
    ])
    const settings = createSettings(shop.db, shop.config)
    return { db: shop.db, config: shop.config, settings, bots: new Map(bots as never) as never }
  }

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
    expect(keys).toContain('· Picture ·')
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
    await shop.sees(OWNER, `${id} made: 50 XTR through stars, person ${ANNA}`)
    await shop.db.rows(q`insert into handled_updates (bot, update_id) values ('main', 0)`)
    await shop.say(OWNER, '/find main-0')
    await shop.sees(OWNER, '0 of main handled to the end')
  })

  test('F66 a button, a forwarded message or a typed sum of somebody else opens nothing', async () => {
    await shop.say(OWNER, '/admin')
    const panel = await shop.sees(OWNER, 'Administration')
    const stolen = panel.inline_keyboard!.flat().map((key) => key.callback_data!)
    const own = await shop.last(STRANGER)
    // A few of them: somebody who presses 20 keys in ten seconds is asked to slow down instead.
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
    await shop.sees(OWNER, 'Nothing for')
  })

  test('credits by a step after a reason and a confirmation that names sum, person, before and after', async () => {
    await shop.say(OWNER, `/find ${ANNA}`)
    await shop.press(OWNER, 'Credit')
    await shop.press(OWNER, '+50')
    await shop.sees(OWNER, 'For what reason')
    await shop.press(OWNER, 'Compensation')
    const confirm = await shop.sees(OWNER, 'After: 50 tokens')
    expect(confirm.text).toMatch(/Anna.*100/)
    expect(await shop.money(ANNA)).toBe(0n)
    const yes = confirm.inline_keyboard!.flat()[0]!
    const [one, two] = await Promise.all([
      shop.pressData(OWNER, confirm.message_id, yes.callback_data!),
      shop.pressData(OWNER, confirm.message_id, yes.callback_data!),
    ])
    expect([one.answered, two.answered]).toEqual([true, true])
    expect(await shop.money(ANNA)).toBe(50n)
    await shop.sees(ANNA, 'Credited: 50 tokens')
    expect(await shop.audits('adjustment')).toMatchObject([
      { actor: 1n, target: 'person 100', details: { amount: '50', reason: 'Compensation' } },
    ])
  })

  test('debits a typed sum, and refuses one that the balance does not hold', async () => {
    await shop.say(OWNER, `/find ${ANNA}`)
    await shop.press(OWNER, 'Debit')
    await shop.sees(OWNER, 'How much to debit')
    await shop.say(OWNER, '20')
    await shop.sees(OWNER, 'For what reason')
    await shop.say(OWNER, 'bought <twice>')
    await shop.sees(OWNER, 'After: 30 tokens')
    await shop.press(OWNER, 'Debit 20')
    expect(await shop.money(ANNA)).toBe(30n)
    await shop.sees(ANNA, 'Reason: bought <twice>')
    await shop.say(OWNER, `/adjust ${ANNA} -31 too much`)
    await shop.sees(OWNER, 'too small')
    expect(await shop.money(ANNA)).toBe(30n)
  })

  test('/adjust does what it says at once, in any asset, once per message', async () => {
    await shop.say(OWNER, '/adjust @anna_shop 99,50 RUB thanks for patience')
    await shop.sees(OWNER, 'thanks for patience')
    expect(await shop.money(ANNA, 'RUB')).toBe(9950n)
    const updates = await shop.control<{ ok: boolean }>('POST', '/updates', {
      bot: 'main_bot',
      repeat: (
        await shop.db.rows(
          q<{ id: number }>`select max(update_id)::int as id from handled_updates where bot = 'main'`,
        )
      )[0]!.id,
      times: 2,
    })
    expect(updates).toBeTruthy()
    await shop.say(OWNER, '/adjust nonsense')
    await shop.sees(OWNER, '/adjust id amount reason')
    expect(await shop.money(ANNA, 'RUB')).toBe(9950n)
  })

  test('F62 a typed sum that reads two ways is asked about, and the pressed reading goes on', async () => {
    await shop.say(OWNER, `/adjust ${ANNA} 1.000 RUB thanks`)
    await shop.sees(OWNER, '“1.000” reads two ways: 1 or 1000')
    await shop.say(OWNER, `/find ${ANNA}`)
    await shop.press(OWNER, 'Credit')
    await shop.sees(OWNER, 'How much to credit')
    await shop.say(OWNER, '1,000')
    const asked = await shop.sees(OWNER, '“1,000” reads two ways. Which')
    expect(asked.inline_keyboard!.flat().map(({ text }) => text)).toEqual(['1 token', '1,000 tokens'])
    const key = asked.inline_keyboard!.flat()[1]!
    await shop.press(OWNER, '1,000 tokens')
    await shop.sees(OWNER, '+1,000 tokens')
    const again = await shop.pressData(OWNER, asked.message_id, key.callback_data!)
    expect(again.text).toMatch(/out of date/)
    // Also inside a line of several, and in a question of another room.
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Settings')
    await shop.press(OWNER, /^🛡 Limits$/)
    await shop.press(OWNER, 'Restored payments a day')
    await shop.press(OWNER, 'Change for all bots')
    await shop.sees(OWNER, 'Now:')
    await shop.say(OWNER, 'TON 31.000, RUB 1.000, USD 2.000')
    await shop.sees(OWNER, '“1.000” reads two ways. Which')
    await shop.press(OWNER, '₽1,000')
    await shop.sees(OWNER, '“2.000” reads two ways. Which')
    await shop.press(OWNER, '$2')
    await shop.sees(OWNER, 'After: TON 31.000000000, RUB 1000.00, USD 2.00')
  })

  test('/adjust moves money for nobody whose name only begins like that, and for nobody without a reason', async () => {
    // 2^63 is no id that anybody can have.
    for (const who of ['@anna_sho', '@anna', 'Anna', '9223372036854775808']) {
      await shop.say(OWNER, `/adjust ${who} 77 gift`)
      await shop.sees(OWNER, `There is no “${who}”`)
    }
    await shop.say(OWNER, `/adjust ${ANNA} 77 EUR`)
    await shop.sees(OWNER, '/adjust id amount reason')
    expect([await shop.money(ANNA), await shop.money(ANNA, 'EUR')]).toEqual([30n, 0n])
    await shop.say(OWNER, `/adjust ${ANNA} 5 eur for a coffee`)
    await shop.sees(OWNER, 'for a coffee')
    expect([await shop.money(ANNA), await shop.money(ANNA, 'EUR')]).toEqual([30n, 500n])
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Audit log')
    await shop.sees(
      OWNER,
      new RegExp(`Olga · correction · person ${ANNA}\\s+\\+€5(\\.00)?, «for a coffee»\\n`),
    )
  })

  test('F75 a large correction waits for a second admin, whom the first cannot replace', async () => {
    await shop.say(OWNER, `/adjust ${ANNA} 5000 large gift`)
    await shop.sees(OWNER, 'above your limit')
    expect(await shop.money(ANNA)).toBe(30n)
    await shop.say(OWNER, '/admin')
    await shop.sees(OWNER, '1 correction waits')
    await shop.press(OWNER, /To approve · 1/)
    await shop.press(OWNER, 'large gift')
    const alone = await shop.sees(OWNER, 'no second admin')
    expect(alone.inline_keyboard!.flat().map(({ text }) => text)).not.toContain('Approve')
    // Not drawn, and not done either.
    const app = { db: shop.db, settings: createSettings(shop.db, shop.config) }
    const [waiting] = await waitingAdjustments(shop.db, 'main')
    const told = await shop.db.rows(
      q`select 1 from alerts where key = ${`adjustment-waiting-${waiting!.id}`}`,
    )
    expect(told).toHaveLength(1)
    // Nothing waits for a second admin whom nobody calls.
    const unheard = { ...waiting!, id: newId() }
    await draftAdjustment(shop.db, unheard)
    const cut = () => Promise.reject(new Error('killed here'))
    await expect(confirmAdjustment(app, unheard.id, BigInt(OWNER), 'main', cut)).rejects.toThrow('killed')
    expect((await waitingAdjustments(shop.db, 'main')).map(({ id }) => id)).toEqual([waiting!.id])
    await expect(decideAdjustment(app, waiting!.id, BigInt(OWNER), 'main', 'approve')).rejects.toMatchObject({
      code: 'admin.two-people',
    })
    expect(await shop.money(ANNA)).toBe(30n)

    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Roles')
    await shop.press(OWNER, 'Appoint')
    await shop.say(OWNER, String(SECOND))
    const asked = await shop.sees(OWNER, 'Role now: no role')
    expect(asked.text).toContain('Sergey')
    await shop.press(OWNER, /^admin$/)
    // The next key is the owner's: nothing is given before the yes.
    await shop.sees(OWNER, /Before: no role[\s\S]*After: admin/)
    expect(await shop.db.rows(q`select 1 from admins where person_id = ${SECOND} and bot = 'main'`)).toEqual(
      [],
    )
    await shop.press(OWNER, 'Save')
    await shop.say(SECOND, '/admin')
    await shop.press(SECOND, /To approve · 1/)
    await shop.press(SECOND, 'large gift')
    await shop.press(SECOND, 'Approve')
    expect(await shop.money(ANNA)).toBe(5030n)
    expect((await shop.audits('adjustment')).at(-1)).toMatchObject({
      actor: 2n,
      details: { askedBy: '1', amount: '5000' },
    })
  })

  test('F75 one admin cannot credit more than the day allows, by many small sums either', async () => {
    await shop.db.tx((tx) =>
      tx.rows(q`insert into settings (bot, key, value) values ('', 'credits-per-day', '{"TOK": "500"}')`),
    )
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    await shop.say(SECOND, `/adjust ${STRANGER} 400 first`)
    await shop.sees(SECOND, 'After: 400')
    await shop.say(SECOND, `/adjust ${STRANGER} 101 second`)
    await shop.sees(SECOND, 'more than one admin may credit in a day')
    await shop.say(SECOND, `/adjust ${STRANGER} 100 third`)
    await shop.sees(SECOND, 'After: 500')
    expect(await shop.money(STRANGER)).toBe(500n)

    // At once, through several replicas: what fits one by one does not fit together.
    const app = { db: shop.db, settings: createSettings(shop.db, shop.config) }
    const greedy = 900n
    const nobody = async () => {}
    const drafts = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        draftAdjustment(shop.db, {
          id: newId(),
          bot: 'main',
          personId: BigInt(STRANGER),
          asset: 'TOK',
          amount: 300n,
          reason: `race ${n}`,
          createdBy: greedy,
        }),
      ),
    )
    const raced = await Promise.allSettled(
      drafts.map(({ id }) => confirmAdjustment(app, id, greedy, 'main', nobody)),
    )
    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await shop.money(STRANGER)).toBe(800n)
  })

  test('a role that was taken away or does not reach stops buttons, typed texts and commands at once', async () => {
    await shop.say(SECOND, `/find ${ANNA}`)
    await shop.press(SECOND, 'Credit')
    await shop.sees(SECOND, 'How much to credit')
    await shop.db.rows(q`update admins set role = 'read-only' where person_id = ${SECOND}`)
    await shop.say(SECOND, '10')
    await shop.sees(SECOND, 'role does not allow')
    const { text } = await shop.press(SECOND, '+10')
    expect(text).toMatch(/role does not allow/)
    await shop.say(SECOND, '/admin')
    const panel = await shop.sees(SECOND, 'read-only')
    expect(panel.inline_keyboard!.flat().map((key) => key.text)).not.toContain('⚙️ Settings')
    await shop.db.rows(q`delete from admins where person_id = ${SECOND}`)
    await shop.press(SECOND, 'Find').then(({ text: alert }) => expect(alert).toMatch(/out of date/))
    expect(await shop.money(ANNA)).toBe(5030n)
  })

  test('F66 an owner of one bot cannot pause a bot that others own, not by a key from better days either', async () => {
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

  test('changes a setting after a check, keeps its versions, and undoes it', async () => {
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Settings')
    await shop.press(OWNER, /^🪙 Tokens$/)
    await shop.press(OWNER, 'Stars for one token')
    await shop.press(OWNER, 'Change for all bots')
    await shop.say(OWNER, 'seven')
    await shop.sees(OWNER, 'does not fit')
    await shop.say(OWNER, '7')
    await shop.sees(OWNER, 'After: 7')
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, 'Now in main: 7 (set for all bots)')
    await shop.press(OWNER, 'Undo')
    await shop.sees(OWNER, 'Now in main: 5 (by default)')
    const versions = await shop.db.rows(q<{ version: number; value: unknown }>`
      select version, value from settings_history where key = 'stars-per-token' order by version`)
    expect(versions).toMatchObject([
      { version: 1, value: 7 },
      { version: 2, value: null },
    ])
    expect(await shop.audits('setting.undone')).toHaveLength(1)
  })

  test('sets one bot apart from the others, says so, and takes it back', async () => {
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Settings')
    await shop.press(OWNER, /^🪙 Tokens$/)
    await shop.press(OWNER, 'Stars for one token')
    await shop.press(OWNER, 'Only main')
    await shop.press(OWNER, 'Change for main')
    await shop.sees(OWNER, 'Only main')
    await shop.say(OWNER, '9')
    await shop.sees(OWNER, 'After: 9')
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, /Now in main: 9 \(set for this bot\)[\s\S]*other bots: 5[\s\S]*History for main/)
    await shop.press(OWNER, 'All bots')
    await shop.press(OWNER, 'Change for all bots')
    await shop.say(OWNER, '6')
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, /Now in main: 9 \(set for this bot\)[\s\S]*other bots: 6/)
    const kept = await shop.db.rows(q<{ bot: string; value: number }>`
      select bot, value from settings where key = 'stars-per-token' order by bot`)
    expect(kept).toEqual([
      { bot: '', value: 6 },
      { bot: 'main', value: 9 },
    ])
    expect((await shop.audits('setting')).slice(-2)).toMatchObject([
      { target: 'setting stars-per-token', details: { from: null, to: '9' } },
      { target: 'setting stars-per-token', details: { from: null, to: '6' } },
    ])
    const [line] = await shop.db.rows(q<{ bot: string | null }>`
      select bot from audit_log where action = 'setting' and details ->> 'to' = '9'`)
    expect(line).toEqual({ bot: 'main' })
    await shop.press(OWNER, 'Only main')
    await shop.press(OWNER, 'As in all bots')
    await shop.sees(OWNER, 'Now in main: 6 (set for all bots)')
    await shop.press(OWNER, 'All bots')
    await shop.press(OWNER, 'Back to the default')
    await shop.sees(OWNER, 'Now in main: 5 (by default)')
  })

  test('refuses a price or packs whose invoice Telegram would refuse, and names the pack and the highest price', async () => {
    const kept = () =>
      shop.db.rows(q<{ bot: string; key: string; value: unknown }>`
        select bot, key, value from settings where key in ('stars-packs', 'stars-per-token') order by bot, key`)
    const ask = async (title: string, scope: 'all' | 'second') => {
      const bot = scope === 'second' ? 1 : 0
      await shop.say(OWNER, '/admin', bot)
      await shop.press(OWNER, 'Settings', bot)
      await shop.press(OWNER, /^🪙 Tokens$/, bot)
      await shop.press(OWNER, title, bot)
      await shop.sees(OWNER, `Now in ${scope === 'second' ? 'second' : 'main'}`, bot)
      if (scope === 'second') await shop.press(OWNER, 'Only second', bot)
      await shop.press(OWNER, scope === 'second' ? 'Change for second' : 'Change for all bots', bot)
    }
    // Packs: at 5 Stars a token 20,000 tokens are the most that fits.
    await ask('Token packs for Stars', 'all')
    await shop.say(OWNER, '1, 30000, 10')
    await shop.sees(
      OWNER,
      /^The pack of 30,000 tokens would cost 150,000 Stars, and Telegram takes at most 100,000 for one invoice\. With this pack a token may cost at most 3\.$/,
    )
    await shop.say(OWNER, '1, 200000')
    await shop.sees(OWNER, /pack of 200,000 tokens.*No price of a token makes it fit/)
    expect(await kept()).toEqual([])
    await ask('Token packs for Stars', 'second')
    await shop.say(OWNER, '10, 20000', 1)
    await shop.press(OWNER, 'Save', 1)
    await shop.sees(OWNER, 'Now in second: 10, 20000', 1)

    // A Star so dear that a token for 4 of them pays nobody.
    await shop.db.rows(q`insert into settings (bot, key, value) values ('', 'star-price', '"3"')`)
    // The price: fits the packs of all bots, not those that one bot has of its own.
    await ask('Stars for one token', 'all')
    await shop.say(OWNER, '6')
    await shop.sees(OWNER, /^second: The pack of 20,000 tokens would cost 120,000 Stars.*at most 5\.$/)
    await shop.say(OWNER, '4')
    await shop.sees(OWNER, 'After: 4')
    // Meanwhile the packs have become larger: what fitted when it was typed is looked at again when it is saved.
    await shop.db.rows(q`update settings set value = '[26000]' where bot = 'second' and key = 'stars-packs'`)
    expect((await shop.press(OWNER, 'Save')).text).toMatch(/26,000.*at most 3\./)
    expect(await kept()).toContainEqual({ bot: 'second', key: 'stars-packs', value: [26_000] })
    await shop.db.rows(q`delete from settings where key in ('stars-packs', 'star-price')`)
  })

  test('old packs that no longer fit the price do not come back, and of two changes that clash only together one is kept', async () => {
    const app = settingsApp()
    const change = async (type: typeof starsPacks | typeof starsPerToken, value: unknown) => {
      const entry = { type, edit: { form: { kind: 'text' } }, scopes: ['own'] } as never
      const [last] = await settingVersions(shop.db, type, 'second', 1)
      await changeSetting(app, entry, {
        value,
        bot: 'second',
        by: BigInt(OWNER),
        seen: last?.version ?? 0,
        action: 'setting',
      })
    }
    await change(starsPacks, [20_000])
    await change(starsPacks, [10])
    await change(starsPerToken, 100)
    const refused = await change(starsPacks, [20_000]).catch((error: unknown) => error as UserError)
    expect(refused).toMatchObject({ code: 'setting.invoice', params: { pack: 20_000, most: 5 } })
    expect(loadTexts().t('ru', 'error-setting-invoice', (refused as UserError).params)).toBe(
      'second: Пакет на 20\u00a0000 токенов стоил бы 2\u00a0000\u00a0000 звёзд, а Telegram принимает за один счёт не больше 100\u00a0000. С этим пакетом цена токена — не больше 5.',
    )
    // The second of two changes that clash only together waits for the first.
    await change(starsPacks, [10])
    await change(starsPerToken, 5)
    const second = await shop.db.tx(async (tx) => {
      await app.settings.set(tx, starsPacks, { value: [20_000], bot: 'second', by: BigInt(OWNER) })
      const price = Promise.allSettled([change(starsPerToken, 6)])
      let over = false
      void price.then(() => (over = true))
      await eventually(async () => {
        const waiting = await shop.db.rows(
          q`select from pg_locks where locktype = 'advisory' and not granted`,
        )
        return over || waiting.length > 0
      })
      return { price }
    })
    expect(await second.price).toMatchObject([{ reason: { code: 'setting.invoice', params: { most: 5 } } }])
    await shop.db.rows(q`delete from settings where key in ('stars-packs', 'stars-per-token')`)
  })

  test('prices that have a screen of their own are set for one bot too, with origin, history and undo', async () => {
    const price = (bot: string) => createSettings(shop.db, shop.config).get(starPrice, bot)
    const settingsOf = async (group: RegExp) => {
      await shop.say(OWNER, '/admin')
      await shop.press(OWNER, 'Settings')
      await shop.press(OWNER, group)
    }
    await settingsOf(/^⭐ Stars, Premium$/)
    await shop.press(OWNER, 'Price of a Star')
    await shop.press(OWNER, 'Only main')
    await shop.press(OWNER, 'Change for main')
    await shop.press(OWNER, 'Change: Price of a Star')
    await shop.say(OWNER, '2.5')
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, /Price of a Star, ₽: 2\.5[\s\S]*Only in main: Price of a Star\./)
    expect([await price('main'), await price('second')]).toEqual(['2.5', '1.8'])
    await shop.press(OWNER, 'All bots')
    await shop.sees(OWNER, /Price of a Star, ₽: 1\.8[\s\S]*Only in main/)
    await shop.press(OWNER, 'Change: Price of a Star')
    await shop.say(OWNER, '2')
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, 'Price of a Star, ₽: 2\n')
    expect([await price('main'), await price('second')]).toEqual(['2.5', '2'])
    // What all bots share stays one, whichever of them is chosen.
    await shop.press(OWNER, 'Only main')
    await shop.press(OWNER, 'Change: Rate of coins')
    await shop.say(OWNER, 'TON:300 USDT:90')
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, 'TON:300')
    expect(await shop.db.rows(q`select bot from settings where key = 'coin-rates'`)).toEqual([{ bot: '' }])

    await settingsOf(/^⭐ Stars, Premium$/)
    await shop.press(OWNER, 'Price of a Star')
    await shop.sees(
      OWNER,
      /Now in main: 2\.5 \(set for this bot\)[\s\S]*other bots: 2[\s\S]*History for main/,
    )
    await shop.press(OWNER, 'Undo')
    await shop.sees(OWNER, 'Now in main: 2 (set for all bots)')
  })

  test('models of pictures cost, and providers take payments, in one bot otherwise than in the others', async () => {
    const settings = () => createSettings(shop.db, shop.config)
    await shop.say(OWNER, '/images_admin')
    await shop.press(OWNER, 'Models and prices')
    await shop.press(OWNER, 'Only main')
    await shop.press(OWNER, /Demo/)
    await shop.press(OWNER, 'Another price')
    await shop.say(OWNER, '9')
    await shop.sees(OWNER, /Price: 9 tokens/)
    await shop.press(OWNER, /^Hide$/)
    await shop.press(OWNER, 'All bots')
    await shop.press(OWNER, 'Another price')
    await shop.say(OWNER, '3')
    await shop.sees(OWNER, /Price: 3 tokens/)
    expect(await settings().get(picturePrices, 'main')).toEqual({ demo: 9 })
    expect(await settings().get(picturePrices, 'second')).toEqual({ demo: 3 })
    expect(await settings().get(hiddenModels, 'main')).toEqual(['demo'])
    expect(await settings().get(hiddenModels, 'second')).toEqual([])

    await shop.say(OWNER, '/providers')
    await shop.sees(OWNER, 'Payment systems')
    await shop.press(OWNER, 'Only main')
    await shop.press(OWNER, 'Crypto')
    await shop.say(OWNER, 'wallet <1>')
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, /Payment systems[\s\S]*Only in main: Payment details/)
    const crypto = { ru: 'wallet <1>', en: 'wallet <1>' }
    expect(await settings().get(manualRequisites, 'main')).toEqual({ crypto })
    expect(await settings().get(manualRequisites, 'second')).toEqual({})
  })

  test('words that follow each other at once are all kept, and taken back on their page', async () => {
    const words = () => createSettings(shop.db, shop.config).get(wordings, 'main')
    await shop.say(OWNER, '/wording en.health-ok All is well')
    await shop.say(OWNER, '/wording en.setting-saved Noted.')
    await eventually(async () => Object.keys(await words()).length === 2)
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Settings')
    await shop.press(OWNER, /Wording/)
    await shop.press(OWNER, 'Own words')
    const page = await shop.sees(OWNER, /Every bot has its own[\s\S]*History for main/)
    expect(page.inline_keyboard!.flat().map(({ text }) => text)).not.toContain('▫️ All bots')
    await shop.press(OWNER, 'Undo')
    expect(await words()).toEqual({ 'en.health-ok': 'All is well' })
    await shop.press(OWNER, 'As in all bots')
    expect(await words()).toEqual({})
    for (const [line, told] of [
      ['en.welcome Welcome <3', 'stands in a message, and Telegram would take “<3” for markup'],
      ['en.menu-buy <b>Buy</b>', 'stands on a key, where there is no markup'],
      [
        `en.buy-invoice-description ${'x'.repeat(318)}`,
        '255 characters fit; with long values it has 318. Make it 63',
      ],
    ] as const) {
      await shop.say(OWNER, `/wording ${line}`)
      await shop.sees(OWNER, told)
    }
    expect(await words()).toEqual({})
  })

  test("an owner of one bot changes nothing in bots of others, and their own bot's values as before", async () => {
    await shop.say(OTHER, '/start', 1)
    await shop.sees(OTHER, 'Balance', 1)
    // Owner of the second bot by role: the first bot of the settings is somebody else's.
    await shop.db.tx((tx) => setRole(tx, { bot: 'second', personId: BigInt(OTHER), role: 'owner', by: 1n }))
    const settings = createSettings(shop.db, shop.config)
    const seen = async () =>
      JSON.stringify(await shop.db.rows(q`select bot, key, value from settings order by 1, 2`))
    const before = await seen()
    await shop.say(OTHER, '/admin', 1)
    await shop.press(OTHER, 'Settings', 1)
    await shop.press(OTHER, /^🪙 Tokens$/, 1)
    await shop.press(OTHER, 'Stars for one token', 1)
    await shop.press(OTHER, 'All bots', 1)
    const page = await shop.sees(OTHER, 'some of them are not yours', 1)
    expect(page.inline_keyboard!.flat().map(({ text }) => text)).not.toContain('Change for all bots')
    for (const path of [
      ['/images_admin', 'Pause'],
      ['/providers', 'All bots', 'Crypto'],
      ['/providers', 'Confirm from'],
    ]) {
      await shop.say(OTHER, path[0]!, 1)
      await shop.sees(OTHER, path[0] === '/providers' ? 'Payment systems' : 'Pictures', 1)
      for (const key of path.slice(1, -1)) await shop.press(OTHER, key, 1)
      const { text } = await shop.press(OTHER, path.at(-1)!, 1)
      expect(text).toMatch(/some of them are not yours/)
    }
    // Not drawn, and not done either.
    const entry = typed(referralHoldDays, { kind: 'integer' })
    const app = settingsApp()
    const change = { value: 5, bot: '', by: BigInt(OTHER), seen: 0, action: 'setting' }
    await expect(changeSetting(app, entry, change)).rejects.toMatchObject({ code: 'setting.all-bots' })
    expect(await seen()).toBe(before)

    await shop.say(OTHER, '/providers', 1)
    await shop.sees(OTHER, 'Payment systems', 1)
    await shop.press(OTHER, 'Only second', 1)
    await shop.press(OTHER, 'Second from', 1)
    await shop.say(OTHER, '777', 1)
    await shop.press(OTHER, 'Save', 1)
    await shop.sees(OTHER, /777[\s\S]*Only in second/, 1)
    expect(await settings.get(secondAdminForRequests, 'main')).toBe('1000000')

    // An owner of each of them may.
    await shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(OTHER), role: 'admin', by: 1n }))
    await expect(changeSetting(app, entry, change)).rejects.toMatchObject({ code: 'setting.all-bots' })
    await shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(OTHER), role: 'owner', by: 1n }))
    await changeSetting(app, entry, change)
    expect(await app.settings.get(referralHoldDays)).toBe(5)
    await changeSetting(app, entry, { ...change, value: undefined, seen: 1 })

    // A bot of another deployment counts while it is served, one that was dropped from all settings does not.
    await shop.db.rows(q`insert into bots (name, telegram_id) values ('elsewhere', 4242)`)
    const later = { ...change, seen: 2 }
    await expect(changeSetting(app, entry, later)).rejects.toMatchObject({ code: 'setting.all-bots' })
    await shop.db.rows(q`update bots set served_at = now() - interval '8 days'`)
    await changeSetting(app, entry, later)
    await changeSetting(app, entry, { ...change, value: undefined, seen: 3 })
    const served = q`select from bots where name = 'second' and served_at > now() - interval '1 hour'`
    await eventually(async () => (await shop.db.rows(served)).length === 1, { what: 'it is noted again' })
    await shop.db.rows(q`delete from bots where name = 'elsewhere'`)
    await shop.db.rows(q`delete from admins where person_id = ${OTHER}`)
  })

  test('a change leaves no trace when its audit line cannot be written', async () => {
    const before = await shop.audits('setting')
    const history = await shop.db.rows(q`select from settings_history where key = 'referral-hold-days'`)
    const entry = typed(referralHoldDays, { kind: 'integer' })
    const settings = createSettings(shop.db, shop.config)
    const change = { value: 14, bot: '', by: BigInt(OWNER), seen: history.length, action: 'setting' } as const
    await shop.db.rows(q`alter table audit_log add constraint no_more check (action <> 'setting') not valid`)
    await expect(changeSetting(settingsApp(), entry, change)).rejects.toThrow(/no_more/)
    await shop.db.rows(q`alter table audit_log drop constraint no_more`)
    expect(await shop.audits('setting')).toEqual(before)
    expect(await settings.get(referralHoldDays)).toBe(21)
    expect(await shop.db.rows(q`select from settings_history where key = 'referral-hold-days'`)).toEqual(
      history,
    )
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
    await shop.press(OWNER, /Dead letters · 1/)
    await shop.press(OWNER, 'Message to a customer')
    await shop.sees(OWNER, 'did not answer (8 tries)')
    await shop.press(OWNER, 'Replay')
    await shop.sees(ANNA, 'The bot works')
    expect(await shop.audits('letter.replay')).toMatchObject([{ target: 'job notice-test-letter' }])
  })

  test('a banned person reads why and can do nothing, and their money stays', async () => {
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

  test('F75 owners read once a day what every admin did and how much they credited', async () => {
    const bots = new Map([['main', { name: 'main', admins: [BigInt(OWNER)] }]]) as never
    const app = { db: shop.db, bots, texts: loadTexts(), settings: createSettings(shop.db, shop.config) }
    await tellOwners(app)
    await tellOwners(app)
    await shop.sees(OWNER, /What admins did/)
    const told = (await shop.messages(OWNER)).filter(({ text }) => text?.includes('What admins did'))
    expect(told).toHaveLength(1)
    expect(told[0]?.text).toMatch(/Olga \(1\) · correction: \d+/)
    expect(told[0]?.text).toMatch(/Olga \(1\) · credited [\d,]+\stokens, debited 20\stokens/)
    // Nothing is escaped twice, and no word of the code is left.
    expect(told[0]?.text).not.toMatch(/<|&|[a-z]+\.[a-z]+ ·|TOK|RUB/)
  })

  test('/health tells admins how every part is, and the ledger is proven on demand', async () => {
    await shop.say(OWNER, '/health')
    await shop.sees(OWNER, 'Queues (redis)')
    const { text } = await shop.press(OWNER, 'Prove')
    expect(text).toMatch(/adds up/)
    await shop.sees(OWNER, 'The ledger adds up')
  })
})
