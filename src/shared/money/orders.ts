import { sql as q } from 'kysely'
import { jsonb } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import { UserError } from '../errors.ts'
import { moveCard } from './cards.ts'
import type { CardPlace } from './cards.ts'
import { moneySql } from './tables.ts'
import type { Card, Order, OrderState } from './tables.ts'
import type { Asset } from '../money.ts'
import { workFor } from '../trace/trace.ts'
import { writeJson } from '../storable.ts'

/** Where an order may go from where it is. The only state machine for all goods. */
const orderMoves: Record<OrderState, readonly OrderState[]> = {
  draft: ['awaiting_payment', 'reserved', 'expired', 'cancelled'],
  awaiting_payment: ['reserved', 'expired', 'cancelled'],
  reserved: ['fulfilling', 'delivered', 'failed', 'cancelled'],
  fulfilling: ['delivered', 'failed', 'unknown', 'reserved', 'review'],
  unknown: ['delivered', 'failed', 'review'],
  review: ['delivered', 'failed', 'reserved'],
  delivered: ['refunded'],
  failed: [],
  expired: [],
  cancelled: [],
  refunded: [],
}

export interface NewOrder {
  id: string
  personId: bigint
  bot: string
  good: string
  asset: Asset
  /** Minor units. */
  price: bigint
  details?: Record<string, unknown>
  parentId?: string
  expiresAt?: Date
}

/** Writes a draft; the same id again is the same order. @returns whether it is new */
export const createOrder = async (sql: Sql, order: NewOrder, actor: string): Promise<boolean> =>
  (await createOrderIn(sql, order, actor, [])) !== undefined

/**
 * Writes an order that goes on at once, in the transaction that makes what its states say true. Its story has a line for each
 * state, the row is written once.
 * @param through the states after `draft`, the last of which the order has from here on
 * @returns undefined when there is an order of this id already, which is left as it is
 */
export async function createOrderIn(
  sql: Sql,
  order: NewOrder,
  actor: string,
  through: readonly OrderState[],
): Promise<Order | undefined> {
  workFor({ order: order.parentId ?? order.id })
  const states: OrderState[] = ['draft', ...through]
  for (const [at, state] of through.entries())
    if (!orderMoves[states[at]!].includes(state)) throw new Error(`${states[at]} does not go to ${state}`)
  // By hand: the order and the lines of its story are written in one statement.
  const [fresh] = await sql.rows(q<Order>`
    with fresh as (
      insert into orders as o (id, person_id, bot, good, state, asset, price, details, parent_id, expires_at)
      values (${order.id}, ${order.personId}, ${order.bot}, ${order.good}, ${states.at(-1)!}, ${order.asset}, ${order.price},
              ${writeJson(order.details ?? {})}::jsonb, ${order.parentId ?? null}, ${order.expiresAt ?? null})
      on conflict (id) do nothing returning ${columns('o')}
    ), story as (
      insert into order_events (order_id, from_state, to_state, actor)
      select id, lag(step.state) over (order by step.at), step.state, ${actor}
      from fresh, unnest(${states}::text[]) with ordinality as step (state, at)
      order by step.at
    )
    select * from fresh`)
  return fresh
}

export interface Move {
  /** Who: `person:1`, `admin:2`, `worker:fragment`, `upkeep`. */
  actor: string
  reason?: string
  /** Only from these states; by default from every state that may go there. */
  from?: readonly OrderState[]
  /** A state that the order passes on its way, at this very moment: its story has a line for each, the row moves once. */
  through?: OrderState
  /** Merged into the order's details. */
  set?: Record<string, unknown>
  /** The order expires this many hours from now; without it the order keeps the end that it has. */
  hours?: number
  /** Details that are kept only with this line of the story. */
  details?: Record<string, unknown>
}

/**
 * Moves an order, writes the line of its story, and answers with the order as it is now.
 * @returns undefined when the order is not where it would have to be: somebody else moved it first
 */
