import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Update } from 'grammy/types'
import pg from 'pg'
import { Agent, request } from 'undici'
import { newId } from '#shared/ids.ts'
import { createSecrets } from '#shared/secrets.ts'
import { pack } from '#shared/telegram/buttons.ts'
import type { Infra } from '../bin/infra/start.ts'
import { cpuOf, postmaster, redisServer } from './lib/cpu.ts'
import { inTurns, median, percentile } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'
import { fakeTelegram } from './lib/telegram.ts'

const TOKEN = `123456:${'A'.repeat(35)}`
const KEY = Buffer.alloc(32, 1).toString('base64')
const SECRET = 'bench-secret'
const PEOPLE = 5_000
const IN_FLIGHT = 100
const MS = 2_500
const ROUNDS = 5
const WARM_UP_MS = 4_000

const secrets = createSecrets(KEY)
const connections = new Agent({ connections: 400, keepAliveTimeout: 30_000 })

interface Kind {
  name: string
  goals: { rate: number; cpu: number }
  /** The data of the button that is pressed, for each contestant; left out if a command is typed. */
  data?: (person: number) => { ours: string; baseline: string }
}

export const kinds: Kind[] = [
  { name: '/menu', goals: { rate: 0.8, cpu: 1.7 } },
  {
    name: 'menu button',
    goals: { rate: 0.8, cpu: 1.7 },
    data: (person) => ({ ours: pack(secrets, BigInt(person), 'menu'), baseline: 'menu' }),
  },
  {
    name: 'buy press',
    goals: { rate: 0.7, cpu: 2 },
    data(person) {
      const args = [1, 5, newId().slice(0, 10)] as const
      return { ours: pack(secrets, BigInt(person), 'pack', ...args), baseline: ['pack', ...args].join(':') }
    },
  },
]

interface Contestant {
  which: 'ours' | 'baseline'
  url: string
  /** The processes that work on a contestant's updates. Telegram and the sender of updates belong to the bench. */
  pids: number[]
}

type Telegram = Awaited<ReturnType<typeof fakeTelegram>>

/**
 * Gateway and bot worker as in production, and the bot that an owner would write otherwise (servers/naive-bot.ts), on the
 * same PostgreSQL and with the same Telegram.
 * @param nodeArgs for our processes
 */
export async function openContestants({ databaseUrl, queue }: Infra, nodeArgs: string[] = []) {
  if (queue.kind !== 'redis') throw new Error('gateway and bot worker need redis-server on PATH')
  const telegram = await fakeTelegram()
  const env: Record<string, string> = {
    BOTS: JSON.stringify([{ name: 'main', token: TOKEN }]),
    BOT_MODE: 'webhook',
    PUBLIC_URL: 'https://bench.example',
    PORT: '0',
    WEBHOOK_SECRET: SECRET,
    DATABASE_URL: databaseUrl,
    REDIS_URL: queue.url,
    QUEUE_PREFIX: 'bench-update',
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_SEND_RATE: '10000',
    TELEGRAM_CHAT_RATE: '0',
    STARS_PACKS: '1,3,5,10',
    ENCRYPTION_KEY: KEY,
    LOG_LEVEL: 'info',
    NODE_ENV: 'production',
  }
  const [postgres, redis] = [await postmaster(databaseUrl), await redisServer(queue.url)]
  const worker = await start('../bin/worker.ts', ['bot'], /workers are ready/, env, nodeArgs)
  const gateway = await start('../bin/gateway.ts', [], /gateway is ready: (http:[^"\s]+)/, env, nodeArgs)
  const naive = await start(
    'servers/naive-bot.ts',
    [databaseUrl, TOKEN, telegram.url],
    /ready (http:\S+)/,
    env,
  )
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await makeKnown(client)
  const ours: Contestant = {
    which: 'ours',
    url: `${gateway.found}/telegram/main`,
    pids: [gateway.pid, worker.pid, postgres, redis],
  }
  const baseline: Contestant = { which: 'baseline', url: naive.found, pids: [naive.pid, postgres] }
  return {
    telegram,
    ours,
    baseline,
    openMenus: () => openMenus(client),
    stop: async () => {
      await Promise.all([worker, gateway, naive].map((one) => one.stop()))
      await client.end()
      await connections.close().catch(() => {})
      telegram.server.close()
    },
  }
}

/**
 * Everybody has been here before, with both contestants: who comes for the first time also gets the key of the Mini App,
 * by a call of its own, and on a slow machine a bench would measure nothing else.
 */
async function makeKnown(client: pg.Client): Promise<void> {
  const people = `select id, 'somebody_' || id, 'Somebody' from generate_series(1, ${PEOPLE}) as id`
  await client.query(
    `insert into persons (id, username, first_name, language) select *, 'en' from (${people})`,
  )
  await client.query(
    `insert into bot_sessions (bot, person_id, session_data) select 'main', id, '{"shopKey": "en"}' from persons`,
  )
  await client.query(`insert into naive_people (id, username, first_name) ${people}`)
  await client.query('analyze persons, bot_sessions, naive_people')
}

/** The Telegram of the bench gives each message the id 1; a menu that was open before has another one. */
let menu = 1

/**
 * Everybody has a new menu open, as somebody has who presses a key of it. Up to 5,000 presses nobody presses twice before the next
 * time, so that an invoice is opened in a menu and not in the card of the invoice before it.
 */
async function openMenus(client: pg.Client): Promise<void> {
  menu += 1
  await client.query(`update bot_sessions set session_data = session_data || '{"anchor": ${menu}}'`)
  await client.query(`update naive_people set menu_message = ${menu}`)
  await client.query('vacuum bot_sessions, naive_people')
}

/** The time from the webhook of an update to the last call that answers it. */
export async function benchUpdate(infra: Infra): Promise<Result[]> {
  const contestants = await openContestants(infra)
  const { telegram, ours, baseline, openMenus, stop } = contestants
  const results: Result[] = []
  try {
    for (const kind of kinds) {
      for (const one of [ours, baseline]) {
        await openMenus()
        await load(telegram, one, kind, WARM_UP_MS)
      }
      const cpu: Record<Contestant['which'], number[]> = { ours: [], baseline: [] }
      const measure = async (one: Contestant): Promise<number> => {
        await openMenus()
        const before = cpuOf(one.pids)
        const { done, seconds } = await load(telegram, one, kind, MS)
        cpu[one.which].push((cpuOf(one.pids) - before) / done)
        return done / seconds
      }
      const rates = await inTurns(
        () => measure(ours),
        () => measure(baseline),
        ROUNDS,
      )
      results.push({
        name: `${kind.name}, ${IN_FLIGHT} in flight`,
        ...rates,
        unit: '/s',
        goal: kind.goals.rate,
      })
      results.push({
        name: `${kind.name}, processor time`,
        ours: median(cpu.ours),
        baseline: median(cpu.baseline),
        ratio: median(cpu.ours.map((ms, round) => ms / cpu.baseline[round]!)),
        unit: 'ms',
        smaller: true,
        goal: Number((1 / kind.goals.cpu).toFixed(2)),
      })
      results.push(...(await halfLoaded(contestants, kind, rates)))
    }
    return results
  } finally {
    await stop()
  }
}

/** How long people wait when each contestant gets half of the load that it can take. */
async function halfLoaded(
  { telegram, ours, baseline, openMenus }: Awaited<ReturnType<typeof openContestants>>,
  kind: Kind,
  rates: Record<Contestant['which'], number>,
): Promise<Result[]> {
  const worst: Record<Contestant['which'], number[]> = { ours: [], baseline: [] }
  const measure = async (one: Contestant): Promise<number> => {
    await openMenus()
    const times = await paced(telegram, one, kind, rates[one.which] / 2)
    worst[one.which].push(percentile(times, 99))
    return median(times)
  }
  const p50 = await inTurns(
    () => measure(ours),
    () => measure(baseline),
    ROUNDS,
  )
  return [
    { name: `${kind.name}, half loaded, p50`, ...p50, unit: 'ms', smaller: true, goal: 0.4 },
    {
      name: `${kind.name}, half loaded, p99`,
      ours: median(worst.ours),
      baseline: median(worst.baseline),
      ratio: median(worst.ours.map((ms, round) => ms / worst.baseline[round]!)),
      unit: 'ms',
      smaller: true,
      goal: 0.67,
    },
  ]
}

export async function load(
  telegram: Telegram,
  to: Contestant,
  kind: Kind,
  ms: number,
): Promise<{ done: number; seconds: number }> {
  const begun = performance.now()
  let done = 0
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (performance.now() - begun < ms) {
        await send(telegram, to, kind)
        done++
      }
    }),
  )
  return { done, seconds: (performance.now() - begun) / 1000 }
}

