import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect } from 'vitest'
import { openMarkers } from '#shared/queue/markers.ts'
import type { Markers } from '#shared/queue/markers.ts'
import { eventually } from '../lib/eventually.ts'
import { redisUrl, testOnRedis as test } from '../lib/redis.ts'

const keys = Array.from({ length: 8 }, (_, at) => `marker-${at}`)
let redis: Redis
let markers: Markers
let url: string
beforeEach(async () => {
  url = await redisUrl()
  redis = new Redis(url)
  markers = openMarkers(() => new Redis(url))
  for (const key of keys) markers.watch(key)
})
afterEach(() => {
  for (const key of keys) markers.leave(key)
  redis.disconnect()
})

const put = (key: string) => redis.zadd(key, 0, '0')
/** Redis has given the marker out, and the process has read it: the answers of one connection come in their order. */
async function taken(key: string): Promise<void> {
  await eventually(async () => (await redis.exists(key)) === 0)
  await put(keys[0]!)
  expect(await markers.next(keys[0]!, 60_000)).toBe(true)
}

test('F117: a marker that comes while nobody waits for it is told to whoever waits next', async () => {
  await put(keys[3]!)
  await taken(keys[3]!)
  expect(await markers.next(keys[3]!, 0)).toBe(true)
  expect(await markers.next(keys[3]!, 0), 'once').toBe(false)
})

test('a look at the queue forgets the marker from before it, and the marker of a delayed job is not told', async () => {
  await put(keys[1]!)
  await taken(keys[1]!)
  markers.forget(keys[1]!)
  await redis.zadd(keys[1]!, Date.now() + 60_000, '1')
  await taken(keys[1]!)
  expect(await markers.next(keys[1]!, 0)).toBe(false)
})

test('the last partition is told although the first ones have a marker all the time', async () => {
  const told = markers.next(keys[7]!, 60_000)
  let over = false
  const flood = (async () => {
    while (!over) await Promise.all(keys.slice(0, 7).map(put))
  })()
  await put(keys[7]!)
  expect(await told).toBe(true)
  over = true
  await flood
})

test('whoever waits for a key that is given up hears that nothing came, and giving up the last key closes the connection', async () => {
  const told = markers.next(keys[0]!, 60_000)
  // Other test files wait for markers in databases of their own on the same server.
  const waits = new RegExp(` db=${new URL(url).pathname.slice(1)} .* cmd=bzpopmin `)
  const connected = async () => waits.test(String(await redis.client('LIST')))
  await eventually(connected)
  for (const key of keys) markers.leave(key)
  expect(await told).toBe(false)
  await eventually(async () => !(await connected()))
})

test('a process hears of several partitions in one turn to Redis: four waits are under way on its one connection', async () => {
  let [underWay, most] = [0, 0]
  let connections = 0
  const own = openMarkers(() => {
    connections++
    const waiting = new Redis(url)
    const pop = waiting.bzpopmin.bind(waiting) as (...args: unknown[]) => Promise<[string, string, string]>
    waiting.bzpopmin = (async (...args: unknown[]) => {
      most = Math.max(most, ++underWay)
      return pop(...args).finally(() => underWay--)
    }) as typeof waiting.bzpopmin
    return waiting
  })
  const mine = keys.map((key) => `own-${key}`)
  for (const key of mine) own.watch(key)
  await eventually(() => most === 4)
  // All eight come in one moment, which is twice as many as there are waits.
  const all = redis.multi()
  for (const key of mine) all.zadd(key, 0, '0')
  await all.exec()
  expect(await Promise.all(mine.map((key) => own.next(key, 60_000)))).toEqual(mine.map(() => true))
  expect([most, connections]).toEqual([4, 1])
  for (const key of mine) own.leave(key)
})
