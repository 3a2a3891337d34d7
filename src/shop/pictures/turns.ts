import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'

/* Statements of this file are by hand: places within groups, and comparisons of whole rows. */

/** Everybody's first picture comes before anybody's second picture. */
const TURNS_OF_PEOPLE = q`
  select g.order_id, g.bot, g.provider, g.person_id, g.model, g.queued_at,
         coalesce(r.running, 0) + row_number() over (partition by g.person_id order by g.queued_at, g.order_id) as turn,
         coalesce(r.running, 0) as running
  from generations g
  left join (
    select person_id, count(*) as running from generations
    where stage in ('starting', 'drawing', 'ready') group by person_id
  ) r on r.person_id = g.person_id
  where g.stage = 'queued'`

/**
 * The order in which pictures are started. Bots take turns, because all of them share the operator's rate at the
 * provider. Within a bot everybody's first picture comes before anybody's second, and equal ones in the order of
 * arrival. Pictures that are being drawn already count.
 */
export const fairOrder = q`
  select own.*, coalesce(of_bot.running, 0)
         + row_number() over (partition by own.bot order by own.turn, own.queued_at, own.order_id) as bot_turn
  from (${TURNS_OF_PEOPLE}) own
  left join (
    select bot, count(*) as running from generations
    where stage in ('starting', 'drawing', 'ready') group by bot
  ) of_bot on of_bot.bot = own.bot`

/** The columns that put the picture whose turn it is first. */
export const FAIREST_FIRST = q`bot_turn, turn, queued_at, order_id`

export interface PlaceInQueue {
  /** The place in the queue; 1 = next. */
  place: number
  /** The person's own pictures that must be finished before this one may start. */
  ownAhead: number
}

/** @returns undefined when the picture no longer waits */
export async function placeInQueue(sql: Sql, orderId: string): Promise<PlaceInQueue | undefined> {
  const [row] = await sql.rows(q<{ place: number; ownAhead: number }>`
    with waiting as (${fairOrder})
    select place::int, (turn - 1)::int as "ownAhead"
    from (select *, row_number() over (order by ${FAIREST_FIRST}) as place from waiting) numbered
    where order_id = ${orderId}`)
  return row
}
