import { sql as q } from 'kysely'
import type { Mailing } from '../mailings.ts'
import type { Db } from '#shared/db/db.ts'

/** What became of one recipient; `planned` = the message certainly was not sent and is tried again. */
export interface Mark {
  number: number
  state: 'planned' | 'sent' | 'blocked' | 'failed' | 'uncertain' | 'deleted' | 'edited'
  messageIds?: number[]
  reason?: string
}

export interface Marker {
  /**
   * Says that the row is about to be sent. @returns false when it is not planned any more, or this round of the mailing
   * is over
   */
  claim(number: number): Promise<boolean>
  settle(mark: Mark): Promise<void>
}

/**
 * Writes what happens to each recipient, in few statements: whatever comes while one statement is under way goes with
 * the next one. The mailing's counters move in the same statement.
 * @param rowsOf the mailing whose recipients these are: a deletion goes through those of its parent
 */
export function createMarker(
  db: Db,
  { id: mailingId, generation }: Pick<Mailing, 'id' | 'generation'>,
  rowsOf: string,
): Marker {
  const claims = grouped<number, boolean>(async (numbers) => {
    // By hand, as `settleAll` below: every recipient of a mailing goes through both.
    const rows = await db.rows(q<{ number: number }>`
      update broadcast_recipients r set state = 'sending'
      where broadcast_id = ${rowsOf} and number = any(${numbers}::int[]) and state = 'planned'
        and exists (select from broadcasts
          where id = ${mailingId} and state = 'running' and generation = ${generation})
      returning number`)
    const claimed = new Set(rows.map(({ number }) => number))
    return numbers.map((number) => claimed.has(number))
  })
  const marks = grouped<Mark, void>(async (list) => {
    await settleAll(db, mailingId, rowsOf, list)
    return list.map(() => undefined)
  })
  return { claim: claims, settle: marks }
}

async function settleAll(db: Db, mailingId: string, rowsOf: string, list: Mark[]): Promise<void> {
  // A deletion or an edit that failed changes nothing: the message is still out, and can be deleted or edited again.
  const own = mailingId === rowsOf
  const counted = (state: Mark['state']) => q`(select count(*) from marked where state = ${state})`
  // The rows are named twice: a plan made when the table was small joins all rows of a mailing, 0.5 s with 100,000 of them.
  const numbers = list.map((one) => one.number)
  // By hand: rows and the mailing's counts move in one statement, one text for however many rows.
  await db.rows(q`
    with mark as (
      select * from unnest(${numbers}::int[], ${list.map((one) => one.state)}::text[],
        ${list.map((one) => `{${(one.messageIds ?? []).join(',')}}`)}::text[],
        ${list.map((one) => one.reason ?? null)}::text[]) as m (number, state, message_ids, reason)
    ), old as (
      select r.number, r.state from broadcast_recipients r join mark on mark.number = r.number
      where r.broadcast_id = ${rowsOf} and r.number = any(${numbers}::int[])
        and r.state in ('sending', 'uncertain', 'sent', 'edited')
        and (${own} or r.touched_by is distinct from ${mailingId})
        and (mark.state <> 'planned' or r.state = 'sending') for update of r
    ), marked as (
      update broadcast_recipients r set reason = mark.reason,
        state = case when ${own} or mark.state in ('deleted', 'edited') then mark.state else r.state end,
        touched_by = case when ${own} then r.touched_by else ${mailingId} end,
        message_ids = case when mark.message_ids = '{}' then r.message_ids else mark.message_ids::int[] end
      from mark, old
      where r.broadcast_id = ${rowsOf} and r.number = any(${numbers}::int[])
        and r.number = mark.number and old.number = r.number
      returning r.person_id, r.bot, mark.state, old.state as was
    ), gone as (
      update bot_sessions s set blocked_at = coalesce(s.blocked_at, now()) from marked
      where marked.state = 'blocked' and s.bot = marked.bot and s.person_id = marked.person_id
    )
    update broadcasts set
      sent = sent + ${counted('sent')} + ${counted('deleted')} + ${counted('edited')},
      blocked = blocked + ${counted('blocked')}, failed = failed + ${counted('failed')},
      uncertain = uncertain + ${counted('uncertain')} - (select count(*) from marked where was = 'uncertain')
    where id = ${mailingId}`)
}

/** Calls that come while one statement is under way wait for it and then share the next one. */
function grouped<Item, Result>(flush: (items: Item[]) => Promise<Result[]>): (item: Item) => Promise<Result> {
  let waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = []
  let running = false
  const run = async () => {
    running = true
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        const results = await flush(group.map(({ item }) => item))
        group.forEach((one, index) => one.resolve(results[index]!))
      } catch (error) {
        group.forEach((one) => one.reject(error))
      }
    }
    running = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!running) void run()
    })
}
