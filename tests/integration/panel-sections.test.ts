import { sql as q } from 'kysely'
import pg from 'pg'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { newId } from '#shared/ids.ts'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { savePlan } from '#shop/loyalty/subscriptions/manage.ts'
import { createMailing, scheduleMailing } from '#shop/mailings/mailings.ts'
import { editDraft } from '#shop/mailings/drafts.ts'
import { saveItem } from '#shop/shelf/manage.ts'
import { setRole } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import { countDays } from '#shop/admin/totals.ts'
import { tellChange } from '#shared/changes.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { eventually } from '../lib/eventually.ts'
import { listenPanel, openPanelOf } from '../lib/panel.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

describe.skipIf(!redisAvailable())('the sections of the panel', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  /** The owner of every bot by the settings of the deployment, who has confirmed in the chat that it is they. */
  let owner: Awaited<ReturnType<typeof openPanelOf>>
  beforeAll(async () => {
    shop = await openShop({ env: { PUBLIC_URL: 'https://shop.example' }, workers: ['bot'] })
    const me = await shop.person({ id: ADMIN, first_name: 'Olga', username: 'olga' })
    await me.start()
    owner = await openPanelOf(shop.url, me)
    await owner.confirm()
  })

  async function panelOf(role: Role, bot: 'main' | 'second' = 'main') {
    const person = await shop.person({ bot: `${bot}_bot` })
    await person.start()
    await person.key(/./)
    await shop.db.tx((tx) => setRole(tx, { bot, personId: BigInt(person.id), role, by: BigInt(ADMIN) }))
    return { id: person.id, ...(await openPanelOf(shop.url, person)) }
  }
  const refused = (status: number, code: string) => ({
    status,
    type: expect.stringContaining('application/problem+json'),
    body: { status, code, detail: expect.any(String) },
  })

  test('a setting is changed for one bot after a look at what will change, read with its history, and undone', async () => {
    const at = '/settings/stars-per-token'
    const [before] = (await owner.get(at)).body['places'].filter(
      ({ scope }: { scope: string }) => scope === 'own',
    )
    expect(before).toMatchObject({ isSet: false, may: true, seen: 0, history: [], undo: null })
    const looked = await owner.post(`${at}/check`, { scope: 'own', text: '7' })
    expect(looked.body).toEqual({ before: '5', after: '7' })
    const save = { scope: 'own', text: '7', seen: 0 }
    const [one, other] = await Promise.all([owner.post(`${at}/save`, save), owner.post(`${at}/save`, save)])
    expect([one.status, other.status].toSorted((a, b) => a - b)).toEqual([200, 422])
    const changed = (await owner.get(at)).body
    expect(changed).toMatchObject({ now: { value: '7', origin: 'bot' }, byDefault: '5' })
    const own = changed['places'].find(({ scope }: { scope: string }) => scope === 'own')
    expect(own).toMatchObject({ isSet: true, seen: 1, undo: { before: '7', after: 'as in all bots' } })
    expect(own.history).toMatchObject([{ before: 'as in all bots', after: '7', by: 'Olga @olga' }])
    // An admin cannot undo a change that they have not seen.
    expect(await owner.post(`${at}/undo`, { scope: 'own', seen: 0 })).toMatchObject(
      refused(422, 'setting.changed'),
    )
    expect((await owner.post(`${at}/undo`, { scope: 'own', seen: 1 })).status).toBe(200)
    expect((await owner.get(at)).body['now']).toMatchObject({ value: '5', origin: 'default' })
    const lines = await shop.db.rows(q`
      select action, bot, details ->> 'way' as way from audit_log where target = 'setting stars-per-token' order by id`)
    expect(lines).toEqual([
      { action: 'setting', bot: 'main', way: 'panel' },
      { action: 'setting.undone', bot: 'main', way: 'panel' },
    ])
  })

  test('a value that does not fit, contradicts another or has no setting is refused in words, at the look and at the change', async () => {
    const wrong: [key: string, body: Record<string, unknown>, status: number, code: string][] = [
      ['stars-per-token', { scope: 'own', text: 'seven' }, 422, 'setting.invalid'],
      ['stars-per-token', { scope: 'own', text: '1' }, 422, 'setting.round-trip'],
      ['stars-packs', { scope: 'all', text: '1000000' }, 422, 'setting.invoice'],
      ['price-buy-rub', { scope: 'own', text: '1,500' }, 422, 'amount.unclear'],
      ['premium-prices', { scope: 'all', text: '5 1500' }, 422, 'setting.invalid'],
      ['payments-manual-requisites', { scope: 'own', text: 'x' }, 422, 'setting.invalid'],
      ['gains-above', { scope: 'own', text: '5' }, 404, 'admin.not-found'],
      ['nothing', { scope: 'own', text: '5' }, 404, 'admin.not-found'],
      ['stars-per-token', { scope: 'both', text: '5' }, 400, 'web.request'],
      ['stars-per-token', { scope: 'own', text: 5 }, 400, 'web.request'],
    ]
    const places = (await owner.get('/settings/stars-per-token')).body['places']
    const { seen: changes } = places.find(({ scope }: { scope: string }) => scope === 'own')
    for (const [key, body, status, code] of wrong)
      for (const act of ['check', 'save'])
        expect(
          await owner.post(`/settings/${key}/${act}`, {
            ...body,
            seen: key === 'stars-per-token' ? changes : 0,
          }),
          `${key} ${act}`,
        ).toMatchObject(refused(status, code))
    expect(
      await owner.post('/settings/stars-per-token/save', { scope: 'own', text: '7', seen: -1 }),
    ).toMatchObject(refused(400, 'web.request'))
  })

  test('F83 an owner of one bot changes a setting there after a word in the chat, never for all bots, and an admin only looks', async () => {
    const second = await panelOf('owner', 'second')
    const save = (scope: string) =>
      second.post('/settings/display-currency/save', { scope, text: 'eur', seen: 0 })
    expect(await save('own')).toMatchObject(refused(403, 'panel.confirm'))
    await second.confirm()
    expect(await save('all')).toMatchObject(refused(403, 'setting.all-bots'))
    expect((await save('own')).status).toBe(200)
    const theirs = (await second.get('/settings/display-currency')).body
    expect(theirs).toMatchObject({
      now: { value: '€' },
      places: [
        { scope: 'all', may: false, why: expect.stringContaining('all bots') },
        { scope: 'own', may: true },
      ],
    })
    expect((await owner.get('/settings/display-currency')).body['now']).toMatchObject({ origin: 'default' })
    const looker = await panelOf('admin')
    const seen = (await looker.get('/settings/display-currency')).body
    expect(seen['places'].map(({ may }: { may: boolean }) => may)).toEqual([false, false])
    const all = (await looker.get('/settings')).body['groups'].flatMap(
      ({ settings }: { settings: { key: string }[] }) => settings.map(({ key }) => key),
    )
    expect(all).toEqual(expect.arrayContaining(['star-price', 'payments-manual-requisites', 'texts']))
  })

  test('a mailing is paused, resumed and ended, each once, and its row says how far it is', async () => {
    const id = newId()
    await createMailing(shop.db, { id, bot: 'main', createdBy: BigInt(ADMIN) })
    await shop.db.rows(q`
      update broadcasts set state = 'running', total = 3000, sent = 1200, blocked = 7, failed = 1, rate = 25, started_at = now(),
        contents = '{"": {"text": "Big sale", "media": [], "buttons": [], "sources": {}}}' where id = ${id}`)
    const row = async (filter = '') =>
      (await owner.get(`/lists/mailings${filter}`)).body['rows'].find((one: { id: string }) => one.id === id)
    expect((await row('?state=running')).cells.slice(0, 6)).toEqual([
      'Big sale',
      'running',
      '1,200 / 3,000 · 40 %',
      '8',
      expect.stringMatching(/25/),
      'Olga @olga',
    ])
    for (const [how, state] of [
      ['pause', 'paused'],
      ['resume', 'running'],
      ['cancel', 'cancelled'],
    ] as const) {
      const press = () => owner.post(`/mailings/${id}/${how}`)
      const answers = await Promise.all([press(), press()])
      expect(
        answers.map(({ status }) => status).toSorted((one, other) => one - other),
        how,
      ).toEqual([200, 422])
      expect(answers.find(({ status }) => status === 422)!.body).toMatchObject({ code: 'panel.moved' })
      expect((await row()).cells[1], how).toContain(state)
    }
    const lines = await shop.db.rows(q<{ action: string }>`
      select action from audit_log where target = ${`broadcast ${id}`} and details ->> 'way' = 'panel' order by id`)
    expect(lines.map(({ action }) => action)).toEqual([
      'broadcast.pause',
      'broadcast.resume',
      'broadcast.cancel',
    ])
  })

  test('codes, plans and goods of the shelf are taken off and put back, each once', async () => {
    const [campaign, item] = await shop.db.tx(async (tx) => {
      const created = await createCampaign(tx, {
        name: 'Autumn',
        kind: 'tokens',
        value: 5n,
        createdBy: BigInt(ADMIN),
      })
      await addCode(tx, created, 'AUTUMN', 3)
      await savePlan(tx, 'pro', { name: { ru: 'Про', en: 'Pro' }, priceTokens: 90n })
      const saved = await saveItem(
        tx,
        undefined,
        { kind: 'text', name: { ru: 'Гид', en: 'Guide' }, price: 9_900n },
        BigInt(ADMIN),
      )
      return [created, saved.id]
    })
    const cells = async (list: string, id: unknown): Promise<string[]> =>
      (await owner.get(`/lists/${list}`)).body['rows'].find((one: { id: string }) => one.id === String(id))
        .cells
    expect(await cells('promo', campaign)).toEqual([
      'Autumn',
      'Tokens: 5',
      '0',
      '3',
      'All bots',
      '—',
      'works',
    ])
    expect(await cells('plans', 'pro')).toEqual(expect.arrayContaining(['Pro', '30', '0', 'pro']))
    expect(await cells('items', item)).toEqual(expect.arrayContaining(['Guide', '—', 'All bots']))
    expect((await owner.get(`/lists/items?after=${item}`)).body['rows']).toEqual([])
    for (const [at, off, on] of [
      [`/promo/${campaign}`, 'pause', 'resume'],
      ['/plans/pro', 'retire', 'resell'],
      [`/items/${item}`, 'retire', 'resell'],
    ])
      for (const how of [off, on]) {
        expect((await owner.post(`${at}/${how}`)).status, `${at} ${how}`).toBe(200)
        expect(await owner.post(`${at}/${how}`), `${at} ${how}`).toMatchObject(refused(422, 'panel.moved'))
      }
    const second = await panelOf('owner', 'second')
    expect(await second.post('/plans/pro/retire')).toMatchObject(refused(403, 'setting.all-bots'))
    expect(await second.post(`/items/${item}/retire`)).toMatchObject(refused(404, 'admin.not-served'))
  })

  test('a role is taken away after a word in the chat, its panel closes, and nobody takes their own or an owner’s by the settings', async () => {
    const helper = await panelOf('support')
    const boss = await panelOf('owner')
    const take = (id: string | number | bigint) => boss.post(`/roles/${id}/take`)
    expect(await take(helper.id)).toMatchObject(refused(403, 'panel.confirm'))
    await boss.confirm()
    expect((await take(helper.id)).body).toEqual({ said: expect.any(String) })
    expect(await helper.get('/me')).toMatchObject(refused(403, 'panel.role'))
    expect(await take(helper.id)).toMatchObject(refused(422, 'panel.moved'))
    expect(await take(boss.id)).toMatchObject(refused(422, 'role.self'))
    expect(await take(ADMIN)).toMatchObject(refused(422, 'admin.is-owner'))
    const { rows } = (await boss.get('/lists/roles')).body
    expect(rows[0].cells).toEqual(['Olga @olga', String(ADMIN), 'owner', 'by the settings of the deployment'])
    expect(rows.map(({ id }: { id: string }) => id)).toContain(String(boss.id))
    expect(rows.map(({ id }: { id: string }) => id)).not.toContain(String(helper.id))
  })

  test('a file holds all pages of a list, of the admin’s own bots, and the log says who saved it', async () => {
    const buyer = await shop.person()
    await buyer.start()
    await buyer.key(/./)
    await shop.db.rows(q`
      insert into payments (id, person_id, bot, provider, asset, amount, credit_asset, credit_amount, created_at)
      select lpad(n::text, 16, 'f'), ${buyer.id}, 'main', 'mulenpay', 'RUB', 100, 'RUB', 100, now() - n * interval '1 second'
      from generate_series(1, 1234) n`)
    const save = async ({ cookie }: { cookie: string }, list: string) => {
      const response = await fetch(`${shop.url}/panel/api/files/${list}`, {
        headers: { cookie, 'x-telekassa-panel': '1' },
      })
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        text: Buffer.from(await response.arrayBuffer()).toString('utf8'),
      }
    }
    const file = await save(owner, `payments?person=${buyer.id}`)
    expect(file).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8' })
    const lines = file.text.trim().split('\r\n')
    expect(file.text).toMatch(/^\ufeff"Sum","Method","State","Who","Bot","When","Number"\r\n/)
    expect(new Set(lines.slice(1).map((line) => /"(f[^"]+)"$/.exec(line)?.[1])).size).toBe(1234)
    const second = await panelOf('admin', 'second')
    expect((await save(second, `payments?person=${buyer.id}`)).text.trim().split('\r\n')).toHaveLength(1)
    expect((await save(second, 'payments?bot=main')).status).toBe(400)
    expect((await save(await panelOf('support'), 'payments')).status).toBe(403)
    const [line] = await shop.db.rows(q`
      select target, details from audit_log where action = 'panel.file' and actor_id = ${ADMIN}`)
    expect(line).toEqual({ target: 'list payments', details: { person: String(buyer.id), way: 'panel' } })
  })

  test('F100 a file ends where its admin’s role does, in the middle of a list', async () => {
    const clerk = await panelOf('admin')
    const locker = new pg.Client({ connectionString: shop.database.url })
    await locker.connect()
    await locker.query('begin; lock table payments in access exclusive mode')
    const response = await fetch(`${shop.url}/panel/api/files/payments`, {
      headers: { cookie: clerk.cookie, 'x-telekassa-panel': '1' },
    })
    expect(response.status).toBe(200)
    await eventually(
      async () =>
        (await shop.db.rows(q`select 1 from pg_locks where relation = 'payments'::regclass and not granted`))
          .length > 0,
      { what: 'the file waits for its first rows' },
    )
    const taken = { bot: 'main', personId: BigInt(clerk.id), role: undefined, by: BigInt(ADMIN) }
    await shop.db.tx((tx) => setRole(tx, taken))
    await locker.query('commit')
    await locker.end()
    await expect(response.text()).rejects.toThrow()
  })

  test('health says how the parts and queues are, and many who look at the queues are one reading', async () => {
    const { lines } = (await owner.get('/health')).body
    expect(lines.map(({ text }: { text: string }) => text).join(' ')).toMatch(
      /database answers[\s\S]*@main_bot/i,
    )
    // One reading of the queues serves for a second. The clock is held, because on a busy machine a second may
    // pass between the first answer and the last.
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
    const answers = await Promise.all(Array.from({ length: 20 }, () => owner.get('/queues')))
    now.mockRestore()
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(answers[0]!.body['queues'].map(({ name }: { name: string }) => name)).toContain('updates')
  })

  test('what another admin decides, in the chat or at a panel, and what happens to a customer is heard by every open page', async () => {
    const page = await listenPanel(shop.url, (await panelOf('read-only')).cookie)
    const hears = async (what: string, act: () => Promise<unknown>) => {
      const before = page.count()
      await act()
      await eventually(() => page.count() > before, { what })
    }
    const boss = await shop.person({ id: ADMIN })
    await hears('an act in the chat', () => boss.say('/admin'))
    const wanted = { name: 'Spring', kind: 'tokens', value: 5n, createdBy: BigInt(ADMIN) } as const
    const campaign = await shop.db.tx((tx) => createCampaign(tx, wanted))
    await hears('an act at a panel', () => owner.post(`/promo/${campaign}/pause`))
    await hears('something of a customer', () => tellChange(shop.db, 1n))
    page.stop()
  })

  test('F101 a live page says honestly that nothing moves while the worker is dead, and hears it when another one goes on', async () => {
    const id = newId()
    const reader = await shop.person({ first_name: 'Reader' })
    await reader.start()
    await reader.key(/./)
    const me = await shop.person({ id: ADMIN })
    const { message_id } = (await me.messages())[0]!
    await createMailing(shop.db, { id, bot: 'main', createdBy: BigInt(ADMIN) })
    const source = {
      text: 'Hello',
      media: [],
      buttons: [],
      sources: { main: { chatId: ADMIN, messageIds: [message_id] } },
    }
    await editDraft(shop.db, id, { contents: { '': source } })
    await shop.db.tx((tx) => scheduleMailing(tx, id))
    const page = await listenPanel(shop.url, owner.cookie)
    const state = async (): Promise<string> =>
      (await owner.get('/lists/mailings')).body['rows'].find((row: { id: string }) => row.id === id).cells[1]
    // No worker of mailings runs, so nothing is sent. The page says so, and it hears of no change.
    expect(await state()).toBe('scheduled')
    const before = page.count()
    const worker = await startWorker(
      workerTypes.find(({ name }) => name === 'broadcasts')!,
      shop.shared,
      shop.database.url,
    )
    shop.onClose(() => worker.stop(3_000))
    await eventually(async () => (await state()) === 'done', { what: 'the mailing is done' })
    await eventually(() => page.count() > before, { what: 'the page heard of it' })
    page.stop()
  })

  test('statistics say what became of newcomers, where they came from and what they paid on average, of the bots that are served', async () => {
    await shop.db.rows(q`insert into persons (id) select g from generate_series(70001, 70010) g`)
    await shop.db.rows(q`
      insert into bot_sessions (bot, person_id, created_at, start_param)
      select 'second', g, now() - interval '20 days', case when g <= 70004 then 'ads' end from generate_series(70001, 70010) g`)
    await shop.db.rows(q`
      insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount, created_at, paid_at)
      select lpad(g::text, 16, 's'), g, 'second', 'manual', 'paid', 'RUB', 20000, 'RUB', 20000, now() - interval '19 days', now() - interval '19 days'
      from generate_series(70001, 70005) g`)
    // 70001 and 70002 buy in their first week, 70001 once more in the second.
    await shop.db.rows(q`
      insert into orders (id, person_id, bot, good, state, asset, price, created_at)
      select lpad(n::text, 16, 'o'), g, 'second', 'stars', 'delivered', 'RUB', 9000, now() - age * interval '1 day'
      from (values (1, 70001, 18), (2, 70002, 18), (3, 70001, 11)) o (n, g, age)`)
    // The cost of 70002's order is not known.
    await shop.db.rows(q`update orders set details = '{"costRub": "8000"}' where person_id = 70001`)
    const second = await panelOf('read-only', 'second')
    const ask = async (question: string) => (await second.get(`/stats?question=${question}&days=30`)).body
    // The admin counts as a newcomer as well.
    const funnel = await ask('funnel')
    expect(funnel['plot'].series[0].values.slice(1)).toEqual([5, 2, 1])
    expect(funnel['rows'].map(([step]: string[]) => step)).toEqual([
      'Pressed Start',
      'Paid',
      'Bought',
      'Bought again',
    ])
    const kept = (await ask('cohorts'))['rows'].find((row: string[]) => row[1] === '10')
    expect(kept.slice(2, 4)).toEqual(['20 %', '10 %'])
    const sources = await ask('sources')
    expect(sources['rows']).toContainEqual(['ads', '4', expect.stringContaining('800')])
    expect((await ask('average'))['total']).toContain('200')
    expect((await ask('margins'))['total']).toBe('₽20')
    expect((await ask('revenue'))['plot'].series).toMatchObject([
      { name: 'this period' },
      { name: 'the previous one' },
    ])
    const COUNTED = ['funnel', 'cohorts', 'sources', 'average', 'margins']
    // The figures are the same after the sweep has counted the days.
    const before = await Promise.all(COUNTED.map(ask))
    for (let round = 0; round < 3; round += 1) await countDays(shop.db)
    expect(await Promise.all(COUNTED.map(ask))).toEqual(before)
    expect(await second.get('/stats?bot=main')).toMatchObject(refused(400, 'panel.filter'))
    for (const bad of ['question=everything', 'days=31', 'days=-1'])
      expect(await second.get(`/stats?${bad}`), bad).toMatchObject(refused(400, 'web.request'))
    expect((await owner.get('/stats?bot=all')).body['bots'].flat()).toEqual(
      expect.arrayContaining(['main', 'second']),
    )
  })
})
