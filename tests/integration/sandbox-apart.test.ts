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
