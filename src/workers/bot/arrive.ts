import type { User } from 'grammy/types'
import { sql as q } from 'kysely'
import { together } from '#shared/together.ts'
import type { WaitingOrder } from '#shared/good.ts'
import type { Balance } from '#shared/money/read.ts'
import type { Role } from '#shared/roles.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Session } from './chat.ts'
import { writeJson } from '#shared/storable.ts'

/** What the database knows of the person who just wrote or pressed. */
export interface Arrival {
  /** This same update was handled before. */
  handled: boolean
  isNew: boolean
  /** The database's clock, ms. */
  arrivedAt: number
  /** The language chosen in this bot; null = none was chosen. */
  language: string | null
  /** The role that an owner gave; owners named in the settings may have none here. */
  role: Role | null
  /** Why the person may not use the bots; null = they may. */
  banned: string | null
  /** The person's balances; most screens show them. */
  wallet: Balance[]
  /** The person's newest order in this bot that waits for money. */
  waiting: WaitingOrder | null
  /** The state of the bot, as its owner set it. */
  state: 'active' | 'paused' | 'parked' | 'removed'
  session: Session
}

interface Row extends Omit<Arrival, 'wallet' | 'waiting'> {
  /** Minor units as text, because JSON numbers are not large enough. */
  wallet: { asset: Balance['asset']; available: string; held: string }[]
  waiting: (Omit<WaitingOrder, 'price'> & { price: string }) | null
}

/** An update that a person sent, or that Telegram sent about a person. */
export interface Coming {
  bot: string
  updateId: number
  from: User
  /**
   * The person acted in their private chat with the bot; if Telegram only reports about them, nobody is created or
   * unblocked.
   */
  came: boolean
}

/**
 * Tells whether the update was handled already, makes sure that the person and their session exist, and updates their
 * names. Known, unchanged people of whom updates come at once are read by one statement, which waits for no lock and
 * for no disk; anybody else goes alone.
 * @returns undefined when Telegram reports about somebody who never came
 */
export function arrivals(sql: Sql): (coming: Coming) => Promise<Arrival | undefined> {
  const rows = new WeakMap<Coming, Row>()
  const look = together<Coming>({
    key: ({ bot, updateId }) => `${bot} ${updateId}`,
    async all(calls) {
      for (const { at, ...row } of await known(
        sql,
        calls.map(({ one }) => one),
      ))
        rows.set(calls[Number(at) - 1]!.one, row)
      return new Set(calls.map(({ one }) => one).filter((one) => rows.has(one)))
    },
    async alone(coming) {
      const row = await meet(sql, coming)
      if (row) rows.set(coming, row)
    },
  })
  return async (coming) => {
    await look(coming)
    const row = rows.get(coming)
    return row && arrivalOf(row)
  }
}

const arrivalOf = ({ wallet, waiting, ...rest }: Row): Arrival => ({
  ...rest,
  wallet: wallet.map(balanceOf),
  waiting: waiting && { ...waiting, price: BigInt(waiting.price) },
})

/** What the screens need of a person, for the names that stand in the statement. */
const OF_PERSON = (bot: string, updateId: string, personId: string) => `
  exists (select from handled_updates where bot = ${bot} and update_id = ${updateId}) as handled,
  (extract(epoch from now()) * 1000)::float8 as "arrivedAt",
  (select state from bots where name = ${bot}) as state,
  (select role from admins where bot = ${bot} and person_id = ${personId}) as role,
  (select coalesce(ban_reason, '') from persons where id = ${personId} and banned_at is not null) as banned,
  (select coalesce(jsonb_agg(jsonb_build_object('asset', asset, 'available', available::text,
     'held', held::text) order by asset), '[]') from wallets where person_id = ${personId}) as wallet,
  (select jsonb_build_object('id', id, 'good', good, 'asset', asset, 'price', price::text,
     'details', details) from orders where person_id = ${personId} and bot = ${bot} and state = 'awaiting_payment'
     order by created_at desc limit 1) as waiting`

/**
 * Those who are known and have not changed. Each list is a subquery, so that the planner does not see how long it is:
 * it would plan each length anew, which costs five times as much as to read one person.
 */
const KNOWN = `
  select at, false as "isNew", s.language, s.session_data as session, ${OF_PERSON('c.bot', 'c.update_id', 'c.person_id')}
  from unnest((select $1::text[]), (select $2::bigint[]), (select $3::bigint[]), (select $4::text[]),
      (select $5::text[]), (select $6::text[]), (select $7::text[]), (select $8::boolean[]), (select $9::boolean[]))
      with ordinality as c (bot, update_id, person_id, username, first_name, last_name, language, is_premium, came, at)
    join bot_sessions s on s.bot = c.bot and s.person_id = c.person_id
    join persons p on p.id = c.person_id
  where not c.came or (s.blocked_at is null and not s.claimed
    and (p.username, p.first_name, p.last_name, p.language, p.is_premium)
      is not distinct from (c.username, c.first_name, c.last_name, c.language, c.is_premium))`

/** @returns for each of the known its place in the list, from 1 */
function known(sql: Sql, comings: Coming[]): Promise<(Row & { at: bigint })[]> {
  const columns = comings.map(valuesOf)
  return sql.rows({ text: KNOWN, values: columns[0]!.map((_, at) => columns.map((values) => values[at])) })
}

const valuesOf = ({ bot, updateId, from, came }: Coming) => [
  bot,
  updateId,
  from.id,
  from.username ?? null,
  from.first_name,
  from.last_name ?? null,
  from.language_code ?? null,
  from.is_premium ?? false,
  came,
]

