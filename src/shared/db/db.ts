import { setTimeout as sleep } from 'node:timers/promises'
import { MikroORM } from '@mikro-orm/postgresql'
import type { EntitySchema, SqlEntityManager } from '@mikro-orm/postgresql'
import { Kysely, PostgresDialect } from 'kysely'
import type { Compilable, RawBuilder } from 'kysely'
import pg from 'pg'
import { databaseCode, databaseIsDown } from './errors.ts'
import { ormWay, readDatabaseAddress, wayTo } from './address.ts'
import { followWrites } from './follow-writes.ts'
import { openReplica } from './reads.ts'
import type { ReplicaOptions, ReplicaState } from './reads.ts'
import { isStalePlan, statementNames } from './prepared.ts'
import type { Names } from './prepared.ts'

/** A statement with numbered parameters; it has a name of its own where others prepare it by that as well. */
export interface Statement {
  name?: string
  text: string
  values: unknown[]
}

/** Where statements run that only look. */
export interface Reads {
  rows<Row>(query: RawBuilder<Row> | Compilable<Row> | Statement): Promise<Row[]>
}

/**
 * Where statements run: the pool or one transaction. int8 arrives as bigint, timestamptz as Date,
 * numeric as string.
 */
export interface Sql extends Reads {
  /** Entities, in the same transaction where there is one. */
  em: SqlEntityManager
  /** Says that something is owed now: it is passed on after the commit. See Db.onOwed. */
  owed(): void
}

export interface Db extends Sql {
  /** Runs the work in one transaction and repeats the whole of it on deadlock or serialization failure. */
  tx<T>(work: (tx: Sql) => Promise<T>): Promise<T>
  /** Called after each commit that owes something, and never otherwise. */
  onOwed(listener: () => void): void
  /**
   * The replica, where one is set and young enough, else this database: for what is only shown, some seconds old at most.
   * Money is decided by what `rows` and `tx` read; whoever asks for `Sql` cannot be given this.
   */
  reads: Reads & {
    /** The same for whoever needs the connection. The work begins anew on this database when the replica fails it. */
    on<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>
  }
  /** Looks at the replica; undefined = none is set. */
  replica?: () => Promise<ReplicaState>
  pool: pg.Pool
  close(): Promise<void>
}

const RETRIES = 5
/** A statement, or a transaction, that takes longer is a reason to see whether the database is there. */
const LONG_MS = 2_000
/** Longer than this nobody waits for what is only shown. */
const READ_MS = 60_000
const REPEATABLE = new Set(['40001', '40P01'])

export interface DbOptions {
  /** Connections; the sum over all processes stays below 80 % of max_connections. */
  max: number
  name: string
  /** The declared tables, for whoever works with entities. */
  tables?: readonly EntitySchema[]
  /** False where a pooler between here and the server cannot keep prepared statements. */
  prepared?: boolean
  /** A statement whose answer does not come for so long is given up, and its connection with it. */
  statementMs?: number
  replica?: ReplicaOptions | undefined
  /** Called when the database cannot be reached, refuses, or has not answered a statement for long. */
  trouble?: () => void
}

/** What runs a statement needs besides a connection. */
interface Way {
  orm: MikroORM
  compiler: Kysely<unknown>
  names: Names | undefined
  owed(): void
  trouble: (() => void) | undefined
}

/**
 * Opens a pool of its own, so that a busy caller cannot starve another one.
 */
export async function openDb(databaseUrl: string, options: DbOptions): Promise<Db> {
  const address = readDatabaseAddress(databaseUrl)
  const { driverOptions, ...first } = ormWay(wayTo(address))
  const orm = await MikroORM.init({
    ...first,
    entities: [...(options.tables ?? [])],
    pool: { min: 0, max: options.max },
    driverOptions: {
      ...driverOptions,
      application_name: `telekassa-${options.name}`,
      connectionTimeoutMillis: 5_000,
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
      // Counted here and not by the server: a pooler hands no start option on, and the server's answer may be what is lost.
      ...(options.statementMs && { query_timeout: options.statementMs }),
    },
    discovery: { checkDuplicateTableNames: true, warnWhenNoEntities: false },
    ensureDatabase: false,
  })
  const connection = orm.em.getConnection()
  const pool = (await connection.getNativeClient()) as pg.Pool
  pool.options.types = typeParsers()
  if (address.asksForWrites) followWrites(pool, address)
  const listeners: (() => void)[] = []
  const way: Way = {
    orm,
    compiler: connection.getClient(),
    names: options.prepared === false ? undefined : statementNames(),
    trouble: options.trouble,
    owed() {
      for (const listener of listeners) listener()
    },
  }

  const replica =
    options.replica &&
    openReplica(
      options.replica,
      {
        max: options.max,
        application_name: `telekassa-${options.name}-reads`,
        keepAlive: true,
        types: typeParsers(),
        query_timeout: options.statementMs ?? READ_MS,
      },
      pool,
    )

  const db: Db = {
    get em() {
      return orm.em.fork()
    },
    get reads() {
      return readsOf(this, replica, way)
    },
    ...(replica && { replica: () => replica.state() }),
    rows: (query) => watched(way, () => run(pool, query, way)),
    tx: (work) => watched(way, () => transaction(way, pool, work)),
    owed: () => way.owed(),
    onOwed: (listener) => void listeners.push(listener),
    pool,
    async close() {
      await replica?.close()
      await orm.close(true)
      // MikroORM ends the pool only if it ran a query of its own on it.
      if (!pool.ending) await pool.end()
    },
  }
  return db
}

