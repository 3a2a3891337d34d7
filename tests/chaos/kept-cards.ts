import { sql as q } from 'kysely'
import { ensurePerson } from '#shared/people.ts'
import { owe } from '#shared/queue/outbox.ts'
import { renewSubscriptions } from '#shop/loyalty/jobs.ts'
import type { Outside, Shop } from './books.ts'
import { patiently } from './patiently.ts'
import type { OrderPlan } from './plan.ts'
import type { World } from './world.ts'

/** What a period of the plan costs without tokens, kopecks. */
export const PERIOD_KOPECKS = 30_000n
/** The payment that keeps the card pays the first renewal, and the card pays the second one. */
const RENEWALS = 2

/** These people have a plan that renews, and let their card be kept for it. */
export const keepsCard = ({ kind, vendor, way }: OrderPlan): boolean =>
  kind === 'top-up' && vendor === 'yookassa' && way !== 'decline'

export async function beginPlan({ db }: World, { person }: OrderPlan): Promise<void> {
  await patiently(async () => {
    await ensurePerson(db, BigInt(person), 'main')
    await db.rows(q`
      insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
      values (${`kept-${person}`}, ${person}, 'plus', 'main', 'balance', true, now() + interval '30 days')
      on conflict (id) do nothing`)
  })
}

let ticks = 0
/**
 * Days pass for the plans of those who let a card be kept: a period is over, the day after a notice has come. Renewals are
 * looked at while a plan has some before it.
 */
export async function agePlans({ db }: World): Promise<void> {
  await patiently(async () => {
    const goOn = await db.rows(q<{ id: string }>`
      update subscriptions s set expires_at = least(expires_at, now())
      where id like 'kept-%' and period <= ${RENEWALS} and state <> 'ended'
        and exists (select from kept_cards k where k.person_id = s.person_id)
      returning id`)
    await db.rows(q`
      update card_renewals c set next_at = now() from subscriptions s
      where s.id = c.subscription_id and s.period = c.period and s.id like 'kept-%' and c.next_at > now()`)
    if (goOn.length > 0) await owe(db, renewSubscriptions, { at: `aged-${++ticks}` })
  })
}

/** Every card paid for its period once, by the books of the vendor, and no plan stays behind. */
export function keptCardProof({ invoices }: Outside, { plans }: Shop): string[] {
  const paid = new Set(
    invoices.filter((one) => one.paid !== undefined).map(({ vendor, id }) => `${vendor} ${id}`),
  )
  return plans.flatMap(({ id, keeps, renewals, charges }) => {
    const byPeriod = Map.groupBy(
      charges.filter(({ ref }) => paid.has(`yookassa ${ref}`)),
      ({ period }) => period,
    )
    const wrong = [...byPeriod].flatMap(([period, { length }]) =>
      length > 1 ? [`period ${period} of ${id} is charged ${length} times`] : [],
    )
    if (byPeriod.size > Math.max(0, renewals - 1))
      wrong.push(`${id} is charged and was renewed ${renewals} times`)
    if (keeps && renewals !== RENEWALS) wrong.push(`${id} was renewed ${renewals} times`)
    return wrong
  })
}
