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

/** A statement with numbered parameters. `name` is set where other code prepares the statement under that name. */
export interface Statement {
  name?: string
  text: string
  values: unknown[]
}

/** Runs statements that only read. */
export interface Reads {
  rows<Row>(query: RawBuilder<Row> | Compilable<Row> | Statement): Promise<Row[]>
}

/**
 * Runs statements on the pool or in one transaction. int8 arrives as bigint, timestamptz as Date, numeric as string.
 */
export interface Sql extends Reads {
  /** The entity manager, in the same transaction where there is one. */
  em: SqlEntityManager
  /** Says that this transaction owes a job: listeners of Db.onOwed are called after the commit. */
  owed(): void
}

export interface Db extends Sql {
  /** Runs the work in one transaction and repeats the whole of it on deadlock or serialization failure. */
  tx<T>(work: (tx: Sql) => Promise<T>): Promise<T>
  /** The listener is called after each commit that owes a job, and at no other time. */
  onOwed(listener: () => void): void
  /**
   * Reads for data that is only shown and may be some seconds old: the replica, where one is set and young enough,
   * else this database. Decisions about money read with `rows` and `tx`; a function that takes `Sql` cannot be given
   * this object.
   */
  reads: Reads & {
    /**
     * Like `rows`, for work that needs the connection. The work starts again on this database when the replica fails.
     */
    on<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>
  }
  /** Checks the replica; undefined = none is set. */
  replica?: () => Promise<ReplicaState>
  pool: pg.Pool
  close(): Promise<void>
}

const RETRIES = 5
/** A statement or a transaction that takes longer than this raises a doubt whether the database is there. */
const LONG_MS = 2_000
/** Nobody waits longer than this for data that is only shown. */
const READ_MS = 60_000
const REPEATABLE = new Set(['40001', '40P01'])

export interface DbOptions {
  /** Connections; the sum over all processes stays below 80 % of max_connections. */
  max: number
  name: string
  /** The declared tables, for code that works with entities. */
  tables?: readonly EntitySchema[]
  /** False where a pooler in between cannot keep prepared statements. */
  prepared?: boolean
  /** A statement without an answer after this time is given up together with its connection. */
  statementMs?: number
  replica?: ReplicaOptions | undefined
  /** Called when the database cannot be reached, refuses, or has not answered a statement for long. */
  trouble?: () => void
}

/** What the runner of a statement needs besides a connection. */
interface Way {
  orm: MikroORM
  compiler: Kysely<unknown>
  names: Names | undefined
  owed(): void
  trouble: (() => void) | undefined
}

/** Opens a database with a pool of its own, so that a busy user of another pool cannot starve this one. */
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
      // The client counts the time, not the server: a pooler passes no start options on, and the answer itself may be
      // lost.
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
      // MikroORM ends the pool only if MikroORM itself ran a query on it.
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

/** Runs the work on one connection of the pool. */
export async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let failed = true
  try {
    const result = await work(client)
    failed = false
    return result
  } finally {
    // After a COPY that was cut off the connection is unusable, so it is closed and not returned to the pool.
    client.release(failed)
  }
}

/**
 * Our own transaction on the pool. MikroORM's would keep a connection that dies before its commit for ever, so that a
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
      // If an error inside the transaction was caught and hidden, PostgreSQL answers COMMIT with ROLLBACK and without
      // an error.
      if (command !== 'COMMIT')
        throw new Error('the database rolled the transaction back instead of committing it')
      if (tx.isOwing()) way.owed()
      return result
    } catch (error) {
      broken = await client.query('rollback').then(
        // A connection to a server that takes no writes any more is closed: the next connection may lead to one that
        // does.
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

/**
 * Statements and entities on one connection. The entity manager is made only on first use, because most callers need
 * none.
 */
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
  try {
    return (await on.query({ ...(names?.of(text) ?? { text }), values })).rows as Row[]
  } catch (error) {
    if (!names || !isStalePlan(error)) throw error
    names.renew()
    // After an error nothing more can run in a transaction, so a repeat here would not help: the whole transaction is
    // repeated.
    if (on instanceof pg.Pool) return await run(on, query, way)
    throw error
  }
}

function textOf(query: RawBuilder<unknown> | Compilable<unknown>, compiler: Kysely<unknown>): Statement {
  const { sql, parameters } = 'isRawBuilder' in query ? query.compile(compiler) : query.compile()
  return { text: sql, values: parameters as unknown[] }
}

/** By default MikroORM keeps int8 and timestamps as text. Our own readers and its mapping both need the real types. */
function typeParsers(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides()
  types.setTypeParser(20, BigInt)
  types.setTypeParser(1184, (text: string) => new Date(text))
  return types as unknown as pg.CustomTypesConfig
}
