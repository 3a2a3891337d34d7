import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql as q } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { createStanding } from '#shared/queue/standing.ts'
import { startCutProxy } from '../lib/cut-proxy.ts'
import type { CutProxy } from '../lib/cut-proxy.ts'
import { openPhone } from '../lib/phone.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { reservePort } from '../lib/port.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const PEOPLE = 40
/** The number of people who must be served while one of two processes is cut off, before that process is well again. */
const ENOUGH = 32
const SERVERS = ['PostgreSQL', 'Redis', 'Telegram', 'the reseller'] as const
type Server = (typeof SERVERS)[number]
const VARIABLES: Record<Server, string> = {
  PostgreSQL: 'DATABASE_URL',
  Redis: 'REDIS_URL',
  Telegram: 'TELEGRAM_API_ROOT',
  'the reseller': 'FRAGMENT_API_URL',
}
/** The names that /readyz has for the servers. */
const PARTS: Record<Server, string> = {
  PostgreSQL: 'database',
  Redis: 'queue',
  Telegram: 'telegram',
  'the reseller': 'reseller',
}

describe.skipIf(!redisAvailable())('one of two processes is cut off from one server (F88, F89)', () => {
  let kit: Kit
  /** Proxies in front of the servers, one each for the process that is cut off and the process that is well. */
  const proxies = new Map<Server, CutProxy>()
  const others = new Map<Server, CutProxy>()
  const health: Record<'sick' | 'well', string> = { sick: '', well: '' }
  let round = 0

  beforeAll(async () => {
    kit = await openKit({
      FRAGMENT_TIMEOUT_MS: '3000',
      FRAGMENT_REVIEW_AFTER_MS: '600000',
      FRAGMENT_PAUSE_MS: '2000',
    })
    await kit.control('PUT', '/settings', { chatPerSecond: 0, globalPerSecond: 0 })
    const through = async (all: Map<Server, CutProxy>) => {
      for (const server of SERVERS) all.set(server, await startCutProxy(kit.environment[VARIABLES[server]]!))
      return Object.fromEntries(
        SERVERS.map((server) => [VARIABLES[server], all.get(server)!.url.replace(/\/$/, '')]),
      )
    }
    await kit.gateway()
    for (const name of ['sick', 'well'] as const) {
      const port = await reservePort()
      health[name] = `http://127.0.0.1:${port}`
      await kit.process(['bot', 'fragment'], {
        ...(await through(name === 'sick' ? proxies : others)),
        HEALTH_PORT: String(port),
      })
    }
  })
  afterEach(() => {
    for (const proxy of [...proxies.values(), ...others.values()]) proxy.be('up')
  })
  afterAll(async () => {
    await kit.close()
    await Promise.all([...proxies.values(), ...others.values()].map((proxy) => proxy.close()))
  })

  const ready = async (name: 'sick' | 'well') => {
    const answer = await fetch(`${health[name]}/readyz`)
    return (await answer.json()) as { ready: boolean; parts: Record<string, string> }
  }
  /** Whether the figures of the sick process say that it is cut off from the server. */
  const figure = async (server: Server) => {
    const text = await (await fetch(`${health.sick}/metrics`)).text()
    return new RegExp(`^telekassa_server_away\\{[^}]*server="${PARTS[server]}"[^}]*\\} 1$`, 'm').test(text)
  }

  /**
   * Each person orders Stars and asks for something. A person counts as served who has the Stars, has read so, and
   * got an answer.
   */
  async function crowd() {
    round++
    const somebody = async (index: number) => {
      const id = await kit.person(9_000n)
      const phone = openPhone(`${kit.telegram.url}/control`, 'shop_bot', Number(id))
      await phone.create()
      await phone.start()
      return { id, phone, order: await kit.draft(id, [`round${round}_p${index}`]) }
    }
    const people = await Promise.all(Array.from({ length: PEOPLE }, (_, index) => somebody(index)))
    for (const { phone } of people) await phone.hears('Balance')
    const comes = async ({ id, phone, order }: (typeof people)[number]) => {
      expect((await kit.place(order, id)).outcome).toBe('reserved')
      await phone.say('/help')
    }
    return {
      async come() {
        for (const one of people) await comes(one)
      },
      async oneMore() {
        const one = await somebody(people.length)
        people.push(one)
        await comes(one)
      },
      all: () => people.length,
      async served() {
        const each = await Promise.all(
          people.map(async ({ phone, order }) => {
            if ((await kit.state(order)) !== 'delivered') return false
            const told = (await phone.messages()).map(({ from, text }) =>
              from === 'bot' ? (text ?? '') : '',
            )
            return (
              told.some((text) => / to @round\d+_p\d+/.test(text)) &&
              told.some((text) => /What you can do here/.test(text))
            )
          }),
        )
        return each.filter(Boolean).length
      },
    }
  }

  test.each([
    ['PostgreSQL', 'frozen'],
    ['PostgreSQL', 'gone'],
    ['Telegram', 'frozen'],
    ['Telegram', 'gone'],
    ['Redis', 'frozen'],
    ['the reseller', 'gone'],
  ] as const)('%s (%s): the other one serves nearly everybody meanwhile', async (server, how) => {
    const people = await crowd()
    proxies.get(server)!.be(how)
    await people.come()
    let most = 0
    await eventually(
      async () => {
        most = Math.max(most, await people.served())
        return most >= ENOUGH
      },
      { what: `${ENOUGH} of ${PEOPLE} are served while the cut lasts`, everyMs: 250 },
    ).catch((error: unknown) => {
      throw new Error(`${most} of ${PEOPLE} were served`, { cause: error })
    })
    const told = await eventually(
      async () => {
        const answer = await ready('sick')
        if (!answer.ready) return answer
        // Chance decides who takes a job, and the process that is cut off learns of the cut by the first job that
        // it takes.
        await people.oneMore()
        return undefined
      },
      { what: 'the sick one says that it is cut off', everyMs: 500 },
    )
    expect(told.parts[PARTS[server]]).not.toBe('ok')
    if (server !== 'Redis') await eventually(() => figure(server))
    expect(await ready('well')).toMatchObject({ ready: true })

    proxies.get(server)!.be('up')
    await eventually(async () => (await ready('sick')).ready, { what: 'it is well again by itself' })
    await eventually(
      async () => {
        await kit.hurry()
        return (await people.served()) === people.all()
      },
      { what: 'everybody is served', everyMs: 250 },
    ).catch(notServed)
    expect(await kit.db.rows(q`select key, reason from outbox where state = 'dead'`)).toEqual([])
    expect(await kit.db.rows(q`select reason from sale_stops`)).toEqual([])
  })

  test.each(['Telegram', 'the reseller'] as const)(
    '%s is away for both: they go on taking jobs, and no job loses a try by it',
    async (server) => {
      const people = await crowd()
      // The sale stops after five failed purchases. So that everybody can order, no purchase is tried before all
      // have ordered.
      await kit.pauseOrders()
      for (const all of [proxies, others]) all.get(server)!.be('gone')
      await people.come()
      await kit.resumeOrders()
      await eventually(async () => {
        const all = await Promise.all([ready('sick'), ready('well')])
        return all.every(({ ready: one }) => !one)
      })
      const before = await putAside()
      await eventually(async () => (await putAside()) > before + PEOPLE / 2, {
        what: 'jobs are tried and put aside',
      })
      // The process that notices first believes for a moment that the other one is well.
      await eventually(async () => (await yields()).every((one) => one === 0), {
        what: 'nobody leaves the jobs to the other',
      })
      for (const all of [proxies, others]) all.get(server)!.be('up')
      await eventually(
        async () => {
          await kit.hurry()
          return (await people.served()) === PEOPLE
        },
        { what: 'everybody is served', everyMs: 250 },
      ).catch(notServed)
      expect(await kit.db.rows(q`select key, reason from outbox where state = 'dead'`)).toEqual([])
    },
  )

  async function notServed(error: unknown): Promise<never> {
    const open = await kit.db.rows(q`select id, state, details from orders where state <> 'delivered'`)
    const stops = await kit.db.rows(q`select * from sale_stops`)
    throw new Error(`not everybody was served: ${JSON.stringify({ open, stops })}`, { cause: error })
  }

  const figures = (pattern: RegExp) =>
    Promise.all(
      (['sick', 'well'] as const).map(async (name) => {
        const text = await (await fetch(`${health[name]}/metrics`)).text()
        return [...text.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0)
      }),
    )
  const putAside = async () =>
    (await figures(/^telekassa_jobs_total\{[^}]*outcome="later"[^}]*\} (\d+)$/gm)).reduce((a, b) => a + b, 0)
  const yields = () => figures(/^telekassa_worker_yields\{[^}]*\} (\d)$/gm)
})

