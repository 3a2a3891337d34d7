import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { referralHoldDays } from '#shop/loyalty/referrals/settings.ts'
import { starPrice, starsPacks, starsPerToken } from '#shared/settings/economy.ts'
import { typed } from '#shared/settings/edit.ts'
import { changeSetting, settingVersions } from '#shared/settings/change.ts'
import { wordings } from '#shared/settings/wordings.ts'
import { createSettings } from '#shared/settings/settings.ts'
import type { UserError } from '#shared/errors.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { setRole } from '#shared/roles.ts'
import { hiddenModels, picturePrices } from '#shop/pictures/settings.ts'
import { manualRequisites, secondAdminForRequests } from '#shop/payments/settings.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** The owner of the second bot, and of no other bot. */
const OTHER = 102

describe.skipIf(!redisAvailable())('settings in the admin panel', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({
      workers: ['bot'],
      // Nobody listens at this address, so margins cannot be computed and the page says so.
      env: { FRAGMENT_API_URL: 'http://127.0.0.1:9' },
    })
    await shop.person(OTHER, 'Other')
    await shop.say(OWNER, '/start')
    await shop.sees(OWNER, 'Balance')
  })
  afterAll(() => shop?.close())

  /** The parts with which a setting is changed; every call reads the settings anew. */
  const settingsApp = () => {
    const bots = shop.config.bots.map((bot) => [
      bot.name,
      { ...bot, isAdmin: (id: bigint) => bot.admins.includes(id) },
    ])
    const settings = createSettings(shop.db, shop.config)
    return { db: shop.db, config: shop.config, settings, bots: new Map(bots as never) as never }
  }

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
    await shop.sees(OWNER, /Before: 7\nAfter: as by default/)
    await shop.press(OWNER, 'Yes, undo')
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
    await shop.press(OWNER, 'Yes, reset')
    await shop.sees(OWNER, 'Now in main: 6 (set for all bots)')
    await shop.press(OWNER, 'All bots')
    await shop.press(OWNER, 'Back to the default')
    await shop.press(OWNER, 'Yes, reset')
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
    // At 5 Stars a token, the largest pack whose invoice fits has 20,000 tokens.
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

    // With Stars so dear, nobody gains from a token for 4 Stars.
    await shop.db.rows(q`insert into settings (bot, key, value) values ('', 'star-price', '"3"')`)
    // The new price fits the packs of all bots, but not the packs that one bot has of its own.
    await ask('Stars for one token', 'all')
    await shop.say(OWNER, '6')
    await shop.sees(OWNER, /^second: The pack of 20,000 tokens would cost 120,000 Stars.*at most 5\.$/)
    await shop.say(OWNER, '4')
    await shop.sees(OWNER, 'After: 4')
    // The packs have become larger meanwhile, so a price that fitted when it was typed is checked again when it is
    // saved.
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
    // Two changes clash only together; the second one waits for the first.
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
    // A price that all bots share stays one, whichever bot is chosen.
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
    await shop.press(OWNER, 'Yes, undo')
    await shop.sees(OWNER, 'Now in main: 2 (set for all bots)')
  })

  test('models of pictures cost, and providers take payments, in one bot otherwise than in the others', async () => {
    const settings = () => createSettings(shop.db, shop.config)
    await shop.say(OWNER, '/images_admin')
    await shop.press(OWNER, 'Models and prices')
    await shop.press(OWNER, 'Only main')
    await shop.press(OWNER, /Demo/)
    await shop.press(OWNER, 'Another price')
    await shop.say(OWNER, '0')
    await shop.sees(OWNER, /A picture costs 1 token for all bots.*Set at least that/s)
    await shop.say(OWNER, '9')
    await shop.sees(OWNER, /Only main[\s\S]*Before: 1 token\nAfter: 9 tokens/)
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, /Price: 9 tokens/)
    await shop.press(OWNER, /^Hide$/)
    await shop.sees(OWNER, /Only main[\s\S]*Before: On sale\nAfter: Hidden/)
    expect(await settings().get(hiddenModels, 'main')).toEqual([])
    await shop.press(OWNER, /^Hide$/)
    await shop.press(OWNER, 'All bots')
    await shop.press(OWNER, 'Another price')
    await shop.say(OWNER, '3')
    await shop.sees(OWNER, /All bots[\s\S]*After: 3 tokens/)
    await shop.press(OWNER, 'Save')
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

  test('wordings that are sent right after one another are all kept, and taken back on their page', async () => {
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
    await shop.press(OWNER, 'Yes, undo')
    expect(await words()).toEqual({ 'en.health-ok': 'All is well' })
    await shop.press(OWNER, 'As in all bots')
    await shop.press(OWNER, 'Yes, reset')
    expect(await words()).toEqual({})
    for (const [line, told] of [
      ['en.welcome Welcome <3', 'stands in a message, and Telegram would take “<3” for markup'],
      ['en.menu-buy <b>Buy</b>', 'stands on a button, where there is no markup'],
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
    // This person is the owner of the second bot by role; the first bot of the settings belongs to somebody else.
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
    // No key for it is drawn, and a made-up press does nothing either.
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

    // A person who owns each of the bots may change it.
    await shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(OTHER), role: 'admin', by: 1n }))
    await expect(changeSetting(app, entry, change)).rejects.toMatchObject({ code: 'setting.all-bots' })
    await shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(OTHER), role: 'owner', by: 1n }))
    await changeSetting(app, entry, change)
    expect(await app.settings.get(referralHoldDays)).toBe(5)
    await changeSetting(app, entry, { ...change, value: undefined, seen: 1 })

    // A bot of another deployment counts as long as it is served, and a bot that was dropped from all settings
    // does not.
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
})
