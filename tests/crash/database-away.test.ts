import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegram } from '../../sandbox/telegram/start.ts'
import type { Telegram } from '../../sandbox/telegram/start.ts'
import { openDb } from '../../src/shared/db/db.ts'
import { migrate } from '../../src/shared/db/migrate.ts'
import { startPostgres } from '../../src/shared/infra/postgres.ts'
import { freePort } from '../../src/shared/infra/server.ts'
import { prove } from '../../src/shared/ledger/proof.ts'
import { balance } from '../../src/shared/ledger/read.ts'
import { eventually } from '../lib/eventually.ts'
import { openPhone } from '../lib/phone.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const BIN = join(import.meta.dirname, '../../bin')
const quiet = { info: () => {}, warn: () => {} }
const ADMIN = 900
const RUSSIAN_ADMIN = 901

describe.skipIf(!redisAvailable())('life without the database', () => {
  let dataDir: string
  let postgres: Awaited<ReturnType<typeof startPostgres>>
  let telegram: Telegram
  let gatewayUrl: string
  let processes: TestProcess[] = []

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'telekassa-away-'))
    postgres = await startPostgres({ dataDir, log: quiet, port: await freePort() })
    await migrate(postgres.url)
    telegram = await startTelegram({
      bots: [{ token: `100:${'A'.repeat(35)}`, username: 'main_bot', name: 'Main' }],
      settings: { chatPerSecond: 0, globalPerSecond: 0 },
    })
    const port = await freePort()
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
      startNode(join(BIN, 'worker.ts'), ['bot', 'billing', 'upkeep'], { env }),
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

  test('bots answer with the last known balance, payments and messages wait, and nothing is charged twice', async () => {
    const people = Array.from({ length: 20 }, (_, index) => 1_000 + index)
    const phones = people.map((id) => openPhone(telegram.url, 'main_bot', id))
    const [buyer] = phones as [(typeof phones)[0]]
    const everybody = [...people, ADMIN].map((id) => ({ id, first_name: `P${id}`, language_code: 'en' }))
    await buyer.control('POST', '/people', everybody)
    const admin = openPhone(telegram.url, 'main_bot', ADMIN)
    // Their phone speaks English; in this bot they chose Russian.
    const russian = openPhone(telegram.url, 'main_bot', RUSSIAN_ADMIN)
    await buyer.control('POST', '/people', [{ id: RUSSIAN_ADMIN, first_name: 'R', language_code: 'en' }])
    await Promise.all([...phones, admin, russian].map((phone) => phone.start()))
    await Promise.all(phones.map((phone) => phone.see(/Balance/)))
    await russian.see(/Balance/)
    await russian.say('/profile')
    await russian.press(/Русский/)
    await russian.say('/balance')
    await russian.see(/Ваш баланс/)

    // Two invoices are open: one is paid before, one while the database is away.
    await buyer.say('/buy')
    await buyer.press(/10.tokens/)
    await buyer.see(/Number/)
    expect(await buyer.pay(/Pay/)).toMatchObject({ outcome: 'paid' })
    await buyer.see(/10.tokens credited/)
    await buyer.say('/balance')
    await buyer.see(/Your balance/)

    const url = new URL(postgres.url)
    await postgres.stop()
    await Promise.all(phones.map((phone) => phone.say('/balance')))
    const answers = await Promise.all(phones.map((phone) => phone.see(/database is away/)))
    expect(answers[0]!.text).toMatch(/Last known balance: 10.tokens \(\d\d\/\d\d, \d\d:\d\d/)
    expect(answers[7]!.text).toMatch(/Last known balance: 0.tokens/)
    const ready = (await (await fetch(`${gatewayUrl}/readyz`)).json()) as {
      ready: boolean
      degraded: boolean
    }
    expect(ready).toMatchObject({ ready: true, degraded: true })
    await admin.see(/PostgreSQL does not answer/)
    await russian.see(/PostgreSQL не отвечает/)
    expect(await buyer.press(/History|Top up|Buy|tokens/)).toMatch(/Nothing was charged/)
    // Money that Telegram has taken, and a message, arrive while nothing can be written.
    const charge = {
      message_id: 1,
      date: 1,
      chat: { id: people[3]!, type: 'private' },
      from: { id: people[3]!, is_bot: false, first_name: 'P' },
      successful_payment: {
        currency: 'XTR',
        total_amount: 50,
        invoice_payload: 'an-invoice-nobody-knows',
        telegram_payment_charge_id: 'charge-away',
        provider_payment_charge_id: '',
      },
    }
    const secret = await webhookSecretOf()
    for (let time = 0; time < 3; time++) {
      const sent = await fetch(`${gatewayUrl}/telegram/main`, {
        method: 'POST',
        headers: { 'x-telegram-bot-api-secret-token': secret },
        body: JSON.stringify({ update_id: 900_000 + time, message: charge }),
      })
      expect(sent.status).toBe(200)
    }
    await phones[5]!.say('a message in between')
    await phones[5]!.see(/We have your message/)
    for (const phone of phones) await phone.say('/start')
    await Promise.all(phones.map((phone) => phone.see(/database is away/)))

    postgres = await startPostgres({ dataDir, log: quiet, port: Number(url.port) })
    const db = await openDb(postgres.url, { max: 2, name: 'test' })
    try {
      await eventually(async () => (await balance(db, BigInt(people[3]!), 'TOK')).available === 10n)
      await phones[5]!.see(/wasn't waiting/)
      await phones[3]!.say('/balance')
      await phones[3]!.see(/10.tokens/)
      await admin.see(/PostgreSQL answers again/)
      await russian.see(/PostgreSQL снова отвечает/)
      const [paid] = await db.rows(
        q<{ count: bigint }>`select count(*) as count from postings where kind = 'payment'`,
      )
      expect(paid!.count).toBe(2n)
      expect((await prove(db)).ok).toBe(true)
      const [waiting] = await db.rows(q<{ count: bigint }>`
        select count(*) as count from outbox where state = 'dead'`)
      expect(waiting!.count).toBe(0n)
    } finally {
      await db.close()
    }
    for (const one of processes) expect(one.lines.filter((line) => /fatal|Unhandled/i.test(line))).toEqual([])
  })
})

async function webhookSecretOf(): Promise<string> {
  const { webhookSecret } = await import('../../src/shared/telegram/webhook-secret.ts')
  return webhookSecret({ name: 'main', token: `100:${'A'.repeat(35)}`, admins: [] }, undefined)
}
