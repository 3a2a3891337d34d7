import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Context } from './context.ts'
import type { Sql } from './db/db.ts'
import { allows } from './roles.ts'
import type { Role } from './roles.ts'
import { sharedSql } from './tables.ts'

/*
 * Several owners may share one database. Only this file says which thing belongs to which bot and which bots belong to
 * whom.
 */

/** The bots whose rows somebody may reach; undefined = every bot's. */
export type Served = readonly string[] | undefined

type Bots = Pick<Context, 'config' | 'bots'>

/**
 * The bots in which somebody has this role, and the bots that were added through them. The admins whom the settings
 * name for the deployment's first bot reach everything, because the database is theirs.
 */
export async function servedBots(
  sql: Sql,
  { config, bots }: Bots,
  personId: bigint,
  minimum: Role = 'read-only',
): Promise<Served> {
  if (config.bots[0]?.admins.includes(personId)) return undefined
  const rows = await sql.rows(botsWithRole(personId))
  const own = new Set(
    rows
      .filter(({ name, role }) => bots.get(name)?.isAdmin(personId) || allows(role ?? undefined, minimum))
      .map(({ name }) => name),
  )
  return rows.filter(({ name, home }) => own.has(name) || own.has(home ?? '')).map(({ name }) => name)
}

/** Every bot, with this person's role in it. */
export const botsWithRole = (personId: bigint) =>
  sharedSql
    .selectFrom('bots as b')
    .leftJoin('admins as a', (on) => on.onRef('a.bot', '=', 'b.name').on('a.person_id', '=', personId))
    .select(['b.name', 'b.home', 'a.role'])

/** Whether a bot of this name exists, in any deployment. */
export async function isBot(sql: Sql, name: string): Promise<boolean> {
  const rows = await sql.rows(
    sharedSql.selectFrom('bots').select('name').where('name', '=', name).where('state', '<>', 'removed'),
  )
  return rows.length > 0
}

/** The condition that a column names one of these bots. */
export const among = (column: RawBuilder<unknown>, served: Served): RawBuilder<boolean> =>
  served === undefined ? q`true` : q`${column} = any(${[...served]}::text[])`

/** The kinds of things that an admin's act may be about. */
export type Thing = keyof typeof OWNERS

/**
 * Queries for the bots that a thing belongs to. A person belongs to the bots that they opened themselves or work for;
 * a session made by an API key proves nothing, because a key can name anybody. No row, or a null, means a thing of all
 * bots. By hand: the tables belong to rooms, which nothing here may import.
 */
const OWNERS = {
  person: (id: string) => q`
    select bot from bot_sessions where person_id = ${id}::bigint and not claimed
    union select bot from admins where person_id = ${id}::bigint`,
  payment: (id: string) => q`select bot from payments where id = ${id}`,
  order: (id: string) => q`select bot from orders where id = ${id}`,
  adjustment: (id: string) => q`select bot from adjustments where id = ${id}`,
  mailing: (id: string) => q`select bot from broadcasts where id = ${id}`,
  key: (id: string) => q`select bot from api_keys where id = ${id}`,
  promo: (id: string) => q`select bot from promo_campaigns where id = ${id}::bigint`,
  item: (id: string) => q`select unnest(bots) as bot from shelf_items where id = ${id}::bigint`,
  bot: (name: string) => q`select name as bot from bots where name = ${name}`,
  letter: (id: string) => q`select ${LETTER_BOT} as bot from outbox o where o.id = ${id}::bigint`,
}

/** The bot that a job of the outbox is about, if its payload names one. */
export const LETTER_BOT = q`coalesce(o.payload ->> 'bot',
  (select bot from payments where id = o.payload ->> 'paymentId'),
  (select bot from orders where id = o.payload ->> 'orderId'))`

const NUMBERED: readonly Thing[] = ['person', 'promo', 'item', 'letter']

/** The bots that a thing belongs to; empty if it belongs to all bots or does not exist. */
export async function ownersOf(sql: Sql, thing: Thing, id: string): Promise<string[]> {
  if (NUMBERED.includes(thing) && !/^\d{1,18}$/.test(id)) return []
  const rows = await sql.rows(q<{ bot: string | null }>`${OWNERS[thing](id)}`)
  return rows.flatMap(({ bot }) => bot ?? [])
}

/** The condition that the person with the id in this column is within reach. */
export const personAmong = (column: RawBuilder<unknown>, served: Served): RawBuilder<boolean> =>
  served === undefined
    ? q`true`
    : q`exists (select from bot_sessions s where s.person_id = ${column} and not s.claimed
          and s.bot = any(${[...served]}::text[]))`