function readsOf(db: Db, replica: ReturnType<typeof openReplica> | undefined, way: Way): Db['reads'] {
  async function first<T>(there: (pool: pg.Pool) => Promise<T>, here: () => Promise<T>): Promise<T> {
    if (!replica || !(await replica.serves())) return await here()
    try {
      return await there(replica.pool)
    } catch (error) {
      if (!replica.failed(error)) throw error
      return await here()
    }
  }
  return {
    rows: (query) =>
      first(
        (pool) => run(pool, query, way),
        () => db.rows(query),
      ),
    on: (work) =>
      first(
        (pool) => withClient(pool, work),
        () => withClient(db.pool, work),
      ),
  }
}

/** Work on a connection of its own. */
export async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let failed = true
  try {
    const result = await work(client)
    failed = false
    return result
  } finally {
    // A COPY that was cut off leaves the connection in the middle of it.
    client.release(failed)
  }
}

/**
 * A transaction of our own on the pool: MikroORM's keeps a connection that dies before its commit for ever, so that a
 * restart of the database would leave the pool empty.
 */
async function transaction<T>(way: Way, pool: pg.Pool, work: (tx: Sql) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect()
    let broken = false
    try {
      await client.query('begin')
      const tx = sqlOf(way, client)
      const result = await work(tx)
      await tx.flush()
      const { command } = await client.query('commit')
      // A transaction in which an error was caught and hidden ends like this, without an error.
      if (command !== 'COMMIT')
        throw new Error('the database rolled the transaction back instead of committing it')
      if (tx.isOwing()) way.owed()
      return result
    } catch (error) {
      broken = await client.query('rollback').then(
        // A server that takes no writes any more is left: the next connection may lead to one that does.
        () => databaseIsDown(error),
        () => true,
      )
      if (attempt >= RETRIES || !(REPEATABLE.has(databaseCode(error) ?? '') || isStalePlan(error)))
        throw error
    } finally {
      client.release(broken)
    }
    await sleep(Math.random() * 20 * 2 ** attempt)
  }
}

async function watched<T>({ trouble }: Way, work: () => Promise<T>): Promise<T> {
  if (!trouble) return await work()
  const timer = setTimeout(trouble, LONG_MS)
  try {
    return await work()
  } catch (error) {
    if (databaseIsDown(error)) trouble()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Statements and entities on one connection. The entity manager is made when it is asked for: most never are. */
function sqlOf(way: Way, client: pg.PoolClient): Sql & { flush(): Promise<void>; isOwing(): boolean } {
  let em: SqlEntityManager | undefined
  let owing = false
  return {
    rows: (query) => run(client, query, way),
    owed() {
      owing = true
    },
    isOwing: () => owing,
    get em() {
      if (em === undefined) {
        const connection = { query: client.query.bind(client), release: () => {} }
        const pool = { connect: async () => connection, end: async () => {} } as unknown as pg.Pool
        em = way.orm.em.fork()
        em.setTransactionContext(new Kysely({ dialect: new PostgresDialect({ pool }) }))
      }
      return em
    },
    async flush() {
      await em?.flush()
    },
  }
}

async function run<Row>(
  on: pg.Pool | pg.PoolClient,
  query: RawBuilder<Row> | Compilable<Row> | Statement,
  way: Way,
): Promise<Row[]> {
  const { names } = way
  const { text, values } = 'text' in query ? query : textOf(query, way.compiler)
  const name = names?.of(text)
  try {
    return (await on.query(name === undefined ? { text, values } : { name, text, values })).rows as Row[]
  } catch (error) {
    if (!names || !isStalePlan(error)) throw error
    names.renew()
    // In a transaction nothing goes on after an error: the whole of it is repeated.
    if (on instanceof pg.Pool) return await run(on, query, way)
    throw error
  }
}

function textOf(query: RawBuilder<unknown> | Compilable<unknown>, compiler: Kysely<unknown>): Statement {
  const { sql, parameters } = 'isRawBuilder' in query ? query.compile(compiler) : query.compile()
  return { text: sql, values: parameters as unknown[] }
}

/** MikroORM keeps int8 and timestamps as text; both of our readers and its own mapping take the real types. */
function typeParsers(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides()
  types.setTypeParser(20, BigInt)
  types.setTypeParser(1184, (text: string) => new Date(text))
  return types as unknown as pg.CustomTypesConfig
}
