import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { checkRedis } from '../../bin/lib/check-redis.ts'
import { readRepositoryFile } from '../lib/compose.ts'
import { startPrivateRedis, testOnRedis } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'

/** The line of docs/scaling.md, for another prefix. */
const RULES = /^ *ACL SETUSER shop on >PASSWORD (.+)$/m.exec(readRepositoryFile('docs/scaling.md'))![1]!

/** What would read, show or change something of others on the same server. */
const TOO_MUCH = [
  'get other',
  'set other 1',
  'scan 0',
  'randomkey',
  'keys *',
  'function flush',
  'script flush',
  'flushdb',
  'swapdb 0 1',
  'publish acl:x y',
  'client kill id 1',
  'config get *',
]

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
      expect((await checkRedis(url, prefix)).refuse).toBeUndefined()
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

      for (const more of TOO_MUCH)
        expect(await admin.call('ACL', 'DRYRUN', 'shop', ...more.split(' ')), more).not.toBe('OK')

      for (const right of ['+info', '+time', '~tk:*', '~{tk:*']) {
        await setUser(RULES.replace(right, ''))
        expect((await checkRedis(url, prefix)).refuse, right).toMatch(
          /^its user may not do what a queue needs /,
        )
      }
    } finally {
      admin.disconnect()
      await redis.stop()
    }
  },
)
