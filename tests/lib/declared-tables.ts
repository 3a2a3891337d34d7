import { MikroORM } from '@mikro-orm/postgresql'
import type { EntitySchema } from '@mikro-orm/postgresql'
import type { Sql } from '#shared/db/db.ts'

/** The facts of a column that both `tables.ts` and the migrations state. */
export interface Column {
  table: string
  column: string
  type: string
  nullable: boolean
  primary: boolean
  /** True if the database fills the column in where a statement gives no value. */
  filled: boolean
}

/** Types for which MikroORM has another name than PostgreSQL. */
const TYPES: Record<string, string> = {
  bigserial: 'bigint',
  int: 'integer',
  timestamptz: 'timestamp with time zone',
}

/** The columns as the rooms declare them, read without a connection to any database. */
export async function declaredColumns(tables: readonly EntitySchema[]): Promise<Column[]> {
  const orm = await MikroORM.init({
    clientUrl: 'postgres://nobody:nothing@127.0.0.1:1/none',
    entities: [...tables],
    ensureDatabase: false,
  })
  const columns = [...orm.getMetadata().getAll().values()].flatMap((table) =>
    table.props.map((property) => ({
      table: table.tableName,
      column: property.fieldNames[0]!,
      type: TYPES[property.columnTypes[0]!] ?? property.columnTypes[0]!,
      nullable: property.nullable === true,
      primary: property.primary === true,
      filled: property.autoincrement === true || property.defaultRaw !== undefined,
    })),
  )
  await orm.close(true)
  return columns
}

/** The columns as the database has them; the migrator's own table is left out. */
export async function migratedColumns(sql: Sql): Promise<Column[]> {
  return sql.rows<Column>({
    text: `
      select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
        not a.attnotnull as nullable, a.attnum = any(coalesce(i.indkey::int2[], '{}')) as primary,
        a.atthasdef or a.attidentity <> '' as filled
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_index i on i.indrelid = c.oid and i.indisprimary
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
        and not c.relispartition and c.relname <> 'migrations'
      order by c.relname, a.attnum`,
    values: [],
  })
}

/** One sentence for each difference between the two. */
export function differences(declared: Column[], migrated: Column[]): string[] {
  const key = (column: Column) => `${column.table}.${column.column}`
  const byKey = new Map(migrated.map((column) => [key(column), column]))
  const known = new Set(declared.map(key))
  return [
    ...declared.flatMap((ours) => {
      const theirs = byKey.get(key(ours))
      if (!theirs) return [`${key(ours)} is declared, but no migration makes it`]
      return (['type', 'nullable', 'primary', 'filled'] as const)
        .filter((what) => ours[what] !== theirs[what])
        .map((what) => `${key(ours)}: ${what} is declared ${ours[what]}, but ${theirs[what]} in the database`)
    }),
    ...migrated
      .filter((column) => !known.has(key(column)))
      .map((column) => `${key(column)} is in the database, but no tables.ts declares it`),
  ]
}
