import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Update } from 'grammy/types'
import { environment, startPayment } from '../sandbox/payments/start.ts'
import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { readConfig } from '#shop/config.ts'
import { paymentWebhook } from '#shop/payments/jobs.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { beginTopUp } from '#shop/payments/top-up.ts'
import { openDb } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { ensurePerson } from '#shared/people.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { startRelay } from '#shared/queue/relay.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { enqueueUpdate } from '#shared/telegram/intake.ts'
import type { Infra } from '../bin/infra/start.ts'
import type { Result } from './lib/compare.ts'
import { median } from './lib/compare.ts'
import { start } from './scale/process.ts'
import type { Started } from './scale/process.ts'

const ROUNDS = 5
const TOKEN = `123456:${'A'.repeat(35)}`

/**
 * How long a person waits after `kill -9` of the process that is working on their job, with two replicas: seconds
 * from the kill until Telegram gets the answer, or until the payment is credited. Everything runs in processes of
 * its own.
 */
export async function benchKilled({ databaseUrl, queue }: Infra): Promise<Result[]> {
  if (queue.kind !== 'redis') {
    console.warn('LEFT OUT: two replicas need a redis-server')
    return []
  }
  const vendor = await startPayment('mulenpay')
  const doors = { one: await startDoor(vendor.url), two: await startDoor(vendor.url) }
  const telegram = await startSilentTelegram()
  // The vendor's events go nowhere: the bench puts them on the queue.
  vendor.settings.webhookUrl = `${telegram.url}/nowhere`
  const env = (name: Name) => ({
    DATABASE_URL: databaseUrl,
    REDIS_URL: queue.url,
    BOT_TOKEN: TOKEN,
    BOT_MODE: 'polling',
    BOTS: '',
    TELEGRAM_API_ROOT: `${telegram.url}/${name}`,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    LOG_LEVEL: 'info',
    PORT: '0',
    ...environment({ mulenpay: doors[name].url }),
  })
  const db = await openDb(databaseUrl, { max: 3, name: 'bench-killed' })
  const config = readConfig({ ...process.env, ...env('one') })
  const backend = await openBackend(queue, config.queuePrefix)
  const log = createLog({ level: 'silent', name: 'bench' })
  const metrics = createMetrics()
  const shared = {
    config,
    log,
    metrics,
    backend,
    goods,
    producer: openProducer(backend, catalogue, secretsFrom(config)),
  }
  await registerBots(db, config.bots)
  const relay = startRelay(db, shared.producer, log, 20)
  const provider = paymentProviders(config.payments).get('mulenpay')!

  /**
   * @param holder resolves with the process that works on the job
   * @param over resolves when the job is done
   */
  async function measure(
    worker: string,
    begin: () => Promise<{ holder: Promise<Name>; over: () => Promise<void> }>,
  ) {
    const run = (name: Name) => start('bin/worker.ts', [worker], env(name), /workers are ready/)
    const processes: Record<Name, Started> = { one: await run('one'), two: await run('two') }
    const figures: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const { holder, over } = await begin()
      const killed = await holder
      // The kill comes at another place between two renewals of the lock in each round.
      await sleep(round * 300)
      await processes[killed].stop()
      const killedAt = performance.now()
      await over()
      figures.push((performance.now() - killedAt) / 1000)
      console.log(`${worker} killed: ${figures.at(-1)!.toFixed(1)} s`)
      processes[killed] = await run(killed)
    }
    await Promise.all(Object.values(processes).map((one) => one.stop()))
    return figures
  }

  let updates = 0
  const chats = await measure('bot', async () => {
    const { holder, over } = telegram.silence()
    await enqueueUpdate(shared, { name: 'main' }, message(++updates))
    return { holder, over: () => over }
  })
  const payments = await measure('billing', async () => {
    const id = newId()
    await ensurePerson(db, 5n, 'main')
    const topUp = { id, personId: 5n, bot: 'main', language: 'ru', description: 'Пополнение' } as const
    await db.tx((tx) => beginTopUp(tx, provider, { ...topUp, pay: { asset: 'RUB', amount: 100_000n } }))
    const inState = async (state: string) => {
      while ((await readPayment(db, id))?.state !== state) await sleep(20)
    }
    await inState('pending')
    const asked = vendor.requests.length
    vendor.faults.add({ on: 'call', name: 'GET payments/id', do: { silent: true } })
    await vendor.vendor.pay((await readPayment(db, id))!.providerRef!, 'exact', {})
    const { body } = vendor.deliveries.at(-1)!
    await shared.producer.add(paymentWebhook, {
      provider: 'mulenpay',
      key: provider.readWebhook(body).key,
      body,
    })
    const holder = async (): Promise<Name> => {
      while (!vendor.requests.slice(asked).some(({ status }) => status === 'silent')) await sleep(5)
      return doors.one.lastUsed() > doors.two.lastUsed() ? 'one' : 'two'
    }
    return { holder: holder(), over: () => inState('paid') }
  })
  await relay.stop()
  await backend.close()
  await db.close()
  await Promise.all([vendor.close(), telegram.close(), doors.one.close(), doors.two.close()])
  return [...rows('an answer in a chat', chats, 5), ...rows('a payment credited', payments, 10)]
}

type Name = 'one' | 'two'

const rows = (what: string, figures: number[], most: number): Result[] =>
  (['median', 'worst'] as const).map((which) => ({
    name: `${what}, after kill -9 of its worker, ${which} of ${ROUNDS}`,
    ours: which === 'median' ? median(figures) : Math.max(...figures),
    baseline: most,
    unit: 's',
    smaller: true,
    goal: 1,
  }))

function message(id: number): Update {
  const chat = { id: 100 + id, type: 'private' as const, first_name: 'Somebody' }
  const from = { id: 100 + id, is_bot: false, first_name: 'Somebody', language_code: 'en' }
  const date = Math.floor(Date.now() / 1000)
  return { update_id: id, message: { message_id: id, date, chat, from, text: '/start' } }
}

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The address of a vendor for one process, which notes when that process last called. */
async function startDoor(target: string) {
  let used = 0
  const { hostname, port } = new URL(target)
  const server = createServer((from) => {
    const to = connect(Number(port), hostname)
    from.on('data', () => (used = performance.now()))
    for (const socket of [from, to]) socket.on('error', () => [from, to].forEach((one) => one.destroy()))
    from.pipe(to).pipe(from)
  })
  return {
    url: await listening(server),
    lastUsed: () => used,
    close: async () => void server.close(),
  }
}

/**
 * A Telegram that leaves one message without an answer and says which process sent it: the first part of the path
 * names the process.
 */
async function startSilentTelegram() {
  let holder: ((name: Name) => void) | undefined
  let over: (() => void) | undefined
  const server = createHttpServer((request, response) => {
    request.resume()
    const [, name, , method = ''] = request.url!.split('/')
    if (method === 'sendMessage') {
      if (holder) {
        holder(name as Name)
        holder = undefined
        return
      }
      over?.()
    }
    const me = { id: 123456, is_bot: true, first_name: 'Bench', username: 'bench_bot' }
    const sent = { message_id: 1, date: 0, chat: { id: 1, type: 'private' } }
    const result = method === 'getMe' ? me : method === 'sendMessage' ? sent : true
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, result }))
  })
  return {
    url: await listening(server),
    silence: () => ({
      holder: new Promise<Name>((resolve) => (holder = resolve)),
      over: new Promise<void>((resolve) => (over = resolve)),
    }),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
