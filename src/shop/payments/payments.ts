import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { LEFT_BY_OTHERS, type CardPlace, moveCard } from '#shared/money/cards.ts'
import type { Card, Payment, PaymentState } from '#shared/money/tables.ts'
import { parseAmount } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import type { PaymentEvent } from './events.ts'
import { workFor } from '#shared/trace/trace.ts'
import { writeJson } from '#shared/storable.ts'

/*
 * Statements of this file are by hand: a payment's rows are read and moved in every purchase, where the builder takes
 * 20 µs more for so many columns, and the moves consist of parts that several statements share.
 */

/** Where a payment may go from where it is. Money can come late: `expired` and `cancelled` are not the end. */
const paymentMoves: Record<PaymentState, readonly PaymentState[]> = {
  created: ['pending', 'paid', 'overpaid', 'underpaid', 'expired', 'cancelled', 'failed', 'review'],
  pending: ['paid', 'overpaid', 'underpaid', 'expired', 'cancelled', 'failed', 'review'],
  underpaid: ['paid', 'overpaid', 'expired', 'cancelled', 'failed', 'review', 'refunded'],
  expired: ['paid', 'overpaid', 'underpaid', 'review'],
  cancelled: ['paid', 'overpaid', 'underpaid', 'review'],
  failed: ['paid', 'overpaid', 'underpaid', 'review'],
  review: ['pending', 'paid', 'overpaid', 'underpaid', 'expired', 'cancelled', 'failed', 'refunded'],
  paid: ['overpaid', 'refunded', 'review'],
  overpaid: ['refunded', 'review'],
  refunded: [],
}

export interface NewPayment {
  id: string
  personId: bigint
  bot: string
  provider: string
  /** What is asked for, minor units. */
  asset: Asset
  amount: bigint
  /** What the person gets for it, minor units. */
  creditAsset: Asset
  creditAmount: bigint
  orderId?: string
  details?: Record<string, unknown>
  /** The message that will show the payment. */
  card?: Card
  /** When the invoice ends, as the provider says. */
  expiresAt?: Date
  /** Instead of `expiresAt`: a span, counted by the database's clock. */
  expiresInMs?: number
}

/** Writes a payment in state created; the same id again is the same payment. @returns whether it is new */
export async function createPayment(sql: Sql, payment: NewPayment): Promise<boolean> {
  workFor({ payment: payment.id, order: payment.orderId })
  return (await createPayments(sql, [payment])).size > 0
}

/** `createPayment` for several in one statement. @returns the ids of those that are new */
export async function createPayments(
  sql: Sql,
  payments: readonly NewPayment[],
): Promise<ReadonlySet<string>> {
  const column = <Value>(of: (payment: NewPayment) => Value) => payments.map(of)
  // By hand: one text for any number. A list is a subquery, so that the planner does not see how long it is: it would
  // plan each length anew.
  const rows = await sql.rows(q<{ id: string }>`
    with asked as (
      select * from unnest((select ${column(({ id }) => id)}::text[]), (select ${column(({ personId }) => personId)}::bigint[]),
        (select ${column(({ bot }) => bot)}::text[]), (select ${column(({ provider }) => provider)}::text[]),
        (select ${column(({ asset }) => asset)}::text[]), (select ${column(({ amount }) => amount)}::bigint[]),
        (select ${column(({ creditAsset }) => creditAsset)}::text[]),
        (select ${column(({ creditAmount }) => creditAmount)}::bigint[]),
        (select ${column(({ orderId }) => orderId ?? null)}::text[]),
        (select ${column(({ details }) => writeJson(details ?? {}))}::jsonb[]),
        (select ${column(({ card }) => (card ? writeJson(card) : null))}::jsonb[]),
        (select ${column(({ expiresAt }) => expiresAt ?? null)}::timestamptz[]),
        (select ${column(({ expiresInMs }) => expiresInMs ?? null)}::bigint[]))
        as p (id, person_id, bot, provider, asset, amount, credit_asset, credit_amount, order_id, details, card, expires_at, expires_in_ms)
    ), made as (
      insert into payments (id, person_id, bot, provider, asset, amount, credit_asset, credit_amount, order_id, details, card, expires_at)
      select id, person_id, bot, provider, asset, amount, credit_asset, credit_amount, order_id,
        case when provider = 'stars' then details else details || ${shopMark} end, card,
        coalesce(expires_at, now() + expires_in_ms * interval '1 millisecond')
      from asked
      on conflict (id) do nothing
      returning id, person_id, bot, card
    ) ${payments.some(({ card }) => card) ? LEFT_BY_OTHERS : q``}
    select id from made`)
  return new Set(rows.map(({ id }) => id))
}

