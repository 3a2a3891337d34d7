import { watched } from '#shared/measured.ts'
import type { Context } from '#shared/context.ts'
import { paymentProviders } from '../providers/registry.ts'
import { handle } from '#shared/queue/executor.ts'
import { starsPaid, starsRefunded } from '#shared/queue/jobs/stars.ts'
import type { StartedWorker } from '#shared/worker.ts'
import {
  chargeCard,
  checkPayment,
  comparePayments,
  makeInvoice,
  makeWallet,
  paymentWebhook,
  refundPayment,
  refundStars,
  settleRefund,
} from '../jobs.ts'
import { onCharge } from './charge.ts'
import { onCompare } from './compare.ts'
import { onMakeInvoice } from './invoice.ts'
import { heedTogether } from './heed.ts'
import { heedPaid, heedRefunded } from './listed-only.ts'
import { onCheck } from './poll.ts'
import { onRefund, onSettleRefund } from './refund.ts'
import { goOnWithRefund } from './stars-refunds.ts'
import { onMakeWallet } from './wallet.ts'
import { onWebhook } from './webhook.ts'
import { linkOfBot } from '#shared/telegram/link-of-bot.ts'

/** @throws Error with a sentence when a provider is half set up */
export function startPayments(app: Context): StartedWorker {
  const configured = paymentProviders(app.config.payments, app.config.gateway.publicUrl)
  const payments = new Map([...configured].map(([name, provider]) => [name, watched(app, provider)]))
  const context = { ...app, payments, returnUrl: (bot: string) => linkOfBot(app.db, bot) }
  const heed = heedTogether(context)
  app.log.info({ providers: [...payments.keys()] }, 'billing works with these payment providers')
  const handlers = [
    handle(starsPaid, (charge, run) => heedPaid(app, charge, run)),
    handle(starsRefunded, (charge, run) => heedRefunded(app, charge, run)),
    handle(refundStars, (job) => goOnWithRefund(app, job)),
    handle(paymentWebhook, (job, run) => onWebhook({ ...context, heed }, job, run)),
    handle(makeInvoice, (job, run) => onMakeInvoice(context, job, run)),
    handle(chargeCard, (job, run) => onCharge(context, job, run)),
    handle(checkPayment, (job) => onCheck(context, job)),
    handle(comparePayments, (job) => onCompare(context, job)),
    handle(refundPayment, (job) => onRefund(context, job)),
    handle(makeWallet, (job, run) => onMakeWallet(context, job, run)),
    handle(settleRefund, (job) => onSettleRefund(context, job)),
  ]
  return { handlers }
}
