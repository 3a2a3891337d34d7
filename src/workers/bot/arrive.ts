import type { User } from 'grammy/types'
import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { WaitingOrder } from '#shared/good.ts'
import type { Balance } from '#shared/money/read.ts'
import type { Role } from '#shared/roles.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Session } from './chat.ts'
import { writeJson } from '#shared/storable.ts'

/** What the database knows of somebody who just wrote or pressed something. */
export interface Arrival {
  /** This very update was handled before. */
  handled: boolean
  isNew: boolean
  /** Chosen in this bot, else undefined. */
  language: string | null
  /** Given by an owner; owners by the settings may have none. */
  role: Role | null
  /** Why the person may not use the bots; null = they may. */
  banned: string | null
  /** What they have, by asset: most screens show it. */
  wallet: Balance[]
  /** The newest order of this bot that waits for their money. */
  waiting: WaitingOrder | null
  /** Of this bot, as its owner left it. */
  state: 'active' | 'paused' | 'parked' | 'removed'
  session: Session
}

interface Row extends Omit<Arrival, 'wallet' | 'waiting'> {
  /** Minor units as text: JSON's numbers are too short for them. */
  wallet: { asset: Balance['asset']; available: string; held: string }[]
  waiting: (Omit<WaitingOrder, 'price'> & { price: string }) | null
}

/**
 * One round trip for every update, whose answer says whether the update was handled already. Of who came, the person
 * and their session in this bot exist afterwards, and their names are up to date. Of somebody known who has not changed
 * it only reads: a statement that writes nothing does not wait for the disk.
 * @param came whether the person did it in their private chat with the bot; if Telegram only tells of them, nobody is
 *   made or unblocked by it
 * @returns undefined when Telegram tells of somebody who never came
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
    // Somebody who came has a session by now. A session that was missing was being made by billing at the same moment.
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
 * The update is over: never again, and what the bot remembers is kept, in one statement.
 * @param came see arrive
 * @param also what else is written with it, each for rows of its own: one wait for the disk less
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

/** An update that was asked again is only remembered. */
export async function skip(sql: Sql, bot: string, updateId: number): Promise<void> {
  await sql.rows({
    text: 'insert into handled_updates (bot, update_id) values ($1, $2) on conflict do nothing',
    values: [bot, updateId],
  })
}
