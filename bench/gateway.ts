import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import autocannon from 'autocannon'
import type { Infra } from '../bin/infra/start.ts'
import { inTurns } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const CONNECTIONS = 100
const SECONDS = 2
const ROUNDS = 11
/** V8 compiles both servers while they run, and the gateway, which is more code, takes longer to become fast. */
const WARM_UP_TURNS = 2
const CHATS = 2_000

/** Updates a second that the webhook accepts, against a bare fastify route with the same queue.add. */
export async function benchGateway({ databaseUrl, queue }: Infra): Promise<Result[]> {
  const ours = await startServer('ours', JSON.stringify(queue), databaseUrl)
  const bare = await startServer('bare', JSON.stringify(queue), databaseUrl)
  try {
    for (let turn = 0; turn < WARM_UP_TURNS; turn++) {
      await load(ours.url)
      await load(bare.url)
    }
    const figures = await inTurns(
      () => load(ours.url),
      () => load(bare.url),
      ROUNDS,
    )
    return [{ name: `gateway ingest, ${CONNECTIONS} connections`, ...figures, unit: 'updates/s', goal: 0.9 }]
  } finally {
    ours.stop()
    bare.stop()
  }
}

async function startServer(...args: string[]): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'servers/ingest.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { url: line.replace('ready ', ''), stop: () => child.kill('SIGKILL') }
}

let updateId = 0

async function load(url: string): Promise<number> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 'bench' },
    requests: [{ setupRequest: (request) => ({ ...request, body: JSON.stringify(update()) }) }],
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} errors`)
  return result.requests.average
}

/** An update of about 500 bytes, which is the size of a short message. */
function update(): object {
  const id = 1 + (updateId % CHATS)
  const person = {
    id,
    is_bot: false,
    first_name: 'Somebody',
    username: `somebody_${id}`,
    language_code: 'ru',
  }
  const chat = { id, type: 'private', first_name: 'Somebody', username: `somebody_${id}` }
  const text = 'Здравствуйте, хочу купить десять токенов'
  return {
    update_id: updateId++,
    message: { message_id: updateId, date: Math.floor(Date.now() / 1000), from: person, chat, text },
  }
}
