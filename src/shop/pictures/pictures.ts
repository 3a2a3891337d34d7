import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Card, OrderState } from '#shared/money/tables.ts'
import { jsonb, NOW } from '#shared/db/build.ts'
import { PICTURE } from './good.ts'
import { picturesSql } from './tables.ts'
import { createOrder } from '#shared/money/orders.ts'
import { writeJson } from '#shared/storable.ts'

export type Stage =
  'draft' | 'queued' | 'starting' | 'drawing' | 'ready' | 'done' | 'failed' | 'late' | 'cancelled'

/** An order for a picture: the order's own columns and those of `generations`. */
export interface Picture {
  orderId: string
  personId: bigint
  bot: string
  state: OrderState
  /** Tokens; 0 = free. */
  price: bigint
  parentId: string | null
  card: Card | null
  provider: string
  model: string
  aspect: string
  prompt: string
  /** Telegram file ids, valid in `bot`. */
  photos: string[]
  stage: Stage
  resultUrl: string | null
  reason: string | null
  createdAt: Date
  queuedAt: Date | null
  startedAt: Date | null
  deadlineAt: Date | null
  finishedAt: Date | null
}

const DRAFT_LIFE_MS = 24 * 3600_000
/** The number of a person's open pictures that are shown. */
const MANY_OPEN = 50
/** Characters of a prompt that are kept after its order is over. */
export const KEPT_PROMPT = 1000

const pictures = () =>
  picturesSql
    .selectFrom('generations as g')
    .innerJoin('orders as o', 'o.id', 'g.order_id')
    .select([
      'g.order_id as orderId',
      'g.person_id as personId',
      'g.bot',
      'o.state',
      'o.price',
      'o.parent_id as parentId',
      'o.card',
      'g.provider',
      'g.model',
      'g.aspect',
      'g.prompt',
      'g.photos',
      'g.stage',
      'g.result_url as resultUrl',
      'g.reason',
      'o.created_at as createdAt',
      'g.queued_at as queuedAt',
      'g.started_at as startedAt',
      'g.deadline_at as deadlineAt',
      'g.finished_at as finishedAt',
    ])

export async function readPicture(sql: Sql, orderId: string): Promise<Picture | undefined> {
  const [found] = await sql.rows(pictures().where('g.order_id', '=', orderId))
  return found
}

export interface NewPicture {
  orderId: string
  personId: bigint
  bot: string
  provider: string
  model: string
  aspect: string
  price: bigint
  prompt: string
  photos?: string[]
  parentId?: string
}

/** Stores a draft, which its confirmation screen changes until it is paid for. The same id again changes nothing. */
export async function createDraft(tx: Sql, draft: NewPicture): Promise<boolean> {
  const actor = `person:${draft.personId}`
  const isNew = await createOrder(
    tx,
    {
      id: draft.orderId,
      personId: draft.personId,
      bot: draft.bot,
      good: PICTURE.kind,
      asset: 'TOK',
      price: draft.price,
      parentId: draft.parentId,
      expiresAt: new Date(Date.now() + DRAFT_LIFE_MS),
    },
    actor,
  )
  if (!isNew) return false
  await tx.rows(
    picturesSql.insertInto('generations').values({
      order_id: draft.orderId,
      person_id: draft.personId,
      bot: draft.bot,
      provider: draft.provider,
      model: draft.model,
      aspect: draft.aspect,
      prompt: draft.prompt,
      photos: jsonb(draft.photos ?? []),
    }),
  )
  return true
}

export type DraftChange = Partial<
  Pick<NewPicture, 'provider' | 'model' | 'aspect' | 'price' | 'prompt' | 'photos'>
>

/** @returns undefined when it is not, or no longer, a draft of this person */
export async function changeDraft(
  tx: Sql,
  orderId: string,
  personId: bigint,
  change: DraftChange,
): Promise<Picture | undefined> {
  const [draft] = await tx.rows(
    picturesSql
      .updateTable('orders')
      .set({ price: q<bigint>`coalesce(${change.price ?? null}, price)`, updated_at: NOW })
      .where('id', '=', orderId)
      .where('person_id', '=', personId)
      .where('good', '=', PICTURE.kind)
      .where('state', '=', 'draft')
      .returning('id'),
  )
  if (!draft) return undefined
  const photos = change.photos && writeJson(change.photos)
  await tx.rows(
    picturesSql
      .updateTable('generations')
      .set({
        provider: q<string>`coalesce(${change.provider ?? null}, provider)`,
        model: q<string>`coalesce(${change.model ?? null}, model)`,
        aspect: q<string>`coalesce(${change.aspect ?? null}, aspect)`,
        prompt: q<string>`coalesce(${change.prompt ?? null}, prompt)`,
        photos: q<string[]>`coalesce(${photos ?? null}::jsonb, photos)`,
      })
      .where('order_id', '=', orderId),
  )
  return readPicture(tx, orderId)
}

