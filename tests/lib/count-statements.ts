import pg from 'pg'

export interface Counted {
  /** Statements of one worker, in order, without begin and commit. */
  statements: string[]
  /**
   * Transactions that changed something, each of which waits for the disk. A transaction that only read has
   * nothing to flush.
   */
  commits: number
  /** How often the relay moved owed jobs, or looked for owed jobs to move. */
  relays: number
}

const WROTE = 'select pg_current_xact_id_if_assigned() is not null as wrote'
const FRAME = /^(begin|commit|rollback)$/
const RELAY = /from "outbox" where "state" = 'owed'[\s\S]* for update skip locked/

/**
 * Counts what a pool of this process says to PostgreSQL. Whether something was written is asked of PostgreSQL itself
 * before each commit: a statement without a transaction gets one for that.
 * @param application the pool's application_name
 */
export function countStatements(application: string): { take(): Counted; stop(): void } {
  let counted: Counted = { statements: [], commits: 0, relays: 0 }
  const pool = pg.Pool.prototype as unknown as { query: Query; connect(): Promise<pg.PoolClient> }
  const client = pg.Client.prototype as unknown as { query: Query }
  const { query: poolQuery } = pool
  const { query: clientQuery } = client
  const inFrame = new WeakSet<object>()

  const isCounted = (one: { options?: { application_name?: string }; connectionParameters?: object }) =>
    (
      one.options?.application_name ??
      (one.connectionParameters as { application_name?: string } | undefined)?.application_name
    )?.includes(application) === true

  function keep(text: string): void {
    if (RELAY.test(text)) counted.relays += 1
    else counted.statements.push(text)
  }

  pool.query = async function (this: never, ...args: unknown[]) {
    if (!isCounted(this)) return await (poolQuery.apply(this, args) as Promise<unknown>)
    const taken = await (this as unknown as pg.Pool).connect()
    inFrame.add(taken)
    try {
      await clientQuery.call(taken, 'begin')
      keep(textOf(args))
      const result = await (clientQuery.apply(taken, args) as Promise<unknown>)
      await commit(taken)
      return result
    } catch (error) {
      await (clientQuery.call(taken, 'rollback') as Promise<unknown>).catch(() => {})
      throw error
    } finally {
      inFrame.delete(taken)
      taken.release()
    }
  } as Query

  client.query = function (this: never, ...args: unknown[]) {
    if (inFrame.has(this) || typeof args.at(-1) === 'function' || !isCounted(this))
      return clientQuery.apply(this, args)
    const text = textOf(args)
    if (text === 'commit') return commit(this)
    if (!FRAME.test(text)) keep(text)
    return clientQuery.apply(this, args)
  } as Query

  async function commit(on: object): Promise<unknown> {
    const { rows } = (await clientQuery.call(on, WROTE)) as { rows: { wrote: boolean }[] }
    if (rows[0]?.wrote) counted.commits += 1
    return await (clientQuery.call(on, 'commit') as Promise<unknown>)
  }

  return {
    take() {
      const taken = counted
      counted = { statements: [], commits: 0, relays: 0 }
      return taken
    },
    stop() {
      pool.query = poolQuery
      client.query = clientQuery
    },
  }
}

type Query = (...args: unknown[]) => unknown

function textOf([query]: unknown[]): string {
  const text = typeof query === 'string' ? query : (query as { text: string }).text
  return text.trim()
}
