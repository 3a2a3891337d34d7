import { sql as q } from 'kysely'
import type { AlertTopic } from '#shared/alert-topics.ts'
import { ago, literal, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import { queueSql } from '#shared/queue/tables.ts'

/**
 * A message whose job nobody has touched for so long holds up no other one: the queue may have lost the job, which is owed
 * again after 15 minutes. Between two tries of a living job there are 64 s at most.
 */
const STANDS_MINUTES = 2
/** About the time of one message. Many that wait ask more seldom: a group takes one each 4 s. */
const EACH_MS = 250
const MOST_MS = 5_000

/**
 * Messages to one topic of a group go in the order in which they were owed: that something is over never comes before that
 * it happened. The queue hands them out fifty at a time, in several processes; so each of them looks in the outbox whether
 * an earlier one is on its way. Only messages to that topic wait, and they wait on the queue, not in a worker.
 * @returns how long to wait until it may be this message's turn, ms; 0 = it is
 */
export async function untilTurn(sql: Sql, notice: Notice, topic: AlertTopic): Promise<number> {
  const [own] = await sql.rows(
    queueSql
      .updateTable('outbox')
      .set({ updated_at: NOW })
      .where('key', '=', sendNotice.id(notice))
      .where((are) => are.or([are('state', '=', OWED), are('state', '=', QUEUED)]))
      .returning('id'),
  )
  if (!own) return 0
  const [before] = await sql.rows(
    queueSql
      .selectFrom('outbox')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('id', '<', own.id)
      .where((are) => are.or([are('state', '=', OWED), are('state', '=', QUEUED)]))
      .where('updated_at', '>', ago(STANDS_MINUTES, 'minute'))
      .where('job', '=', sendNotice.name)
      .where('bot', '=', notice.bot)
      .where(q<string>`payload -> 'team' ->> 'topic'`, '=', topic),
  )
  return Math.min(Number(before!.count) * EACH_MS, MOST_MS)
}

/** Written into the statement, so that PostgreSQL uses the indexes of these rows alone: most of the outbox is done. */
const OWED = literal('owed')
const QUEUED = literal('queued')
