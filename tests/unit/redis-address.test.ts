import { describe, expect, test } from 'vitest'
import { passwordsIn } from '#shared/config/reader.ts'
import { hashTagOf, isRedisAddress, redisClient } from '#shared/queue/redis-address.ts'

describe('an address of Redis', () => {
  test.each([
    'redis://host:6379',
    'rediss://user:word@host:6380/1',
    'redis+sentinel://user:w%40rd@s1:26379,s2,[::1]:26380/shop/2?sentinelPassword=other',
    'rediss+sentinel://s1/shop',
    'redis+cluster://h1:7000,h2',
    'rediss+cluster://user:w%40rd@[::1]:7000,h2:7001/a',
  ])('%s is taken', (address) => {
    expect(isRedisAddress(address)).toBe(true)
  })

  test.each([
    'redis://a:1,b:2',
    'http://host:6379',
    'redis+sentinel://s1:26379',
    'redis+sentinel://s1:port/shop',
    'redis+sentinel://s1/shop?role=slave',
    'redis+sentinel:///shop',
    'redis+cluster://h1:port',
    'redis+cluster:///a',
    'redis+cluster://h1/a?b',
    'redis+cluster://h1/{a}',
    'redis+cluster://h1:65536',
    'redis+cluster://h1,,h2',
    'redis+cluster://user:%zz@h1',
    'redis+sentinel://s1:0/shop',
  ])('%s is none', (address) => {
    expect(isRedisAddress(address)).toBe(false)
  })

  test('of Sentinels names them, the primary, its login and theirs', () => {
    const client = redisClient(
      'rediss+sentinel://user:w%40rd@s1:26379,s2,[::1]:26380/shop/2?sentinelPassword=other',
      { lazyConnect: true },
    )
    expect(client.options).toMatchObject({
      sentinels: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_379 },
        { host: '::1', port: 26_380 },
      ],
      name: 'shop',
      username: 'user',
      password: 'w@rd',
      db: 2,
      sentinelPassword: 'other',
      enableTLSForSentinelMode: true,
      failoverDetector: true,
    })
    client.disconnect()
  })

  test('of a cluster names its login; its keys have a hash tag of their own, also where no name is written', () => {
    const client = redisClient('rediss+cluster://user:w%40rd@h1:7000,h2/a', { lazyConnect: true })
    expect(client.options).toMatchObject({ username: 'user', password: 'w@rd', tls: {} })
    client.disconnect()
    expect(['redis+cluster://h1/a', 'redis+cluster://h1', 'redis://h1'].map(hashTagOf)).toEqual([
      'a',
      'shop',
      undefined,
    ])
    expect(passwordsIn('redis+cluster://user:w%40rd@h1:7000,h2/a')).toEqual(['w%40rd', 'w@rd'])
  })

  test('F71 both passwords of such an address are known as secrets', () => {
    expect(passwordsIn('redis+sentinel://user:w%40rd@s1/shop?sentinelPassword=other')).toEqual(
      expect.arrayContaining(['w@rd', 'w%40rd', 'other']),
    )
  })
})
