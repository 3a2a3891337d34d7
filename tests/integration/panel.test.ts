import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createRequest } from '#shop/payments/requests.ts'
import { setRole, type Role } from '#shared/roles.ts'
import { panelRoutes } from '#shop/web/panel/routes.ts'
import { thingsOfMain } from '../lib/belongings.ts'
import { eventually } from '../lib/eventually.ts'
import { newKey, refused } from '../lib/mini-app.ts'
import { askPanel, openPanelOf, panelLink } from '../lib/panel.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

describe.skipIf(!redisAvailable())('the owners’ panel', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let url: string
  beforeAll(async () => {
    shop = await openShop({ env: { PUBLIC_URL: 'https://shop.example' } })
    url = shop.url
    await (await shop.person({ id: ADMIN })).start()
  })

  const owner = () => shop.person({ id: ADMIN })
  /** A person to whom an owner has given a role in one bot. */
  async function admin(role: Role, bot: 'main' | 'second' = 'main') {
    const person = await shop.person({ bot: `${bot}_bot` })
    await person.start()
    await person.key(/./)
    await shop.db.tx((tx) => setRole(tx, { bot, personId: BigInt(person.id), role, by: BigInt(ADMIN) }))
    return person
  }
  const open = (code: string, key = newKey()) => askPanel(url, undefined, 'POST', '/session', { code, key })

  test('a link of the bot opens the panel by a cookie that no script and no other site has', async () => {
    const code = await panelLink(await owner())
    const opened = await open(code)
    expect(opened.status).toBe(200)
    expect(opened.setCookie).toMatch(
      /^__Host-telekassa-panel=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
    const me = await askPanel(url, opened.cookie, 'GET', '/me')
    expect(me.body).toMatchObject({ bot: 'main', role: 'owner', id: String(ADMIN), isConfirmed: false })
    const [line] = await shop.db.rows(q`
      select details, bot from audit_log where action = 'panel.opened' and actor_id = ${ADMIN} order by id desc limit 1`)
    expect(line).toEqual({ details: { way: 'panel' }, bot: 'main' })
    // The database keeps nothing of links and sessions with which a thief could open anything.
    const kept = JSON.stringify(
      await shop.db.rows(q`select l.*, s.key_hash from panel_links l, panel_sessions s`),
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    )
    expect(kept).not.toContain(code)
    expect(kept).not.toContain(opened.cookie!.split('=')[1])
  })

  test('F100 a link opens one browser: another one, the same later, an older link and a forged one get nothing', async () => {
    const me = await owner()
    const older = await panelLink(me)
    const code = await panelLink(me)
    expect(await open(older)).toMatchObject(refused(401, 'panel.link'))
    const key = newKey()
    const [first, again] = await Promise.all([open(code, key), open(code, key)])
    expect([first.status, again.status]).toEqual([200, 200])
    expect(await open(code)).toMatchObject(refused(401, 'panel.link'))
    expect(await open(newKey())).toMatchObject(refused(401, 'panel.link'))
    expect(await open('../../etc')).toMatchObject(refused(400, 'web.request'))
    expect((await askPanel(url, first.cookie, 'GET', '/me')).status).toBe(200)
    // The page that asked twice has one session.
    const sessions = await askPanel(url, first.cookie, 'GET', '/sessions')
    expect(sessions.body['sessions'].filter((one: { isThis: boolean }) => one.isThis)).toHaveLength(1)
    // Ten browsers come at the same moment, and one gets in.
    const raced = await panelLink(me)
    const all = await Promise.all(Array.from({ length: 10 }, () => open(raced)))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 401)).toHaveLength(9)
  })

  test('F100 a link is worth nothing after a minute, and a session nothing after its hours', async () => {
    const me = await owner()
    const code = await panelLink(me)
    await shop.db.rows(q`update panel_links set expires_at = now() where opened is null`)
    expect(await open(code)).toMatchObject(refused(401, 'panel.link'))
    const panel = await openPanelOf(url, me)
    await shop.db.rows(q`update panel_sessions set expires_at = now() where person_id = ${ADMIN}`)
    expect(await panel.get('/me')).toMatchObject(refused(401, 'panel.over'))
  })

  test('F100 a role that is taken away closes the panel at the next request, and a new one does not open it again', async () => {
    const person = await admin('admin')
    const panel = await openPanelOf(url, person)
    expect((await panel.get('/home')).status).toBe(200)
    const change = (role: Role | undefined) =>
      shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(person.id), role, by: BigInt(ADMIN) }))
    await change(undefined)
    expect(await panel.get('/home')).toMatchObject(refused(403, 'panel.role'))
    await change('owner')
    expect(await panel.get('/home')).toMatchObject(refused(401, 'panel.over'))
    expect(await open(panel.code, panel.key)).toMatchObject(refused(401, 'panel.link'))
    // A link that the person asked for before opens nothing either.
    const early = await panelLink(person)
    await change('support')
    const late = await open(early)
    expect(await askPanel(url, late.cookie, 'GET', '/home')).toMatchObject(refused(401, 'panel.over'))
    // A session also ends by a change of the role during which nobody used the panel.
    const second = await openPanelOf(url, person)
    await change('read-only')
    expect(await second.get('/home')).toMatchObject(refused(401, 'panel.over'))
  })

  test('without the cookie, with a buyer’s key, and from a page that is not the panel’s nothing answers', async () => {
    const panel = await openPanelOf(url, await owner())
    const tried = panelRoutes.map(async ({ method, path }) => {
      const at = path.replace(':id', '1')
      const body = method === 'POST' ? {} : undefined
      expect(await askPanel(url, undefined, method, at, body), path).toMatchObject(refused(401, 'panel.over'))
      const forged = `__Host-telekassa-panel=${newKey()}`
      expect(await askPanel(url, forged, method, at, body), path).toMatchObject(refused(401, 'panel.over'))
      // Requests as a form or a script of another site would send them, with the cookie.
      const elsewhere: Record<string, string>[] = [
        { origin: 'https://evil.example' },
        { 'x-telekassa-panel': '1', 'sec-fetch-site': 'cross-site' },
        { 'x-telekassa-panel': '1', 'sec-fetch-site': 'same-site' },
      ]
      for (const headers of elsewhere)
        expect(await askPanel(url, panel.cookie, method, at, body, headers), path).toMatchObject(
          refused(403, 'panel.elsewhere'),
        )
    })
    await Promise.all(tried)
    const key = panel.cookie.split('=')[1]!
    const asBuyer = await fetch(`${url}/app/api/home`, { headers: { authorization: `Bearer ${key}` } })
    expect(asBuyer.status).toBe(401)
  })

  test('a lesser role sees less: each route asks for the role that the bot’s own screen asks for', async () => {
    const panel = await openPanelOf(url, await admin('read-only'))
    const above = panelRoutes.filter(({ minimum }) => minimum !== 'read-only')
    for (const { method, path } of above) {
      const at = path.replace(':id', '1')
      expect(await (method === 'POST' ? panel.post(at) : panel.get(at)), path).toMatchObject(
        refused(403, 'admin.role'),
      )
    }
    const home = await panel.get('/home')
    expect(home.body['waiting'].map((one: { title: string }) => one.title)).not.toContain('✉️ Failed jobs')
  })

  test('an admin ends one session or all, and the key in the chat closes the panel everywhere', async () => {
    const person = await admin('support')
    const [one, other] = [await openPanelOf(url, person), await openPanelOf(url, person)]
    const { body } = await one.get('/sessions')
    const theirs = body['sessions'].find(({ isThis }: { isThis: boolean }) => !isThis)
    await one.post('/sessions/end', { session: theirs.id })
    expect((await other.get('/me')).status).toBe(401)
    // F100 The link that opened it opens nothing more, also not for the browser that has been there.
    expect(await open(other.code, other.key)).toMatchObject(refused(401, 'panel.link'))
    // An admin cannot end the session of another.
    const stranger = await openPanelOf(url, await admin('support'))
    const mine = body['sessions'].find(({ isThis }: { isThis: boolean }) => isThis)
    expect((await stranger.post('/sessions/end', { session: mine.id })).body).toEqual({ ended: 0 })
    expect((await one.get('/me')).status).toBe(200)
    const unopened = await panelLink(person)
    await person.press(/Close everywhere/)
    await eventually(async () => (await one.get('/me')).status === 401, { what: 'the panel is closed' })
    expect(await open(one.code, one.key)).toMatchObject(refused(401, 'panel.link'))
    expect(await open(unopened)).toMatchObject(refused(401, 'panel.link'))
  })

  test('a word in the chat confirms one session and no other, and a browser asks once in a while', async () => {
    const person = await admin('admin')
    const [one, other] = [await openPanelOf(url, person), await openPanelOf(url, person)]
    await one.confirm()
    expect((await other.get('/me')).body['isConfirmed']).toBe(false)
    expect(await one.post('/confirm')).toMatchObject(refused(429, 'panel.asked'))
    await shop.db.rows(q`
      update panel_sessions set confirmed_at = now() - interval '11 minutes' where person_id = ${person.id}`)
    expect((await one.get('/me')).body['isConfirmed']).toBe(false)
  })

  test('the page may be framed by nobody, and what is no route is told so', async () => {
    const page = await fetch(`${url}/panel/payments?state=open`)
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(await page.text()).toContain('panel')
    const panel = await openPanelOf(url, await owner())
    expect(await panel.get('/everything')).toMatchObject(refused(404, 'web.unknown'))
    expect(await panel.get('/orders/%E0%A4%A')).toMatchObject(refused(400, 'web.request'))
    expect(await panel.post('/sessions/end', '[]')).toMatchObject(refused(400, 'web.request'))
  })

  /** Makes requests by hand that wait, of so many people, in the main bot. */
  async function requests(count: number) {
    const made: { id: string; person: Awaited<ReturnType<typeof shop.person>> }[] = []
    for (let at = 0; at < count; at += 1) {
      const [id, person] = [newId(), await shop.person()]
      await person.start()
      await person.key(/./)
      const [pay, credit] = [
        { asset: 'RUB', amount: 30_000n },
        { asset: 'TOK', amount: 30n },
      ] as const
      const request = {
        id,
        personId: BigInt(person.id),
        bot: 'main',
        method: 'card_ru' as const,
        pay,
        credit,
      }
      await createRequest(shop.db, request)
      await shop.db.rows(q`update payments set state = 'pending' where id = ${id}`)
      made.push({ id, person })
    }
    return made
  }

  test('three requests are approved one by one after a word in the chat, each once, and the log says by which way', async () => {
    const waiting = await requests(3)
    const panel = await openPanelOf(url, await admin('admin'))
    const list = await panel.get('/lists/requests')
    const shown = list.body['rows'].map(({ id }: { id: string }) => id)
    expect(shown).toEqual(expect.arrayContaining(waiting.map(({ id }) => id)))
    const approve = (id: string) => panel.post(`/requests/${id}/approve`)
    for (const { id, person } of waiting) {
      expect(await approve(id)).toMatchObject(refused(403, 'panel.confirm'))
      expect(await person.tokens()).toBe(0n)
    }
    await panel.confirm()
    for (const { id, person } of waiting) {
      const [one, other] = await Promise.all([approve(id), approve(id)])
      expect([one.status, other.status].toSorted((a, b) => a - b)).toEqual([200, 422])
      expect(await person.tokens()).toBe(30n)
      const [line] = await shop.db.rows(q`
        select details->>'way' as way from audit_log where target = ${`payment ${id}`} and action = 'request.approve'`)
      expect(line).toEqual({ way: 'panel' })
      expect((await panel.get(`/lists/audit?target=${id}`)).body['rows']).toHaveLength(1)
    }
    const [next] = await requests(1)
    const no = (reason: string) => panel.post(`/requests/${next!.id}/reject`, { reason })
    expect(await no('because')).toMatchObject(refused(400, 'web.request'))
    expect((await no('unreadable')).body).toEqual({ said: 'Declined, the customer was told why.' })
    expect(await no('unreadable')).toMatchObject(refused(422, 'panel.decided'))
  })

  test('ten thousand rows at once are refused in words that name the limit, and none of them is decided', async () => {
    const [first] = await requests(1)
    const panel = await openPanelOf(url, await admin('admin'))
    await panel.confirm()
    const many = Array.from({ length: 10_000 }, (_, at) => (at === 0 ? first!.id : newId()))
    const large = await panel.post(`/requests/${first!.id}/approve`, { ids: many })
    expect(large).toMatchObject(refused(413, 'web.too-large'))
    expect(large.body['detail']).toContain('64 KB')
    expect(await panel.post(`/requests/${many.slice(0, 3).join(',')}/approve`)).toMatchObject(
      refused(400, 'web.request'),
    )
    // No page has more rows than fifty, so no more can be chosen.
    await shop.db.rows(q`
      insert into outbox (key, job, payload, state, reason)
      select 'many-' || n, 'payment.draw', '{"bot": "main"}', 'dead', 'gave up' from generate_series(1, 60) n`)
    const list = await panel.get('/lists/letters?limit=10000')
    expect([list.body['rows'].length, list.body['next']]).toEqual([50, expect.any(String)])
    await shop.db.rows(q`delete from outbox where key like 'many-%'`)
    const each = await Promise.all(many.slice(1, 160).map((id) => panel.post(`/requests/${id}/approve`)))
    expect(new Set(each.map(({ body }) => body['code']))).toEqual(new Set(['admin.not-served', 'web.often']))
    expect(await first!.person.tokens()).toBe(0n)
  })

  test('Stars are given back once: the question says what is taken for them, and a word in the chat comes first', async () => {
    const buyer = await shop.person()
    await buyer.start()
    await buyer.buy(5)
    const [payment] = await shop.db.rows(q<{ id: string }>`
      select id from payments where person_id = ${buyer.id} and state = 'paid'`)
    const panel = await openPanelOf(url, await admin('admin'))
    const { acts, story } = (await panel.get(`/payments/${payment!.id}`)).body
    expect([acts[0].path, story.join(' ')].join(' ')).toMatch(/refund .*customer/s)
    const at = `/payments/${payment!.id}/refund`
    expect((await panel.get(at)).body).toMatchObject({ can: true, inChat: null })
    expect((await panel.get('/lists/payments')).body['acts'][0].path).toBe('/payments/:id/refund')
    const refund = () => panel.post(at)
    expect(await refund()).toMatchObject(refused(403, 'panel.confirm'))
    await panel.confirm()
    const answers = await Promise.all([refund(), refund()])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await buyer.tokens()).toBe(0n)
    const back = q`select 1 from payments where id = ${payment!.id} and state = 'refunded'`
    await eventually(async () => (await shop.db.rows(back)).length > 0, { what: 'the Stars are back' })
    expect((await shop.calls('refundStarPayment')).filter(({ ok }) => ok)).toHaveLength(1)
  })

  test('a dead letter is replayed, another is put away, and neither a second time', async () => {
    const panel = await openPanelOf(url, await admin('admin'))
    for (const how of ['replay', 'settle']) {
      const [letter] = await shop.db.rows(q<{ id: bigint }>`
        insert into outbox (key, job, payload, state, reason)
        values (${newId()}, 'payment.draw', ${{ paymentId: newId(), bot: 'main', round: 'x' }}::jsonb, 'dead', 'gave up')
        returning id`)
      const list = await panel.get('/lists/letters')
      expect(list.body['rows'][0].id).toBe(String(letter!.id))
      expect((await panel.post(`/letters/${letter!.id}/${how}`)).status).toBe(200)
      expect(await panel.post(`/letters/${letter!.id}/${how}`)).toMatchObject(refused(422, 'panel.decided'))
    }
  })

  test('F83 what is another owner’s is not there: in every route that takes an id, in every list and in the search', async () => {
    const ids = await thingsOfMain(shop, (await requests(1))[0]!)
    const stranger = await openPanelOf(url, await admin('owner', 'second'))
    await stranger.confirm()
    const form = { form: 'abcdefgh12' }
    const bodies: Record<string, object> = {
      ban: { reason: 'x' },
      reject: { reason: 'unreadable' },
      ...Object.fromEntries(
        ['deliver', 'refuse', 'give-back', 'replace', 'answer'].map((act) => [act, { words: 'x' }]),
      ),
      adjust: form,
      edit: form,
      stock: form,
      content: form,
      chat: form,
      test: form,
      start: form,
    }
    // What all bots share is changed by whoever serves all of them; each bot has its own value of a setting.
    const shared = ['plans', 'categories']
    const lists = panelRoutes.filter(({ path }) => path.startsWith('/lists/'))
    expect(lists).toHaveLength(15)
    // A person may ask 120 times in 10 s.
    const second = await openPanelOf(url, await admin('owner', 'second'))
    const { plans: _, categories: _shared, ...theirs } = ids
    const foreign = new RegExp(`"(${Object.values(theirs).join('|')})[" ]`)
    for (const { path } of lists) {
      const { body } = await second.get(path)
      expect(JSON.stringify(body['rows']), path).not.toMatch(foreign)
      if (body['filters'].some(({ name }: { name: string }) => name === 'bot'))
        expect(await second.get(`${path}?bot=main`), path).toMatchObject(refused(400, 'panel.filter'))
    }
    const own = await openPanelOf(url, await owner())
    const bare: string[] = []
    for (const { path } of lists)
      if (!foreign.test(JSON.stringify((await own.get(path)).body['rows']))) bare.push(path)
    // There is no service, and what all bots share is nobody's.
    expect(bare.toSorted()).toEqual(['services', ...shared].map((list) => `/lists/${list}`).toSorted())
    const routes = panelRoutes.filter(({ path }) => path.includes(':') && !path.startsWith('/settings/'))
    expect(routes.length).toBeGreaterThan(60)
    const main = await openPanelOf(url, await admin('owner'))
    await main.confirm()
    for (const { method, path, upload } of routes) {
      const [, kind = '', , act = ''] = path.split('/')
      expect(Object.keys(ids), `there is no thing of another owner for ${path}`).toContain(kind)
      const at = (upload ? `${path}?name=x` : path)
        .replace(':at', '0')
        .replace(':message', newId())
        .replace(/:\w+/, ids[kind]!)
      const ask = (who: typeof stranger) =>
        method === 'POST' ? who.post(at, bodies[act] ?? {}) : who.get(at)
      const isShared = shared.includes(kind)
      const code = isShared ? 'setting.all-bots' : 'admin.not-served'
      expect(await ask(stranger), path).toMatchObject(refused(isShared ? 403 : 404, code))
      // An owner of the thing's bot is never told that it is another's, so the stranger was refused for that alone.
      if (!isShared) expect([path, (await ask(main)).body['code']]).not.toEqual([path, code])
    }
    for (const word of Object.values(theirs))
      expect((await second.get(`/find?word=${word}`)).body, word).toMatchObject({ found: [], story: [] })
    // The owner's own admin sees all of it.
    for (const kind of ['people', 'orders', 'payments'])
      expect((await own.get(`/${kind}/${ids[kind]}`)).status, kind).toBe(200)
    const { found } = (await own.get(`/find?word=${ids['orders']}`)).body
    expect(found).toMatchObject([{ opens: `order/${ids['orders']}` }])
  })

  test('pages follow one another without a gap or a row twice, and a filter that makes no sense is told so', async () => {
    const person = await shop.person()
    await person.start()
    await person.key(/./)
    await shop.db.rows(q`
      insert into payments (id, person_id, bot, provider, asset, amount, credit_asset, credit_amount, created_at)
      select lpad(n::text, 16, 'p'), ${person.id}, 'main', 'mulenpay', 'RUB', 100, 'RUB', 100, now() - (n / 7) * interval '1 second'
      from generate_series(1, 120) n`)
    const panel = await openPanelOf(url, await owner())
    const seen: string[] = []
    let after = ''
    for (let page = 0; page < 3; page += 1) {
      const { body } = await panel.get(`/lists/payments?person=${person.id}${after && `&after=${after}`}`)
      seen.push(...body['rows'].map(({ id }: { id: string }) => id))
      after = body['next'] ?? ''
    }
    expect(after).toBe('')
    expect(new Set(seen).size).toBe(120)
    expect(seen).toHaveLength(120)
    for (const bad of [
      'payments?person=1%20or%201',
      'payments?state=%00',
      'audit?after=x',
      'people?after=x',
      'orders?good=gold',
    ])
      expect(await panel.get(`/lists/${bad}`), bad).toMatchObject(refused(400, 'panel.filter'))
    for (const empty of ['payments?after=nothing', 'orders?after=nothing', `people?after=1%20main`])
      expect((await panel.get(`/lists/${empty}`)).body['rows'], empty).toEqual([])
  })
})