/** Part of a payment's details: what tells this shop from another one that has the same account at a provider. */
export const shopMark = q`(
  select jsonb_build_object('shop', left(md5(extract(epoch from min(created_at))::text), 8)) from bots)`

export interface PaymentMove {
  /** The payment moves only from these states; by default from every state that may go to the new one. */
  from?: readonly PaymentState[]
  providerRef?: string
  receivedAsset?: string
  /** A decimal string in the provider's own unit. */
  receivedAmount?: string
  /** Merged into the payment's details. */
  set?: Record<string, unknown>
  /** What was posted with it, minor units: the sum that came, and its part that nobody has yet. */
  booked?: { sum: bigint; rest: bigint; asset: Asset }
}

/**
 * Moves a payment and answers with it as it is now.
 * @returns undefined when it is not where it would have to be: somebody else moved it first
 */
export async function movePayment(
  tx: Sql,
  id: string,
  to: PaymentState,
  move: PaymentMove = {},
): Promise<Payment | undefined> {
  workFor({ payment: id })
  const [moved] = await tx.rows(changing(movingPayment(id, to, move)))
  return moved
}

const movingPayment = (id: string, to: PaymentState, move: PaymentMove): RawBuilder<unknown> => {
  const { booked } = move
  const from = (Object.keys(paymentMoves) as PaymentState[]).filter(
    (state) => paymentMoves[state].includes(to) && (move.from ?? [state]).includes(state),
  )
  return q`
    update payments p set state = ${to}, updated_at = now(),
      provider_ref = coalesce(${move.providerRef ?? null}, provider_ref),
      received_asset = coalesce(${move.receivedAsset ?? null}, received_asset),
      received_amount = coalesce(${move.receivedAmount ?? null}::numeric, received_amount),
      paid_at = case when ${to} in ('paid', 'overpaid') then coalesce(paid_at, now()) else paid_at end,
      booked = booked + ${booked?.sum ?? 0n}, suspended = suspended + ${booked?.rest ?? 0n},
      suspended_asset = case when ${booked?.rest ?? 0n} > 0 then ${booked?.asset ?? null} else suspended_asset end,
      details = details || ${writeJson(move.set ?? {})}::jsonb
    where id = ${id} and state = any(${from})`
}

/** What a provider said of a payment whose row is locked. */
export interface Said {
  payment: Payment
  event: PaymentEvent
  /** undefined = the payment stays in its state, and only the rest of `move` is written. */
  to: PaymentState | undefined
  move: Omit<PaymentMove, 'from'>
}

/**
 * Writes what providers said, each of another payment, in one statement: the events are remembered, and the payments
 * move, or stay in their states and only keep the facts. The caller has locked the rows.
 * @returns by payment what its person can spend of what they were promised
 * @throws when a payment cannot go where it is told to
 */
