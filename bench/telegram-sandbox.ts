import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import autocannon from 'autocannon'
import { inTurns, median, print } from './lib/compare.ts'

// What the published simulator of Telegram takes: time to its address, memory, and calls a second of sendMessage against
// a bare fastify route, both in a process and so on a core of its own.

const ROUNDS = 5
const SECONDS = 2
const CONNECTIONS = 20
const CHATS = 500
const MEBIBYTE_KB = 1024
const MS_PER_TICK = 10

/** Calls that each server has answered, by its url. */
const answered = new Map<string, number>()

const folder = mkdtempSync(join(tmpdir(), 'bench-telegram-'))
try {
  execFileSync(process.execPath, ['packages/telegram-sandbox/build.ts', folder], { stdio: 'pipe' })
  const bin = join(folder, 'bin.js')
  const startMs: number[] = []
  const bareNodeMs: number[] = []
  let idle = 0
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    const one = await start(bin)
    startMs.push(performance.now() - began)
    idle = residentKb(one.pid)
    one.stop()
    const before = performance.now()
    execFileSync(process.execPath, ['-e', ''])
    bareNodeMs.push(performance.now() - before)
  }

  const ours = await start(bin)
  const bare = await start(join(import.meta.dirname, 'servers/bare-telegram.ts'))
  await prepare(ours.url)
  await load(ours.url)
  await load(bare.url)
  const calls = await inTurns(
    () => load(ours.url),
    () => load(bare.url),
    ROUNDS,
  )
  const loaded = residentKb(ours.pid)
  const perSecond = ({ url, pid }: typeof ours) => Math.round((answered.get(url)! * 1000) / processorMs(pid))
  const own = { is: perSecond(ours), beside: perSecond(bare) }
  ours.stop()
  bare.stop()
  print([{ name: 'sendMessage', ...calls, unit: 'calls/s' }])
  console.table([
    {
      what: 'start to address, ms (node alone beside it)',
      is: Math.round(median(startMs)),
      beside: Math.round(median(bareNodeMs)),
      goal: 150,
    },
    { what: 'memory at rest, MiB', is: Math.round(idle / MEBIBYTE_KB), goal: 60 },
    { what: 'memory after the load, MiB', is: Math.round(loaded / MEBIBYTE_KB) },
    { what: 'calls/s on one core', is: Math.round(calls.ours), goal: 3_000 },
    { what: 'calls in a second of its own processor time (the bare route beside it)', ...own, goal: 3_000 },
  ])
} finally {
  rmSync(folder, { recursive: true })
}

async function start(file: string) {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { url, pid: child.pid!, stop: () => child.kill('SIGKILL') }
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
}

/** Processor time since the start: whoever else is at work on this machine does not change it. */
function processorMs(pid: number): number {
  const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').slice(11, 13)
  return ticks.reduce((sum, one) => sum + Number(one) * MS_PER_TICK, 0)
}

async function prepare(url: string): Promise<void> {
  const send = (method: string, path: string, body: object) =>
    fetch(`${url}/control${path}`, { method, body: JSON.stringify(body) })
  await fetch(`${url}/bot1:bench/getMe`)
  await send('PUT', '/settings', { globalPerSecond: 0, chatPerSecond: 0 })
  await send('POST', '/people', { count: CHATS, firstId: 1, started: ['sandbox_1_bot'] })
}

async function load(url: string): Promise<number> {
  let chat = 0
  const text = 'Здравствуйте, хочу купить десять токенов'
  const result = await autocannon({
    url: `${url}/bot1:bench/sendMessage`,
    connections: CONNECTIONS,
    duration: SECONDS,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    requests: [
      {
        setupRequest: (request) => ({
          ...request,
          body: JSON.stringify({ chat_id: 1 + (chat++ % CHATS), text }),
        }),
      },
    ],
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} errors`)
  answered.set(url, (answered.get(url) ?? 0) + result.requests.total)
  return result.requests.average
}
