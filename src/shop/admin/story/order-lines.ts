import type { Sql } from '#shared/db/db.ts'
import { anyOf, eachOf } from '#shared/db/build.ts'
import { adminSql } from '../tables.ts'
import { LIMIT, because, line, there } from './line.ts'
import type { Line } from './line.ts'
import type { StorySubject } from './subject.ts'
import type { StoryWords } from './words.ts'

export async function ordersMade(sql: Sql, { orders: ids }: StorySubject, say: StoryWords): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom('orders')
      .select(['created_at as at', 'id', 'good', 'bot', 'person_id as person', 'price', 'asset'])
      .select(['parent_id as parent', 'state'])
      .where('id', '=', anyOf(ids)),
  )
  return rows.map(({ at, id, good, bot, person, price, asset, parent, state }) => {
    return line(
      at,
      'order',
      say.t('story-order', {
        id,
        good: say.good(good),
        price: say.money(price, asset),
        person: String(person),
        bot,
        part: parent ? say.t('story-part', { parent }) : '',
        state: say.named(`state-${state}`, state),
      }),
    )
  })
}

export async function orderEvents(sql: Sql, { orders: ids }: StorySubject, say: StoryWords): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom(eachOf(ids))
      .innerJoinLateral(
        (are) =>
          are
            .selectFrom('order_events')
            .selectAll()
            .whereRef('order_id', '=', 'asked.id')
            .orderBy('order_events.id', 'desc')
            .limit(LIMIT)
            .as('e'),
        (on) => on.onTrue(),
      )
      .select(['at', 'order_id as id', 'from_state as from', 'to_state as to', 'actor', 'reason'])
      .orderBy('e.id', 'desc')
      .limit(LIMIT),
  )
  return rows.toReversed().map(({ at, id, from, to, actor, reason }) =>
    line(
      at,
      'order',
      say.t(from === to ? 'story-noted' : 'story-moved', {
        id,
        from: from ? say.named(`state-${from}`, from) : say.t('story-new'),
        to: say.named(`state-${to}`, to),
        actor: say.whose('actor', actor),
        why: because(reason),
      }),
    ),
  )
}

export async function attempts(sql: Sql, { orders: ids }: StorySubject, say: StoryWords): Promise<Line[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom(eachOf(ids))
      .innerJoinLateral(
        (are) =>
          are
            .selectFrom('attempts')
            .selectAll()
            .whereRef('order_id', '=', 'asked.id')
            .orderBy('number')
            .limit(LIMIT)
            .as('a'),
        (on) => on.onTrue(),
      )
      .select(['created_at as at', 'updated_at as ended', 'order_id as id', 'number', 'supplier', 'state'])
      .select('supplier_ref as ref')
      .orderBy('a.id')
      .limit(LIMIT),
  )
  return rows.flatMap(({ at, ended, id, number, supplier, state, ref }) => [
    line(
      at,
      'attempt',
      say.t('story-attempt', { id, number, supplier: say.named(`supplier-${supplier}`, supplier) }),
    ),
    ...(state === 'sent' && !ref
      ? []
      : [
          line(
            ended,
            'attempt',
            say.t('story-attempt-ended', {
              id,
              number,
              state: say.named(`attempt-${state}`, state),
              ref: there(say, ref),
            }),
          ),
        ]),
  ])
}
