import { sql as q } from 'kysely'
import type { PageInvoice } from '../../sandbox/payments/vendor.ts'
import { FIRST_PERSON, VENDORS } from './plan.ts'
import { OTHER_SHOP } from './villains.ts'
import type { World } from './world.ts'

export interface Charge {
  charge_id: string
  person: number
  amount: number
  refunded: boolean
}
export interface Sold {
  orders: {
    id: string
    type: string
    receiver: string
    quantity: number
    status: string
    responseUrl: string
  }[]
  deliveries: { type: string; receiver: string; quantity: number }[]
}
export interface Drawn {
  prompt: string
  stage: string
  fate: { end: string }
}

interface StarLine {
  amount: number
  receiver?: {
    transaction_type?: string
    user?: { id: number }
    premium_subscription_duration?: number
  }
}

/** What the bot gave from its own Stars, by Telegram's list. */
export async function givenByBot({ shelf }: World): Promise<Sold['deliveries']> {
  const lines: StarLine[] = []
  for (let page = PAGE; page === PAGE;) {
    const { transactions } = await shelf.api<{ transactions: StarLine[] }>('getStarTransactions', {
      offset: lines.length,
      limit: PAGE,
    })
    page = transactions.length
    lines.push(...transactions)
  }
  return lines.flatMap(({ amount, receiver }) => {
    const { transaction_type: what, user, premium_subscription_duration: months } = receiver ?? {}
    const to = `buyer_${user?.id}`
    if (what === 'premium_purchase') return [{ type: 'PREMIUM', receiver: to, quantity: months! }]
    return what === 'gift_purchase' ? [{ type: 'TELEGRAM-GIFT', receiver: to, quantity: amount }] : []
  })
}

const PAGE = 100

/** What everybody outside the shop has in their own books. */
export async function readOutside(world: World) {
  const [given, charges, sold, drawn, ...invoices] = await Promise.all([
    givenByBot(world),
    world.control<Charge[]>('/payments'),
    world.reseller<Sold>('/books'),
    world.pictures<Drawn[]>('/tasks'),
    ...VENDORS.map(async (name) =>
      (await world.vendor(name)<PageInvoice[]>('/invoices'))
        // References of another shop that uses the same account: our shop must credit none of them.
        .filter(({ reference }) => !reference.startsWith(OTHER_SHOP))
        .map((one) => ({ ...one, vendor: name })),
    ),
  ])
  const deliveries = [...sold.deliveries, ...given]
  return { charges, sold: { ...sold, deliveries }, drawn, invoices: invoices.flat() }
}

export type Outside = Awaited<ReturnType<typeof readOutside>>

export interface OrderRow {
  id: string
  good: string
  state: string
  person: bigint
  asset: string
  price: bigint
  captured: number
  hold: string | null
  asked: number
  /** A number of Stars, or of months of Premium; of a gift what it costs in Stars. */
  amount: number | null
}
/** An order for an item of the owner, with what its buyer got. */
export interface ItemRow {
  id: string
  kind: string
  state: string
  /** Who owns the goods: the buyer, or the friend who opened the gift. */
  owner: bigint | null
  gift: boolean
  item: string
  sold: number
  aside: number
  codes: number
  accesses: number
  result: boolean
}
export interface PaymentRow {
  id: string
  provider: string
  ref: string | null
  state: string
  person: bigint
  amount: bigint
  creditAsset: string
  creditAmount: bigint
  suspended: bigint
  credits: number
}

/** A plan of somebody whose card may be kept, and what was charged to the card for it. */
export interface PlanRow {
  id: string
  person: bigint
  renewals: number
  keeps: boolean
  charges: { period: number; ref: string | null }[]
}

/** What the shop has in its own books. */
export async function readShop({ db }: World) {
  const mine = q`person_id >= ${FIRST_PERSON}`
  const orders = await db.rows(q<OrderRow>`
    select o.id, good, state, person_id as person, asset, price,
      (select count(*)::int from postings p where p.reference = 'capture-' || o.id) as captured,
      (select h.state from holds h where h.reference = o.id) as hold,
      (select count(*)::int from attempts a where a.order_id = o.id) as asked,
      coalesce(o.details #>> '{goods,quantity}', o.details #>> '{goods,months}', o.details #>> '{goods,stars}')::int
        as amount
    from orders o where state <> 'draft' and ${mine} order by o.id`)
  const items = await db.rows(q<ItemRow>`
    select o.id, o.details ->> 'kind' as kind, state, o.details ->> 'item' as item, o.details ? 'gift' as gift,
      case when o.details ? 'gift' then (select opened_by from shelf_gifts g where g.order_id = o.id)
        else person_id end as owner,
      (select count(*)::int from shelf_lines l where l.order_id = o.id and l.state = 'sold') as sold,
      (select count(*)::int from shelf_lines l where l.order_id = o.id and l.state = 'reserved') as aside,
      (select count(*)::int from shelf_codes c where c.order_id = o.id) as codes,
      (select count(*)::int from shelf_accesses a where a.order_id = o.id and ended_at is null) as accesses,
      exists (select from shelf_services s where s.order_id = o.id and s.result is not null) as result
    from orders o where good = 'item' and state <> 'draft' and ${mine} order by o.id`)
  const payments = await db.rows(q<PaymentRow>`
    select y.id, provider, provider_ref as ref, state, person_id as person, amount,
      credit_asset as "creditAsset", credit_amount as "creditAmount", suspended,
      coalesce(c.credits, 0) as credits
    from payments y left join (
      -- A payment's postings are named after it, with an occasion behind it where it may have several.
      select split_part(reference, '-', 2) as id, count(*)::int as credits
      from postings p join entries e on e.posting_id = p.id
      where reference like 'payment-%' and e.person_id is not null and e.amount > 0 group by 1
    ) c using (id) where ${mine} order by y.id`)
  const wallets = await db.rows(q<{ person: bigint; asset: string; available: bigint; held: bigint }>`
    select person_id as person, asset, available, held from wallets where ${mine}`)
  const plans = await db.rows(q<PlanRow>`
    select s.id, person_id as person, s.period - 1 as renewals,
      exists (select from kept_cards k where k.person_id = s.person_id) as keeps,
      coalesce((select jsonb_agg(jsonb_build_object('period', (p.details #>> '{renewal,period}')::int, 'ref', provider_ref))
                from payments p where p.details #>> '{renewal,id}' = s.id), '[]') as charges
    from subscriptions s where s.id like 'kept-%' and ${mine}`)
  return { orders, items, payments, wallets, plans }
}

export type Shop = Awaited<ReturnType<typeof readShop>>
