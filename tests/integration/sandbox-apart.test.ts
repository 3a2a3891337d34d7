import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { besideSandbox, isSandbox, refuseRealShop } from '../../bin/lib/sandbox.ts'
import { bots, startSandbox } from '../../sandbox/main.ts'
import { openDb } from '#shared/db/db.ts'
import { repository } from '../lib/compose.ts'
import { createDatabase } from '../lib/database.ts'
import { startNode } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telekassa-apart-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a sandbox that is started again knows the Stars of its bots, as the books of the shop do', async () => {
  const dataDir = join(folder, 'again')
  await mkdir(dataDir)
  const start = () => startSandbox({ shopUrl: 'http://127.0.0.1:9', dataDir })
  const botAt = (env: Record<string, string>) =>
    `${env['TELEGRAM_API_ROOT']}/control/bots/${bots[0]!.username}`
  const first = await start()
  await fetch(botAt(first.env), { method: 'PATCH', body: JSON.stringify({ stars: 550 }) })
  await first.close()
  const second = await start()
  const known = await fetch(`${second.env['TELEGRAM_API_ROOT']}/control/bots`)
  expect(await known.json()).toMatchObject([{ stars: 550 }, { stars: 0 }])
  await second.close()
})

test('F40 a sandbox that is started again, or whose chats were emptied, can write to everybody who had pressed Start', async () => {
  const dataDir = join(folder, 'people')
  await mkdir(dataDir)
  const start = async () => {
    const sandbox = await startSandbox({ shopUrl: 'http://127.0.0.1:9', dataDir })
    const root = sandbox.env['TELEGRAM_API_ROOT']!
    const ask = async (url: string, body: object, method = 'POST') =>
      (await fetch(root + url, Object.assign({ method }, { body: JSON.stringify(body) }))).json()
    return {
      ask,
      close: () => sandbox.close(),
      write: async (chat_id: number, bot = bots[0]!) =>
        ((await ask(`/bot${bot.token}/sendMessage?chat_id=${chat_id}&text=hello`, {})) as { ok: boolean }).ok,
    }
  }
  const one = bots[0]!.username
  const first = await start()
  expect(await first.write(1001)).toBe(false)
  await first.ask(`/control/chats/${one}/1001/start`, {})
  await first.ask(`/control/chats/${one}/1002/start`, {})
  await first.ask('/control/people/1002', { block: one }, 'PATCH')
  await first.ask('/control/people', { count: 2, firstId: 100_001, started: [one] })
  await first.ask(`/control/bots/${one}`, { stars: 7 }, 'PATCH')
  const here = async ({ write }: { write: typeof first.write }) => [
    await write(1001),
    await write(100_002),
    await write(1002),
    await write(1003),
    await write(1001, bots[1]),
  ]
  expect(await here(first)).toEqual([true, true, false, false, false])
  await first.ask('/sandbox/api/clear-chats', {})
  expect(await here(first)).toEqual([true, true, false, false, false])
  await first.close()
  const second = await start()
  expect(await here(second)).toEqual([true, true, false, false, false])
  expect(await second.ask(`/bot${bots[0]!.token}/getMyStarBalance`, {})).toMatchObject({
    result: { amount: 7 },
  })
  await second.close()
})

describe('play money and real money', () => {
  test('are apart: without a token, by value or by file, the data are in a folder of the sandbox', async () => {
    expect(isSandbox({ BOT_TOKEN: ' ', BOTS: '' })).toBe(true)
    for (const name of ['BOT_TOKEN', 'BOT_TOKEN_FILE', 'BOTS', 'BOTS_FILE'])
      expect(isSandbox({ [name]: 'x' }), name).toBe(false)
    // Commands beside the sandbox find what it left, and never a real shop's data.
    expect(besideSandbox({ DATA_DIR: folder })).toEqual({ DATA_DIR: folder })
    await mkdir(join(folder, 'sandbox'))
    expect(besideSandbox({ DATA_DIR: folder })).toEqual({ DATA_DIR: join(folder, 'sandbox') })
    expect(besideSandbox({ DATA_DIR: folder, BOT_TOKEN: 'x' })).toEqual({ DATA_DIR: folder, BOT_TOKEN: 'x' })
  })

  test.skipIf(!redisAvailable())(
    'never meet in a database: a shop whose token got lost is no sandbox',
    async () => {
      const database = await createDatabase()
      const db = await openDb(database.url, { max: 1, name: 'test' })
      try {
        await db.rows(
          q`insert into bots (name, telegram_id, username) values ('main', 4242, 'real_shop_bot')`,
        )
        const refused = startNode(`${repository}/bin/start.ts`, [], {
          env: {
            DATABASE_URL: database.url,
            REDIS_URL: await redisUrl(),
            DATA_DIR: join(folder, 'shop'),
            BOT_TOKEN: '',
            BOTS: '',
          },
          cwd: folder,
        })
        expect(await refused.ended, refused.lines.join('\n')).toBe(1)
        expect(refused.lines.join('\n')).toContain('that of a real shop (bot main, @real_shop_bot)')
        expect(await db.rows(q`select telegram_id::text as id from bots`)).toEqual([{ id: '4242' }])
        expect(existsSync(join(folder, 'shop', 'sandbox', 'encryption-key'))).toBe(true)
        expect(existsSync(join(folder, 'shop', 'encryption-key'))).toBe(false)
        // The sandbox opens its own database again.
        await db.rows(q`update bots set telegram_id = ${BigInt(bots[0]!.token.split(':')[0]!)}`)
        await refuseRealShop(database.url, bots)
      } finally {
        await db.close()
        await database.drop()
      }
    },
  )
})

test('a simulated Telegram that begins anew numbers no message as an earlier one did: the shop would delete the wrong one', async () => {
  const sandbox = await startSandbox({ shopUrl: 'http://127.0.0.1:1' })
  const control = `${sandbox.env['TELEGRAM_API_ROOT']}/control`
  const post = async (path: string, body: object) =>
    (await fetch(control + path, { method: 'POST', body: JSON.stringify(body) })).json()
  try {
    await post('/people', { id: 1001, first_name: 'Nina', started: [bots[0]!.username] })
    const sent = await post(`/chats/${bots[0]!.username}/1001/messages`, { text: 'hello' })
    expect((sent as { message_id: number }).message_id).toBeGreaterThan(1_000_000)
  } finally {
    await sandbox.close()
  }
})
