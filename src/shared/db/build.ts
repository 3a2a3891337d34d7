import type { InferKyselyDB } from '@mikro-orm/postgresql'
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql as q,
} from 'kysely'
import type { RawBuilder } from 'kysely'
import { writeJson } from '../storable.ts'

/**
 * Builds statements and runs none: `rows` of Db runs them, because it knows the connection and prepares them by name.
 */
const writer = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/**
 * A builder of statements over declared tables: the compiler knows their columns, and with them what a statement answers.
 * `const build = statements<(typeof moneyTables)[number]>()`, then `sql.rows(build.selectFrom('orders').…)`.
 */
export const statements = <Tables extends { name: string }>(): Kysely<InferKyselyDB<Tables>> =>
  writer as Kysely<InferKyselyDB<Tables>>

/** `column = any(list)`: one text for a list of any length, and so one prepared statement. */
export const anyOf = <Value>(list: readonly Value[]): RawBuilder<Value> => q<Value>`any(${list})`

/**
 * The texts as rows `asked (id)`, for a lateral join that looks each of them up. Where `anyOf` stands beside an order and a
 * limit, PostgreSQL may walk down that order through the whole table: after five runs it plans without the values, and takes
 * a limit for a tenth of the rows.
 */
export const eachOf = (list: readonly string[]) =>
  q<{ id: string }>`unnest(${list}::text[])`.as<'asked'>(q`asked (id)`)

/**
 * Writes the value into the statement's text, because PostgreSQL uses a partial index for a literal and not for a
 * parameter.
 */
export const literal = <Value extends string>(value: Value) => q.lit(value) as RawBuilder<Value>

/** The time when the transaction began, by the database's clock. */
export const NOW: RawBuilder<Date> = q`now()`

type Unit = 'millisecond' | 'second' | 'minute' | 'hour' | 'day'

/** A time in the past, by the database's clock. */
export const ago = (count: number, unit: Unit): RawBuilder<Date> =>
  q`now() - ${count} * interval ${q.lit(`1 ${unit}`)}` as RawBuilder<Date>

/** A time in the future, by the database's clock. */
export const ahead = (count: number, unit: Unit): RawBuilder<Date> =>
  q`now() + ${count} * interval ${q.lit(`1 ${unit}`)}` as RawBuilder<Date>

/** The jsonb column `details` with these fields added; they replace fields of the same name. */
export const detailsAnd = (fields: Record<string, unknown>) =>
  q`details || ${writeJson(fields)}::jsonb` as RawBuilder<Record<string, unknown>>

/** A value for a jsonb column; characters that PostgreSQL cannot store are replaced. */
export const jsonb = <Value>(value: Value) => q`${writeJson(value)}::jsonb` as RawBuilder<Value>
