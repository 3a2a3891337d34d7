import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { Way } from '../../sandbox/payments/vendor.ts'
import type { Rule } from '../../sandbox/payments/faults.ts'
import { type VendorName, VENDOR_NAMES, webhookPath } from '../../sandbox/payments/start.ts'
import { newId } from '#shared/ids.ts'
import { prove } from '#shared/money/proof.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop, type PaymentShop } from '../lib/payment-shop.ts'
import { reservePort } from '../lib/port.ts'
import { startNode, type TestProcess } from '../lib/processes.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import { randomOf } from '../lib/random.ts'
import type { Random } from '../lib/random.ts'
import { VENDOR_CALLS } from '../lib/vendor-calls.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** `PAYMENTS_RUN=2000 PAYMENTS_SEED=7 npx vitest run tests/crash/payments-random.test.ts` is the long run. */
const COUNT = Number(process.env['PAYMENTS_RUN'] ?? 60)
const SEED = Number(process.env['PAYMENTS_SEED'] ?? Math.floor(Math.random() * 1e9))
const LANES = 12
/** A link comes within seconds, also on a busy machine. A person who gets none for so long leaves, as people do. */
const PATIENCE_MS = 40_000
const PRICE = 100_000n
const NAMES = VENDOR_NAMES

interface Plan {
  id: string
  personId: bigint
  name: VendorName
  ways: Way[]
  rules: Rule[]
  /** What the person must have in the end (credited) and what must wait for them (waiting), in kopecks. */
  credited: bigint
  suspended: bigint
  /** True when the payment got its link and was dealt with as planned. */
  done: boolean
}

function makePlan(random: Random, index: number): Plan {
  const name = random.pick(NAMES)
  const { inexact, late } = VENDOR_CALLS[name]
  const outcomes: [Way[], bigint, bigint][] = [
    [['exact'], PRICE, 0n],
    [['exact'], PRICE, 0n],
    [['exact'], PRICE, 0n],
    [['twice'], PRICE, inexact ? PRICE : 0n],
    [['late'], late ? PRICE : 0n, 0n],
    [['decline'], 0n, 0n],
    [[], 0n, 0n],
    ...(inexact
      ? ([
          [['more'], PRICE, PRICE / 4n],
          [['less', 'rest'], PRICE, 0n],
          [['less', 'decline'], 0n, (PRICE * 6n) / 10n],
        ] as [Way[], bigint, bigint][])
      : []),
  ]
  const [ways, credited, suspended] = random.pick(outcomes)
  const word = VENDOR_CALLS[name].paid
  const faults: Rule[] = [
    { on: 'call', name: VENDOR_CALLS[name].create, do: { drop: 'after' } },
    { on: 'call', name: VENDOR_CALLS[name].create, do: { status: 502, after: true, body: '<html>' } },
    { on: 'call', name: VENDOR_CALLS[name].create, do: { drop: 'before' } },
    { on: 'call', name: VENDOR_CALLS[name].create, do: { retry_after: 1 } },
    { on: 'call', name: VENDOR_CALLS[name].create, do: { delay_ms: 300 } },
    { on: 'call', name: VENDOR_CALLS[name].lookup, do: { status: 500 } },
    { on: 'call', name: VENDOR_CALLS[name].lookup, do: { drop: 'after' } },
    { on: 'call', name: VENDOR_CALLS[name].lookup, do: { delay_ms: 300 } },
    { on: 'webhook', name: word, do: { duplicate: 1 + random.below(8) } },
    { on: 'webhook', do: { lose: true } },
    { on: 'webhook', do: { swap: true } },
    { on: 'webhook', do: { delay_ms: random.below(1500) } },
    { on: 'webhook', do: { forge: true } },
  ]
  const rules = Array.from({ length: random.below(3) }, () => random.pick(faults))
  return {
    id: newId(),
    personId: 10_000n + BigInt(index),
    name,
    ways,
    rules,
    credited,
    suspended,
    done: false,
  }
}

