import type { Context } from '#shared/context.ts'
import { resumeWhereMoneyMoved } from '#shared/money/waiting.ts'
import { handle } from '#shared/queue/executor.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { compareDaily, expire, pollPayments, reconcileStars } from '../jobs.ts'
import { findLostStars } from '../reconcile-stars.ts'
import { expireUnpaid } from './expire.ts'
import { handUnknownCharges } from './late-charge.ts'
import { oweComparisons, owePolls } from './poll-payments.ts'

/** What the upkeep worker does for payments. */
export function paymentsUpkeep(app: Context): Handler[] {
  return [
    handle(reconcileStars, () => findLostStars(app)),
    handle(expire, async () => {
      await resumeWhereMoneyMoved(app.db, app.goods, [...app.bots.keys()])
      await handUnknownCharges(app)
      return await expireUnpaid(app)
    }),
    handle(pollPayments, () => owePolls(app)),
    handle(compareDaily, () => oweComparisons(app)),
  ]
}
