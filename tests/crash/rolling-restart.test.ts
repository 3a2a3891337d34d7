import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { newId } from '#shared/ids.ts'
import { startBalancer } from '../lib/balancer.ts'
import { repository } from '../lib/compose.ts'
import { openPhone } from '../lib/phone.ts'
import { eventually } from '../lib/eventually.ts'
import { BOT, openPaymentShop } from '../lib/payment-shop.ts'
import type { PaymentShop } from '../lib/payment-shop.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'

const USERNAME = 'main_bot'
const SECRET = 'rolling-restart-secret'
/** A press each second is half of what the limit on floods lets through (20 in 10 s). */
const PAUSE_MS = 1_000
/** The number of purchases of each kind that are made, however quickly the deploy is over. */
const ENOUGH = 4
const CHATS = [71_001, 71_002, 71_003, 71_004]

describe.skipIf(!redisAvailable())('a deploy under load', () => {
  let telegram: Awaited<ReturnType<typeof startTelegram>>
  let balancer: Awaited<ReturnType<typeof startBalancer>>
  let shop: PaymentShop
  let env: Record<string, string>

  beforeAll(async () => {
    telegram = await startTelegram({
      bots: [{ token: BOT.token, username: USERNAME, name: 'Main' }],
      settings: { chatPerSecond: 0, globalPerSecond: 0, setWebhookMs: 0, retryBaseMs: 100, retryMaxMs: 500 },
    })
    balancer = await startBalancer()
    shop = await openPaymentShop({ vendors: ['heleket'], workers: [], gateway: false })
    shop.vendors['heleket']!.settings.webhookUrl = `${balancer.url}/webhooks/heleket`
    env = {
      ...shop.env,
      TELEGRAM_API_ROOT: telegram.url,
      BOT_MODE: 'webhook',
      ALLOW_HTTP_WEBHOOK: 'true',
      WEBHOOK_SECRET: SECRET,
      LOG_LEVEL: 'info',
    }
  })
  afterAll(async () => {
    await balancer.close()
    await telegram.close()
    await shop.close()
  })

  async function control<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${telegram.url}/control${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    })
    return (await response.json()) as T
  }
  async function worker(name: string): Promise<TestProcess> {
    const started = startNode(`${repository}/bin/worker.ts`, [name], { env, cwd: repository })
    await started.waitFor(/workers are ready/)
    return started
  }
  /**
   * A gateway tells Telegram its own address, but Telegram must use the address of the balancer before all
   * gateways.
   */
  async function gateway(): Promise<TestProcess> {
    const port = await reservePort()
    const started = startNode(`${repository}/bin/gateway.ts`, [], {
      env: { ...env, PORT: String(port) },
      cwd: repository,
    })
    await started.waitFor(/bot is connected/)
    balancer.ports.add(port)
    void started.ended.then(() => balancer.ports.delete(port))
    const set = await fetch(`${telegram.url}/bot${BOT.token}/setWebhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        url: `${balancer.url}/telegram/${BOT.name}`,
        secret_token: SECRET,
        max_connections: 100,
      }),
    })
    expect(await set.json()).toMatchObject({ ok: true })
    return started
  }

  test('F9 F13 every process is restarted in turn while people write and pay: nothing is lost, nothing happens twice', async () => {
    const starts = [
      gateway,
      gateway,
      ...['bot', 'bot', 'billing', 'billing'].map((name) => () => worker(name)),
    ]
    const fleet: TestProcess[] = []
    for (const start of starts) fleet.push(await start())

    let deploying = true
    const written = new Map<number, number>()
    const people = CHATS.map((id) => openPhone(`${telegram.url}/control`, USERNAME, id))
    await Promise.all(people.map((one) => one.create()))
    const writing = people.map(async (one) => {
      while (deploying) {
        // Each message has words of its own, because a repeat that comes before its answer would be left out.
        const number = (written.get(one.id) ?? 0) + 1
        await one.say(`/help ${number}`)
        written.set(one.id, number)
        await sleep(PAUSE_MS)
      }
    })
    let buyers = 0
    const charged: number[] = []
    const buying = (async () => {
      while (deploying || charged.length < ENOUGH) {
        const one = openPhone(`${telegram.url}/control`, USERNAME, 72_000 + buyers++)
        await one.create()
        await one.start()
        await one.press('Buy tokens')
        await one.press('10 tokens')
        expect((await one.payWith('Pay 50')).outcome).toBe('paid')
        charged.push(one.id)
      }
    })()
    const topUps: { id: string; person: bigint }[] = []
    const toppingUp = (async () => {
      while (deploying || topUps.length < ENOUGH) {
        const person = BigInt(73_000 + topUps.length)
        const payment = await shop.begin('heleket', { id: newId(), personId: person })
        topUps.push({ id: payment.id, person })
        await shop.vendors['heleket']!.vendor.pay(payment.providerRef ?? '', 'exact', {})
        await sleep(PAUSE_MS / 2)
      }
    })()

    for (const [index, start] of starts.entries()) {
      await fleet[index]!.kill('SIGTERM')
      expect(await fleet[index]!.ended, fleet[index]!.lines.slice(-5).join('\n')).toBe(0)
      fleet[index] = await start()
    }
    deploying = false
    await Promise.all([...writing, buying, toppingUp])

    for (const { id, person } of topUps) {
      await eventually(async () => (await shop.has(person)) === 100_000n, { what: `the credit of ${id}` })
    }
    for (const id of charged) {
      await eventually(async () => (await shop.has(BigInt(id), 'TOK')) === 10n, { what: `tokens of ${id}` })
    }
    type Sent = { ok: boolean; params: { chat_id: number | string } }
    const answers = async () => {
      const sent = await control<Sent[]>('GET', '/requests?method=sendMessage&limit=10000')
      return CHATS.map((id) => sent.filter((one) => one.ok && Number(one.params.chat_id) === id).length)
    }
    const expected = CHATS.map((id) => written.get(id)!)
    await eventually(async () => (await answers()).every((count, at) => count >= expected[at]!), {
      what: `${expected.join(', ')} answers`,
    }).catch(async (error: unknown) => expect(await answers(), String(error)).toEqual(expected))
    await eventually(
      async () => {
        const left = await shop.db.rows(
          q`select key from outbox where state in ('owed', 'queued') and run_at < now()`,
        )
        return left.length === 0
      },
      { what: 'every owed job done' },
    )

    expect(await answers()).toEqual(expected)
    const [money] = await shop.db.rows(q<{ paid: number; credits: number; charges: number; dead: number }>`
        select (select count(*)::int from payments where state = 'paid') as paid,
          (select count(*)::int from postings where reference like 'payment-%') as credits,
          (select count(distinct provider_ref)::int from payments where provider = 'stars' and state = 'paid') as charges,
          (select count(*)::int from outbox where state = 'dead') as dead`)
    expect(money).toEqual({
      paid: charged.length + topUps.length,
      credits: charged.length + topUps.length,
      charges: charged.length,
      dead: 0,
    })
    await Promise.all(fleet.map((one) => one.kill('SIGTERM')))
  })
})