const MEET = `
  with person as (
    insert into persons as p (id, username, first_name, last_name, language, is_premium)
    select $3::bigint, $4, $5, $6, $7, $8::boolean where $9::boolean and not exists (
      select from persons where id = $3 and (username, first_name, last_name, language, is_premium)
        is not distinct from ($4, $5, $6, $7, $8::boolean))
    on conflict (id) do update set username = excluded.username, first_name = excluded.first_name,
      last_name = excluded.last_name, language = excluded.language, is_premium = excluded.is_premium,
      updated_at = now()
    where (p.username, p.first_name, p.last_name, p.language, p.is_premium)
      is distinct from (excluded.username, excluded.first_name, excluded.last_name, excluded.language, excluded.is_premium)
  ), known as (
    select language, session_data, blocked_at is not null or claimed as away from bot_sessions
    where bot = $1 and person_id = $3
  ), back as (
    update bot_sessions set blocked_at = null, claimed = false
    where bot = $1 and person_id = $3 and $9 and exists (select from known where away)
  ), guest as (
    insert into bot_sessions (bot, person_id) select $1, $3 where $9 and not exists (select from known)
    on conflict do nothing
    returning language, session_data
  ), session as (
    select language, session_data, true as is_new from guest
    union all
    select language, session_data, false from known
  )
  select is_new as "isNew", language, session_data as session, ${OF_PERSON('$1', '$2', '$3')}
  from session`

/** For a person who is new or came back or has changed; of anybody else it writes nothing. */
async function meet(sql: Sql, coming: Coming): Promise<Row | undefined> {
  for (;;) {
    const [row] = await sql.rows<Row>({ text: MEET, values: valuesOf(coming) })
    // A person who came has a session by now: if it was missing, the billing worker was creating it at the same moment.
    if (row || !coming.came) return row
  }
}

const balanceOf = ({ asset, available, held }: Row['wallet'][number]): Balance => ({
  asset,
  available: BigInt(available),
  held: BigInt(held),
})

/** An update that is over. */
export interface Handled {
  bot: string
  updateId: number
  personId: bigint
  /** See Coming. */
  came: boolean
  /** What the bot remembers of the person. */
  session: Session
}

/**
 * Ends updates: they will never be handled again, and what the bot remembers is stored; of two runs of the same update,
 * which happen where a worker lost its lock, the session of the one that ends first is kept. Those that end at once share
 * one statement and one wait for the disk; one whose session somebody else has in hand goes alone.
 */
export function endings(sql: Sql): (update: Handled) => Promise<void> {
  return together<Handled>({
    key: keyOf,
    all: async (calls) => {
      const ended = await finishAll(
        sql,
        calls.map(({ one }) => one),
      )
      return new Set(calls.map(({ one }) => one).filter((one) => ended.has(keyOf(one))))
    },
    alone: (update) => finish(sql, update),
  })
}

const keyOf = ({ bot, personId }: Pick<Handled, 'bot' | 'personId'>) => `${bot} ${personId}`

async function finishAll(sql: Sql, updates: Handled[]): Promise<ReadonlySet<string>> {
  const column = <Value>(of: (update: Handled) => Value) => updates.map(of)
  // By hand: one statement for any number of updates; about its lists see KNOWN.
  const rows = await sql.rows(q<{ bot: string; personId: bigint }>`
    with free as (
      select u.* from unnest((select ${column(({ bot }) => bot)}::text[]), (select ${column(({ updateId }) => updateId)}::bigint[]),
        (select ${column(({ personId }) => personId)}::bigint[]), (select ${column(({ came }) => came)}::boolean[]),
        (select ${column(({ session }) => writeJson(session))}::jsonb[])) as u (bot, update_id, person_id, came, session)
      join bot_sessions s on s.bot = u.bot and s.person_id = u.person_id for no key update of s skip locked
    ), done as (
      insert into handled_updates (bot, update_id) select bot, update_id from free on conflict do nothing
      returning bot, update_id
    ), kept as (
      update bot_sessions s set session_data = free.session,
        version = version + (session_data <> free.session)::int,
        last_seen_at = case when free.came then now() else last_seen_at end
      from free join done using (bot, update_id)
      where s.bot = free.bot and s.person_id = free.person_id and (free.came or session_data <> free.session)
    )
    select bot, person_id as "personId" from free`)
  return new Set(rows.map(keyOf))
}

async function finish(sql: Sql, { bot, updateId, personId, came, session }: Handled): Promise<void> {
  const kept = writeJson(session)
  // By hand: an update ends with one statement.
  await sql.rows(q`
    with done as (
      insert into handled_updates (bot, update_id) values (${bot}, ${updateId}) on conflict do nothing
      returning update_id
    )
    update bot_sessions set session_data = ${kept}::jsonb,
      version = version + (session_data <> ${kept}::jsonb)::int,
      last_seen_at = case when ${came}::boolean then now() else last_seen_at end
    where bot = ${bot} and person_id = ${personId} and (${came}::boolean or session_data <> ${kept}::jsonb)
      and exists (select from done)`)
}

/** Marks an update that was only a repeated tap as handled, without any answer. */
export async function skip(sql: Sql, bot: string, updateId: number): Promise<void> {
  await sql.rows({
    text: 'insert into handled_updates (bot, update_id) values ($1, $2) on conflict do nothing',
    values: [bot, updateId],
  })
}