describe.skipIf(!redisAvailable())('two workers that call vendors (F89)', () => {
  test('F89 who is cut off from a vendor alone takes no job and keeps those in hand; one that is away for both keeps neither', async () => {
    const backend = await openBackend({ kind: 'redis', url: await redisUrl() }, 'test')
    const log = createLog({ level: 'silent', name: 'test' })
    const vendor = createServer((_request, response) => void response.writeHead(404).end())
    await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
    const { port } = vendor.address() as AddressInfo
    const open = async () => {
      const way = await startCutProxy(`http://127.0.0.1:${port}`)
      const worker = { database: true, takes: true }
      const database = async () => {
        if (!worker.database) throw new Error('no way')
      }
      const standing = createStanding({ backend, metrics: createMetrics(), log }, 'billing', { database })
      standing.calls('yookassa', way.url)
      standing.follow([{ rest: () => (worker.takes = false), goOn: () => (worker.takes = true) }])
      return { way, standing, worker }
    }
    const [one, other] = [await open(), await open()]
    try {
      one.way.be('gone')
      one.standing.doubt('yookassa')
      await eventually(() => one.standing.yields(), { what: 'the other one is better off' })
      expect(one.worker.takes).toBe(false)
      expect(one.standing.yielding.aborted).toBe(false)
      expect(await one.standing.isAway()).toBe(false)
      expect(one.standing.state()).toEqual({ database: 'ok' })
      expect(one.standing.vendors()['yookassa']).toMatch(/fetch failed/)
      other.standing.doubt('yookassa')
      expect(await other.standing.yields()).toBe(false)

      other.way.be('gone')
      other.standing.doubt('yookassa')
      await eventually(() => one.worker.takes, { what: 'nobody is better off' })
      expect(await other.standing.yields()).toBe(false)

      // A server that all jobs need weighs more than any vendor, and the jobs in hand are handed back.
      other.worker.database = false
      other.standing.doubt('database')
      await eventually(() => other.standing.yields())
      expect([one.worker.takes, other.worker.takes]).toEqual([true, false])
      expect(other.standing.yielding.aborted).toBe(true)

      other.worker.database = true
      for (const { way } of [one, other]) way.be('up')
      await eventually(() => one.worker.takes && other.worker.takes, { what: 'both are well again' })
      expect(other.standing.yielding.aborted).toBe(false)
    } finally {
      for (const { way, standing } of [one, other]) {
        standing.stop()
        await way.close()
      }
      vendor.close()
      await backend.close()
    }
  })
})
