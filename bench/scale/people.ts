import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import type { Update } from 'grammy/types'
import pg from 'pg'
import { readConfig } from '#shop/config.ts'
import { openContext } from '#shared/context.ts'
import type { Context, Shared } from '#shared/context.ts'
import type { Infra } from '../../bin/infra/start.ts'
import { balances } from '#shared/money/read.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { oweLost, owe, relay } from '#shared/queue/outbox.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { enqueueUpdate } from '#shared/telegram/intake.ts'
import { arrivals, endings } from '#workers/bot/arrive.ts'
import { bot } from '#workers/bot/worker.ts'
import { startWorker } from '#workers/run.ts'
import { expireUnpaid } from '#shop/payments/worker/expire.ts'
import { owePolls } from '#shop/payments/worker/poll-payments.ts'
import { median, percentile } from '../lib/compare.ts'
import { fakeTelegram } from '../lib/telegram.ts'

const SIZES = [10_000, 1_000_000]
const CALLS = 300
const UPDATES = 300

/** The statements of every update and of every second, with 10 thousand and with a million people who have bought. */
export async function benchPeople(infra: Infra): Promise<void> {
  const telegram = await fakeTelegram()
  const config = readConfig({
    BOT_TOKEN: `123456:${'A'.repeat(35)}`,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_SEND_RATE: '1000',
    TELEGRAM_CHAT_RATE: '0',
  })
  const backend = await openBackend(infra.queue, 'bench-people')
  const log = createLog({ level: 'silent', name: 'bench' })
  const shared: Shared = {
    config,
    log,
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue),
  }
  const context = await openContext(shared, { name: 'bench', databaseUrl: infra.databaseUrl, poolSize: 4 })
  await registerBots(context.db, config.bots)
  const figures: Record<string, Record<string, string>> = {}
  let loaded = 0
  try {
    for (const size of SIZES) {
      await load(infra.databaseUrl, loaded + 1, size)
      loaded = size
      for (const [name, ms] of Object.entries(await statements(context, size)))
        (figures[name] ??= {})[`${size} people`] = ms
      const worker = await startWorker(bot, shared, infra.databaseUrl)
      const times: number[] = []
      for (let n = 0; n < UPDATES; n++) {
        const update = nextUpdate(size)
        const replied = telegram.reply(update.message!.chat.id)
        const begun = performance.now()
        await Promise.all([enqueueUpdate(shared, { name: 'main' }, update), replied])
        times.push(performance.now() - begun)
      }
      const words = `${median(times).toFixed(1)} ms, p99 ${percentile(times, 99).toFixed(1)}`
      ;(figures['update to reply (the menu)'] ??= {})[`${size} people`] = words
      await worker.stop(2_000)
    }
    console.table(figures)
  } finally {
    await context.close()
    await backend.close()
    telegram.server.close()
  }
}

let number = 0

function nextUpdate(size: number): Update {
  const id = anybody(size)
  const chat = { id, type: 'private' as const, first_name: 'Somebody' }
  const from = { id, is_bot: false, first_name: 'Somebody', language_code: 'en' }
  return { update_id: ++number, message: { message_id: number, date: 0, chat, from, text: '/menu' } }
}

const anybody = (size: number): number => 1 + Math.floor(Math.random() * size)

/** The median time of each statement, in ms. */
async function statements(context: Context, size: number): Promise<Record<string, string>> {
  const { db, producer, log } = context
  const time = async (work: (id: number) => Promise<unknown>, calls = CALLS) => {
    const times: number[] = []
    for (let n = 0; n < calls; n++) {
      const id = anybody(size)
      const begun = performance.now()
      await work(id)
      times.push(performance.now() - begun)
    }
    return `${median(times).toFixed(2)} ms`
  }
  const somebody = (id: number) => ({ id, is_bot: false, first_name: 'Somebody', language_code: 'en' })
  const [arrive, finish] = [arrivals(db), endings(db)]
  let key = size
  return {
    'arrive (each update)': await time((id) =>
      arrive({ bot: 'main', updateId: ++number, from: somebody(id), came: true }),
    ),
    'finish (each update)': await time((id) =>
      finish({ bot: 'main', updateId: ++number, personId: BigInt(id), came: true, session: {} }),
    ),
    'balances of a person': await time((id) => balances(db, BigInt(id))),
    'owe and relay one job': await time(async (id) => {
      const notice = { key: `bench-${++key}`, bot: 'main', personId: String(id), text: 'x', params: {} }
      await owe(db, sendNotice, notice)
      await relay(db, producer, log, ['main'])
    }, 100),
    'relay with nothing owed': await time(() => relay(db, producer, log, ['main'])),
    'look for lost jobs': await time(() => oweLost(db, 900_000), 30),
    'claim payments to look at': await time(() => owePolls(context), 30),
    'expire what is over': await time(() => expireUnpaid(context), 30),
  }
}

/**
 * People who came, were credited and bought, as rows that agree with one another. Triggers are off while they are
 * written, so that a million take minutes rather than an hour; the proof over them is green.
 */
async function load(databaseUrl: string, from: number, to: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const begun = performance.now()
  try {
    await client.query('begin')
    await client.query(`set local session_replication_role = replica`)
    const each = `from generate_series(${from}, ${to}) n`
    await client.query(`insert into persons (id, first_name, username, language)
      select n, 'Somebody', 'somebody_' || n, 'en' ${each} on conflict do nothing`)
    await client.query(
      `insert into bot_sessions (bot, person_id) select 'main', n ${each} on conflict do nothing`,
    )
    await client.query(
      `insert into postings (reference, kind, digest) select 'load-' || n, 'adjustment', 'x' ${each}`,
    )
    await client.query(`insert into entries (posting_id, person_id, system, asset, amount, balance_after)
      select id, split_part(reference, '-', 2)::bigint, null, 'RUB', 10000, 10000
      from postings where reference like 'load-%' and split_part(reference, '-', 2)::bigint between ${from} and ${to}`)
    await client.query(`insert into entries (posting_id, system, asset, amount)
      select id, 'adjustments', 'RUB', -10000
      from postings where reference like 'load-%' and split_part(reference, '-', 2)::bigint between ${from} and ${to}`)
    await client.query(`insert into wallets (person_id, asset, available) select n, 'RUB', 10000 ${each}`)
    await client.query(`insert into orders (id, person_id, bot, good, state, asset, price)
      select 'load-' || n, n, 'main', 'stars', 'delivered', 'RUB', 9000 ${each}`)
    await client.query(`insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount)
      select 'load-' || n, n, 'main', 'stars', 'paid', 'XTR', 50, 'TOK', 10 ${each}`)
    await client.query(`insert into outbox (key, job, payload, bot, state)
      select 'load-' || n, 'notice.send', '{}', 'main', 'done' ${each}`)
    await client.query(`insert into handled_updates (bot, update_id) select 'other', n ${each}`)
    await client.query('commit')
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
  console.log(`${to} people are there after ${Math.round((performance.now() - begun) / 1000)} s more`)
}
