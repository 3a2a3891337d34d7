import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { createMailing, planMailing, readMailing, scheduleMailing } from '#shop/mailings/mailings.ts'
import { editDraft } from '#shop/mailings/drafts.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import type { Infra } from '../bin/infra/start.ts'
import { claim, giveUpLease } from '#shop/mailings/worker/claim.ts'
import { createMarker } from '#shop/mailings/worker/marker.ts'
import type { Result } from './lib/compare.ts'

const TOKEN = '7000000001:AAbenchbenchbenchbenchbenchbenchben'
const ADMIN = 1
/** Ten times Telegram's limit, so that 20,000 recipients take a minute and not eleven. */
const RATE = 300
const RECIPIENTS = 20_000
const SIZES = [10_000, 100_000, 1_000_000]

/** The rate that replicas keep together, against the limit of a simulated Telegram; and what large mailings cost. */
export async function benchBroadcasts(infra: Infra): Promise<Result[]> {
  const db = await openDb(infra.databaseUrl, { max: 8, name: 'bench' })
  try {
    await db.rows(q`insert into bots (name) values ('main') on conflict do nothing`)
    return [...(await largeOnes(db)), ...(await rates(infra, db))]
  } finally {
    await db.close()
  }
}

async function rates(infra: Infra, db: Db): Promise<Result[]> {
  if (infra.queue.kind !== 'redis') {
    console.warn('LEFT OUT: the rate over replicas needs a redis-server')
    return []
  }
  const results: Result[] = []
  for (const replicas of [1, 3]) {
    const telegram = await startTelegram({
      bots: [{ token: TOKEN, username: 'bench_bot', name: 'Bench' }],
      settings: { globalPerSecond: RATE, latencyMs: 20, keepRequests: 3 * RECIPIENTS, keepMessages: 3 },
    })
    const control = (method: string, path: string, body?: unknown) =>
      fetch(`${telegram.url}/control${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    await control('POST', '/people', { count: RECIPIENTS, firstId: 1, started: ['bench_bot'] })
    const sent = await control('POST', `/chats/bench_bot/${ADMIN}/messages`, { text: 'to everybody' })
    const { message_id } = (await sent.json()) as { message_id: number }
    const workers = await startWorkers(infra, telegram.url, replicas)
    const id = await draft(db, RECIPIENTS, message_id)
    await db.tx((tx) => scheduleMailing(tx, id))
    while ((await readMailing(db, id))?.state !== 'done') await sleep(250)
    const calls = (await (
      await control('GET', `/requests?bot=bench_bot&method=copyMessage&limit=${3 * RECIPIENTS}`)
    ).json()) as { at: number; status: number; ok: boolean }[]
    const times = calls.filter(({ ok }) => ok).map(({ at }) => at)
    if (times.length < RECIPIENTS) throw new Error(`only ${times.length} of ${RECIPIENTS} were sent`)
    // The burst at the start and the end of the last lanes are left out.
    const steady = times.slice(Math.floor(times.length * 0.05), Math.floor(times.length * 0.95))
    const seconds = (steady.at(-1)! - steady[0]!) / 1000
    results.push({
      name: `mailing to ${RECIPIENTS}, ${replicas} replica(s), limit ${RATE}/s, ${calls.filter(({ status }) => status === 429).length} answers 429`,
      ours: (steady.length - 1) / seconds,
      baseline: RATE,
      unit: 'messages/s',
      goal: 0.99,
    })
    results.push({
      name: `the most that Telegram saw of it in any second, ${replicas} replica(s)`,
      ours: mostInASecond(times),
      baseline: RATE,
      unit: 'messages',
      smaller: true,
      goal: 0.99,
    })
    await stopAll(workers)
    await telegram.close()
  }
  return results
}

/** The most messages in a second, by the simulator's clock, from the first message to the last. */
function mostInASecond(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  let most = 0
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! >= 1_000) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

async function startWorkers(infra: Infra, apiRoot: string, count: number): Promise<ChildProcess[]> {
  const env = {
    ...process.env,
    DATABASE_URL: infra.databaseUrl,
    REDIS_URL: infra.queue.url,
    BOTS: JSON.stringify([{ name: 'main', token: TOKEN, admins: [ADMIN] }]),
    BOT_MODE: 'polling',
    TELEGRAM_API_ROOT: apiRoot,
    TELEGRAM_SEND_RATE: String(RATE),
    ALLOW_OWNER_ROLE: 'true',
    ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    LOG_LEVEL: 'warn',
  }
  return Array.from({ length: count }, () =>
    spawn(process.execPath, [join(import.meta.dirname, '../bin/worker.ts'), 'broadcasts'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  )
}

async function stopAll(workers: ChildProcess[]): Promise<void> {
  await Promise.all(
    workers.map(async (worker) => {
      const ended = once(worker, 'close')
      worker.kill('SIGTERM')
      await ended
    }),
  )
}

/** Makes people with a session in the bot, and a mailing to all of them. */
async function draft(db: Db, count: number, messageId: number): Promise<string> {
  await db.rows(q`insert into persons (id) select generate_series(1, ${count}) on conflict do nothing`)
  await db.rows(q`delete from bot_sessions where bot = 'main' and person_id > ${count}`)
  await db.rows(q`
    insert into bot_sessions (bot, person_id) select 'main', generate_series(1, ${count}) on conflict do nothing`)
  const id = newId()
  await createMailing(db, { id, bot: 'main', createdBy: BigInt(ADMIN) })
  const source = { chatId: ADMIN, messageIds: [messageId] }
  await editDraft(db, id, {
    contents: { '': { text: 'to everybody', media: [], buttons: [], sources: { main: source } } },
  })
  return id
}

/**
 * The time in which one statement plans a mailing, and what 1,000 messages cost the database at its beginning and
 * at its end.
 */
async function largeOnes(db: Db): Promise<Result[]> {
  const results: Result[] = []
  let smallest = 0
  let first = 0
  for (const size of SIZES) {
    const id = await draft(db, size, 1)
    await db.rows(q`update broadcasts set state = 'scheduled' where id = ${id}`)
    const startedAt = performance.now()
    const mailing = (await readMailing(db, id))!
    await db.tx((tx) => planMailing(tx, mailing))
    const perThousand = ((performance.now() - startedAt) / size) * 1000
    smallest ||= perThousand
    results.push({
      name: `planning of ${size} recipients, per 1,000`,
      ours: perThousand,
      baseline: smallest,
      unit: 'ms',
      smaller: true,
    })
    const memoryBefore = process.memoryUsage().rss
    const early = await costOf(db, id)
    first ||= early
    await db.rows(q`
      update broadcast_recipients set state = 'sent' where broadcast_id = ${id} and number < ${size - 5_000}`)
    await db.rows(q`update broadcasts set next_number = ${size - 5_000} where id = ${id}`)
    const late = await costOf(db, id)
    results.push({
      name: `1,000 messages in the database, first of ${size}`,
      ours: early,
      baseline: first,
      unit: 'ms',
      smaller: true,
    })
    results.push({
      name: `1,000 messages in the database, last of ${size} (${Math.round((process.memoryUsage().rss - memoryBefore) / 1e6)} MB more)`,
      ours: late,
      baseline: first,
      unit: 'ms',
      smaller: true,
    })
    await db.rows(q`update broadcasts set state = 'cancelled' where id = ${id}`)
  }
  return results
}

/** Claims, marks and settles some thousand recipients as a lane does, without calls to Telegram in between. */
async function costOf(db: Db, id: string): Promise<number> {
  const marker = createMarker(db, (await readMailing(db, id))!, id)
  const startedAt = performance.now()
  let done = 0
  while (done < 3_000) {
    const lease = await claim(db, id, 'bench')
    if (!lease) break
    const rows = await db.rows(q<{ number: number }>`
      select number from broadcast_recipients
      where broadcast_id = ${id} and number between ${lease.first} and ${lease.last} and state = 'planned'`)
    await Promise.all(
      rows.map(async ({ number }) => {
        if (await marker.claim(number)) await marker.settle({ number, state: 'sent', messageIds: [number] })
      }),
    )
    await giveUpLease(db, id, lease, 'bench', undefined)
    done += rows.length
  }
  return ((performance.now() - startedAt) / done) * 1000
}
