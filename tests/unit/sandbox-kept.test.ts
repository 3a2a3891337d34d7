import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepTelegram, keptStars } from '../../sandbox/kept.ts'
import { atEnd } from '../lib/at-end.ts'
import { tempFolder } from '../lib/infra.ts'

/** A Telegram whose bot has so many Stars, and so many people. */
async function telegramWith(count: number): Promise<string> {
  const people = Array.from({ length: count }, (_, id) => ({ id, first_name: 'One', started: ['shop_bot'] }))
  const server = createServer((request, response) => {
    const asked = request.url!.startsWith('/control/bots') ? [{ username: 'shop_bot', stars: count }] : people
    response.end(JSON.stringify(asked))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('F10 a sandbox that is killed while it writes down its Stars and people loses none: the last whole file stays until the next one is whole', async () => {
  const folder = await tempFolder()
  await keepTelegram(await telegramWith(1), folder).close()
  const files = ['telegram-stars.json', 'telegram-people.json'].map((name) => join(folder, name))
  const before = files.map((file) => readFileSync(file, 'utf8'))
  // A file that is written in place is empty for a moment, which whoever has it open sees.
  const open = files.map((file) => openSync(file, 'r'))
  atEnd(() => open.forEach((file) => closeSync(file)))
  await keepTelegram(await telegramWith(1_000), folder).close()
  expect(open.map((file) => readFileSync(file, 'utf8'))).toEqual(before)
  expect(keptStars(folder)).toEqual({ shop_bot: 1_000 })
  expect(JSON.parse(readFileSync(files[1]!, 'utf8'))).toHaveLength(1_000)
})
