import pg from 'pg'
import { openContext } from '#shared/context.ts'
import type { Context, Shared } from '#shared/context.ts'
import type { Infra } from '../../bin/infra/start.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { catalogue } from '#shop/jobs.ts'
import { readConfig } from '#shop/config.ts'
import { goods } from '#shop/goods.ts'
import { OWNER } from './load.ts'
import { followReadings } from './readings.ts'
import type { Reading } from './readings.ts'

export const BOT = { id: 123456, is_bot: true, first_name: 'Bench', username: 'bench_bot' } as const

export interface GrownShop {
  people: number
  app: Context
  /** What the bot has sent so far, the newest last, with its keys. */
  sent: { text: string; keys: { text: string; callback_data?: string }[] }[]
  close(): Promise<void>
}

/** A shop for timing: Telegram answers at once, in this process, so the time is the shop's own work. */
export async function openGrownShop(
  queue: Infra['queue'],
  databaseUrl: string,
  people: number,
): Promise<GrownShop> {
  const config = readConfig({
    BOTS: JSON.stringify([{ name: 'main', token: `${BOT.id}:${'A'.repeat(35)}`, admins: [OWNER] }]),
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    IMAGE_DEMO: '1',
  })
  const backend = await openBackend(queue, `bench-${people}`)
  const shared: Shared = {
    config,
    log: createLog({ level: 'silent', name: 'bench' }),
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue, secretsFrom(config)),
  }
  const app = await openContext(shared, { name: 'bench', databaseUrl, poolSize: 4 })
  await registerBots(app.db, config.bots)
  const sent: GrownShop['sent'] = []
  const bot = app.bots.get('main')!
  for (const api of [bot.api, bot.notices, bot.uploads, bot.mailings])
    api.config.use(async (_call, method, payload) => {
      const { text, caption, reply_markup } = payload as {
        text?: string
        caption?: string
        reply_markup?: { inline_keyboard?: GrownShop['sent'][number]['keys'][] }
      }
      if (reply_markup?.inline_keyboard || method.startsWith('send'))
        sent.push({ text: text ?? caption ?? '', keys: reply_markup?.inline_keyboard?.flat() ?? [] })
      const result =
        method === 'getMe'
          ? BOT
          : method.startsWith('get')
            ? { transactions: [], pending_update_count: 0, amount: 0 }
            : { message_id: 1, date: 0, chat: { id: 1, type: 'private' } }
      return { ok: true, result } as never
    })
  return {
    people,
    app,
    sent,
    async close() {
      await app.close()
      await backend.close()
    },
  }
}

/** The time of the longest statement since the last call of this function, in ms, and the beginning of its text. */
export function longestStatement(): Statement {
  const found = longest
  longest = { ms: 0, text: '' }
  return found
}

interface Statement {
  ms: number
  text: string
  /** The statement as the database got it. */
  query?: { text: string; values: unknown[] }
}

let longest: Statement = { ms: 0, text: '' }

export interface Figure {
  ms: number
  /** The fastest of the calls, where `ms` is a percentile: neighbours on the machine can only add to it. */
  leastMs?: number
  /** The longest statement of a call. */
  statementMs: number
  statement: string
  query?: Statement['query']
  /** What the call read, where rows are counted and nothing is timed. */
  readings?: Reading[]
}

let counting: { take: () => Reading[]; rounds: number } | undefined

/** Runs the work so often that PostgreSQL plans without the values if it ever will, and says what the last run read. */
export async function readingsOf(work: () => Promise<unknown>, rounds: number): Promise<Figure | undefined> {
  if (!counting) return undefined
  let readings: Reading[] = []
  for (let round = 0; round < Math.min(rounds, counting.rounds); round++) {
    counting.take()
    await work()
    readings = counting.take()
  }
  const rows = readings.reduce((sum, one) => sum + one.rows, 0)
  return { ms: rows, statementMs: 0, statement: '', readings }
}

/**
 * From this call on the readings of this shop are taken, until it is called for another one.
 * @param rounds how often each is done at most: two are enough where every plan is made without the values
 * @returns what ends it
 */
export async function countRowsOf({ app }: Pick<GrownShop, 'app'>, rounds = Infinity): Promise<() => void> {
  counting = { take: await followReadings(app.db.pool), rounds }
  return () => (counting = undefined)
}

/** From this call on every statement of this process is timed. */
export function timeStatements(): void {
  const client = pg.Client.prototype as unknown as { query: (this: pg.Client, ...args: unknown[]) => unknown }
  const { query } = client
  client.query = function timed(this: pg.Client, ...args: unknown[]): unknown {
    const begun = performance.now()
    const [first, second] = args as [string | { text?: string; values?: unknown[] }, unknown]
    const over = () => {
      const ms = performance.now() - begun
      const text = (typeof first === 'string' ? first : (first.text ?? '')).replaceAll(/\s+/g, ' ').trim()
      if (ms <= longest.ms) return
      const values = typeof first === 'string' ? second : first.values
      longest = { ms, text, query: { text, values: Array.isArray(values) ? values : [] } }
    }
    const callback = args.at(-1)
    if (typeof callback === 'function') {
      args[args.length - 1] = (...results: unknown[]) => {
        over()
        ;(callback as (...all: unknown[]) => void)(...results)
      }
      return query.apply(this, args)
    }
    const answer = query.apply(this, args)
    if (answer instanceof Promise) answer.then(over, over)
    return answer
  }
}
