import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { prove } from '#shared/money/proof.ts'
import { openPhone } from '../lib/phone.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { repository } from '../lib/compose.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const BOT = { token: `7000000009:AA${'x'.repeat(33)}`, username: 'crash_bot', name: 'Crash' }
const PEOPLE = 12

describe.skipIf(!redisAvailable())('gateway and workers as processes of their own', () => {
  let telegram: Awaited<ReturnType<typeof startTelegram>>
  let database: TestDatabase
  let db: Db
  let env: Record<string, string>

  beforeAll(async () => {
    telegram = await startTelegram({ bots: [BOT] })
    database = await createDatabase()
    db = await openDb(database.url, { max: 3, name: 'test' })
    env = {
      DATABASE_URL: database.url,
      REDIS_URL: await redisUrl(),
      BOT_TOKEN: BOT.token,
      BOTS: '',
      TELEGRAM_API_ROOT: telegram.url,
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      LOG_LEVEL: 'info',
      PORT: '0',
      PUBLIC_URL: '',
    }
    await fetch(`${telegram.url}/control/settings`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ globalPerSecond: 0, chatPerSecond: 0 }),
    })
  })

  afterAll(async () => {
    await db.close()
    await database.drop()
    await telegram.close()
  })

  const run = async (entry: string, ...args: string[]): Promise<TestProcess> => {
    const started = startNode(`${repository}/bin/${entry}.ts`, args, { env, cwd: repository })
    await started.waitFor(/(gateway is|workers are) ready/)
    return started
  }

  test('F5 F9 F10: while bot and billing processes are killed with -9 and replaced, every payment is credited exactly once', async () => {
    const gateway = await run('gateway')
    const bots = await Promise.all([run('worker', 'bot'), run('worker', 'bot')])
    const billing = await Promise.all([run('worker', 'billing'), run('worker', 'billing')])
    const upkeep = await run('worker', 'upkeep')

    const people = Array.from({ length: PEOPLE }, (_, index) =>
      openPhone(`${telegram.url}/control`, BOT.username, 5000 + index),
    )
    const buying = Promise.all(
      people.map(async (person, index) => {
        await person.create()
        await sleep(index * 150)
        await person.start()
        await person.press('Buy tokens')
        await person.press('10 tokens')
        const { outcome } = await person.payWith('Pay 50')
        // The killed bot worker may have held the pre-checkout. Then Telegram cancels and nobody is charged.
        return outcome === 'paid'
      }),
    )
    for (const round of [0, 1]) {
      await sleep(700)
      await billing[round]!.kill('SIGKILL')
      billing[round] = await run('worker', 'billing')
      await bots[round]!.kill('SIGKILL')
      bots[round] = await run('worker', 'bot')
    }
    const paid = await buying
    for (const [index, person] of people.entries()) {
      if (paid[index]) await person.hears('10 tokens credited', 90_000)
    }

    const wallets = await db.rows(q<{ personId: bigint; available: bigint }>`
        select person_id as "personId", available from wallets where asset = 'TOK' order by person_id`)
    const expected = people
      .filter((_, index) => paid[index])
      .map(({ id }) => ({ personId: BigInt(id), available: 10n }))
    expect(wallets).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
    expect((await prove(db)).ok).toBe(true)

    for (const one of [gateway, ...bots, ...billing, upkeep]) {
      await one.kill('SIGTERM')
      expect(await one.ended, one.lines.slice(-3).join('\n')).toBe(0)
    }
  })

  test('a worker process without its servers, with an unknown name, or on an old schema says why and ends with 1', async () => {
    const ends = async (overrides: Record<string, string>, ...args: string[]) => {
      const one = startNode(`${repository}/bin/worker.ts`, args, {
        env: { ...env, ...overrides },
        cwd: repository,
      })
      expect(await one.ended).toBe(1)
      return one.lines.join('\n')
    }
    expect(await ends({ DATABASE_URL: '', REDIS_URL: '' }, 'bot')).toMatch(
      /DATABASE_URL is not set[\s\S]*REDIS_URL is not set/,
    )
    expect(await ends({}, 'cashier')).toContain('There is no worker called cashier')
    expect(await ends({ DATABASE_URL: env['DATABASE_URL']!.replace(/[^/]+$/, 'postgres') }, 'bot')).toContain(
      'npm run migrate',
    )
    expect(await ends({ REDIS_URL: 'redis://127.0.0.1:1' }, 'bot')).toContain(
      'Check host and port in REDIS_URL',
    )
    // The database has a bot of this number under another name.
    const id = env['BOT_TOKEN']!.split(':')[0]!
    await db.rows(q`
      insert into bots (name, telegram_id) values ('before', ${BigInt(id)}) on conflict (telegram_id) do nothing`)
    const [{ name }] = (await db.rows(q`select name from bots where telegram_id = ${BigInt(id)}`)) as [
      { name: string },
    ]
    expect(await ends({ BOT_NAME: 'renamed' }, 'bot')).toContain(
      `it knows the bot "renamed" as "${name}". Keep`,
    )
    expect(await ends({ BOT_TOKEN: 'nonsense' }, 'bot')).toContain('BOT_TOKEN must look like')
  })
})