/** Stores the final price, in the transaction that takes the tokens. */
export async function setPrice(tx: Sql, orderId: string, price: bigint): Promise<void> {
  await tx.rows(picturesSql.updateTable('orders').set({ price, updated_at: NOW }).where('id', '=', orderId))
}

/** How many pictures a person has under way and has had today (UTC), failed pictures not counted. */
export async function usage(
  sql: Sql,
  personId: bigint,
): Promise<{ open: number; today: number; freeToday: number }> {
  const isOpen = q<boolean>`stage in ('queued', 'starting', 'drawing', 'ready')`
  const isToday = q<boolean>`queued_at >= date_trunc('day', now(), 'UTC')`
  // Whether a picture counts as today's is a column of the inner list, so that it is worked out once for each row.
  const mine = picturesSql
    .selectFrom('generations')
    .select(['stage', 'free', isToday.as('today')])
    .where('person_id', '=', personId)
    .where(q<boolean>`stage not in ('draft', 'failed', 'cancelled')`)
    .where((are) => are.or([isToday, isOpen]))
  const count = (which: RawBuilder<boolean>) => q<number>`count(*) filter (where ${which})::int`
  const [row] = await sql.rows(
    picturesSql
      .selectFrom(mine.as('mine'))
      .select([
        count(isOpen).as('open'),
        count(q`today`).as('today'),
        count(q`today and free`).as('freeToday'),
      ]),
  )
  return row!
}

/** The states stand in the text of the statement, so that every plan of it may use the index with the same words. */
const FINISHED = [q.lit('done' as const), q.lit('late' as const)]

/** A person's finished pictures, newest first, over all bots. */
export function history(
  sql: Sql,
  personId: bigint,
  page: { limit: number; offset: number },
): Promise<Picture[]> {
  return sql.rows(
    pictures()
      .where('g.person_id', '=', personId)
      .where('g.stage', 'in', FINISHED)
      .orderBy('g.queued_at', 'desc')
      .limit(page.limit)
      .offset(page.offset),
  )
}

/**
 * A person's pictures that are under way or wait for money, newest first, over all bots. Small indexes find them,
 * however many orders the person has had.
 */
export function openPictures(sql: Sql, personId: bigint): Promise<Picture[]> {
  return sql.rows(
    pictures()
      .where(
        'g.order_id',
        'in',
        q<string>`(
          select order_id from generations
          where person_id = ${personId} and stage in ('starting', 'drawing', 'ready')
          union all
          select order_id from generations where person_id = ${personId} and stage = 'queued'
          union all
          select id from orders
          where person_id = ${personId} and state = 'awaiting_payment' and good = ${PICTURE.kind})`,
      )
      .orderBy('o.created_at', 'desc')
      .limit(MANY_OPEN),
  )
}

export async function historySize(sql: Sql, personId: bigint): Promise<number> {
  const [row] = await sql.rows(
    picturesSql
      .selectFrom('generations')
      .select(q<number>`count(*)::int`.as('size'))
      .where('person_id', '=', personId)
      .where('stage', 'in', FINISHED),
  )
  return row!.size
}

/** How many orders repeat a picture: under way, and over. Drafts do not count. */
export async function repeats(sql: Sql, parentId: string): Promise<{ open: number; over: number }> {
  const [row] = await sql.rows(
    picturesSql
      .selectFrom('orders')
      .select([
        q<number>`count(*) filter (where state in ('reserved', 'fulfilling', 'unknown'))::int`.as('open'),
        q<number>`count(*) filter (where state not in ('draft', 'reserved', 'fulfilling', 'unknown'))::int`.as(
          'over',
        ),
      ])
      .where('parent_id', '=', parentId)
      .where('good', '=', PICTURE.kind),
  )
  return row!
}

export async function keepFileId(
  sql: Sql,
  orderId: string,
  file: { bot: string; kind: 'photo' | 'document'; fileId: string },
): Promise<void> {
  await sql.rows(
    picturesSql
      .insertInto('generation_files')
      .values({ order_id: orderId, bot: file.bot, kind: file.kind, file_id: file.fileId })
      .onConflict((there) =>
        there
          .columns(['order_id', 'bot', 'kind'])
          .doUpdateSet((build) => ({ file_id: build.ref('excluded.file_id') })),
      ),
  )
}

/** The file ids of a picture, one for every bot that has sent it. */
export function fileIds(
  sql: Sql,
  orderId: string,
): Promise<{ bot: string; kind: 'photo' | 'document'; fileId: string }[]> {
  return sql.rows(
    picturesSql
      .selectFrom('generation_files')
      .select(['bot', 'kind', 'file_id as fileId'])
      .where('order_id', '=', orderId),
  )
}