export async function moveOrder(tx: Sql, id: string, to: OrderState, move: Move): Promise<Order | undefined> {
  workFor({ order: id })
  const { through = null } = move
  if (through !== null && !orderMoves[through].includes(to))
    throw new Error(`${through} does not go to ${to}`)
  const from = (Object.keys(orderMoves) as OrderState[]).filter(
    (state) => orderMoves[state].includes(through ?? to) && (move.from ?? [state]).includes(state),
  )
  // By hand: the order moves and its story gets a line in one statement.
  const [moved] = await tx.rows(q<Order & { fromState: OrderState }>`
    with old as (select id, state from orders where id = ${id} for update),
    moved as (
      update orders o set state = ${to}, updated_at = now(),
        details = o.details || ${writeJson(move.set ?? {})}::jsonb,
        expires_at = coalesce(now() + ${move.hours ?? null}::int * interval '1 hour', o.expires_at)
      from old where o.id = old.id and old.state = any(${from})
      returning ${columns('o')}, old.state as "fromState"
    ),
    line as (
      insert into order_events (order_id, from_state, to_state, actor, reason, details)
      select id, "from", "to", ${move.actor}, ${move.reason ?? ''}, ${writeJson(move.details ?? {})}::jsonb
      from moved, lateral (values
        ("fromState", coalesce(${through}::text, ${to})), (${through}::text, ${to})) as step ("from", "to")
      where "from" is not null
    )
    select * from moved`)
  return moved
}

/** A line in the order's story about something that does not move it. */
export async function noteOrder(
  tx: Sql,
  id: string,
  note: Required<Pick<Move, 'actor' | 'reason' | 'details'>>,
): Promise<void> {
  // By hand: the state is the one that the order has at that moment.
  await tx.rows(q`
    insert into order_events (order_id, from_state, to_state, actor, reason, details)
    select id, state, state, ${note.actor}, ${note.reason}, ${writeJson(note.details)}::jsonb
    from orders where id = ${id}`)
}

export async function readOrder(sql: Sql, id: string, lock = false): Promise<Order | undefined> {
  const query = moneySql.selectFrom('orders').select(orderColumns).where('id', '=', id)
  const [order] = await sql.rows(lock ? query.forUpdate() : query)
  return order
}

/** An order that waits for money of this person. @throws UserError `order.stale` when it is none (any more) */
export async function readAwaiting(sql: Sql, id: string, personId: bigint): Promise<Order> {
  const order = await readOrder(sql, id)
  if (order?.personId !== personId || order.state !== 'awaiting_payment') throw new UserError('order.over')
  return order
}

/**
 * Remembers the message that shows the order, so that every later state is an edit of it and navigation leaves it. The
 * message that showed the order before loses its keys.
 * @returns whether the message showed another order or a payment until now
 */
export const setOrderCard = (tx: Sql, id: string, place: CardPlace): Promise<boolean> =>
  moveCard(tx, 'orders', id, place)

/** The message shows something else from here on, which a late job for the order must not replace. */
export async function forgetOrderCard(sql: Sql, id: string, { chatId, messageId }: Card): Promise<void> {
  await sql.rows(
    moneySql
      .updateTable('orders')
      .set({ card: null })
      .where('id', '=', id)
      .where('card', '=', jsonb({ chatId, messageId })),
  )
}

export interface OrderEvent {
  at: Date
  fromState: OrderState | null
  toState: OrderState
  actor: string
  reason: string
  details: Record<string, unknown>
}

/** The order's story, oldest line first. */
export function orderStory(sql: Sql, id: string): Promise<OrderEvent[]> {
  return sql.rows(
    moneySql
      .selectFrom('order_events')
      .select(['at', 'from_state as fromState', 'to_state as toState', 'actor', 'reason', 'details'])
      .where('order_id', '=', id)
      .orderBy('id'),
  )
}

const orderColumns = [
  ...(['id', 'person_id as personId', 'bot', 'good', 'state', 'asset', 'price', 'details'] as const),
  ...(['parent_id as parentId', 'card', 'expires_at as expiresAt'] as const),
  ...(['created_at as createdAt', 'updated_at as updatedAt'] as const),
] as const

/** The same columns in both statements by hand, so that they answer with the same order. */
function columns(alias: string) {
  const a = q.ref(alias)
  return q`${a}.id, ${a}.person_id as "personId", ${a}.bot, ${a}.good, ${a}.state, ${a}.asset, ${a}.price,
    ${a}.details, ${a}.parent_id as "parentId", ${a}.card, ${a}.expires_at as "expiresAt",
    ${a}.created_at as "createdAt", ${a}.updated_at as "updatedAt"`
}
