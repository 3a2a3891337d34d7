import { sql as q } from 'kysely'
import { prove } from '../../src/shared/ledger/proof.ts'
import type { World } from './world.ts'

interface Charge {
  charge_id: string
  person: number
  amount: number
  refunded: boolean
}
interface Sold {
  orders: { receiver: string; status: string; quantity: number }[]
  deliveries: { receiver: string; quantity: number }[]
}

/**
 * Compares what Telegram charged and what the reseller sold with what the shop wrote down.
 * @returns every difference in a sentence; none = the run is clean
 */
export async function differences(world: World): Promise<string[]> {
  const charges = await world.control<Charge[]>('/payments')
  const { deliveries } = await world.supplier<Sold>('state')
  const wrong: string[] = []

  const credits = await world.db.rows(q<{ ref: string; state: string; credits: number }>`
    select y.provider_ref as ref, y.state,
      (select count(*)::int from postings p where p.reference in ('payment-' || y.id)) as credits
    from payments y where y.provider = 'stars' and y.provider_ref is not null`)
  const byCharge = new Map(credits.map((row) => [row.ref, row]))
  for (const charge of charges) {
    const row = byCharge.get(charge.charge_id)
    if (row?.credits !== 1)
      wrong.push(`charge ${charge.charge_id} of ${charge.person} is credited ${row?.credits ?? 0} times`)
  }
  if (byCharge.size !== charges.length)
    wrong.push(`${byCharge.size} payments are paid, Telegram charged ${charges.length}`)

  const orders = await world.db.rows(q<{
    id: string
    state: string
    person: bigint
    captured: number
    hold: string | null
  }>`
    select id, state, person_id as person, (select state from holds h where h.reference = o.id) as hold,
      (select count(*)::int from postings p where p.reference = 'capture-' || o.id) as captured
    from orders o where good = 'stars' and state <> 'draft'`)
  const got = new Map<string, number>()
  for (const { receiver } of deliveries)
    got.set(receiver.toLowerCase(), (got.get(receiver.toLowerCase()) ?? 0) + 1)
  const bought = new Map<string, number>()
  for (const { id, state, person, captured, hold } of orders) {
    const name = `buyer_${person}`
    if (state === 'delivered') bought.set(name, (bought.get(name) ?? 0) + 1)
    if ((state === 'delivered') !== (captured === 1))
      wrong.push(`order ${id} is ${state}, charged ${captured} times`)
    if (!['delivered', 'failed', 'expired', 'cancelled', 'awaiting_payment'].includes(state))
      wrong.push(`order ${id} stays ${state}`)
    if (hold === 'open') wrong.push(`order ${id} is ${state} and still holds money`)
  }
  for (const name of new Set([...got.keys(), ...bought.keys()])) {
    if (got.get(name) !== bought.get(name))
      wrong.push(`${name} got ${got.get(name) ?? 0} and was charged for ${bought.get(name) ?? 0}`)
  }
  return [...wrong, ...(await leftovers(world))]
}

/** Jobs that are due and not done, dead letters, and the ledger's own proof. */
async function leftovers({ db }: World): Promise<string[]> {
  const jobs = await db.rows(q<{ key: string; state: string; reason: string | null }>`
    select key, state, reason from outbox
    where state = 'dead' or (state in ('owed', 'queued') and run_at < now() - interval '1 second')
    order by id limit 20`)
  const proof = await prove(db)
  return [
    ...jobs.map(({ key, state, reason }) => `job ${key} is ${state}${reason ? `: ${reason}` : ''}`),
    ...(proof.ok ? [] : ['the ledger does not add up']),
  ]
}
