import { once } from 'node:events'
import { connect } from 'node:net'
import { sql as q } from 'kysely'
import { beforeAll, expect } from 'vitest'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { guestsOf, refused } from '../lib/mini-app.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'

/** Longer than the ten seconds after which a server cuts off who does not send. */
const PATIENT = { timeoutMs: 25_000, everyMs: 200 }

let shop: Awaited<ReturnType<typeof openShop>>
beforeAll(async () => {
  shop = await openShop({ env: { PUBLIC_URL: 'https://shop.example' } })
})

/** A request of which only the first bytes are sent. */
async function begin(path: string, key: string, length: number, first: Uint8Array) {
  const { port } = new URL(shop.url)
  const socket = connect(Number(port), '127.0.0.1')
  atEnd(() => socket.destroy())
  socket.on('error', () => {})
  let said = ''
  socket.on('data', (part) => (said += String(part)))
  await once(socket, 'connect')
  const head = [
    `POST /app/api${path} HTTP/1.1`,
    'host: shop',
    `authorization: Bearer ${key}`,
    'content-type: application/octet-stream',
    `content-length: ${length}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  socket.write(first)
  return { said: () => said, isCut: () => socket.closed, goOn: (rest: Uint8Array) => socket.write(rest) }
}

test('F105 a photo on a slow line is received whole, where any other request is cut off, and a file that never ends is too', async () => {
  const one = await guestsOf(shop).guest()
  const photo = new Uint8Array(2_000_000)
  photo.set(Buffer.from('89504e470d0a1a0a', 'hex'))
  const slow = await begin('/picture-photo', one.key, photo.length, photo.subarray(0, 1_000))
  const endless = await begin('/picture-photo', one.key, 1_000, photo.subarray(0, 10))
  const other = await begin('/promo', one.key, 1_000, photo.subarray(0, 10))
  const count = q<{ count: number }>`select count from sent_files where person_id = ${one.id}`
  await eventually(async () => (await shop.db.rows(count))[0]?.count === 2, { what: 'both are let in' })
  // No third file of the same person is taken meanwhile.
  expect(await one.upload('/picture-photo', photo.slice(0, 8))).toMatchObject(refused(429, 'web.often'))
  await eventually(() => other.isCut() && endless.isCut(), { what: 'the others are cut off', ...PATIENT })
  expect([slow.isCut(), slow.said()]).toEqual([false, ''])
  slow.goOn(photo.subarray(1_000))
  await eventually(() => slow.said().includes('{"photo":'), { what: 'the photo is taken', ...PATIENT })
  // The place of the file that was cut off is free.
  expect(await one.upload('/picture-photo', photo.slice(0, 8))).toMatchObject(refused(422, 'web.photo-file'))
})
