/*
 * consumes     fragment
 * produces     notices, order cards, checks of purchases, through the outbox
 * writes       orders, attempts, holds and their postings, sale_stops, wallet_readings, premium_activations
 * idempotent   an attempt is committed before the call and a unique index allows one that may have happened
 * on retry     reads the order's row and does its next step; a purchase that may have happened is asked about
 */
import { measured } from '../../shared/measured.ts'
import { fragmentConnection } from '../../shared/fragment/connection.ts'
import { fragmentTerms } from '../../shared/fragment/settings.ts'
import { fragmentSupplier } from '../../shared/providers/fragment/orders.ts'
import { starGiftSupplier } from '../../shared/providers/star-gifts.ts'
import { handle } from '../../shared/queue/executor.ts'
import {
  checkOrder,
  fragmentCallback,
  fulfilOrder,
  resumeOrder,
  watchFragment,
} from '../../shared/queue/jobs/fragment.ts'
import type { WorkerType } from '../../shared/worker.ts'
import { createBreaker } from './breaker.ts'
import { callback } from './callback.ts'
import { check } from './check.ts'
import type { FragmentContext } from './context.ts'
import { fulfil } from './fulfil.ts'
import { resumeAndTell, stopAndTell } from './notices.ts'
import { resume } from './resume.ts'
import { startWatching } from './schedule.ts'
import { watchWallet } from './wallet.ts'
import { watch } from './watch.ts'

export const fragment: WorkerType = {
  name: 'fragment',
  queues: ['fragment'],
  poolSize: 10,
  async start(app) {
    const client = fragmentConnection(app, (failure) => stopAndTell(app, 'login', failure))
    const quietly = (work: Promise<void>) =>
      work.catch((error: unknown) => app.log.warn({ err: error }, 'sale'))
    const context: FragmentContext = {
      ...app,
      client,
      breaker: createBreaker((works) => {
        void quietly(works ? resumeAndTell(app, 'down') : stopAndTell(app, 'down', 'five failures in a row'))
      }),
      wallet: watchWallet(app.db, client),
      async supplier(way, bot) {
        if (way === 'fragment') {
          const { currency } = await app.settings.get(fragmentTerms)
          return measured(app.metrics, fragmentSupplier(await client(), { currency, showSender: false }))
        }
        const served = app.bots.get(bot)
        if (!served) throw new Error(`no bot is called ${bot}`)
        const { apiRoot } = app.config.telegram
        return measured(app.metrics, starGiftSupplier({ token: served.token, apiRoot }))
      },
    }
    const watching = startWatching(app)
    return {
      handlers: [
        handle(fulfilOrder, (job, run) => fulfil(context, job, run)),
        handle(checkOrder, (job) => check(context, job)),
        handle(fragmentCallback, (job, run) => callback(context, job, run)),
        handle(resumeOrder, (job) => resume(context, job)),
        handle(watchFragment, () => watch(context)),
      ],
      stop: async () => watching.stop(),
    }
  },
}
