import type { Context } from '#shared/context.ts'
import { explain } from '#shared/errors.ts'
import { watchSales } from '../jobs.ts'

const MINUTE_MS = 60_000

/** One watch a minute over all replicas: the job's id names the minute. */
export function startWatching(app: Pick<Context, 'producer' | 'log'>): { stop(): void } {
  const tick = () => {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    app.producer
      .add(watchSales, { minute })
      .catch((error: unknown) =>
        app.log.warn(
          { reason: explain(error) },
          'the look of this minute at the sale of Stars and Premium is skipped',
        ),
      )
  }
  tick()
  const timer = setInterval(tick, MINUTE_MS)
  return { stop: () => clearInterval(timer) }
}
