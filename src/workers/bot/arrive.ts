import type { User } from 'grammy/types'
import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
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

/**
 * One database round trip for every update: tells whether the update was handled already, makes sure that the person
 * and their session exist, and updates their names. For a known, unchanged person it only reads, because a statement
 * that writes nothing does not wait for the disk.
 * @param came the person acted in their private chat with the bot; if Telegram only reports about them, nobody is
 * created or unblocked
 * @returns undefined when Telegram reports about somebody who never came
 */
export async function arrive(
  sql: Sql,
  bot: string,
  updateId: number,
  from: User,
  came: boolean,
): Promise<Arrival | undefined> {
  for (;;) {
    const row = await look(sql, bot, updateId, from, came)
    if (row) {
      const { wallet, waiting, ...rest } = row
      return {
        ...rest,
        wallet: wallet.map(balanceOf),
        waiting: waiting && { ...waiting, price: BigInt(waiting.price) },
      }
    }
    // A person who came has a session by now: if it was missing, the billing worker was creating it at the same moment.
    if (!came) return undefined
  }
}

async function look(
  sql: Sql,
  bot: string,
  updateId: number,
  from: User,
  came: boolean,
): Promise<Row | undefined> {
  const [row] = await sql.rows<Row>({
    name: 'arrive',
    text: `
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
      select exists (select from handled_updates where bot = $1 and update_id = $2) as handled,
             (select state from bots where name = $1) as state,
             is_new as "isNew", language, session_data as session,
             (select role from admins where bot = $1 and person_id = $3) as role,
             (select coalesce(ban_reason, '') from persons where id = $3 and banned_at is not null) as banned,
             (select coalesce(jsonb_agg(jsonb_build_object('asset', asset, 'available', available::text,
                'held', held::text) order by asset), '[]') from wallets where person_id = $3) as wallet,
             (select jsonb_build_object('id', id, 'good', good, 'asset', asset, 'price', price::text,
                'details', details) from orders where person_id = $3 and bot = $1 and state = 'awaiting_payment'
                order by created_at desc limit 1) as waiting
      from session`,
    values: [
      bot,
      updateId,
      from.id,
      from.username ?? null,
      from.first_name,
      from.last_name ?? null,
      from.language_code ?? null,
      from.is_premium ?? false,
      came,
    ],
  })
  return row
}

const balanceOf = ({ asset, available, held }: Row['wallet'][number]): Balance => ({
  asset,
  available: BigInt(available),
  held: BigInt(held),
})

/**
 * Ends the update in one statement: it will never be handled again, and what the bot remembers is stored.
 * @param came see arrive
 * @param also further statements to run with it, each about its own rows: this saves a wait for the disk
 */
export async function finishUpdate(
  sql: Sql,
  { bot, updateId, personId, came }: { bot: string; updateId: number; personId: bigint; came: boolean },
  session: Session,
  also: readonly RawBuilder<unknown>[] = [],
): Promise<void> {
  const kept = writeJson(session)
  const others = also.map((one, at) => q`, ${q.raw(`also_${at}`)} as (${one})`)
  // By hand: each update ends with this one statement.
  await sql.rows(q`
    with done as (
      insert into handled_updates (bot, update_id) values (${bot}, ${updateId}) on conflict do nothing
    )${q.join(others, q``)}
    update bot_sessions set session_data = ${kept}::jsonb,
      version = version + (session_data <> ${kept}::jsonb)::int,
      last_seen_at = case when ${came}::boolean then now() else last_seen_at end
    where bot = ${bot} and person_id = ${personId} and (${came}::boolean or session_data <> ${kept}::jsonb)`)
}

/** Marks an update that was only a repeated tap as handled, without any answer. */
export async function skip(sql: Sql, bot: string, updateId: number): Promise<void> {
  await sql.rows({
    text: 'insert into handled_updates (bot, update_id) values ($1, $2) on conflict do nothing',
    values: [bot, updateId],
  })
}