/**
 * Sends `rate` updates a second, whether or not earlier ones are answered.
 * @returns how long each took, ms
 */
async function paced(telegram: Telegram, to: Contestant, kind: Kind, rate: number): Promise<number[]> {
  const begun = performance.now()
  const times: number[] = []
  const sent: Promise<void>[] = []
  for (let due = 0; due < MS; due += 1000 / rate) {
    const early = due - (performance.now() - begun)
    if (early > 1) await sleep(early)
    const started = performance.now()
    sent.push(send(telegram, to, kind).then(() => void times.push(performance.now() - started)))
  }
  await Promise.all(sent)
  return times
}

let updateId = 1
let person = 0

/** @returns when the person sees the answer */
async function send(telegram: Telegram, { which, url }: Contestant, { data }: Kind): Promise<void> {
  person = (person % PEOPLE) + 1
  const update = updateOf(person, data?.(person)[which])
  const seen = update.callback_query ? telegram.answered(update.callback_query.id) : telegram.reply(person)
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': SECRET },
    body: JSON.stringify(update),
    dispatcher: connections,
  })
  await body.dump()
  if (statusCode !== 200) throw new Error(`${which} answered ${statusCode}`)
  await seen
}

function updateOf(id: number, data: string | undefined): Update {
  updateId += 1
  const chat = { id, type: 'private' as const, first_name: 'Somebody' }
  const from = { id, is_bot: false, first_name: 'Somebody', username: `somebody_${id}`, language_code: 'en' }
  // A key is pressed in the open menu; what is typed is a message of its own, whose number nobody asks for.
  const message = {
    message_id: data === undefined ? updateId : menu,
    date: Math.floor(Date.now() / 1000),
    chat,
    from,
    text: '/menu',
  }
  if (data === undefined) {
    const entities = [{ type: 'bot_command' as const, offset: 0, length: 5 }]
    return { update_id: updateId, message: { ...message, entities } } as Update
  }
  const callback_query = { id: `q${updateId}`, from, message, chat_instance: '1', data }
  return { update_id: updateId, callback_query } as Update
}

async function start(
  file: string,
  args: string[],
  ready: RegExp,
  env: Record<string, string>,
  nodeArgs: string[] = [],
) {
  const child = spawn(process.execPath, [...nodeArgs, join(import.meta.dirname, file), ...args], {
    env: { ALLOW_OWNER_ROLE: 'true', ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const found = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, what = ''] = ready.exec(line) ?? [undefined]
      if (ready.test(line)) resolve(what)
    })
    void once(child, 'exit').then(([code]) => reject(new Error(`${file} ended with ${code}`)))
  })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return { pid: child.pid!, found, stop }
}
