import { languagesOf, oweLanes, planBroadcast, readBroadcast, sendBackToDraft } from '../mailings.ts'
import type { Broadcast } from '../mailings.ts'
import { adoptContents } from '../adopt.ts'
import { markFee, shortOfStars } from '../fee.ts'
import { tellChange } from '#shared/changes.ts'
import type { Context } from '#shared/context.ts'
import { Rejected } from '#shared/errors.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { servedBots } from '#shared/owners.ts'
import { done, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { Unreachable, telegramError } from '#shared/telegram/errors.ts'
import { serves } from './lane.ts'
import { draw } from './progress.ts'
import { shorten } from '#shared/storable.ts'

/** Plans the recipients and lets the lanes begin; nothing happens when it was cancelled or started meanwhile. */
export async function startMailing(
  app: Context,
  job: { broadcastId: string; generation: number },
): Promise<Verdict> {
  const broadcast = await readBroadcast(app.db, job.broadcastId)
  if (broadcast?.state !== 'scheduled' || broadcast.generation !== job.generation) return done
  if (!(await serves(app, broadcast))) return reject(`no bot is called ${broadcast.bot}`)
  const obstacle = await obstacleTo(app, broadcast)
  if (obstacle) return await giveBack(app, broadcast, obstacle)
  const planned = await app.db.tx(async (tx) => {
    const current = (await readBroadcast(tx, broadcast.id))!
    const total = await planBroadcast(tx, current)
    if (total !== undefined) await oweLanes(tx, current)
    return total
  })
  if (planned === undefined) return done
  app.log.info({ broadcast: broadcast.id, recipients: planned }, 'mailing is planned')
  const running = (await readBroadcast(app.db, broadcast.id)) as Broadcast
  await draw(app, running)
  await tellChange(app.db, running.createdBy)
  return done
}

/** A fault that every message would meet, found before the first is sent: a code of `broadcast-reason-*`. */
async function obstacleTo(app: Context, broadcast: Broadcast): Promise<string | undefined> {
  if (broadcast.action === 'delete') return undefined
  if (await isForOthersBots(app, broadcast)) return 'not-served'
  try {
    await adoptContents(app, broadcast)
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) return 'no-chat'
    if (meaning instanceof Rejected) return shorten(meaning.message, 200)
    throw meaning
  }
  if (broadcast.action !== 'send' || !broadcast.options.paid) return undefined
  const { audience, bot: home, contents } = broadcast
  const mailing = { audience, home, languages: languagesOf(contents) }
  if (!broadcast.parentId && (await shortOfStars(app.db, app.bots, mailing)).length > 0) return 'no-stars'
  await markFee(app.db, broadcast.id, audience.bots?.length ? audience.bots : [home])
  return undefined
}

/** Whether the mailing would go out from a bot that its admin does not look after now: they may not speak for it. */
async function isForOthersBots(app: Context, { audience, bot, createdBy }: Broadcast): Promise<boolean> {
  const others = (audience.bots ?? []).filter((name) => name !== bot)
  if (others.length === 0) return false
  const served = await servedBots(app.db, app, createdBy, 'admin')
  return served !== undefined && !others.every((name) => served.includes(name))
}

/** Its admin, who may be asleep at the time of a planned start, reads why it did not begin. */
async function giveBack(app: Context, broadcast: Broadcast, reason: string): Promise<Verdict> {
  const { id, bot, createdBy, generation } = broadcast
  await app.db.tx(async (tx) => {
    if (!(await sendBackToDraft(tx, id, reason))) return
    await owePersonNotice(tx, {
      key: `broadcast-not-started-${id}-${generation}`,
      bot,
      personId: createdBy,
      text: 'broadcast-not-started',
      buttons: [[['broadcast-open', 'b-page', id]]],
    })
  })
  app.relay.kick()
  return done
}
