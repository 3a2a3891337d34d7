import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { decide } from '../../src/shared/fragment/settle.ts'
import { buyStars } from './buyer.ts'
import { differences } from './proof.ts'
import { randomOf } from './random.ts'
import { trouble, troubleSupply, troubleTelegram } from './trouble.ts'
import { openWorld } from './world.ts'
import type { World } from './world.ts'

export interface ChaosOptions {
  seed: number
  orders: number
  /** People who buy at the same time. */
  lanes?: number
  /** Nothing more is broken after so many troubles. */
  troubles?: number
  say?: (line: string) => void
}

export interface ChaosReport {
  seed: number
  orders: number
  paid: number
  delivered: number
  returned: number
  byAdmin: number
  troubles: Record<string, number>
  seconds: number
  wrong: string[]
}

/** How long everything may take to come to an end after the last purchase. */
const SETTLE_MS = 240_000
/** Between two troubles: about what a process needs to be back on a busy machine, so that buying goes on. */
const PAUSE_MS = 8_000

/** Buys `orders` times while things break by the seed, waits until all is quiet, and compares both sides. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, orders, lanes = 4, troubles: most = Infinity, say = () => {} } = options
  const random = randomOf(seed)
  const started = performance.now()
  const world = await openWorld()
  try {
    say(`everything runs after ${Math.round((performance.now() - started) / 1_000)} s`)
    const outcomes = new Map<string, number>()
    const troubles: Record<string, number> = {}
    let next = 0
    let finished = 0
    const buying = Promise.all(
      Array.from({ length: Math.min(lanes, orders) }, async () => {
        for (let at = next++; at < orders; at = next++) {
          const person = 10_000 + at
          await troubleSupply(world, random, person)
          await troubleTelegram(world, random, person)
          const outcome = await buyStars(world, person).catch((error: unknown) => String(error))
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
          finished += 1
        }
      }),
    )
    for (let number = 0; finished < orders && number < most; number++) {
      await Promise.race([buying, sleep(PAUSE_MS)])
      if (finished >= orders) break
      const what = await trouble(world, random, number)
      troubles[what] = (troubles[what] ?? 0) + 1
      say(`${finished} of ${orders}: ${what}`)
    }
    await buying
    say(`bought: ${JSON.stringify(Object.fromEntries(outcomes))}; waiting until everything is settled`)
    await world.control('/faults', 'PUT', [])
    const byAdmin = await settle(world)
    const wrong = await differences(world)
    const states = await world.db.rows(q<{ state: string; n: number }>`
      select state, count(*)::int as n from orders where state <> 'draft' group by state`)
    const count = (state: string) => states.find((row) => row.state === state)?.n ?? 0
    return {
      seed,
      orders,
      paid: outcomes.get('paid') ?? 0,
      delivered: count('delivered'),
      returned: count('failed'),
      byAdmin,
      troubles,
      seconds: Math.round((performance.now() - started) / 1_000),
      wrong,
    }
  } finally {
    await world.close()
  }
}

/**
 * Lets time pass: what a wiped queue lost counts as lost at once instead of after a quarter of an hour, and an admin
 * decides orders in review by what the reseller shows.
 * @returns how many the admin decided
 */
async function settle(world: World): Promise<number> {
  const deadline = performance.now() + SETTLE_MS
  let decided = 0
  while (performance.now() < deadline) {
    await world.db
      .rows(
        q`update outbox set updated_at = updated_at - interval '20 minutes', run_at = least(run_at, now()) - interval '20 minutes'
              where state = 'queued' and updated_at < now() - interval '10 seconds'`,
      )
      .catch(() => [])
    decided += await decideReviews(world)
    if ((await differences(world).catch(() => ['the database is away'])).length === 0) break
    await sleep(2_000)
  }
  return decided
}

async function decideReviews({ db, supplier }: World): Promise<number> {
  const waiting = await db.rows(q<{ id: string; person: bigint }>`
    select id, person_id as person from orders
    where state = 'review' and updated_at < now() - interval '5 seconds'`)
  const { deliveries } = await supplier<{ deliveries: { receiver: string }[] }>('state')
  for (const { id, person } of waiting) {
    const arrived = deliveries.some((one) => one.receiver.toLowerCase() === `buyer_${person}`)
    await decide(db, id, arrived ? 'delivered' : 'failed', { by: 1n, bot: 'main', reason: 'seen there' })
  }
  return waiting.length
}
