import { measured } from '#shared/measured.ts'
import { takenRefs } from '#shared/money/attempts.ts'
import { resellerConnection } from '../connection.ts'
import { resellerTerms } from '../settings.ts'
import { resellerSupplier } from '../reseller/orders.ts'
import { starGiftSupplier } from '../star-gifts.ts'
import { handle } from '#shared/queue/executor.ts'
import { checkOrder, decideOrder, resellerCallback, fulfilOrder, resumeOrder, watchSales } from '../jobs.ts'
import type { Context } from '#shared/context.ts'
import type { StartedWorker } from '#shared/worker.ts'
import { createBreaker } from './breaker.ts'
import { callback } from './callback.ts'
import { checkPurchase } from './check.ts'
import type { SalesContext } from './context.ts'
import { carryOut } from './decide.ts'
import { fulfil } from './fulfil.ts'
import { resumeAndTell, stopAndTell } from './notices.ts'
import { resume } from './resume.ts'
import { said } from '../sale-stops.ts'
import { startWatching } from './schedule.ts'
import { watchWallet } from './wallet.ts'
import { watchReseller } from './watch.ts'

/** Stops the sale, unless another worker can buy: a worker that is cut off alone must not stop it. */
async function stopUnlessOthersSell(app: Context): Promise<void> {
  if (!(await app.standing.yields())) await stopAndTell(app, 'down', said(app.texts, 'fadmin-details-down'))
}

export function startStarsPremium(app: Context): StartedWorker {
  const client = resellerConnection(
    app,
    (failure) => stopAndTell(app, 'login', failure),
    () => app.standing.doubt('reseller'),
  )
  const { callTimeoutMs } = app.config.fragment
  const quietly = (work: Promise<void>) =>
    work.catch((error: unknown) =>
      app.log.warn({ err: error }, 'a stop of the sale could not be noted or ended'),
    )
  /** How far each bot's list of Stars has been read. */
  const places = new Map<string, { at: number }>()
  const context: SalesContext = {
    ...app,
    client,
    breaker: createBreaker((works) => {
      void quietly(works ? resumeAndTell(app, 'down') : stopUnlessOthersSell(app))
    }, app.config.fragment.pauseMs),
    wallet: watchWallet(app.db, client),
    async supplier(way, bot) {
      if (way === 'fragment') {
        const { currency } = await app.settings.get(resellerTerms)
        return measured(app.metrics, resellerSupplier(await client(), { currency, showSender: false }))
      }
      return context.starSupplier(bot)
    },
    async starSupplier(bot) {
      const served = app.bots.get(bot)
      if (!served) throw new Error(`no bot is called ${bot}`)
      const own = { token: served.token, apiRoot: app.config.telegram.apiRoot, callTimeoutMs }
      const taken = (ids: string[]) => takenRefs(app.db, 'star-gifts', ids)
      const place = places.get(served.token) ?? { at: 0 }
      places.set(served.token, place)
      return measured(app.metrics, starGiftSupplier(own, taken, place))
    },
  }
  const watching = startWatching(app)
  return {
    handlers: [
      handle(fulfilOrder, (job, run) => fulfil(context, job, run)),
      handle(checkOrder, (job) => checkPurchase(context, job)),
      handle(decideOrder, (job) => carryOut(context, job)),
      handle(resellerCallback, (job, run) => callback(context, job, run)),
      handle(resumeOrder, (job) => resume(context, job)),
      handle(watchSales, () => watchReseller(context)),
    ],
    stop: async () => watching.stop(),
  }
}