export async function moveByEvents(tx: Sql, all: readonly Said[]): Promise<ReadonlyMap<string, bigint>> {
  if (all.length === 0) return new Map()
  for (const { payment, to } of all) {
    if (to && !paymentMoves[payment.state as PaymentState].includes(to))
      throw new Error(`payment ${payment.id} cannot go from ${payment.state} to ${to}`)
  }
  const ids = all.map(({ payment }) => payment.id)
  const rest = all.map(({ move }) => move.booked?.rest ?? 0n)
  // By hand: the events, the moves and the balances are one statement. The rows are named twice: a plan from when there
  // were few payments would join all there are.
  const rows = await tx.rows(q<{ id: string; available: bigint }>`
    with said as (
      select * from unnest(
        ${ids}::text[], ${all.map(({ payment }) => payment.state)}::text[], ${all.map(({ to }) => to ?? null)}::text[],
        ${all.map(({ move }) => move.providerRef ?? null)}::text[],
        ${all.map(({ move }) => move.receivedAsset ?? null)}::text[],
        ${all.map(({ move }) => move.receivedAmount ?? null)}::numeric[],
        ${all.map(({ move }) => move.booked?.sum ?? 0n)}::bigint[], ${rest}::bigint[],
        ${all.map(({ move }, at) => (rest[at]! > 0n ? move.booked!.asset : null))}::text[],
        ${all.map(({ move }) => writeJson(move.set ?? {}))}::jsonb[],
        ${all.map(({ event }) => event.provider)}::text[], ${all.map(({ event }) => event.eventId)}::text[],
        ${all.map(({ event }) => event.kind)}::text[], ${all.map(({ event }) => writeJson(event.payload))}::jsonb[])
        as s (id, was, "to", ref, received_asset, received_amount, booked, rest, rest_asset, facts, provider, event_id,
              kind, payload)
    ), event as (
      insert into payment_events (provider, event_id, kind, payload, payment_id)
      select provider, event_id, kind, payload, id from said
      on conflict (provider, event_id) do nothing
    ), moved as (
      update payments p set state = coalesce(said."to", p.state), updated_at = now(),
        provider_ref = coalesce(said.ref, p.provider_ref),
        received_asset = coalesce(said.received_asset, p.received_asset),
        received_amount = coalesce(said.received_amount, p.received_amount),
        paid_at = case when said."to" in ('paid', 'overpaid') then coalesce(p.paid_at, now()) else p.paid_at end,
        booked = p.booked + said.booked, suspended = p.suspended + said.rest,
        suspended_asset = coalesce(said.rest_asset, p.suspended_asset),
        details = p.details || said.facts
      from said where p.id = any(${ids}) and p.id = said.id and p.state = said.was
      returning p.id, p.person_id, p.credit_asset
    )
    select id, coalesce((select available from wallets w
                         where w.person_id = moved.person_id and w.asset = moved.credit_asset), 0)::int8 as available
    from moved`)
  const available = new Map(rows.map((row) => [row.id, row.available]))
  for (const { payment } of all) {
    if (!available.has(payment.id)) throw new Error(`payment ${payment.id} is not ${payment.state} any more`)
  }
  return available
}

/** Locks those of the payments that nobody else has locked, always in the same order. */
export async function freePayments(tx: Sql, ids: readonly string[]): Promise<Payment[]> {
  return await tx.rows(reading(q`id = any(${ids}) order by id`, q`for update skip locked`))
}

export async function readPayment(sql: Sql, id: string, lock = false): Promise<Payment | undefined> {
  const [payment] = await sql.rows(reading(q`id = ${id}`, locking(lock)))
  return payment
}

/** The part of what came that bought what was promised: the whole price or nothing, minor units. */
export const boughtWith = (payment: Pick<Payment, 'provider' | 'amount' | 'details'>): bigint =>
  payment.provider === 'stars' || payment.details['credited'] === true ? payment.amount : 0n

type Beside = Pick<Payment, 'details' | 'asset' | 'suspendedAsset'>

/**
 * What came under other invoices of the provider with the same reference, and is no part of what was booked: minor units
 * as text, by asset. Builds before the first release kept one sum, in the asset of what waits.
 */
export function besides({ details, asset, suspendedAsset }: Beside): Readonly<Record<string, string>> {
  const { beside = {} } = details as { beside?: string | Record<string, string> }
  return typeof beside === 'string' ? { [suspendedAsset ?? asset]: beside } : beside
}

export const besideIn = (payment: Beside, asset: Asset): bigint => BigInt(besides(payment)[asset] ?? 0)

/** What has come of an invoice that is not paid in full, minor units of its own currency. */
export function partReceived(payment: Pick<Payment, 'asset' | 'receivedAsset' | 'receivedAmount'>): bigint {
  const { asset, receivedAsset, receivedAmount } = payment
  return receivedAmount != null && receivedAsset === asset ? parseAmount(receivedAmount, asset) : 0n
}

/** Part of the money has come, and its payer can still add the rest. */
export const isOpenPart = ({ state, booked }: Pick<Payment, 'state' | 'booked'>): boolean =>
  state === 'underpaid' && booked === 0n

