import { Redis } from 'ioredis'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createEmptyDatabase } from '../lib/database.ts'
import { redisUrl, startPrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

test('two test databases know nothing of each other', async () => {
  const [one, two] = await Promise.all([createEmptyDatabase(), createEmptyDatabase()])
  const client = new pg.Client({ connectionString: one.url })
  await client.connect()
  await client.query('create table here (id int)')
  const other = new pg.Client({ connectionString: two.url })
  await other.connect()
  const { rows } = await other.query(`select to_regclass('here') as found`)
  await Promise.all([client.end(), other.end()])
  await Promise.all([one.drop(), two.drop()])
  expect(rows).toEqual([{ found: null }])
})

test('a connection that outlives its test is reported with its last statement', async () => {
  const database = await createEmptyDatabase()
  const leak = new pg.Client({ connectionString: database.url })
  leak.on('error', () => {})
  await leak.connect()
  await leak.query('select 1 as forgotten')
  await expect(database.drop(1_000)).rejects.toThrow('select 1 as forgotten')
})

describe.skipIf(!redisAvailable())('Redis for tests', () => {
  test('every caller gets a logical database of its own', async () => {
    const [a, b] = [new Redis(await redisUrl()), new Redis(await redisUrl())]
    await a.set('key', 'a')
    expect(await b.get('key')).toBeNull()
    await Promise.all([a.quit(), b.quit()])
  })

  test('a private Redis that was killed comes back with its data', async () => {
    const server = await startPrivateRedis()
    const before = new Redis(server.url, { retryStrategy: null })
    before.on('error', () => {})
    await before.set('key', 'kept')
    await server.kill()
    await server.start()
    const after = new Redis(server.url)
    expect(await after.get('key')).toBe('kept')
    await after.quit()
    await server.stop()
  })
})
