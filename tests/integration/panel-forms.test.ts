import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { setRole } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import { thingsOfMain } from '../lib/belongings.ts'
import { eventually } from '../lib/eventually.ts'
import { openPanelOf } from '../lib/panel.ts'
import { tracesOf, walkFields, walkForms, walkPages } from '../lib/panel-walks.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

describe.skipIf(!redisAvailable())('the forms of the panel', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let url: string
  /** An owner of every bot, who has confirmed in the chat that it is they. */
  let owner: Awaited<ReturnType<typeof openPanelOf>>
  beforeAll(async () => {
    shop = await openShop({
      env: { PUBLIC_URL: 'https://shop.example', TELEGRAM_CHAT_RATE: '0' },
      workers: ['bot'],
    })
    url = shop.url
    const me = await shop.person({ id: ADMIN })
    await me.start()
    owner = await openPanelOf(url, me)
    await confirm(ADMIN)
  })

  /** Asks only when the word in the chat has come, because the requests of one person are counted. */
  const confirm = (id: number) =>
    shop.db.rows(q`update panel_sessions set confirmed_at = now() where person_id = ${id}`)

  async function guest(bot = 'main') {
    const person = await shop.person({ bot: `${bot}_bot` })
    await person.start()
    await person.key(/./)
    return person
  }
  async function admin(role: Role, bot: 'main' | 'second' = 'main') {
    const person = await guest(bot)
    await shop.db.tx((tx) => setRole(tx, { bot, personId: BigInt(person.id), role, by: BigInt(ADMIN) }))
    return person
  }
  const refused = (status: number, code: string) => ({
    status,
    type: expect.stringContaining('application/problem+json'),
    body: { status, code, detail: expect.any(String) },
  })
  /** The values that a form shows, as its page sends them back. */
  async function shownAt(form: string): Promise<Record<string, string>> {
    const fields = (await owner.get(form)).body['fields'] as { name: string; value: string }[]
    return Object.fromEntries(fields.map(({ name, value }) => [name, value]))
  }
  /** The lines of the audit log about this target, with the way by which each came. */
  const journal = (action: string, target: string) =>
    shop.db.rows(q<{ way: string | null }>`
      select details ->> 'way' as way from audit_log where action = ${action} and target = ${target}`)

  test('a balance is corrected once, however often and from however many tabs the form is sent', async () => {
    const buyer = await guest()
    const at = `/people/${buyer.id}/adjust`
    const typed = { direction: 'up', sum: '50', asset: 'TOK', reason: 'compensation' }
    expect((await owner.get(at)).body['fields'].map(({ name }: { name: string }) => name)).toEqual([
      'direction',
      'sum',
      'asset',
      'reason',
    ])
    const { body } = await owner.post(`${at}/check`, typed)
    expect(body['lines'].join(' ')).toMatch(/\+50\stokens.*compensation.*\D0\stokens.*50\stokens/)
    expect(await buyer.tokens()).toBe(0n)
    const send = (more: object = {}) =>
      owner.post(`${at}/save`, { ...typed, form: 'correction0001', ...more })
    const answers = await Promise.all([send(), send(), send()])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    // The answer got lost, and the admin changed the sum and pressed again: the panel tells what was done before.
    const again = await send({ sum: '500' })
    expect(again.body).toMatchObject({
      said: expect.stringMatching(/\+50\stokens/),
      opens: `person/${buyer.id}`,
    })
    expect(await buyer.tokens()).toBe(50n)
    expect(await journal('adjustment', `person ${buyer.id}`)).toEqual([{ way: 'panel' }])
    // A form that was refused may be changed and sent again.
    const down = { ...typed, direction: 'down', form: 'correction0002' }
    expect(await owner.post(`${at}/check`, { ...down, sum: '70' })).toMatchObject(
      refused(422, 'admin.balance-short'),
    )
    expect(await owner.post(`${at}/save`, { ...down, sum: '70' })).toMatchObject(
      refused(422, 'admin.balance-short'),
    )
    expect((await owner.post(`${at}/save`, { ...down, sum: '20' })).status).toBe(200)
    expect(await buyer.tokens()).toBe(30n)
  })

  test('a correction above the limit waits for a second admin, and an unconfirmed browser corrects nothing', async () => {
    const buyer = await guest()
    const at = `/people/${buyer.id}/adjust`
    const large = { direction: 'up', sum: '1000000', asset: 'RUB', reason: 'test', form: newId() }
    const fresh = await openPanelOf(url, await admin('admin'))
    expect(await fresh.post(`${at}/save`, large)).toMatchObject(refused(403, 'panel.confirm'))
    expect((await owner.post(`${at}/save`, large)).body['said']).toMatch(/second admin/)
    const [row] = await shop.db.rows(q`select state, bot from adjustments where person_id = ${buyer.id}`)
    expect(row).toEqual({ state: 'waiting', bot: 'main' })
  })

  test('codes are made by a form once: one with its word, many with their file, each as the chat would make it', async () => {
    const typed = { promo: 'tokens', value: '10', many: '', code: 'PANEL10', uses: '5', per: '1', first: '' }
    const looked = await owner.post('/forms/promo/check', typed)
    expect(looked.body['lines'].join(' ')).toContain('PANEL10')
    expect(await shop.db.rows(q`select from promo_codes where code = 'PANEL10'`)).toEqual([])
    const save = (body: object) => owner.post('/forms/promo/save', body)
    const [one, other] = await Promise.all([1, 2].map(() => save({ ...typed, form: 'promoform01' })))
    expect([one!.status, other!.status]).toEqual([200, 200])
    const rows = await shop.db.rows(q<{ id: bigint }>`
      select c.id from promo_campaigns c join promo_codes k on k.campaign_id = c.id where k.code = 'PANEL10'`)
    expect(rows).toHaveLength(1)
    expect(await journal('promo.created', String(rows[0]!.id))).toEqual([{ way: 'panel' }])
    const many = {
      promo: 'percent',
      value: '15',
      asset: 'RUB',
      max: '500',
      many: 'yes',
      codes: '20',
      uses: '1',
    }
    const files = [
      await save({ ...many, form: 'promoform02' }),
      await save({ ...many, form: 'promoform02' }),
    ].map(({ body }) => body['file'].text.trim().split('\n').toSorted())
    expect(files[0]).toHaveLength(20)
    expect(files[1]).toEqual(files[0])
    // A second code with the same word belongs to another campaign, and is refused.
    expect(await save({ ...typed, form: 'promoform03' })).toMatchObject(refused(422, 'promo.taken'))
    for (const [wrong, code] of [
      [{ ...typed, code: '' }, 'panel.field'],
      [{ ...typed, value: 'ten' }, 'panel.field'],
      [{ ...typed, code: 'OTHER', bot: 'nowhere' }, 'promo.nowhere'],
    ] as const)
      expect(await owner.post('/forms/promo/check', wrong)).toMatchObject(refused(422, code))
    // Codes for all bots belong to admins who serve all bots.
    const second = await openPanelOf(url, await admin('admin', 'second'))
    expect(await second.post('/forms/promo/check', { ...typed, code: 'OTHER' })).toMatchObject(
      refused(422, 'panel.all-bots'),
    )
  })

  test('a plan is made, and changed by what its form says; sent again it is the same plan', async () => {
    const typed = {
      ru: 'Про',
      en: 'Pro',
      days: '30',
      tokens: '90',
      stars: '',
      discount: '10',
      pictures: '',
    }
    const made = () => owner.post('/forms/plan/save', { ...typed, code: 'by-panel', form: 'planform01' })
    expect([(await made()).status, (await made()).status]).toEqual([200, 200])
    expect(
      await owner.post('/forms/plan/save', { ...typed, code: 'by-panel', form: 'planform02' }),
    ).toMatchObject(refused(422, 'plan.taken'))
    expect(await journal('plan.created', 'by-panel')).toEqual([{ way: 'panel' }])
    const at = '/plans/by-panel/edit'
    const change = { ...(await shownAt(at)), tokens: '', stars: '250' }
    const looked = await owner.post(`${at}/check`, change)
    expect(looked.body['lines']).toHaveLength(2)
    expect((await owner.post(`${at}/save`, { ...change, form: 'planform03' })).status).toBe(200)
    const [plan] = await shop.db.rows(q`
      select price_tokens as tokens, price_stars as stars from plans where code = 'by-panel'`)
    expect(plan).toEqual({ tokens: null, stars: 250 })
    expect(await owner.post(`${at}/check`, { ...(await shownAt(at)), days: '0' })).toMatchObject(
      refused(422, 'panel.range'),
    )
    expect(await owner.get('/plans/nowhere/edit')).toMatchObject(refused(422, 'subscription.unknown'))
  })

  test('an item is made, filled and changed; a line of stock that looks like a bot’s token reaches its buyer as it is', async () => {
    const typed = { kind: 'stock', ru: 'Ключ', en: 'Key', price: '500 RUB', bots: 'main', low: '5' }
    const save = () => owner.post('/forms/item/save', { ...typed, form: 'itemform01' })
    const [one, other] = await Promise.all([save(), save()])
    expect(other.body['opens']).toBe(one.body['opens'])
    const id = String(one.body['opens']).split('/')[1]!
    const token = `7000000003:${'A'.repeat(35)}`
    const fill = (lines: string, form: string) => owner.post(`/items/${id}/stock/save`, { lines, form })
    expect((await fill(`one\n${token}\none`, 'stockform01')).body['said']).toMatch(/2 keys/)
    expect((await fill(`one\n${token}`, 'stockform02')).status).toBe(200)
    const count = async () =>
      (
        await shop.db.rows(q<{ count: number }>`
        select count(*)::int as count from shelf_lines where item_id = ${id}::bigint`)
      )[0]!.count
    expect(await count()).toBe(2)
    expect(await fill('  ', 'stockform03')).toMatchObject(refused(422, 'item.no-lines'))
    const values = await shownAt(`/items/${id}/edit`)
    expect(await owner.post(`/items/${id}/edit/check`, values)).toMatchObject(refused(422, 'panel.same'))
    const change = { ...values, price: '450 RUB', more: 'price-main: 400', form: 'itemform02' }
    const { lines: told } = (await owner.post(`/items/${id}/edit/check`, change)).body
    expect(told.at(-1)).toMatch(/: Price, price-main$/)
    expect((await owner.post(`/items/${id}/edit/save`, change)).status).toBe(200)
    const [item] = await shop.db.rows(q`
      select price, prices, low, bots from shelf_items where id = ${id}::bigint`)
    expect(item).toEqual({ price: 45_000n, prices: { main: '40000' }, low: 5, bots: ['main'] })
    expect(await owner.post('/forms/item/check', { ...typed, price: '' })).toMatchObject(
      refused(422, 'panel.field'),
    )
    expect(await journal('item.created', id)).toEqual([{ way: 'panel' }])
  })

  test('of two admins who change one plan, one item or one category, the second is told so, and nothing of the first is lost', async () => {
    const made = async (form: string, typed: object) =>
      String((await owner.post(`/forms/${form}/save`, { ...typed, form: `two${form}form1` })).body['opens'])
    const names = { ru: 'Вдвоём', en: 'Two' }
    await made('plan', { ...names, code: 'two', days: '30', tokens: '90', stars: '', discount: '0' })
    const item = await made('item', { ...names, kind: 'stock', price: '500 RUB', bots: 'main', low: '5' })
    const category = await made('category', { ...names, under: '' })
    const things: [string, Record<string, string>, Record<string, string>][] = [
      ['/plans/two/edit', { tokens: '180' }, { discount: '10' }],
      [`/items/${item.split('/')[1]}/edit`, { price: '900.00 RUB' }, { limit: '1' }],
      [`/categories/${category.split('/')[1]}/edit`, { ru: 'Игры' }, { en: 'Games' }],
    ]
    for (const [at, first, second] of things) {
      const shown = await shownAt(at)
      const save = (change: object, form: string) => owner.post(`${at}/save`, { ...shown, ...change, form })
      expect((await save(first, 'twofirst01')).status, at).toBe(200)
      expect(await save(second, 'twosecond1'), at).toMatchObject(refused(422, 'panel.changed'))
      expect(await owner.post(`${at}/check`, { ...shown, ...second }), at).toMatchObject(
        refused(422, 'panel.changed'),
      )
      const anew = await shownAt(at)
      expect(anew, at).toMatchObject(first)
      expect((await owner.post(`${at}/save`, { ...anew, ...second, form: 'twothird01' })).status).toBe(200)
      expect(await shownAt(at), at).toMatchObject({ ...first, ...second })
    }
  })

  test('a role is given to the person who is named, once, by an owner who has confirmed in the chat that it is they', async () => {
    const person = await guest()
    const typed = { who: String(person.id), role: 'support' }
    const looked = await owner.post('/forms/role/check', typed)
    expect(looked.body['lines'].join(' ')).toMatch(/no role.*support/)
    const save = () => owner.post('/forms/role/save', { ...typed, form: 'roleform01' })
    const answers = await Promise.all([save(), save()])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(await journal('role', `person ${person.id}`)).toEqual([{ way: 'panel' }])
    expect(await owner.post('/forms/role/check', { who: String(ADMIN), role: 'admin' })).toMatchObject(
      refused(422, 'admin.is-owner'),
    )
    expect(await owner.post('/forms/role/check', { who: '@nobody_at_all', role: 'admin' })).toMatchObject(
      refused(404, 'admin.no-person'),
    )
    const lesser = await openPanelOf(url, await admin('admin'))
    expect(await lesser.post('/forms/role/check', typed)).toMatchObject(refused(403, 'admin.role'))
  })

  const draft = {
    words: 'The sale is on',
    'words-en': 'The sale is on, friends',
    keys: 'Shop - https://shop.example/ | News - https://t.me/news',
    'to-tag': 'bypanel',
    optout: 'yes',
  }
  const values = async (at: string) =>
    Object.fromEntries(
      ((await owner.get(at)).body['fields'] as { name: string; value: string }[]).map(({ name, value }) => [
        name,
        value,
      ]),
    )

  test('a mailing is written at the panel, shown in the chat as it will be, and started once as it was seen', async () => {
    const reader = await shop.person({})
    await reader.say('/start bypanel')
    await reader.key(/./)
    const looked = () => owner.post('/forms/mailing/check', draft)
    // The tag by which a person came is written after their first screen.
    await eventually(async () => /bypanel.* 1 recipient/.test((await looked()).body['lines'].join(' ')), {
      what: 'the reader is counted',
    })
    expect(await shop.db.rows(q`select from broadcasts`)).toEqual([])
    const save = () => owner.post('/forms/mailing/save', { ...draft, form: 'mailingform1' })
    const [one, other] = await Promise.all([save(), save()])
    expect([one.status, other.body['opens']]).toEqual([200, one.body['opens']])
    expect((await save()).body['opens']).toBe(one.body['opens'])
    const id = String(one.body['opens']).split('/')[1]!
    expect(await shop.db.rows(q`select state from broadcasts`)).toEqual([{ state: 'draft' }])
    const at = `/mailings/${id}`
    // A form that was drawn before another admin changed the draft does not overwrite the change, and starts
    // nothing.
    const [first, agreed] = [await values(`${at}/edit`), await values(`${at}/start`)]
    expect(first).toMatchObject({ ...draft, print: expect.any(String) })
    const change = (more: object) => owner.post(`${at}/edit/save`, { ...first, ...more, form: newId() })
    expect((await change({})).status).toBe(200)
    expect(await change({ words: 'The sale ends' })).toMatchObject({ status: 200 })
    expect(await change({ words: 'The sale is off' })).toMatchObject(refused(422, 'broadcast.draft-changed'))
    // The words of a mailing stand beside the key that starts it.
    const { hint } = (await owner.get(`${at}/start`)).body
    expect(hint).toContain(`${draft['words-en']}\n[ Shop ] [ News ]`)
    const start = (more: object) => owner.post(`${at}/start/save`, { ...more, form: 'mailingform3' })
    expect(await start(agreed)).toMatchObject(refused(422, 'broadcast.draft-changed'))
    const tested = await owner.post(`${at}/test/save`, { whom: 'me', form: 'mailingform2' })
    expect(tested.body['said']).toBe('Shown to you')
    const me = await shop.person({ id: ADMIN })
    const shown = (await me.messages()).filter(({ text }) => text === draft['words-en'])
    expect(shown.at(-1)!.inline_keyboard!.map((row) => row.map(({ text }) => text))).toEqual([
      ['Shop', 'News'],
      ['No more mailings'],
    ])
    const unconfirmed = await openPanelOf(url, await admin('admin'))
    const now = await values(`${at}/start`)
    expect(await unconfirmed.post(`${at}/start/save`, { ...now, form: 'mailingform4' })).toMatchObject(
      refused(403, 'panel.confirm'),
    )
    const answers = await Promise.all([start(now), start(now)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(await journal('broadcast.start', `broadcast ${id}`)).toEqual([{ way: 'panel' }])
    expect(await shop.db.rows(q`select state, generation from broadcasts`)).toEqual([
      { state: 'scheduled', generation: 1 },
    ])
    expect(await owner.get(`${at}/edit`)).toMatchObject(refused(422, 'panel.moved'))
    expect(await change({ words: 'Too late' })).toMatchObject(refused(422, 'panel.moved'))
  })

  test('a mailing at the panel has the limits of the chat: its words, keys, time, bots, readers and Stars', async () => {
    const lesser = await openPanelOf(url, await admin('admin'))
    for (const [wrong, code] of [
      [{ words: ' ', 'words-en': '' }, 'panel.field'],
      [{ keys: 'no address' }, 'broadcast.buttons'],
      [{ start: 'yesterday' }, 'broadcast.time'],
      [{ 'to-tag': 'два слова' }, 'broadcast.tag'],
      [{ 'to-activedays': '4' }, 'panel.field'],
    ] as const)
      expect(await lesser.post('/forms/mailing/check', { ...draft, ...wrong })).toMatchObject(
        refused(422, code),
      )
    const others = { ...draft, 'to-bots': 'main, second' }
    expect(await lesser.post('/forms/mailing/check', others)).toMatchObject(refused(404, 'bot.not-yours'))
    const kept = async (more: object, form: string) => {
      const { body } = await owner.post('/forms/mailing/save', { ...draft, ...more, form })
      return `/mailings/${String(body['opens']).split('/')[1]!}`
    }
    const empty = await kept({ 'to-tag': 'nobody-came' }, 'mailingform5')
    expect(await owner.post(`${empty}/start/check`, await values(`${empty}/start`))).toMatchObject(
      refused(422, 'broadcast.nobody'),
    )
    const planned = await kept({ start: '+2h', 'to-bots': 'main, second', 'to-tag': '' }, 'mailingform6')
    expect(await values(`${planned}/edit`)).toMatchObject({
      start: expect.stringMatching(/^\d\d\.\d\d\.\d{4} \d\d:\d\d$/),
      'to-bots': 'main, second',
    })
    // An admin of another bot can neither see nor start its mailings.
    const stranger = await openPanelOf(url, await admin('owner', 'second'))
    expect((await stranger.get(`${planned}/start`)).status).toBeGreaterThanOrEqual(400)
    expect((await stranger.get(`${planned}/edit`)).status).toBeGreaterThanOrEqual(400)
  })

  test('F66 what makes no sense is refused in words at every page of the panel, and does nothing', async () => {
    const before = await tracesOf(shop)
    await walkPages(shop)
    expect(await tracesOf(shop)).toEqual(before)
  })

  test('F66 each field of each request has its own limits, and the answer names the field that breaks them', async () => {
    const before = await tracesOf(shop)
    expect(await walkFields(shop)).toBeGreaterThan(200)
    expect(await tracesOf(shop)).toEqual(before)
  })

  test('F66 F83 a form that is right but for one field is refused for that one, and another owner’s bot is nobody’s', async () => {
    const person = await guest()
    const things = await thingsOfMain(shop, { id: newId(), person })
    const before = await tracesOf(shop)
    expect(await walkForms(shop, person.id, things)).toBeGreaterThan(40)
    expect(await tracesOf(shop)).toEqual(before)
  })
})
