import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import { readConfig } from '#shop/config.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { recordDecision } from '#shop/stars-premium/decisions.ts'
import { givenByBot } from './books.ts'
import type { Sold } from './books.ts'
import { agePlans } from './kept-cards.ts'
import type { OrderPlan } from './plan.ts'
import { differences } from './proof.ts'
import type { World } from './world.ts'

/**
 * Waits until both sides agree, and moves the clocks that production waits for: a payment that nobody
 * finished is due for a look, a job that Redis lost is owed again, a second gift of a person is over, and an
 * admin decides orders in review by the books of the reseller.
 * @param most how long to wait, in ms; what differs then is a violation
 * @returns what hangs, and how many orders the admin decided
 */
export async function settle(
  world: World,
  plans: readonly OrderPlan[],
  most: number,
  say: (line: string) => void,
): Promise<{ wrong: string[]; byAdmin: number }> {
  const deadline = performance.now() + most
  let byAdmin = 0
  let wrong = ['nothing was looked at']
  let told = performance.now()
  while (performance.now() < deadline) {
    try {
      await letTimePass(world)
      await agePlans(world)
      byAdmin += await decideReviews(world)
      wrong = await differences(world, plans)
      if (wrong.length === 0) break
    } catch (error) {
      wrong = [`cannot be looked at: ${String(error)}`]
    }
    if (performance.now() > told + 20_000) {
      told = performance.now()
      say(`  still ${wrong.length} to settle, for example: ${wrong.slice(0, 3).join('; ')}`)
    }
    await sleep(1_500)
  }
  return { wrong, byAdmin }
}

async function letTimePass({ db }: World): Promise<void> {
  await db.rows(q`
    update payments set next_check_at = now()
    where state not in ('paid', 'overpaid', 'refunded') and next_check_at > now() + interval '5 seconds'`)
  // Production waits a quarter of an hour. This wait is longer than any lock, so a worker has finished what
  // it had in hand.
  await db.rows(q`
    update outbox set state = 'owed', updated_at = now()
    where state = 'queued' and greatest(updated_at, run_at) < now() - interval '50 seconds'`)
  // Who begins again may press the keys of two screens, which are two gifts; the friends open one of them. The other
  // one goes back at its date, which production waits days for.
  await db.rows(q`
    update shelf_gifts g set due_at = now() from orders o
    where o.id = g.order_id and g.ended_at is null and g.due_at > now()
      and exists (select from orders other join shelf_gifts opened on opened.order_id = other.id
                  where other.person_id = o.person_id and opened.opened_by is not null)`)
}

async function decideReviews(world: World): Promise<number> {
  const { db, reseller } = world
  const waiting = await db.rows(q<{
    id: string
    tokens: string[]
    who: string
    own: boolean
    delivered: number
  }>`
    select id, array(select token from attempts a where a.order_id = o.id) as tokens,
      'buyer_' || person_id || ' ' || upper(good) as who, details ->> 'way' = 'bot-stars' as own,
      (select count(*)::int from orders d
       where d.person_id = o.person_id and d.good = o.good and d.state = 'delivered') as delivered
    from orders o where state = 'review' and updated_at < now() - interval '5 seconds'`)
  if (waiting.length === 0) return 0
  const given = (await givenByBot(world)).map(({ receiver, type }) => `${receiver} ${type}`)
  const { orders } = await reseller<Sold>('/books')
  // The address of a callback names the attempt, because a person may have bought twice.
  const completed = new Set(
    orders.filter(({ status }) => status === 'COMPLETED').map((one) => one.responseUrl.split('/').at(-1)),
  )
  let decided = 0
  const config = readConfig({ DATA_DIR: '/tmp' })
  for (const { id, tokens, who, own, delivered } of waiting) {
    const arrived = own
      ? given.filter((one) => one === who).length > delivered
      : tokens.some((token) => completed.has(token))
    const by = { by: 1n, bot: 'main', reason: 'the reseller shows it' }
    await recordDecision(
      { db, config, settings: createSettings(db, config), bots: new Map() },
      id,
      arrived ? 'delivered' : 'failed',
      by,
    ).then(
      () => (decided += 1),
      (error: unknown) => {
        // A late callback has ended the order before the admin decided.
        if (!(error instanceof UserError)) throw error
      },
    )
  }
  return decided
}
