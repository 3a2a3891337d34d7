import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { openAttempt, settleAttempt } from '#shared/money/attempts.ts'
import { reserve } from '#shared/money/holds.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { readBalance } from '#shared/money/read.ts'
import { setRole } from '#shared/roles.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { confirmAdjustment, draftAdjustment } from '#shop/admin/adjustments.ts'
import { createPayment, movePayment } from '#shop/payments/payments.ts'
import { contentBought } from '#shop/shelf/content.ts'
import { startCutProxy } from '../lib/cut-proxy.ts'
import type { CutProxy } from '../lib/cut-proxy.ts'
import { eventually } from '../lib/eventually.ts'
import { guestsOf } from '../lib/mini-app.ts'
import { openPanelOf } from '../lib/panel.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { ASKS, shelfOf } from '../lib/shelf.ts'
import { ADMIN, openShop, TOKENS } from '../lib/shop.ts'
import { draftStars } from '../lib/stars-order.ts'

describe.skipIf(!redisAvailable())('decisions about orders and corrections at the panel', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let shelf: Awaited<ReturnType<typeof shelfOf>>
  let panel: Panel
  let redis: CutProxy
  beforeAll(async () => {
    redis = await startCutProxy(await redisUrl())
    const env = { PUBLIC_URL: 'https://shop.example' }
    shop = await openShop({ env, workers: ['bot'], redis: redis.url })
    shop.onClose(() => redis.close())
    shelf = await shelfOf(shop)
    panel = await admin()
    await panel.confirm()
  })
  type Panel = Awaited<ReturnType<typeof admin>>

  async function admin(role: 'admin' | 'read-only' = 'admin') {
    const person = await shop.person()
    await person.start()
    await person.key(/./)
    await shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(person.id), role, by: 1n }))
    return { id: BigInt(person.id), chat: () => person.messages(), ...(await openPanelOf(shop.url, person)) }
  }
  async function buyer(kopecks: bigint) {
    const person = await shop.person()
    await person.start()
    await person.key(/./)
    if (kopecks > 0n) await shelf.give(BigInt(person.id), kopecks)
    return { id: BigInt(person.id), messages: () => person.messages() }
  }
  const roubles = async (id: bigint) => {
    const { available, held } = await readBalance(shop.db, id, 'RUB')
    return [available, held]
  }
  /** The keys for the order itself; a key to write to its buyer stands below them. */
  const keys = (body: { acts: { path: string }[] }) =>
    body.acts.map(({ path }) => path.split('/').at(-1)).filter((key) => key !== 'answer')
  const refused = (status: number, code: string) => ({
    status,
    type: expect.stringContaining('application/problem+json'),
    body: { status, code, detail: expect.any(String) },
  })
  /** Presses twice at once: one press does it, and the other is told that it is done. */
  async function twice(path: string, body: object = {}) {
    const both = await Promise.all([panel.post(path, body), panel.post(path, body)])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422])
  }
  const inMain = () => ({ id: newId(), bot: 'main' })
  const service = async (kopecks = 500n) => {
    const item = await shelf.item({ kind: 'service', terms: { hours: 24, asks: ASKS } })
    const { id: personId, messages } = await buyer(kopecks)
    const { order } = await shelf.buy(shelf.service(personId, item, ['Neo <b>', 'EU'], inMain()))
    return { id: order.id, personId, messages }
  }
  const heard = (messages: () => Promise<{ text?: string }[]>, word: RegExp) =>
    eventually(async () => (await messages()).some(({ text }) => word.test(text ?? '')), {
      what: `the buyer reads ${word}`,
    })

  test('F124 a payment that the database had lost has both its keys, with what each would do, and is closed once', async () => {
    const [id, { id: personId }] = [newId(), await buyer(0n)]
    const sum = { asset: 'RUB', amount: 900_000n, creditAsset: 'RUB', creditAmount: 900_000n } as const
    const details = { review: 'lost' }
    const keysOf = ({ body }: { body: Record<string, unknown> }) =>
      keys({ acts: body['acts'] as { path: string }[] })
    await createPayment(shop.db, { id, personId, bot: 'main', provider: 'mulenpay', ...sum, details })
    await movePayment(shop.db, id, 'review')
    const [page, other] = [await panel.get(`/payments/${id}`), await admin()]
    expect(keysOf(page)).toEqual(['credit', 'disown'])
    for (const { ask } of (page.body['acts'] as { ask: string[] }[]).filter((one) => one.ask.length > 0))
      expect(ask.join(' ')).toContain(String(personId))
    expect(await other.post(`/payments/${id}/disown`)).toMatchObject(refused(403, 'panel.confirm'))
    await twice(`/payments/${id}/disown`)
    expect(await panel.post(`/payments/${id}/credit`)).toMatchObject(refused(422, 'panel.decided'))
    expect([keysOf(await panel.get(`/payments/${id}`)), await roubles(personId)]).toEqual([[], [0n, 0n]])
  })

  test('while the database is away the pages of buyers and admins say so in words, and go on with the same session afterwards', async () => {
    const { guest } = guestsOf(shop)
    const one = await guest()
    await shelf.give(BigInt(one.id), 500n)
    const asked = [
      () => one.ask('GET', '/home'),
      () => one.ask('POST', '/drafts', { kind: 'stars', count: 50, names: '@somebody' }),
      () => panel.get('/home'),
      () => panel.post('/people/1/ban', { reason: 'spam' }),
    ]
    shop.proxy.be('down')
    const away = await Promise.all(asked.map((ask) => ask()))
    shop.proxy.be('up')
    for (const reply of away) expect(reply).toMatchObject(refused(503, 'web.away'))
    await eventually(async () => (await one.ask('GET', '/home')).status === 200, {
      everyMs: 500,
      what: 'the pages answer again',
    })
    expect((await panel.get('/home')).status).toBe(200)
    expect(await shop.db.rows(q`select from orders where person_id = ${one.id}`)).toEqual([])
  })

  test('F22 while the queue is away a purchase and a decision at the pages are carried out, each once, and told of once when it is back', async () => {
    const { guest } = guestsOf(shop)
    const [one, item] = [await guest(), await shelf.item({}, ['AAA', 'BBB'])]
    await shelf.give(BigInt(one.id), 1_000n)
    const { id: order, messages } = await service()
    const { terms } = (await one.ask('GET', `/items/${item}`)).body
    const buy = () => one.ask('POST', `/items/${item}/buy`, { terms, draft: 'abcdefgh12' })
    redis.be('gone')
    try {
      const bought = await Promise.all([buy(), buy()])
      expect(bought.map(({ status }) => status)).toEqual([200, 200])
      await twice(`/orders/${order}/refuse`, { words: 'no such server' })
      expect((await one.ask('GET', `/purchases/${bought[0].body['id']}`)).body['text']).toContain('AAA')
      expect((await messages()).some(({ text }) => text?.includes('no such server'))).toBe(false)
    } finally {
      redis.be('up')
    }
    await heard(messages, /no such server/)
    await heard(one.messages, /Key/)
    expect((await buy()).status).toBe(200)
    const told = async (of: typeof messages, word: string) =>
      (await of()).filter(({ text }) => text?.includes(word)).length
    expect([await told(messages, 'no such server'), await told(one.messages, 'Key')]).toEqual([1, 1])
    expect(await shelf.states(item)).toEqual(['sold', 'free'])
    expect(await roubles(BigInt(one.id))).toEqual([500n, 0n])
  })

  test('a service stands in the list, its page has what the buyer wants, and it is taken and delivered once', async () => {
    const { id, personId, messages } = await service()
    const list = await panel.get('/lists/services')
    const [row] = list.body['rows'].filter((one: { id: string }) => one.id === id)
    expect(row).toMatchObject({ opens: `order/${id}`, cells: ['Key', expect.any(String), '', 'main', id] })
    const page = (await panel.get(`/orders/${id}`)).body as never as Page
    expect(page.notes).toEqual(expect.arrayContaining(['Name: Neo <b>', 'Server: EU']))
    expect(keys(page)).toEqual(['take', 'deliver', 'refuse'])
    await twice(`/orders/${id}/take`)
    expect(await panel.post(`/orders/${id}/deliver`, { words: ' ' })).toMatchObject(refused(422, 'item.text'))
    await twice(`/orders/${id}/deliver`, { words: 'password-of-level-80' })
    expect(await roubles(personId)).toEqual([0n, 0n])
    await heard(messages, /Key/)
    const order = (await readOrder(shop.db, id))!
    expect(await contentBought({ db: shop.db, secrets: shelf.secrets }, order)).toBe('password-of-level-80')
    // What was delivered is kept under its seal and nowhere else.
    const kept = JSON.stringify(
      await shop.db.rows(q`select details::text from audit_log union all select payload::text from outbox`),
    )
    expect(kept).not.toContain('password-of-level-80')
    const done = (await panel.get(`/orders/${id}`)).body as never as Page
    expect(keys(done)).toEqual(['give-back'])
    expect([page.notes.join(' '), done.notes.join(' ')]).toEqual([
      expect.stringContaining('To be done by'),
      expect.not.stringContaining('To be done by'),
    ])
  })

  test('a service that is refused gives the money back once, and its buyer reads the reason', async () => {
    const { id, personId, messages } = await service()
    expect(await panel.post(`/orders/${id}/refuse`, { words: '' })).toMatchObject(refused(422, 'item.reason'))
    await twice(`/orders/${id}/refuse`, { words: 'no such server' })
    expect(await roubles(personId)).toEqual([500n, 0n])
    await heard(messages, /no such server/)
  })

  test('what was bought is replaced once however often the key is pressed, again after another look, and given back once', async () => {
    const item = await shelf.item({}, ['AAA', 'BBB', 'CCC'])
    const { id: personId } = await buyer(500n)
    const { order } = await shelf.buy(shelf.wish(personId, item, inMain()))
    const page = async () => (await panel.get(`/orders/${order.id}`)).body as never as Page
    const replace = async () => (await page()).acts.find(({ path }) => path.endsWith('/replace'))!
    for (const left of [1, 0]) {
      const { path, sends } = await replace()
      await twice(path, { ...sends, words: 'it did not work' })
      expect((await shelf.states(item)).filter((state) => state === 'free')).toHaveLength(left)
    }
    const { path, sends } = await replace()
    expect(await panel.post(path, { ...sends, words: 'nor this' })).toMatchObject(
      refused(422, 'item.sold-out'),
    )
    await twice(`/orders/${order.id}/give-back`, { words: 'sorry' })
    expect(await roubles(personId)).toEqual([500n, 0n])
    expect(keys(await page())).toEqual([])
  })

  test('a purchase in doubt shows its evidence, is decided after a word in the chat, and once', async () => {
    const { id: personId } = await buyer(9_000n)
    const id = newId()
    await draftStars(shop.db, { id, personId })
    await shop.db.tx(async (tx) => {
      await reserve(tx, { reference: id, personId, asset: 'RUB', amount: 9_000n })
      await moveOrder(tx, id, 'reserved', { actor: 'test' })
      await moveOrder(tx, id, 'fulfilling', { actor: 'test' })
      const attempt = await openAttempt(tx, {
        orderId: id,
        number: 1,
        supplier: 'fragment',
        token: 'token-1',
        run: 'run-1',
      })
      await settleAttempt(tx, attempt.id, { from: ['sent'], to: 'unknown' })
      await moveOrder(tx, id, 'unknown', { actor: 'test' })
      await moveOrder(tx, id, 'review', { actor: 'test' })
    })
    const reader = await admin('read-only')
    const asReader = (await reader.get(`/orders/${id}`)).body as never as Page
    expect([asReader.acts, asReader.notes.join(' ')]).toEqual([[], expect.stringContaining('supplier')])
    const other = await admin()
    expect(await other.post(`/orders/${id}/failed`)).toMatchObject(refused(403, 'panel.confirm'))
    const page = (await panel.get(`/orders/${id}`)).body as never as Page
    // After an attempt that may have been carried out, nobody is offered another one.
    expect(keys(page)).toEqual(['delivered', 'failed'])
    expect(page.acts[1]!.ask.join(' ')).toMatch(/go back from the reserve/)
    expect(await panel.post(`/orders/${id}/retry`)).toMatchObject(refused(422, 'retry.unsafe'))
    await twice(`/orders/${id}/failed`)
    const [decision] = await shop.db.rows(
      q`select decision, admin_id from order_decisions where order_id = ${id}`,
    )
    expect(decision).toEqual({ decision: 'failed', admin_id: panel.id })
    const [line] = await shop.db.rows(
      q`select details->>'way' as way from audit_log where action = 'order.failed' and target like ${`%${id}%`}`,
    )
    expect(line).toEqual({ way: 'panel' })
  })

  test('a correction above the limit is approved by another admin at the panel, once, and not by its author', async () => {
    const { id: personId } = await buyer(0n)
    const author = await admin()
    await author.confirm()
    const app = { ...shop, settings: createSettings(shop.db, shop.config), bots: new Map() }
    const draft = async (amount: bigint) => {
      const id = newId()
      await draftAdjustment(shop.db, {
        id,
        bot: 'main',
        personId,
        asset: 'TOK',
        amount,
        reason: 'a big sorry',
        createdBy: author.id,
      })
      const now = await confirmAdjustment(app, id, author.id, 'main', async () => {})
      expect(now.state).toBe('waiting')
      return id
    }
    const [one, other] = [await draft(1_500n), await draft(1_600n)]
    const list = async () =>
      (await panel.get('/lists/corrections')).body['rows'] as { id: string; cells: string[] }[]
    expect((await list()).map(({ id }) => id)).toEqual([one, other])
    expect((await list())[0]!.cells.slice(2, 3)).toEqual(['a big sorry'])
    const home = await panel.get('/home')
    expect(home.body['waiting']).toContainEqual({
      title: '✋ To approve',
      opens: 'corrections',
      count: 2,
      since: null,
    })
    expect(await author.post(`/corrections/${one}/approve`)).toMatchObject(refused(422, 'admin.two-people'))
    await twice(`/corrections/${one}/approve`)
    await twice(`/corrections/${other}/decline`)
    expect((await readBalance(shop.db, personId, 'TOK')).available).toBe(1_500n)
    expect(await list()).toEqual([])
  })
  const values = (body: { fields: { name: string; value: string }[] }) =>
    Object.fromEntries(body.fields.map(({ name, value }) => [name, value]))
  const listed = (name: string, form: string) => ({ ru: name, en: name, price: '5 RUB', bots: 'main', form })

  test('an owner makes a category once and puts an item into it; whoever serves one bot alone changes no category', async () => {
    const boss = await shop.person({ id: ADMIN })
    await boss.start()
    const all = await openPanelOf(shop.url, boss)
    const games = { ru: 'Игры', en: 'Games', under: '' }
    expect(await panel.post('/forms/category/check', games)).toMatchObject(refused(403, 'setting.all-bots'))
    const save = (form: string, more: object = {}) =>
      all.post('/forms/category/save', { ...games, ...more, form })
    const both = await Promise.all([save('category0001'), save('category0001')])
    const [one, again] = both.map(({ body }) => String(body['opens']).split('/')[1]!)
    expect([one, await shop.db.rows(q`select id::text from shelf_categories`)]).toEqual([
      again,
      [{ id: one }],
    ])
    const inner = String((await save('category0002', { en: 'Steam', under: one })).body['opens']).split(
      '/',
    )[1]!
    expect((await all.get('/lists/categories')).body['rows']).toMatchObject([
      { id: one, cells: ['Games', '—', expect.anything(), one] },
      { id: inner, cells: ['Steam', 'Games', expect.anything(), inner] },
    ])
    const seen = await all.get(`/categories/${one}/edit`)
    const outer = { ...values(seen.body as never), under: inner, form: 'category0003' }
    expect(await all.post(`/categories/${one}/edit/save`, outer)).toMatchObject(
      refused(422, 'category.circle'),
    )
    const at = await panel.get('/forms/item')
    expect(at.body['fields'].find(({ name }: { name: string }) => name === 'category').options).toEqual([
      ['', 'None'],
      [one, `Games · ${one}`],
      [inner, `Steam · ${inner}`],
    ])
    const made = await panel.post('/forms/item/save', {
      ...listed('Key', 'itemincategory'),
      kind: 'text',
      category: inner,
    })
    const edit = `/items/${String(made.body['opens']).split('/')[1]!}/edit`
    expect(values((await panel.get(edit)).body as never)).toMatchObject({ category: inner })
    expect((await all.post(`/categories/${inner}/retire`)).status).toBe(200)
    expect(await all.post(`/categories/${inner}/retire`)).toMatchObject(refused(422, 'panel.moved'))
    // An item stays where it is, although its category is off sale, and is taken out by choosing none.
    const now = values((await panel.get(edit)).body as never)
    expect(await panel.post(`${edit}/check`, now)).toMatchObject(refused(422, 'panel.same'))
    expect((await panel.post(`${edit}/save`, { ...now, category: '', form: 'itemoutagain' })).status).toBe(
      200,
    )
    expect(values((await panel.get(edit)).body as never)).toMatchObject({ category: '' })
  })

  test('the file of an item is uploaded at the panel and sent to its buyers; no other kind of item takes one, and nobody else may', async () => {
    const made = await panel.post('/forms/item/save', { ...listed('Book', 'itemwithfile'), kind: 'file' })
    const id = String(made.body['opens']).split('/')[1]!
    const at = `/items/${id}/file?name=${encodeURIComponent('книга.gif')}`
    const bytes = new TextEncoder().encode('GIF89a the book')
    expect((await panel.get(`/items/${id}/file`)).body['now']).toMatch(/no file yet/)
    expect((await panel.upload(at, bytes)).body).toMatchObject({ opens: `item/${id}` })
    expect((await panel.get(`/items/${id}/file`)).body['now']).toContain('книга.gif')
    // The admin's chat keeps no copy, because whoever reads that chat would have the goods.
    expect((await panel.chat()).filter(({ document }) => document)).toEqual([])
    const one = await guestsOf(shop).guest()
    await shelf.give(BigInt(one.id), 500n)
    const wish = shelf.wish(BigInt(one.id), BigInt(id), inMain())
    await shelf.buy(wish)
    const headers = { authorization: `Bearer ${one.key}` }
    const sold = await fetch(`${shop.url}/app/api/purchases/${wish.id}/file`, { headers })
    expect(await sold.text()).toBe('GIF89a the book')
    expect(await panel.upload(at, new Uint8Array())).toMatchObject(refused(422, 'web.proof-file'))
    expect(await panel.upload(at.split('?')[0]!, bytes)).toMatchObject(refused(400, 'web.request'))
    const other = await shelf.item({ kind: 'text', bots: ['main'] })
    expect(await panel.upload(`/items/${other}/file?name=x`, bytes)).toMatchObject(
      refused(404, 'admin.not-found'),
    )
  })

  test('places in a private channel are sold from the panel after the same checks as in the chat', async () => {
    const club = -1_001_234_567_890
    await shop.control('POST', '/chats', { id: club, type: 'channel', title: 'Club <1>', members: {} })
    const made = await panel.post('/forms/item/save', {
      ...listed('Club', 'itemwithchat'),
      kind: 'access',
      days: '30',
    })
    const id = String(made.body['opens']).split('/')[1]!
    const [item] = await shop.db.rows(q`select terms from shelf_items where id = ${id}::bigint`)
    expect(item).toEqual({ terms: { days: 30 } })
    const at = `/items/${id}/chat`
    const look = (chat: string) => panel.post(`${at}/check`, { chat })
    const link = 'https://t.me/c/1234567890/15'
    expect(await look('our club')).toMatchObject(refused(422, 'access.chat'))
    expect(await look(link)).toMatchObject(refused(422, 'access.not-there'))
    const bot = TOKENS.main.split(':')[0]!
    const members = (more: object) => shop.control('PATCH', `/chats/${club}`, { members: more })
    await members({ [bot]: 'administrator' })
    expect(await look(link)).toMatchObject(refused(422, 'access.not-yours'))
    await members({ [bot]: 'administrator', [String(panel.id)]: 'administrator' })
    expect((await look(link)).body['lines']).toEqual(['After: Club <1>'])
    expect(await shop.calls('createChatInviteLink')).toEqual([])
    const saved = await panel.post(`${at}/save`, { chat: link, form: 'chatofitem1' })
    expect(saved.body).toMatchObject({ opens: `item/${id}` })
    expect((await panel.get(at)).body['hint']).toMatch(/Club <1>/)
    const edit = values((await panel.get(`/items/${id}/edit`)).body as never)
    expect(edit).toMatchObject({ days: '30' })
    const forever = { ...edit, days: '', form: 'itemforever' }
    expect((await panel.post(`/items/${id}/edit/save`, forever)).status).toBe(200)
    expect(values((await panel.get(`/items/${id}/edit`)).body as never)).toMatchObject({ days: '' })
  })
})

interface Page {
  notes: string[]
  acts: { path: string; ask: string[]; sends: object }[]
}
