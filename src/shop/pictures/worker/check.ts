import { sql as q } from 'kysely'
import { explain } from '#shared/errors.ts'
import { creditsAlert } from '../settings.ts'
import { done, type Verdict } from '#shared/queue/job.ts'
import { nextImage, watchImage } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { alertAdmins } from './alerts.ts'
import { overdue } from './claim.ts'
import { giveUpPicture } from './end.ts'
import type { Parts } from './parts.ts'

/** Every minute: what waited too long, what nobody works on any more, and what the providers have left. */
export async function checkPictures(parts: Parts): Promise<Verdict> {
  for (const { orderId } of await overdue(parts)) {
    await giveUpPicture(parts, orderId, 'queue', 'waited too long for its start')
  }
  await rouse(parts)
  await checkCredits(parts)
  return done
}

/**
 * Owes the jobs of pictures that stand still: their jobs are finished or dead, but their rows are not. The same
 * handlers go on from the row.
 */
async function rouse({ app, times }: Parts): Promise<void> {
  // What other deployments have on their queues says nothing about this one's pictures.
  const own = [...app.bots.keys()]
  const waiting = await app.db.rows(q<{ orderId: string; minute: string }>`
    select order_id as "orderId", to_char(now(), 'YYYYMMDDHH24MI') as minute from generations g
    where stage = 'queued' and queued_at < now() - interval '1 minute' and bot = any(${own}) and not exists (
      select from outbox where job = ${nextImage.name} and state in ('owed', 'queued') and bot = any(${own}))
    order by queued_at limit 20`)
  for (const { orderId, minute } of waiting)
    await owe(app.db, nextImage, { orderId, why: `roused-${minute}` })
  const again = await app.db.rows(q`
    update outbox set state = 'owed', run_at = now(), updated_at = now()
    where job = ${watchImage.name} and state in ('done', 'dead') and payload ->> 'why' in ('task', 'started') and payload ->> 'orderId' in (
      select order_id from generations where stage in ('starting', 'drawing', 'ready')
        and deadline_at < now() - ${times.slowTick} * interval '10 milliseconds')
    returning key`)
  if (again.length > 0) app.db.owed()
}

async function checkCredits({ app, providers }: Parts): Promise<void> {
  const least = await app.settings.get(creditsAlert)
  for (const provider of providers.values()) {
    try {
      const credits = await provider.credits()
      if (credits === undefined) continue
      app.metrics.providerCredits.set({ provider: provider.name }, credits)
      if (credits < least)
        await alertAdmins(app, 'image-alert-credits', { provider: provider.name, credits, least })
    } catch (error) {
      app.log.warn({ provider: provider.name, reason: explain(error) }, 'credits could not be read')
    }
  }
}
