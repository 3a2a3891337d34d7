import { oweLanes, planBroadcast, readBroadcast } from '../../shared/broadcasts/broadcasts.ts'
import type { Broadcast } from '../../shared/broadcasts/broadcasts.ts'
import { adoptContents } from '../../shared/broadcasts/adopt.ts'
import type { Context } from '../../shared/context.ts'
import { done } from '../../shared/queue/job.ts'
import type { Verdict } from '../../shared/queue/job.ts'
import { draw } from './progress.ts'

/** Plans the recipients and lets the lanes begin; nothing happens when it was cancelled or started meanwhile. */
export async function start(
  app: Context,
  job: { broadcastId: string; generation: number },
): Promise<Verdict> {
  const broadcast = await readBroadcast(app.db, job.broadcastId)
  if (broadcast?.state !== 'scheduled' || broadcast.generation !== job.generation) return done
  if (broadcast.action === 'send') await adoptContents(app, broadcast)
  const planned = await app.db.tx(async (tx) => {
    const current = (await readBroadcast(tx, broadcast.id))!
    const total = await planBroadcast(tx, current)
    if (total !== undefined) await oweLanes(tx, broadcast.id, job.generation)
    return total
  })
  if (planned === undefined) return done
  app.log.info({ broadcast: broadcast.id, recipients: planned }, 'mailing is planned')
  const running = (await readBroadcast(app.db, broadcast.id)) as Broadcast
  await draw(app, running)
  return done
}
