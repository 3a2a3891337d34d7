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

/** Writes statements and runs none: that is for `rows` of Db, which knows the connection and names what is prepared. */
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

/** `column = any(list)`: one text, and so one prepared statement, however long the list is. */
export const anyOf = <Value>(list: readonly Value[]): RawBuilder<Value> => q<Value>`any(${list})`

/** Stands in the statement's text: a partial index is found by it, and by no parameter. */
export const literal = <Value extends string>(value: Value) => q.lit(value) as RawBuilder<Value>

/** The moment of the transaction, by the database's clock. */
export const NOW: RawBuilder<Date> = q`now()`

type Unit = 'millisecond' | 'second' | 'minute' | 'hour' | 'day'

/** The moment so long ago, by the database's clock. */
export const ago = (count: number, unit: Unit): RawBuilder<Date> =>
  q`now() - ${count} * interval ${q.lit(`1 ${unit}`)}` as RawBuilder<Date>

/** The moment in so long, by the database's clock. */
export const ahead = (count: number, unit: Unit): RawBuilder<Date> =>
  q`now() + ${count} * interval ${q.lit(`1 ${unit}`)}` as RawBuilder<Date>

/** What the jsonb column `details` has, and these fields, which take the place of earlier ones. */
export const detailsAnd = (fields: Record<string, unknown>) =>
  q`details || ${writeJson(fields)}::jsonb` as RawBuilder<Record<string, unknown>>

/** A value for a jsonb column, its texts storable. */
export const jsonb = <Value>(value: Value) => q`${writeJson(value)}::jsonb` as RawBuilder<Value>
