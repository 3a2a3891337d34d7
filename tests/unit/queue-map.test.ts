import { describe, expect, test } from 'vitest'
import { ConfigError } from '#shared/config/config.ts'
import { knownSecrets } from '#shared/config/known-secrets.ts'
import { addressesOf, homesOf, readQueueMap, spread } from '#shared/queue/queue-map.ts'
import { placeOfRedis } from '#shared/queue/redis-address.ts'
import { readConfig } from '#shop/config.ts'

const [A, B, C] = ['redis://a:6379', 'redis://b:6379', 'redis://c:6379'] as const
const KEY = Buffer.alloc(32, 7).toString('base64')
const settings = (env: Record<string, string>) => readConfig({ ENCRYPTION_KEY: KEY, ...env }, () => {})
const problems = (env: Record<string, string>): string[] => {
  try {
    settings(env)
    return []
  } catch (error) {
    return (error as ConfigError).problems
  }
}

describe('partitions over several Redis servers', () => {
  test.each([2, 3, 4, 5, 7, 64, 70])('%i servers have as many each, but for one', (servers) => {
    const home = spread(64, servers)
    const each = Array.from({ length: servers }, (_, server) => home.filter((one) => one === server).length)
    expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1)
  })

  test('a server that is added takes its share, and nothing else moves', () => {
    for (let servers = 1; servers < 9; servers++) {
      const [before, after] = [spread(64, servers), spread(64, servers + 1)]
      const moved = after.filter((one, partition) => one !== before[partition])
      expect(moved).toEqual(Array(Math.floor(64 / (servers + 1))).fill(servers))
    }
  })

  test('each server has partitions of customers and of admins, and every other queue is whole', () => {
    const homes = homesOf(A, { homes: { updates: [A, B], billing: [B] }, drain: [] }, 64)
    const on = (address: string, of: RegExp) =>
      [...homes].filter(([name, home]) => of.test(name) && home === address).length
    expect([on(A, /^updates-\d/), on(B, /^updates-\d/)]).toEqual([32, 32])
    expect([on(A, /^updates-admins/), on(B, /^updates-admins/)]).toEqual([4, 4])
    expect(homes.get('billing')).toBe(B)
    expect(homes.get('fragment')).toBe(A)
  })
})

describe('REDIS_QUEUES', () => {
  test('is a JSON object of queues and addresses; servers that are emptied stand under "drain"', () => {
    const map = readQueueMap(JSON.stringify({ updates: [A, B], billing: B, drain: C }))
    expect(map).toEqual({ homes: { updates: [A, B], billing: [B] }, drain: [C] })
    expect(addressesOf(A, map)).toEqual([A, B, C])
  })

  test.each([
    ['updates=redis://a:6379', /^must be a JSON object like \{/],
    ['["redis://a:6379"]', /^must be a JSON object like \{/],
    [
      '{"update":"redis://a:6379"}',
      /^knows no queue "update": there are updates, checkout, .*upkeep, and "drain"$/,
    ],
    ['{"updates":[]}', /^has no server for updates: leave it out for that of REDIS_URL$/],
    ['{"updates":7}', /^has something for updates that is no address like redis:/],
    ['{"billing":"http://a"}', /^has something for billing that is no address like redis:/],
    ['{"updates":["redis://a","redis://a:6379/0"]}', /^names a:6379 twice for updates$/],
    ['{"updates":"redis://:x@a","billing":"redis://:y@a"}', /^writes a:6379 in two ways/],
  ])('%s is refused in a sentence', (text, sentence) => {
    expect(() => readQueueMap(text)).toThrow(sentence)
  })

  test('needs REDIS_URL, shows no password when it is wrong, and its passwords are never printed', () => {
    expect(problems({ REDIS_QUEUES: JSON.stringify({ billing: B }) }).join()).toMatch(
      /^REDIS_QUEUES needs REDIS_URL/,
    )
    const wrong = { REDIS_URL: A, REDIS_QUEUES: '{"billing":"redis://:very-secret@b:6379/x/y"}' }
    expect(problems(wrong).join()).toMatch(/^REDIS_QUEUES has something for billing/)
    expect(problems(wrong).join()).not.toContain('very-secret')
    const right = settings({ REDIS_URL: A, REDIS_QUEUES: '{"billing":"redis://:very-secret@b:6379"}' })
    expect(knownSecrets(right)).toContain('very-secret')
  })

  test.each([
    ['redis://user:pass@a', 'a:6379'],
    ['rediss://:pass@a:7000/3', 'a:7000/3'],
    ['redis+sentinel://u:p@s1,s2:26380/shop/2', 'shop@s1:26379,s2:26380/2'],
    ['redis://[::1]:6380', '[::1]:6380'],
    ['redis+cluster://u:p@h1:7000,h2/a', 'a@h1:7000,h2:6379'],
  ])('the place of %s is %s, without user and password', (address, place) => {
    expect(placeOfRedis(address)).toBe(place)
  })
})
