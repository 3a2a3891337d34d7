import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { openDb } from '../src/shared/db/db.ts'
import type { Infra } from '../src/shared/infra/start.ts'
import { inTurns } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const CONNECTIONS = 32
const SECONDS = 2
const PEOPLE = 2_000

interface Server {
  url: string
  key: string
  stop(): void
}

/** Balances read and entries written a second through the API, against bare routes with the same SQL. */
export async function benchApi({ databaseUrl, queue }: Infra): Promise<Result[]> {
  const db = await openDb(databaseUrl, { max: 1, name: 'bench' })
  await db.rows({
    text: 'insert into persons (id) select generate_series(1, $1::int) on conflict do nothing',
    values: [PEOPLE],
  })
  await db.close()
  const ours = await startServer('ours', JSON.stringify(queue), databaseUrl)
  const bare = await startServer('bare', JSON.stringify(queue), databaseUrl)
  try {
    const reads = await inTurns(
      () => load(ours, 'GET'),
      () => load(bare, 'GET'),
    )
    const writes = await inTurns(
      () => load(ours, 'POST'),
      () => load(bare, 'POST'),
    )
    return [
      { name: `API: balances read, ${CONNECTIONS} connections`, ...reads, unit: 'calls/s', goal: 0.8 },
      { name: `API: entries written, ${CONNECTIONS} connections`, ...writes, unit: 'calls/s', goal: 0.8 },
    ]
  } finally {
    ours.stop()
    bare.stop()
  }
}

async function startServer(...args: string[]): Promise<Server> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'servers/api.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const [, url = '', key = ''] = line.split(' ')
  return { url, key, stop: () => child.kill('SIGKILL') }
}

let turn = 0

async function load({ url, key }: Server, method: 'GET' | 'POST'): Promise<number> {
  const path = method === 'GET' ? 'balance' : 'entries'
  const body = JSON.stringify({ asset: 'TOK', amount: '1', description: 'bench' })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const request = (one: object) => ({
    ...one,
    path: `/v1/users/${1 + (turn++ % PEOPLE)}/${path}`,
    headers: { ...headers, ...(method === 'POST' && { 'idempotency-key': randomUUID() }) },
    ...(method === 'POST' && { body }),
  })
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    method,
    headers,
    requests: [{ setupRequest: request }],
  })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} errors`)
  }
  return result.requests.average
}
