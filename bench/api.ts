import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { openDb } from '#shared/db/db.ts'
import type { Infra } from '../bin/infra/start.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { inTurns } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const CONNECTIONS = 32
/** Whole seconds, because autocannon counts whole seconds. */
const SECONDS = 1
const ROUNDS = 11
/** V8 compiles both servers while they run, and the gateway, which is more code, takes longer to become fast. */
const WARM_UP_TURNS = 3
const PEOPLE = 2_000

interface Server {
  url: string
  key: string
  stop(): void
}

/**
 * Balances that are read and entries that are written through the API per second, against bare routes with the
 * same SQL.
 */
export async function benchApi({ databaseUrl, queue }: Infra): Promise<Result[]> {
  await makePeople(databaseUrl)
  const ours = await startServer('ours', JSON.stringify(queue), databaseUrl)
  const bare = await startServer('bare', JSON.stringify(queue), databaseUrl)
  try {
    await sameBalance(ours, bare)
    const reads = await compare(ours, bare, 'GET')
    const writes = await compare(ours, bare, 'POST')
    return [
      { name: `API: balances read, ${CONNECTIONS} connections`, ...reads, unit: 'calls/s', goal: 0.8 },
      { name: `API: entries written, ${CONNECTIONS} connections`, ...writes, unit: 'calls/s', goal: 0.8 },
    ]
  } finally {
    ours.stop()
    bare.stop()
  }
}

/** People with two assets each, so that a balance is a list that has to be read and written as JSON. */
async function makePeople(databaseUrl: string): Promise<void> {
  const db = await openDb(databaseUrl, { max: 1, name: 'bench' })
  await db.rows({
    text: 'insert into persons (id) select generate_series(1, $1::int) on conflict do nothing',
    values: [PEOPLE],
  })
  for (const [asset, amount] of [
    ['TOK', 100n],
    ['RUB', 12_345n],
  ] as const) {
    for (let id = 1; id <= PEOPLE; id++) {
      const reference = `bench-${asset}-${id}`
      await post(
        db,
        transfer(
          { system: 'api:bench' },
          { person: BigInt(id) },
          { asset, amount },
          { reference, kind: 'entry' },
        ),
      )
    }
  }
  await db.close()
}

/**
 * Compares both answers, because a ratio means something only while both servers do the same work.
 * @throws when the answers differ
 */
async function sameBalance(ours: Server, bare: Server): Promise<void> {
  const [one, other] = await Promise.all(
    [ours, bare].map(async ({ url, key }) => {
      const reply = await fetch(`${url}/v1/users/7/balance`, { headers: { authorization: `Bearer ${key}` } })
      return Object.keys((await reply.json()) as object).join()
    }),
  )
  if (one !== other) throw new Error(`the answers differ: ${one}; ${other}`)
}

async function compare(ours: Server, bare: Server, method: 'GET' | 'POST') {
  for (let turn = 0; turn < WARM_UP_TURNS; turn++) {
    await load(ours, method)
    await load(bare, method)
  }
  return inTurns(
    () => load(ours, method),
    () => load(bare, method),
    ROUNDS,
  )
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
