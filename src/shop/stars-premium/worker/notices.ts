import type { Context } from '#shared/context.ts'
import { type SaleStop, type StopReason, resumeSale, stopSale } from '../sale-stops.ts'
import { oweAdminAlert, toldOf } from '#shared/notices.ts'
import { shorten } from '#shared/storable.ts'

type Telling = Pick<Context, 'db' | 'bots' | 'log' | 'relay'>

/** Stops the sale and tells the admins why, once. */
export async function stopAndTell(
  context: Telling,
  reason: StopReason,
  details: SaleStop['details'],
): Promise<void> {
  const fresh = await context.db.tx(async (tx) => {
    const first = await stopSale(tx, reason, details)
    if (first) {
      await oweAdminAlert(tx, context.bots.values(), {
        key: `fragment-stop-${reason}-${Date.now()}`,
        text: `fragment-alert-${reason}`,
        params: { details: typeof details === 'string' ? shorten(details, 300) : details },
        buttons: [[['fadmin-open', 'fadmin']]],
      })
    }
    return first
  })
  if (!fresh) return
  context.log.error({ reason, details }, 'the sale of Stars and Premium is stopped')
  context.relay.kick()
}

/** The reason has gone: the sale goes on unless another reason stops it. */
export async function resumeAndTell(context: Telling, reason: StopReason): Promise<void> {
  const resumed = await context.db.tx(async (tx) => {
    if (!(await resumeSale(tx, reason))) return false
    await oweAdminAlert(tx, context.bots.values(), {
      key: `fragment-resume-${reason}-${Date.now()}`,
      text: 'fragment-resumed',
      params: { reason: `fadmin-reason-${reason}` },
    })
    return true
  })
  if (!resumed) return
  context.log.info({ reason }, 'a reason against selling Stars and Premium is gone')
  context.relay.kick()
}

/** A bot has too few Stars of its own for the Premium it sells: told once an hour. */
export async function tellStarsEmpty(context: Telling, bot: string): Promise<void> {
  await context.db.tx((tx) =>
    oweAdminAlert(tx, toldOf(context.bots, bot), {
      key: `fragment-bot-stars-${bot}-${Math.floor(Date.now() / 3_600_000)}`,
      text: 'fragment-alert-bot-stars',
      params: { bot },
    }),
  )
}
