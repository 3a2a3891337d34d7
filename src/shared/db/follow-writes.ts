import type pg from 'pg'
import { TAKES_NO_WRITES, wayTo } from './address.ts'
import type { DatabaseAddress } from './address.ts'

type Verify = (client: pg.PoolClient, done: (error?: Error) => void) => void

/**
 * Follows the server that takes writes: one of several does, and after a fail-over another one. A connection that
 * fails, or leads to a server without writes, makes the next connection go to the next server. The caller tries
 * again, as when a server is away.
 */
export function followWrites(pool: pg.Pool, address: DatabaseAddress): void {
  let at = 0
  const next = () => Object.assign(pool.options, wayTo(address, ++at))
  const internals = pool as unknown as { Client: typeof pg.Client; options: { verify?: Verify } }
  const Plain = internals.Client
  internals.Client = class extends Plain {
    override connect(done?: unknown): never {
      const told = done as (error?: Error) => void
      return super.connect((error?: Error) => {
        if (error) next()
        told(error)
      }) as never
    }
  }
  internals.options.verify = (client, done) => {
    client.query<{ refuses: boolean }>(TAKES_NO_WRITES, (error: Error | undefined, result) => {
      if (!error && !result.rows[0]?.refuses) return done()
      next()
      done(error ?? Object.assign(new Error('this server takes no writes'), { code: '25006' }))
    })
  }
}
