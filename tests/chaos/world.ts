import { appendFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import pLimit from 'p-limit'
import { migrate } from '#shared/db/migrate.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { startPostgres } from '../../bin/infra/postgres.ts'
import { startRedis } from '../../bin/infra/redis.ts'
import { keepsStatements, writePgBouncer } from '../lib/pgbouncer.ts'
import { phoneOf } from '../lib/phone.ts'
import { listenToChats } from './chats.ts'
import { mountDisk, removeLeftDisks } from './disk.ts'
import type { Disk } from './disk.ts'
import { at, BOT, findPorts, SECOND_BOT, outsideSpecs, shopSpecs, telegramSpec } from './fleet.ts'
import { openHosts, placesOf } from './hosts.ts'
import type { Lost } from './hosts.ts'
import { openLimit } from './memory.ts'
import { stockShelf } from './shelf.ts'
import { startProcess } from './processes.ts'
import type { ProcessSpec, Running } from './processes.ts'
import { roleOf } from './troubles.ts'
import type { TroublePlan } from './troubles.ts'

export type World = Awaited<ReturnType<typeof openWorld>>

/** Longer than any lock of a queue of updates (10 s), shorter than people's patience. */
const FROZEN_MS = 15_000
const CLOCK_APART_MS = 90_000
/** Two cores need seconds to start a process, so with more processes down at once the run would measure the starts. */
const MOST_DOWN = 3

export interface WorldOptions {
  /** Whether all workers of a replica run in one process. */
  compact?: boolean
  keepLogs?: boolean
  /** On how many hosts the shop's processes run, each with a wire of its own; 0 means on this machine. */
  hosts?: number
  /** How many Redis servers share the queues. */
  redis?: number
  /** Puts a PgBouncer in transaction mode between the shop and PostgreSQL. */
  pooler?: boolean
  /** Premium is given from the bot's own Stars and not by the reseller. */
  premiumByStars?: boolean
}

/** PostgreSQL, Redis, Telegram, the suppliers and vendors, two gateways and two of every worker, each a process. */
export async function openWorld(options: WorldOptions = {}) {
  const { hosts: hostCount = 0, redis: redisCount = 1 } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-chaos-'))
  const logs = join(dataDir, 'logs')
  await mkdir(logs)
  /** What the servers complained about, by name. */
  const complaints = new Map<string, string[]>()
  const logOf = (name: string) => {
    const own: string[] = []
    complaints.set(name, own)
    const warn = (line: string) => {
      own.push(line)
      appendFileSync(join(logs, 'servers.log'), `${new Date().toISOString()} ${name}: ${line}\n`)
    }
    return { info: () => {}, warn }
  }
  const redisNames = Array.from({ length: redisCount }, (_, index) => `redis-${index + 1}`)
  const hostNames = Array.from({ length: hostCount }, (_, index) => `host-${index + 1}`)
  // Mounting takes the same rights as hosts do.
  const disks = new Map<string, Disk>()
  if (hostCount > 0) {
    await removeLeftDisks()
    for (const name of ['postgres', ...redisNames, ...hostNames])
      disks.set(name, await mountDisk(join(dataDir, name)))
  }
  const limits = hostCount > 0 ? await openLimit() : undefined
  const [postgres, redises, ports] = await Promise.all([
    startPostgres({ dataDir: join(dataDir, 'postgres'), log: logOf('postgres') }),
    Promise.all(redisNames.map((name) => startRedis({ dataDir: join(dataDir, name), log: logOf(name) }))),
    findPorts(),
  ])
  const redisUrls = redises.map(({ url }) => url)
  const telegram = await startProcess(telegramSpec(ports), logs)
  const control = caller(`${at(ports.telegram)}/control`)
  await control('/settings', 'PUT', {
    chatPerSecond: 0,
    globalPerSecond: 0,
    setWebhookMs: 0,
    conflictDelayMs: 0,
    retryBaseMs: 300,
    retryMaxMs: 3_000,
    keepRequests: 1_000,
    keepEvents: 100,
  })
  await control('/bots', 'POST', { ...BOT, name: 'Chaos' })
  await control('/bots', 'POST', { ...SECOND_BOT, name: 'Second' })
  await control('/people', 'POST', {
    id: 1,
    first_name: 'Owner',
    language_code: 'en',
    started: [BOT.username],
  })
  // Enough for every gift of a run.
  const income = { amount: 10_000_000, partner: { type: 'other' } }
  await control(`/bots/${BOT.username}/transactions`, 'POST', income)
  await migrate(postgres.url)
  const fleet = new Map<string, Running>()
  const start = async (spec: ProcessSpec) => {
    // On a busy machine, or with the database away, a start may fail. A supervisor tries again.
    for (let attempt = 1; ; attempt++) {
      try {
        fleet.set(spec.name, await startProcess(spec, logs))
        return
      } catch (error) {
        if (attempt === 8) throw error
        await sleep(500)
      }
    }
  }
  let pooler: Awaited<ReturnType<typeof writePgBouncer>> | undefined
  if (options.pooler) {
    const dir = join(dataDir, 'pooler')
    await mkdir(dir)
    pooler = await writePgBouncer(dir, postgres.url, POOLER)
    // PgBouncer gives up its rights before it reads its settings again.
    for (const folder of [dataDir, dir]) await chmod(folder, 0o755)
    await start({ ...poolerSpec, file: pooler.file })
  }
  const servers = {
    databaseUrl: pooler?.url ?? postgres.url,
    unprepared: pooler !== undefined && !keepsStatements(),
    redisUrls,
    dataDir,
  }
  const shop = shopSpecs(ports, servers, options.compact ?? false)
  const places = placesOf(
    shop.map(({ name }) => name),
    hostCount || 1,
  )
  const doors = Array.from({ length: hostCount }, (_, host) =>
    ports.gateways.filter((_, index) => places.get(`gateway-${index + 1}`) === host),
  )
  const portOf = (url: string) => Number(new URL(url).port)
  const { telegramFront, reseller, pictures, vendors } = ports
  const outside = [telegramFront, reseller, pictures, ...Object.values(vendors)]
  const network = await openHosts(
    doors,
    [...[servers.databaseUrl, ...redisUrls].map(portOf), ...outside],
    logs,
  )
  const { hosts } = network
  let clocks = 0
  const clockOf = (host: string) => join(dataDir, `${host}.clock`)
  const specs = [
    ...outsideSpecs(ports, dataDir),
    ...shop.map((spec) => {
      const host = hosts[places.get(spec.name)!]
      if (!host) return spec
      const own = join(dataDir, host.name)
      const clock = {
        NODE_OPTIONS: `--import ${join(import.meta.dirname, 'clock.ts')}`,
        CLOCK_APART: clockOf(host.name),
      }
      return { ...spec, inside: host.inside, env: { ...spec.env, ...clock, DATA_DIR: own, TMPDIR: own } }
    }),
  ]
  // A few processes start at a time: on two cores, starting all at once takes longer than one after another.
  const few = pLimit(3)
  await Promise.all(specs.map((spec) => few(() => start(spec))))
  const db: Db = await openDb(postgres.url, { max: 6, name: 'chaos' })
  await db.rows(q`
    insert into settings (bot, key, value) values ('', 'telegram-gift-prices', '{"5170233102089322756": "100"}'),
      ('', 'premium-way', ${JSON.stringify(options.premiumByStars ? 'bot-stars' : 'fragment')})`)
  const shelf = await stockShelf(db, at(ports.telegram))
  const chats = await listenToChats(`${at(ports.telegram)}/control/events`)

  /** Processes that were hit start again in the background, while everything else goes on. */
  const recovering = new Set<Promise<void>>()
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => {})
  /** @param felt says afterwards what shows that the trouble was felt */
  const background = (work: Promise<unknown>, felt = () => ''): Strike => {
    const over: Promise<void> = Promise.resolve(work)
      .then(() => {}, broken.reject)
      .finally(() => recovering.delete(over))
    recovering.add(over)
    return { over, felt }
  }
  const again = async (name: string, signal: NodeJS.Signals): Promise<Strike> => {
    const old = fleet.get(name)!
    // The process has just ended and comes back, so hitting it once more makes no difference.
    if (hasEnded(old)) return NOTHING
    // PgBouncer asked to stop waits for its clients to leave.
    await old.kill(name === poolerSpec.name ? 'SIGKILL' : signal)
    return background(start(old.spec))
  }
  const names = [...fleet.keys()]
  const redisOf = (name: string) => redises[Math.max(0, redisNames.indexOf(name))]!
  const hostOf = (name: string) => hosts.find((one) => one.name === name)!
  const cut = async (name: string, lost: Lost) => {
    const host = hostOf(name)
    await host.cut(lost)
    return background(sleep(FROZEN_MS).then(() => host.mend()))
  }
  const onHost = (name: string) =>
    [...fleet.values()].filter(({ spec }) => spec.env['CLOCK_APART'] === clockOf(name))
  const hit: Record<TroublePlan['what'], (target: string) => Strike | Promise<Strike>> = {
    kill: (name) => again(name, 'SIGKILL'),
    async 'kill both'(role) {
      const both = names.filter((name) => roleOf(name) === role)
      const strikes = await Promise.all(both.map((name) => again(name, 'SIGKILL')))
      return { over: Promise.all(strikes.map(({ over }) => over)), felt: () => '' }
    },
    'stop and start': (name) => again(name, 'SIGTERM'),
    freeze(name) {
      const { child } = fleet.get(name)!
      child.kill('SIGSTOP')
      return background(sleep(FROZEN_MS).then(() => child.kill('SIGCONT')))
    },
    // Both servers start again by themselves, with the data that they had written.
    'redis killed': (target) => strike(redisOf(target), 'SIGKILL'),
    async 'redis wiped'(target) {
      const client = new Redis(redisOf(target).url)
      client.on('error', () => {})
      await client.flushall()
      await client.quit()
      return NOTHING
    },
    'postgres restarted': () => strike(postgres, 'SIGINT'),
    'postgres crashed': () => strike(postgres, 'SIGKILL'),
    'host cut off': (name) => cut(name, 'all'),
    'host hears nobody': (name) => cut(name, 'in'),
    'host heard by nobody': (name) => cut(name, 'out'),
    'host far away'(name) {
      const host = hostOf(name)
      host.moveAway()
      const near = async () => {
        await sleep(FROZEN_MS)
        host.moveAway()
        // The carrier writes what it did.
        await sleep(500)
      }
      return background(near(), () => host.felt())
    },
    async 'host clock apart'(name) {
      const apart = CLOCK_APART_MS * (clocks++ % 2 === 0 ? 1 : -1)
      await writeFile(clockOf(name), String(apart))
      const right = async () => {
        await sleep(2 * FROZEN_MS)
        const sees = onHost(name).filter((one) => one.said().includes(`${apart} ms apart`))
        await writeFile(clockOf(name), '0')
        return `${sees.length} processes by ${apart / 1_000} s`
      }
      let felt = ''
      return background(
        right().then((said) => (felt = said)),
        () => felt,
      )
    },
    async 'disk full'(name) {
      const disk = disks.get(name)!
      // PostgreSQL tells those who write, the others tell their own log.
      const told = () => (name === 'postgres' ? [...fleet.values()] : onHost(name)).map((one) => one.said())
      const refused = () => [...told(), ...(complaints.get(name) ?? [])].join('\n').match(FULL)?.length ?? 0
      const before = refused()
      await disk.fill()
      let felt = ''
      const free = async () => {
        await sleep(FROZEN_MS)
        felt = `${name} refused ${Math.max(0, refused() - before)} times`
        await disk.free()
      }
      return background(free(), () => felt)
    },
    async 'memory limit'(name) {
      const { spec, ...one } = fleet.get(name)!
      if (hasEnded(one)) return NOTHING
      await one.kill('SIGKILL')
      const short = { ...spec, inside: [...limits!.inside, ...(spec.inside ?? [])] }
      let killed = 0
      const comeBack = async () => {
        for (const until = performance.now() + FROZEN_MS; performance.now() < until; await sleep(500)) {
          const started = await startProcess(short, logs).catch(() => undefined)
          if (started === undefined) killed += 1
          else await started.kill('SIGKILL')
        }
        await start(spec)
      }
      return background(comeBack(), () => `${roleOf(name)} was killed ${killed} times as it started`)
    },
  }
  return {
    db,
    control,
    phone: (person: number, bot: { username: string } = BOT) =>
      phoneOf((method, path, body) => control(path, method, body), bot.username, person),
    chats,
    shelf,
    reseller: caller(`${at(ports.reseller)}/control`),
    pictures: caller(`${at(ports.pictures)}/control`),
    vendor: (name: string) => caller(`${at(ports.vendors[name]!)}/control`),
    /** Names of the processes that may die. */
    names,
    beside: {
      hosts: hosts.map(({ name }) => name),
      redis: redisCount > 1 ? redisNames : [],
      disks: [...disks.keys()],
      limits: limits !== undefined,
    },
    gateways: ports.gateways.map(at),
    balancer: at(ports.balancer),
    vendorAt: (name: string) => at(ports.vendors[name]!),
    redisUrls,
    logs,
    /** Rejects when something that was hit does not come back. */
    broken: broken.promise,
    /** Strikes. What was hit comes back in the background. */
    async trouble(plan: TroublePlan): Promise<Strike> {
      while (recovering.size > MOST_DOWN) await Promise.race(recovering)
      return await hit[plan.what](plan.target ?? '')
    },
    async close() {
      chats.close()
      await Promise.all(recovering)
      await Promise.all([...fleet.values(), telegram].map((one) => one.kill('SIGKILL')))
      await db.close()
      await network.close()
      await Promise.all(redises.map((redis) => redis.stop()))
      await postgres.stop()
      await limits?.close()
      for (const disk of disks.values()) await disk.remove()
      if (!options.keepLogs) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export type Call = ReturnType<typeof caller>

/** Calls a control API. Its server may just be dead, so the call is repeated until there is an answer. */
function caller(base: string) {
  return async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(base + path, {
          method,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        const answer = (await response.json()) as T
        if (!response.ok) throw new Refused(`${path}: ${response.status} ${JSON.stringify(answer)}`)
        return answer
      } catch (error) {
        if (error instanceof Refused || attempt === 60) throw error
        await sleep(250)
      }
    }
  }
}

/** The server has answered, and the answer is a refusal. */
export class Refused extends Error {}

/** What is known of a trouble that has struck. */
export interface Strike {
  /** Resolves when what was hit is back. */
  over: Promise<unknown>
  felt: () => string
}

const NOTHING: Strike = { over: Promise.resolve(), felt: () => '' }
const FULL = /no space left|ENOSPC|AOF write error/gi

const POOLER = {
  ignore_startup_parameters: 'idle_in_transaction_session_timeout',
  max_client_conn: 2_000,
  default_pool_size: 80,
  ...(keepsStatements() && { max_prepared_statements: 500 }),
}
const poolerSpec = { name: 'pooler', program: 'pgbouncer', args: [], env: {}, ready: /process up/ }

const hasEnded = ({ child }: Pick<Running, 'child'>) => child.exitCode !== null || child.signalCode !== null

function strike(server: { pid: () => number }, signal: NodeJS.Signals): Strike {
  try {
    process.kill(server.pid(), signal)
  } catch (error) {
    // The process is down already, and on its way back.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
  return NOTHING
}
