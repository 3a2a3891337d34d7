import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { traceIdOf } from '#shared/trace/trace.ts'
import { startCollector } from '../lib/collector.ts'
import type { CollectedSpan } from '../lib/collector.ts'
import { repository } from '../lib/compose.ts'
import { openPhone } from '../lib/phone.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const BOT = { token: `7000000019:AA${'t'.repeat(33)}`, username: 'trace_bot', name: 'Trace' }
const PERSON = 5_550_001_234

describe.skipIf(!redisAvailable())('one trace for one purchase', () => {
  let telegram: Awaited<ReturnType<typeof startTelegram>>
  let database: TestDatabase
  let db: Db
  let env: Record<string, string>

  beforeAll(async () => {
    telegram = await startTelegram({ bots: [BOT], settings: { globalPerSecond: 0, chatPerSecond: 0 } })
    database = await createDatabase()
    db = await openDb(database.url, { max: 2, name: 'test' })
    env = {
      DATABASE_URL: database.url,
      REDIS_URL: await redisUrl(),
      QUEUE_PREFIX: `t${randomBytes(4).toString('hex')}`,
      BOT_TOKEN: BOT.token,
      BOTS: '',
      TELEGRAM_API_ROOT: telegram.url,
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      LOG_LEVEL: 'debug',
      PORT: '0',
      PUBLIC_URL: '',
      NODE_OPTIONS: `--import=${join(repository, 'tests/lib/report-imports.ts')}`,
    }
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
    await telegram.close()
  })

  const run = async (
    more: Record<string, string>,
    entry: string,
    ...args: string[]
  ): Promise<TestProcess> => {
    const started = startNode(`${repository}/bin/${entry}.ts`, args, {
      env: { ...env, ...more },
      cwd: repository,
    })
    await started.waitFor(/(gateway is|workers are) ready/)
    return started
  }
  const everything = (more: Record<string, string>) =>
    Promise.all([run(more, 'gateway'), run(more, 'worker', 'bot'), run(more, 'worker', 'billing')])

  async function purchase(id: number): Promise<{ payment: string; charge: string }> {
    const person = openPhone(`${telegram.url}/control`, BOT.username, id)
    await person.create({ first_name: 'Wilhelmina', username: 'wilhelmina_private' })
    await person.start()
    await person.press('Buy tokens')
    await person.press('10 tokens')
    expect((await person.payWith('Pay 50')).outcome).toBe('paid')
    await person.hears('10 tokens credited')
    const [row] = await db.rows(q<{ payment: string; charge: string }>`
      select id as payment, provider_ref as charge from payments where person_id = ${BigInt(id)}`)
    return row!
  }
  const end = async (processes: TestProcess[]) => {
    await Promise.all(processes.map((one) => one.kill('SIGTERM')))
    for (const one of processes) expect(await one.ended, one.lines.slice(-5).join('\n')).toBe(0)
  }

  test('a purchase with Stars is one trace from the door over billing and bot to the Telegram calls, complete after SIGTERM', async () => {
    const collector = await startCollector()
    const processes = await everything({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    const { payment, charge } = await purchase(PERSON)
    await end(processes)
    expect(collector.refused).toEqual([])

    const traceId = traceIdOf({ payment })!
    const spans = collector.spans.filter((span) => span.traceId === traceId)
    const one = (name: string, service: string): CollectedSpan => {
      const found = spans.filter((span) => span.name === name && span.service === service)
      expect(found, `${name} of ${service} among ${spans.map((span) => span.name).join(', ')}`).toHaveLength(
        1,
      )
      return found[0]!
    }
    const doors = spans.filter((span) => span.name === 'telegram update')
    expect(doors.map(({ service }) => service)).toEqual(['telekassa-gateway', 'telekassa-gateway'])
    const checkout = one('telegram.checkout', 'telekassa-bot')
    const paid = one('stars.paid', 'telekassa-billing')
    const notice = one('notice.send', 'telekassa-bot')
    expect(doors.map(({ spanId }) => spanId)).toEqual(
      expect.arrayContaining([checkout.parentSpanId, paid.parentSpanId]),
    )
    expect(notice.parentSpanId).toBe(paid.spanId)
    expect(one('telegram answerPreCheckoutQuery', 'telekassa-bot').parentSpanId).toBe(checkout.spanId)
    const said = spans.filter((span) => span.parentSpanId === notice.spanId).map(({ name }) => name)
    expect(said).toContain('telegram sendMessage')
    expect(paid.attributes).toMatchObject({
      'telekassa.payment': payment,
      'telekassa.bot': 'main',
      'messaging.destination.name': 'billing',
    })

    // The press that made the payment began a trace of its own, and the work for the payment is linked with that
    // trace.
    const made = one('work for a payment', 'telekassa-bot')
    const press = collector.spans.find((span) => span.spanId === made.links?.[0]?.spanId)
    expect(press).toMatchObject({ name: 'telegram.update', service: 'telekassa-bot' })
    expect(press!.traceId).not.toBe(traceId)
    expect(one('telegram createInvoiceLink', 'telekassa-bot').parentSpanId).toBe(made.spanId)

    const lines = processes.flatMap((process) => process.lines)
    expect(lines.filter((line) => line.includes(`"trace":"${traceId}"`)).length).toBeGreaterThan(2)
    const sent = collector.bodies.join('\n')
    for (const secret of [
      BOT.token,
      't'.repeat(33),
      String(PERSON),
      'Wilhelmina',
      'wilhelmina_private',
      charge,
    ]) {
      expect(sent).not.toContain(secret)
    }
  })

  test('a collector that is away costs nothing but its traces: the purchase is served and every process ends in time', async () => {
    const processes = await everything({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
    await purchase(PERSON + 1)
    await end(processes)
    expect(
      processes.every(({ lines }) => lines.some((line) => line.startsWith('LOADS @opentelemetry/sdk-trace'))),
    ).toBe(true)
  })

  test('without a collector nothing of OpenTelemetry is loaded, no job carries a trace, no line names one', async () => {
    const processes = await everything({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })
    await purchase(PERSON + 2)
    await end(processes)
    const lines = processes.flatMap((process) => process.lines)
    // prom-client loads the definitions of the OpenTelemetry API for exemplars, which the shop does not use.
    const ours = lines.filter(
      (line) => line.startsWith('LOADS') && !line.includes('/node_modules/prom-client/'),
    )
    expect(ours).toEqual([])
    expect(lines.filter((line) => line.includes('"trace":'))).toEqual([])
    expect(
      await db.rows(
        q`select key from outbox where trace is not null and payload::text like ${`%${PERSON + 2}%`}`,
      ),
    ).toEqual([])
  })
})
