import { beforeAll, expect } from 'vitest'
import { setRole } from '#shared/roles.ts'
import { guestsOf, newKey, refused } from '../lib/mini-app.ts'
import { askPanel, openPanelOf } from '../lib/panel.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { shelfOf } from '../lib/shelf.ts'
import { ADMIN, openShop } from '../lib/shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop({ env: { PUBLIC_URL: 'https://shop.example' }, workers: ['bot'] })
})

async function started(id?: number) {
  const person = await shop.person(id === undefined ? {} : { id })
  await person.start()
  await person.key(/./)
  return person
}

test('F82 a code that is no link of the panel is refused without the database, and an open link still opens', async () => {
  const owner = await started(ADMIN)
  const open = (code: string) => askPanel(shop.url, undefined, 'POST', '/session', { code, key: newKey() })
  shop.proxy.be('frozen')
  const all = await Promise.all(Array.from({ length: 30 }, () => open(newKey())))
  for (const one of all) expect(one).toMatchObject(refused(401, 'panel.link'))
  shop.proxy.be('up')
  expect((await (await openPanelOf(shop.url, owner)).get('/me')).status).toBe(200)
})

test('F82 a signature of Telegram’s that is sent again and again is refused without the database, and keeps nobody else out', async () => {
  const { visitor, guest } = guestsOf(shop)
  const one = await visitor()
  const all = await Promise.all(Array.from({ length: 40 }, () => one.open()))
  expect(all.filter(({ status }) => status === 200)).toHaveLength(20)
  expect(all.find(({ status }) => status !== 200)).toMatchObject(refused(429, 'web.often'))
  // The page that is open goes on, and so does everybody else.
  expect((await one.ask('GET', '/home')).status).toBe(200)
  expect((await (await guest()).ask('GET', '/home')).status).toBe(200)
})

test('F100 whoever finds a panel open sells nothing for less and hands out nothing else: every such key asks in the chat', async () => {
  const shelf = await shelfOf(shop)
  const ids = { stock: 0n, text: 0n, file: 0n, access: 0n }
  for (const kind of Object.keys(ids) as (keyof typeof ids)[])
    ids[kind] = await shelf.item({ kind, bots: ['main'], ...(kind === 'access' && { terms: { days: 30 } }) })
  const person = await started()
  await shop.db.tx((tx) => setRole(tx, { bot: 'main', personId: BigInt(person.id), role: 'admin', by: 1n }))
  const panel = await openPanelOf(shop.url, person)
  const at = `/items/${ids.stock}`
  const { fields } = (await panel.get(`${at}/edit`)).body as { fields: { name: string; value: string }[] }
  const values = Object.fromEntries(fields.map(({ name, value }) => [name, value]))
  const form = 'foundopen001'
  const acts: [string, object][] = [
    [`${at}/edit/save`, { ...values, price: '0.01 RUB', form }],
    ['/forms/item/save', { kind: 'text', ru: 'Имя', en: 'Name', price: '1 RUB', bots: 'main', form }],
    [`${at}/stock/save`, { lines: 'KEY-OF-MINE', form }],
    [`/items/${ids.text}/content/save`, { content: 'Pay to me', form }],
    [`/items/${ids.access}/chat/save`, { chat: '@mine', form }],
    [`${at}/resell`, {}],
  ]
  for (const [path, body] of acts)
    expect(await panel.post(path, body), path).toMatchObject(refused(403, 'panel.confirm'))
  const file = `/items/${ids.file}/file?name=a.txt`
  const bytes = new TextEncoder().encode('mine')
  expect(await panel.upload(file, bytes)).toMatchObject(refused(403, 'panel.confirm'))
  await panel.confirm()
  expect((await panel.post(...acts[0]!)).status).toBe(200)
  expect((await panel.upload(file, bytes)).status).toBe(200)
})

test('F62 an address that names nobody is told so, and is no failure of the shop', async () => {
  const panel = await openPanelOf(shop.url, await started(ADMIN))
  await panel.confirm()
  const typed = { direction: 'up', sum: '5', asset: 'TOK', reason: 'thanks', form: 'nobody000001' }
  for (const id of ['abc', '0', '123456', '9'.repeat(20)]) {
    const at = `/people/${id}/adjust`
    for (const one of [await panel.get(at), await panel.post(`${at}/save`, typed)])
      expect(one, id).toMatchObject(refused(404, 'admin.no-person'))
  }
})
