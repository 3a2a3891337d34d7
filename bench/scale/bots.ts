import autocannon from 'autocannon'
import type { Infra } from '../../bin/infra/start.ts'
import { median } from '../lib/compare.ts'
import { fakeTelegram } from '../lib/telegram.ts'
import { workerEnv } from './replicas.ts'
import { start } from './process.ts'
import type { Started } from './process.ts'

const COUNTS = [1, 10, 100]
const CONNECTIONS = 100
const SECONDS = 3
const ROUNDS = 3

/**
 * How many updates a second one gateway process accepts when it serves 1, 10 and 100 bots, and how much memory it
 * takes.
 */
export async function benchBots(infra: Infra): Promise<void> {
  const telegram = await fakeTelegram()
  const gateways: { count: number; running: Started; rates: number[] }[] = []
  try {
    for (const count of COUNTS) {
      const bots = Array.from({ length: count }, (_, n) => ({
        name: `b${n}`,
        token: `${1000 + n}:${'A'.repeat(35)}`,
      }))
      const env = {
        ...workerEnv(infra, 'http://127.0.0.1:9'),
        BOTS: JSON.stringify(bots),
        TELEGRAM_API_ROOT: telegram.url,
        BOT_MODE: 'webhook',
        ALLOW_HTTP_WEBHOOK: 'true',
        WEBHOOK_SECRET: 'bench',
        QUEUE_PREFIX: `bots${count}`,
      }
      const running = await start('bin/gateway.ts', [], env, /gateway is ready/)
      gateways.push({ count, running, rates: [] })
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const { count, running, rates } of gateways)
        rates.push(await load(/https?:\S+?(?="|$)/.exec(running.line)![0], count))
    }
    const first = gateways[0]!.rates
    console.table(
      gateways.map(({ count, running, rates }) => ({
        bots: count,
        'updates/s': Math.round(median(rates)),
        'ratio to one bot': median(rates.map((rate, round) => rate / first[round]!)).toFixed(2),
        'memory, MiB': running.memory(),
      })),
    )
  } finally {
    await Promise.all(gateways.map(({ running }) => running.stop()))
    telegram.server.close()
  }
}

let updateId = 1

async function load(url: string, bots: number): Promise<number> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 'bench' },
    requests: [
      {
        setupRequest: (request) => ({
          ...request,
          path: `/telegram/b${updateId % bots}`,
          body: JSON.stringify(update()),
        }),
      },
    ],
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} refused, ${result.errors} errors`)
  return result.requests.average
}

function update(): object {
  const id = 1 + (updateId % 2_000)
  const chat = { id, type: 'private', first_name: 'Somebody' }
  const from = { id, is_bot: false, first_name: 'Somebody', language_code: 'en' }
  return { update_id: updateId++, message: { message_id: updateId, date: 0, from, chat, text: '/menu' } }
}
