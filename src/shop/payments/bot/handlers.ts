import type { Context } from '#shared/context.ts'
import { handle } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import type { Handler } from '#shared/queue/executor.ts'
import { starsArrived } from '#shared/queue/jobs/stars.ts'
import { telegramCheckout } from '#shared/queue/jobs/telegram.ts'
import { drawPayment } from '../jobs.ts'
import { noteArrival } from './arrival.ts'
import { handleCheckout } from './checkout.ts'
import { drawCard } from './draw.ts'

/** What the bot worker does for payments beside the conversation. */
export function paymentCards(app: Context): Handler[] {
  return [
    handle(telegramCheckout, (payload, run) => handleCheckout(app, payload, run)),
    handle(starsArrived, async (charge, { sealed }) => (sealed ? await noteArrival(app, charge) : done)),
    handle(drawPayment, ({ paymentId }) => drawCard(app, paymentId)),
  ]
}
