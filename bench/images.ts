// What progress costs: edits and look-ups per picture, and the worker's memory with 500 pictures in flight.
//
//   npm exec -- node bench/images.ts [PICTURES]
//
// One worker process as in production; Telegram and KIE AI are the simulators, in this process. The baseline of the
// edits is the same run's number of looks: what a worker sends that edits its message whenever it knows something.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Api } from 'grammy'
import { sql as q } from 'kysely'
import { startKie } from '../sandbox/pictures/kie.ts'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { openDb } from '#shared/db/db.ts'
import { migrate } from '#shared/db/migrate.ts'
import { newId } from '#shared/ids.ts'
import { confirmPicture } from '#shop/pictures/confirm.ts'
import { createDraft } from '#shop/pictures/pictures.ts'
import { startInfra } from '../bin/infra/start.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { registerBots } from '#shared/telegram/identify.ts'

const PICTURES = Number(process.argv[2] ?? 500)
const TOKEN = '100:AAbenchbenchbenchbenchbench'
const DRAW_MS = 45_000
const quiet = { info: () => {}, warn: (line: string) => console.warn(line) }

const dataDir = mkdtempSync(join(tmpdir(), 'telekassa-bench-'))
const infra = await startInfra({ dataDir }, quiet)
if (infra.queue.kind !== 'redis') throw new Error('this bench needs redis-server: a worker of its own does')
await migrate(infra.databaseUrl)
const telegram = await startTelegram({
  bots: [{ token: TOKEN, username: 'bench_bot', name: 'bench' }],
  settings: { globalPerSecond: 0, keepRequests: 1_000_000 },
})
const kie = await startKie({
  settings: {
    credits: 1_000_000,
    startLimit: { tasks: 0, perMs: 1 },
    fate: { drawMs: DRAW_MS, file: 'drawn', callbacks: 0 },
  },
})
const db = await openDb(infra.databaseUrl, { max: 8, name: 'bench' })
await registerBots(db, [{ name: 'bench', token: TOKEN, admins: [] }])
const worker = spawn(process.execPath, [join(import.meta.dirname, '../bin/worker.ts'), 'images'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ALLOW_OWNER_ROLE: 'true',
    ...process.env,
    BOTS: JSON.stringify([{ name: 'bench', token: TOKEN }]),
    DATABASE_URL: infra.databaseUrl,
    REDIS_URL: infra.queue.url,
    DATA_DIR: dataDir,
    TELEGRAM_API_ROOT: telegram.url,
    IMAGE_API_URL: kie.url,
    IMAGE_API_TOKEN: 'kie-sandbox-token',
    IMAGE_START_RATE: '10000',
    HEALTH_PORT: '0',
  },
})

try {
  await ready()
  await sleep(2000)
  const idle = memoryMb()
  await orderAll()
  let most = idle
  let inFlight = 0
  const startedAt = performance.now()
  for (let left = PICTURES; left > 0; await sleep(500)) {
    const [row] = await db.rows(q<{ left: number; running: number }>`
      select count(*) filter (where stage not in ('done', 'failed'))::int as left,
             count(*) filter (where stage in ('starting', 'drawing', 'ready'))::int as running from generations`)
    left = row!.left
    inFlight = Math.max(inFlight, row!.running)
    most = Math.max(most, memoryMb())
  }
  await report({ idle, most, inFlight, seconds: (performance.now() - startedAt) / 1000 })
} finally {
  worker.kill('SIGTERM')
  await once(worker, 'close')
  await db.close()
  await Promise.all([telegram.close(), kie.close()])
  await infra.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

/** Waits until the worker is ready. All of the worker's output is read, because a full pipe would stop it. */
async function ready(): Promise<void> {
  const lines = createInterface({ input: worker.stdout })
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (/workers are ready/.test(line)) resolve()
    })
    lines.on('close', () => reject(new Error('the worker did not start')))
  })
}

/** One picture for each person, so that no limit of a person is in the way. */
async function orderAll(): Promise<void> {
  const api = new Api(TOKEN, { apiRoot: telegram.url })
  const people = { count: PICTURES, firstId: 1000, started: ['bench_bot'] }
  await fetch(`${telegram.url}/control/people`, { method: 'POST', body: JSON.stringify(people) })
  for (let person = 1000; person < 1000 + PICTURES; person++) {
    const personId = BigInt(person)
    const { message_id: messageId } = await api.sendMessage(person, 'Taking your order')
    await db.rows(q`insert into persons (id, first_name) values (${person}, 'x')`)
    const words = { reference: `bench-${person}`, kind: 'payment' as const }
    const money = { asset: 'TOK' as const, amount: 5n }
    await post(db, transfer({ system: 'provider:bench' }, { person: personId }, money, words))
    const orderId = newId()
    const prompt = `a lighthouse in a storm, number ${person}`
    const draft = {
      orderId,
      personId,
      bot: 'bench',
      provider: 'kie',
      model: 'nano-2',
      aspect: '1:1',
      price: 2n,
      prompt,
    }
    await db.tx((tx) => createDraft(tx, draft))
    await confirmPicture(db, orderId, personId, {
      price: 2n,
      limits: { atOnce: 2, waiting: 10, perDay: 100, freePerDay: 0 },
      refusedWords: [],
      card: { bot: 'bench', chatId: person, messageId },
    })
  }
}

function memoryMb(): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

async function report(run: { idle: number; most: number; inFlight: number; seconds: number }): Promise<void> {
  const count = async (url: string): Promise<Record<string, unknown>[]> => (await fetch(url)).json() as never
  const edits = await count(`${telegram.url}/control/requests?method=editMessageText&limit=1000000`)
  const finals = await count(`${telegram.url}/control/requests?method=editMessageMedia&limit=1000000`)
  const looks = (await count(`${kie.url}/control/requests`)).filter(
    ({ operation }) => operation === 'recordInfo',
  )
  const [paid] = await db.rows(q<{ captured: number }>`
    select count(*)::int as captured from postings where kind = 'generation'`)
  const byChat = Map.groupBy(edits, ({ params }) => (params as { chat_id: number }).chat_id)
  const gaps = [...byChat.values()].flatMap((list) =>
    list.slice(1).map((one, index) => (one.at as number) - (list[index]!.at as number)),
  )
  const each = (list: unknown[]) => (list.length / PICTURES).toFixed(1)
  console.log(
    [
      `${PICTURES} pictures of ${DRAW_MS / 1000} s over one worker in ${run.seconds.toFixed(0)} s, ${paid!.captured} paid`,
      `edits for each picture: ${each(edits)} on the way + ${each(finals)} that end in the picture`,
      `looks for each picture: ${each(looks)}; edits to looks: ${(edits.length / looks.length).toFixed(2)}`,
      `shortest pause between two edits of one chat: ${Math.min(...gaps)} ms`,
      `memory: ${run.idle.toFixed(0)} MB idle, ${run.most.toFixed(0)} MB at most with ${run.inFlight} in flight: ` +
        `${(((run.most - run.idle) * 1024) / run.inFlight).toFixed(0)} kB for each`,
    ].join('\n'),
  )
}