describe.skipIf(!redisAvailable())('a random run of payments', () => {
  test(
    `F14 F16 F20 ${COUNT} payments, random faults, killed processes, a restarted Redis: every paid one is credited once (seed ${SEED})`,
    async () => {
      console.log(`payments run: PAYMENTS_RUN=${COUNT} PAYMENTS_SEED=${SEED}`)
      const random = randomOf(SEED)
      const redis = await startPrivateRedis()
      const shop = await openPaymentShop({ vendors: NAMES, workers: [], gateway: false, redis: redis.url })
      const port = await reservePort()
      for (const name of NAMES)
        shop.vendors[name]!.settings.webhookUrl = `http://127.0.0.1:${port}/webhooks/${webhookPath(name)}`
      const run = async (entry: string, ...args: string[]): Promise<TestProcess> => {
        const env = { ...shop.env, LOG_LEVEL: 'info', PORT: String(port) }
        const started = startNode(`bin/${entry}.ts`, args, { env })
        await started.waitFor(/(gateway is|workers are) ready/)
        return started
      }
      let [gateway, one, two, upkeep] = await Promise.all([
        run('gateway'),
        run('worker', 'billing'),
        run('worker', 'billing'),
        run('worker', 'upkeep'),
      ])
      const plans = Array.from({ length: COUNT }, (_, index) => makePlan(random, index))
      let finished = 0
      const lanes = Array.from({ length: LANES }, async (_, lane) => {
        for (let at = lane; at < plans.length; at += LANES) {
          await carryOut(shop, plans[at]!)
          finished += 1
        }
      })
      const reached = (share: number) =>
        eventually(() => finished >= COUNT * share, { timeoutMs: 600_000, what: `${share} of the payments` })
      const chaos = (async () => {
        await reached(0.25)
        await gateway.kill('SIGKILL')
        await one.kill('SIGKILL')
        ;[gateway, one] = await Promise.all([run('gateway'), run('worker', 'billing')])
        await reached(0.5)
        await redis.kill()
        await sleep(300)
        await redis.start()
        await reached(0.75)
        await two.kill('SIGKILL')
        two = await run('worker', 'billing')
      })()
      await Promise.all([...lanes, chaos])

      // The vendors work again, and time passes: every unfinished payment is due for a look.
      for (const name of NAMES) shop.vendors[name]!.faults.replace([])
      const wrong = () => differences(shop, plans)
      await eventually(
        async () => {
          await shop.db.rows(q`
            update payments set next_check_at = now()
            where state not in ('paid', 'overpaid', 'refunded') and next_check_at > now() + interval '5 seconds'`)
          return (await wrong()).length === 0
        },
        { timeoutMs: 240_000, everyMs: 500, what: 'every payment is as the vendors say' },
      ).catch(async (error: unknown) => {
        throw new Error(`seed ${SEED}: ${(await wrong()).slice(0, 5).join('; ')}`, { cause: error })
      })
      expect(plans.filter((plan) => plan.done).length).toBeGreaterThan(COUNT / 2)
      expect((await prove(shop.db)).ok).toBe(true)
      await Promise.all([gateway, one, two, upkeep].map((process) => process.kill('SIGKILL')))
      await shop.close()
      await redis.stop()
    },
    Math.max(600_000, COUNT * 2_000),
  )
})

/**
 * One person asks for the link and pays as planned once the link is there. A person who gets no link for so long
 * leaves.
 */
async function carryOut(shop: PaymentShop, plan: Plan): Promise<void> {
  const vendor = shop.vendors[plan.name]!
  for (const rule of plan.rules) vendor.faults.add(rule)
  const begun = await shop.begin(plan.name, { id: plan.id, personId: plan.personId, waitMs: PATIENCE_MS })
  if (!begun?.details['payUrl'] || !begun.providerRef) return
  plan.done = true
  for (const way of plan.ways) await vendor.vendor.pay(begun.providerRef, way, {})
}

async function differences(shop: PaymentShop, plans: Plan[]): Promise<string[]> {
  const rows = await shop.db.rows(q<{ id: string; state: string; has: bigint; suspended: bigint }>`
    select p.id, p.state, p.suspended, coalesce(w.available, 0) as has from payments p
    left join wallets w on w.person_id = p.person_id and w.asset = 'RUB'`)
  const found = new Map(rows.map((row) => [row.id, row]))
  return plans.flatMap((plan) => {
    const row = found.get(plan.id)
    const [credited, suspended] = plan.done ? [plan.credited, plan.suspended] : [0n, 0n]
    if (!row || (row.has === credited && row.suspended === suspended)) return []
    return [
      `${plan.name} ${plan.id} ${plan.ways.join('+') || 'nothing'}: ${row.state}, has ${row.has}, waits ${row.suspended}`,
    ]
  })
}