/** Came under a reference of ours that the database does not know: it is an admin's to credit, whatever is told of it. */
export const isLost = ({ state, details }: Pick<Payment, 'state' | 'details'>) =>
  (state === 'review' || state === 'cancelled') && details['review'] === 'lost'

/** A lost payment that an admin found to be nobody's here. Nothing that is told of it later credits it. */
export const isDisowned = (payment: Pick<Payment, 'state' | 'details'>) =>
  isLost(payment) && payment.state === 'cancelled'

/** Credited in Stars that Telegram's list does not have: what was left of the tokens waits for an admin's word. */
export const isFrozen = ({ provider, state, details }: Pick<Payment, 'provider' | 'state' | 'details'>) =>
  provider === 'stars' && state === 'review' && details['review'] === 'unlisted'
export const frozenHold = (paymentId: string) => `unlisted-${paymentId}`
export const frozenOf = ({ details }: Pick<Payment, 'details'>) =>
  BigInt((details as { frozen?: string }).frozen ?? 0)

/** Whether the time to pay is over, by the database's clock: the clocks of the workers may differ. */
export async function paymentExpired(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.rows(q`select 1 from payments where id = ${id} and expires_at < now()`)
  return rows.length > 0
}

export async function paymentByRef(
  sql: Sql,
  provider: string,
  ref: string,
  lock = false,
): Promise<Payment | undefined> {
  const [payment] = await sql.rows(
    reading(q`provider = ${provider} and provider_ref = ${ref}`, locking(lock)),
  )
  return payment
}

/** Keeps something in the payment's details without moving it. */
export async function notePayment(sql: Sql, id: string, set: Record<string, unknown>): Promise<void> {
  await sql.rows(q`update payments set details = details || ${writeJson(set)}::jsonb where id = ${id}`)
}

/** Telegram told of an invoice's Stars, which billing has not credited yet. @returns undefined when it has, or it is no invoice of this bot */
export async function markArrived(sql: Sql, id: string, bot: string): Promise<Payment | undefined> {
  const [payment] = await sql.rows(
    changing(q`
      update payments p set details = details || '{"arrived": true}'
      where id = ${id} and bot = ${bot} and provider = 'stars' and state in ('created', 'expired')`),
  )
  return payment
}

/** Remembers the message that shows the payment; navigation leaves it. The message that showed it before loses its keys. */
export const setPaymentCard = (tx: Sql, id: string, place: CardPlace): Promise<boolean> =>
  moveCard(tx, 'payments', id, place)

/** The message that shows the payment has become a picture; another message may show the payment since. */
export async function markCardPicture(sql: Sql, id: string, messageId: number): Promise<void> {
  await sql.rows(q`
    update payments set card = card || '{"picture": true}'
    where id = ${id} and card @> ${writeJson({ messageId })}::jsonb`)
}

const reading = (where: RawBuilder<unknown>, lock: RawBuilder<unknown>) =>
  q<Payment>`select ${columns} from payments p where ${where} ${lock}`
const locking = (lock: boolean): RawBuilder<unknown> => (lock ? q`for update` : q``)

const changing = (update: RawBuilder<unknown>) => q<Payment>`${update} returning ${columns}`

// Releases up to 0.1 did not write down how many Stars of a payment they had booked: they always booked all of them.
const columns = q`p.id, p.person_id as "personId", p.bot, p.provider, p.state, p.asset, p.amount,
  p.credit_asset as "creditAsset", p.credit_amount as "creditAmount", p.received_asset as "receivedAsset",
  p.received_amount as "receivedAmount", p.provider_ref as "providerRef", p.order_id as "orderId", p.suspended,
  case when p.provider = 'stars' and p.booked = 0 and p.state in ('paid', 'review', 'refunded') then p.amount else p.booked end as booked,
  p.suspended_asset as "suspendedAsset", p.taken, p.details, p.card,
  p.expires_at as "expiresAt", p.paid_at as "paidAt", p.created_at as "createdAt", p.updated_at as "updatedAt"`

/** What the payer is told that the payment is for. */
export const descriptionOf = ({ id, details }: Payment): string =>
  typeof details['description'] === 'string' ? details['description'] : id
