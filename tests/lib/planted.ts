import type { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import { expect } from 'vitest'
import { newId } from '#shared/ids.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { pack } from '#shared/telegram/buttons.ts'
import { createKey } from '#shop/balance-api/keys.ts'
import { buyItem } from '#shop/shelf/buy.ts'
import { codeOf } from '#shop/shelf/codes.ts'
import { saveItem } from '#shop/shelf/manage.ts'
import { shelfSecrets } from '#shop/shelf/seal.ts'
import { OWNER, SECOND } from './admin-shop.ts'
import type { AdminShop } from './admin-shop.ts'
import { eventually } from './eventually.ts'
import { askWeb, initDataOf, newKey, signedFor } from './mini-app.ts'
import { askPanel, panelLink } from './panel.ts'

// Secrets of the shelf and of pages, for the test that searches everything that is kept for them.

/** Goods of the shelf: some that nobody has bought, and some that Anna has bought and reads in her chat. */
export const GOODS = {
  'a line of a stock, typed': 'planted-line-that-an-owner-typed',
  'a line of a stock, in a file': 'planted-line-out-of-a-file',
  'the text of an item': 'planted-text-that-buyers-get',
}
/** Secrets of pages. The shop or the page makes them, so they are filled in while the test runs. */
export const PAGES: Record<string, string> = {
  'a token in a form of the panel': '8100000006:AAplantedplantedplantedplantedplant6',
  'the key of a session of the panel': newKey(),
  'the key of a session of the Mini App': newKey(),
}
/** An owner types a stock and a text by hand, and a person buys a code that the shop makes itself. */
export async function stockTheShelf(shop: AdminShop, buyer: number): Promise<Record<string, string>> {
  const { db } = shop
  const make = (kind: string) =>
    db.tx((tx) => saveItem(tx, undefined, { kind, name: { ru: kind, en: kind }, price: 5n }, BigInt(OWNER)))
  const [stock, text, code] = [await make('stock'), await make('text'), await make('code')]
  const fill = async (route: string, id: bigint, ask: RegExp, send: () => Promise<unknown>) => {
    const last = (await shop.last(OWNER))!
    await shop.pressData(
      OWNER,
      last.message_id,
      pack(secretsFrom(shop.config), BigInt(OWNER), route, String(id)),
    )
    await shop.sees(OWNER, ask)
    await send()
  }
  const lines = async () => (await db.rows(q`select 1 from shelf_lines`)).length
  await fill('a-item-stock', stock.id, /file|line/i, () => shop.say(OWNER, GOODS['a line of a stock, typed']))
  await eventually(async () => (await lines()) === 1)
  const file = Buffer.from(GOODS['a line of a stock, in a file'])
  await fill('a-item-stock', stock.id, /file|line/i, () =>
    shop.phone(OWNER).sendFile(file, { file_name: 'lines.txt' }),
  )
  await eventually(async () => (await lines()) === 2)
  await fill('a-item-text', text.id, /text/i, () => shop.say(OWNER, GOODS['the text of an item']))
  await eventually(
    async () => (await db.rows(q`select 1 from shelf_items where content is not null`)).length === 1,
  )
  await shop.give(buyer, 5n, 'RUB')
  const shelf = await shelfSecrets({ db, secrets: secretsFrom(shop.config) })
  const order = await db.tx((tx) =>
    buyItem(tx, {
      id: newId(),
      itemId: code.id,
      personId: BigInt(buyer),
      bot: 'main',
      name: ({ name }) => name.en,
      roubles: { agreed: 0n, rate: 1n },
      shelf,
      actor: 'test',
    }),
  )
  return { 'a code that was bought': (await codeOf(db, shelf, order.order.id))! }
}

/**
 * An owner opens the panel and types a token into a field that asks for something else; Anna opens the Mini
 * App; a project uses its API key.
 */
export async function useThePages(shop: AdminShop, guest: number): Promise<Record<string, string>> {
  const code = await panelLink(shop.phone(OWNER))
  const key = PAGES['the key of a session of the panel']!
  const opened = await askPanel(shop.gatewayUrl, undefined, 'POST', '/session', { code, key })
  expect(opened.status).toBe(200)
  const typed = PAGES['a token in a form of the panel']!
  const reason = { reason: `wrote ${typed}` }
  expect(
    (await askPanel(shop.gatewayUrl, opened.cookie, 'POST', `/people/${SECOND}/ban`, reason)).status,
  ).toBe(200)
  await askPanel(shop.gatewayUrl, opened.cookie, 'GET', `/search?q=${encodeURIComponent(typed)}`)
  const address = await signedFor(shop.telegram.url, 'main_bot', guest, 'https://shop.example/app?bot=main')
  const initData = initDataOf(address)
  const session = { bot: 'main', initData, key: PAGES['the key of a session of the Mini App'] }
  expect((await askWeb(shop.gatewayUrl, undefined, 'POST', '/session', session)).status).toBe(200)
  await askWeb(shop.gatewayUrl, session.key, 'GET', '/home')
  const made = await createKey(shop.db, { bot: 'main', name: 'planted', scopes: ['read'], perMinute: 60 })
  const headers = { authorization: `Bearer ${made.key}` }
  expect((await fetch(`${shop.gatewayUrl}/v1/users/${guest}`, { headers })).status).toBe(200)
  return {
    'the link to the panel': code,
    'what Telegram signed': new URLSearchParams(initData).get('hash')!,
    'a key of the API': made.key,
  }
}

/** The contents of every key of this Redis, whatever its type. */
export async function allOfRedis(redis: Redis): Promise<string> {
  const parts: string[] = []
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key)
    const value =
      type === 'string'
        ? ((await redis.get(key)) as string)
        : type === 'hash'
          ? await redis.hgetall(key)
          : type === 'list'
            ? await redis.lrange(key, 0, -1)
            : type === 'set'
              ? await redis.smembers(key)
              : type === 'zset'
                ? await redis.zrange(key, '0', '-1')
                : type === 'stream'
                  ? await redis.xrange(key, '-', '+')
                  : ''
    parts.push(key, JSON.stringify(value))
  }
  return parts.join('\n')
}
