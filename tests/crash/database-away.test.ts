import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import type { Telegram } from '@telekassa/telegram-sandbox'
import { openDb } from '#shared/db/db.ts'
import { migrate } from '#shared/db/migrate.ts'
import { startPostgres } from '../../bin/infra/postgres.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { eventually } from '../lib/eventually.ts'
import { openPhone } from '../lib/phone.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const BIN = join(import.meta.dirname, '../../bin')
const quiet = { info: () => {}, warn: () => {} }
const ADMIN = 900
const RUSSIAN_ADMIN = 901
/** How long PostgreSQL stays stopped under load; 60 is what operators are promised, and takes that long. */
const AWAY_MS = Number(process.env['DATABASE_AWAY_SECONDS'] ?? 8) * 1_000
const TURN_MS = 250

describe.skipIf(!redisAvailable())('life without the database', () => {
  let dataDir: string
  let postgres: Awaited<ReturnType<typeof startPostgres>>
  let telegram: Telegram
  let gatewayUrl: string
  let processes: TestProcess[] = []

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'telekassa-away-'))
    postgres = await startPostgres({ dataDir, log: quiet, port: await reservePort() })
    await migrate(postgres.url)
    telegram = await startTelegram({
      bots: [{ token: `100:${'A'.repeat(35)}`, username: 'main_bot', name: 'Main' }],
      settings: { chatPerSecond: 0, globalPerSecond: 0 },
    })
    const port = await reservePort()
    gatewayUrl = `http://127.0.0.1:${port}`
    const env = {
      BOTS: JSON.stringify([
        { name: 'main', token: `100:${'A'.repeat(35)}`, admins: [String(ADMIN), String(RUSSIAN_ADMIN)] },
      ]),
      DATABASE_URL: postgres.url,
      REDIS_URL: await redisUrl(),
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      TELEGRAM_API_ROOT: telegram.url,
      BOT_MODE: 'polling',
      STARS_PACKS: '10',
      PORT: String(port),
      LOG_LEVEL: 'info',
    }
    processes = [
      startNode(join(BIN, 'gateway.ts'), [], { env }),
      startNode(join(BIN, 'worker.ts'), ['bot', 'billing', 'upkeep', 'images'], { env }),
    ]
    await processes[0]!.waitFor(/gateway is ready/)
    await processes[1]!.waitFor(/workers are ready/)
  })
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill('SIGTERM')))
    await telegram.close()
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  test('G2: bots answer with the last known balance, confirmed orders, payments and messages wait, and nothing is charged twice', async () => {
    const people = Array.from({ length: 20 }, (_, index) => 1_000 + index)
    const phones = people.map((id) => openPhone(`${telegram.url}/control`, 'main_bot', id))
    const [buyer] = phones as [(typeof phones)[0]]
    const everybody = [...people, ADMIN].map((id) => ({ id, first_name: `P${id}`, language_code: 'en' }))
    await buyer.control('POST', '/people', everybody)
    const admin = openPhone(`${telegram.url}/control`, 'main_bot', ADMIN)
    // The admin's phone speaks English, and in this bot the admin chose Russian.
    const russian = openPhone(`${telegram.url}/control`, 'main_bot', RUSSIAN_ADMIN)
    await buyer.control('POST', '/people', [{ id: RUSSIAN_ADMIN, first_name: 'R', language_code: 'en' }])
    await Promise.all([...phones, admin, russian].map((phone) => phone.start()))
    await Promise.all(phones.map((phone) => phone.hears(/Balance/)))
    await russian.hears(/Balance/)
    await russian.say('/profile')
    await russian.press(/Русский/)
    await russian.say('/balance')
    await russian.hears(/Ваш баланс/)

    // Two invoices are open: one is paid before, one while the database is away.
    await buyer.say('/buy')
    await buyer.press(/10.tokens/)
    await buyer.hears(/Number/)
    expect(await buyer.payWith(/Pay/)).toMatchObject({ outcome: 'paid' })
    await buyer.hears(/10.tokens credited/)
    await buyer.say('/balance')
    await buyer.hears(/Your balance/)

    // Two people have a picture that is only to be confirmed. The price of the second changes before it can be
    // confirmed.
    const painters = [buyer, phones[1]!]
    for (const painter of painters) {
      await painter.say('/generate a fox')
      await painter.hears(/a fox/)
    }
    // Two people have a plan that is only to be confirmed, and the price of the second plan changes as well.
    const [subscriber, hesitant] = [phones[2]!, phones[4]!]
    const before = await openDb(postgres.url, { max: 1, name: 'test' })
    await before.rows(q`update plans set price_tokens = 4`)
    for (const [phone, id, plan] of [
      [subscriber, people[2]!, /^Plus ·/],
      [hesitant, people[4]!, /^Pro ·/],
    ] as const) {
      const given = { reference: `given-${id}`, kind: 'entry' } as const
      const tokens = { asset: 'TOK', amount: 10n } as const
      await post(before, transfer({ system: 'adjustments' }, { person: BigInt(id) }, tokens, given))
      await phone.say('/subscription')
      await phone.press(plan)
      await phone.hears(/for 30 days/)
    }
    await before.rows(q`update plans set price_tokens = 5 where code = 'pro'`)
    await before.rows(
      q`update orders set price = price + 5 where person_id = ${people[1]!} and state = 'draft'`,
    )
    await before.close()

    const url = new URL(postgres.url)
    await postgres.stop()
    const stoppedAt = performance.now()
    await Promise.all(phones.map((phone) => phone.say('/balance')))
    const answers = await Promise.all(phones.map((phone) => phone.hears(/database is away/)))
    expect(answers[0]!.text).toMatch(/Last known balance: 10.tokens \(\d\d\/\d\d, \d\d:\d\d/)
    expect(answers[7]!.text).toMatch(/Last known balance: 0.tokens/)
    const ready = (await (await fetch(`${gatewayUrl}/readyz`)).json()) as {
      ready: boolean
      degraded: boolean
    }
    expect(ready).toMatchObject({ ready: true, degraded: true })
    await admin.hears(/PostgreSQL does not answer/)
    await russian.hears(/PostgreSQL не отвечает/)
    for (const painter of [...painters, buyer])
      expect((await painter.press(/^Draw/)).text).toMatch(/order .*waits.*Nothing has been charged yet/s)
    // A confirmed plan waits for the database too, and a confirmation pressed twice buys one period.
    for (const phone of [subscriber, subscriber, hesitant])
      expect((await phone.press(/^Subscribe · 4.tokens/)).text).toMatch(
        /order .*waits.*Nothing has been charged yet/s,
      )
    expect((await buyer.press(/History|Top up|Buy|tokens|Another model/)).text).toMatch(/Nothing was charged/)
    // While nothing can be written, a message arrives and Telegram tells of money that it has taken.
    const secret = await webhookSecretOf()
    for (let time = 0; time < 3; time++)
      expect((await pay(secret, 900_000 + time, people[3]!, 'charge-away')).status).toBe(200)
    await phones[5]!.say('a message in between')
    await phones[5]!.hears(/We have your message/)
    for (const phone of phones) await phone.say('/start')
    await Promise.all(phones.map((phone) => phone.hears(/database is away/)))

    // Until the time is over people go on asking, and Telegram goes on telling of payments.
    const asked = new Map<number, number>()
    const slowest = { answer: 0, door: 0 }
    let payments = 0
    for (let turn = 0; performance.now() < stoppedAt + AWAY_MS; turn++) {
      const index = 6 + (turn % 14)
      const begun = performance.now()
      await phones[index]!.say('/balance')
      const told = await pay(secret, 910_000 + turn, people[index]!, `charge-${turn}`)
      expect(told.status).toBe(200)
      slowest.door = Math.max(slowest.door, performance.now() - begun)
      payments++
      asked.set(index, (asked.get(index) ?? 0) + 1)
      const answers = async () =>
        (await phones[index]!.messages()).filter((one) => /Last known balance/.test(one.text ?? '')).length
      // Each person got one answer to what they asked before the load, and one to /start.
      await eventually(async () => (await answers()) >= 2 + asked.get(index)!, { what: 'an answer' })
      slowest.answer = Math.max(slowest.answer, performance.now() - begun)
      await sleep(TURN_MS)
    }
    const awayMs = performance.now() - stoppedAt

    postgres = await startPostgres({ dataDir, log: quiet, port: Number(url.port) })
    const backAt = performance.now()
    const db = await openDb(postgres.url, { max: 2, name: 'test' })
    try {
      await eventually(async () => (await readBalance(db, BigInt(people[3]!), 'TOK')).available === 10n)
      for (const [index, count] of asked) {
        const due = BigInt(count) * 10n
        await eventually(async () => (await readBalance(db, BigInt(people[index]!), 'TOK')).available === due)
      }
      const recoveredMs = performance.now() - backAt
      await eventually(async () => {
        const [drawn] = await db.rows(q<{ count: bigint }>`
          select count(*) as count from postings where kind = 'generation'`)
        return drawn!.count === 1n
      })
      await painters[1]!.hears(/price has changed/)
      await subscriber.hears(/Plus.*renews by itself/)
      await hesitant.hears(/price or the days of this plan have changed/)
      await hesitant.hears(/Pro.* for 30 days/)
      const left = (id: number) => readBalance(db, BigInt(id), 'TOK').then(({ available }) => available)
      expect([await left(people[2]!), await left(people[4]!)]).toEqual([6n, 10n])
      expect(await db.rows(q`select person_id, period from subscriptions`)).toEqual([
        { person_id: BigInt(people[2]!), period: 1 },
      ])
      console.log(
        `PostgreSQL was away for ${(awayMs / 1000).toFixed(1)} s: ${payments} questions answered, the slowest after ` +
          `${slowest.answer.toFixed(0)} ms; ${payments} payments taken in, the slowest in ${slowest.door.toFixed(0)} ms, ` +
          `all credited ${(recoveredMs / 1000).toFixed(1)} s after its return`,
      )
      await phones[5]!.hears(/did not understand/)
      await phones[3]!.say('/balance')
      await phones[3]!.hears(/10.tokens/)
      await admin.hears(/PostgreSQL answers again/)
      await russian.hears(/PostgreSQL снова отвечает/)
      const [paid] = await db.rows(
        q<{ count: bigint }>`select count(*) as count from postings where kind = 'payment'`,
      )
      expect(paid!.count).toBe(2n + BigInt(payments))
      expect((await prove(db)).ok).toBe(true)
      const [waiting] = await db.rows(q<{ count: bigint }>`
        select count(*) as count from outbox where state = 'dead'`)
      expect(waiting!.count).toBe(0n)
    } finally {
      await db.close()
    }
    for (const one of processes) expect(one.lines.filter((line) => /fatal|Unhandled/i.test(line))).toEqual([])
  })

  /** Telegram tells of 50 Stars for an invoice that nobody knows: 10 tokens at the usual rate. */
  function pay(secret: string, updateId: number, person: number, chargeId: string): Promise<Response> {
    const message = {
      message_id: 1,
      date: 1,
      chat: { id: person, type: 'private' },
      from: { id: person, is_bot: false, first_name: 'P' },
      successful_payment: {
        currency: 'XTR',
        total_amount: 50,
        invoice_payload: 'an-invoice-nobody-knows',
        telegram_payment_charge_id: chargeId,
        provider_payment_charge_id: '',
      },
    }
    return fetch(`${gatewayUrl}/telegram/main`, {
      method: 'POST',
      headers: { 'x-telegram-bot-api-secret-token': secret },
      body: JSON.stringify({ update_id: updateId, message }),
    })
  }
})

async function webhookSecretOf(): Promise<string> {
  const { webhookSecrets } = await import('#shared/telegram/webhook-secret.ts')
  const encryptionKey = Buffer.alloc(32, 7).toString('base64')
  return webhookSecrets({ encryptionKey, telegram: {} }, { token: `100:${'A'.repeat(35)}` })[0]
}
