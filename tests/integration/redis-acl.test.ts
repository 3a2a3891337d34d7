import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { checkRedis } from '../../bin/lib/check-redis.ts'
import { readRepositoryFile } from '../lib/compose.ts'
import { startPrivateRedis, testOnRedis } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'

/** The line of docs/scaling.md, for another prefix. */
const RULES = /^ *ACL SETUSER shop on >PASSWORD (.+)$/m.exec(readRepositoryFile('docs/scaling.md'))![1]!

testOnRedis(
  'a shop whose Redis user may do what docs/scaling.md lists works, and is refused nothing that it needs',
  async () => {
    const redis = await startPrivateRedis()
    const admin = new Redis(redis.url)
    const prefix = 'acl'
    const setUser = (rules: string) =>
      admin.call(
        'ACL',
        'SETUSER',
        'shop',
        'reset',
        'on',
        '>PASSWORD',
        ...rules.replaceAll('tk', prefix).split(' '),
      )
    await setUser(RULES)
    const url = redis.url.replace('//', '//shop:PASSWORD@')
    try {
      expect((await checkRedis(url)).refuse).toBeUndefined()
      const shop = await openShop({
        redis: url,
        workers: ['bot', 'billing', 'upkeep'],
        env: { QUEUE_PREFIX: prefix },
      })
      const anna = await shop.person()
      await anna.start()
      await anna.hears('Hello')
      await anna.buy(3)
      await fetch(`${shop.url}/ops/queues/api/queues`)
      await shop.close()
      const refused = (await admin.call('ACL', 'LOG')) as string[][]
      // Commands that managed services forbid as well, and that nothing needs.
      const optional = ['client|list', 'config|get']
      expect(
        refused.map((line) => line[line.indexOf('object') + 1]).filter((one) => !optional.includes(one!)),
      ).toEqual([])

      for (const right of ['+info', '+time']) {
        await setUser(RULES.replace(right, ''))
        expect((await checkRedis(url)).refuse).toMatch(/^its user may not do what a queue needs /)
      }
    } finally {
      admin.disconnect()
      await redis.stop()
    }
  },
)
