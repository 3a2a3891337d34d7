import { oweLanes, planMailing, readMailing, sendBackToDraft } from '../mailings.ts'
import { languagesOf } from '../content.ts'
import type { Mailing } from '../mailings.ts'
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
  const mailing = await readMailing(app.db, job.broadcastId)
  if (mailing?.state !== 'scheduled' || mailing.generation !== job.generation) return done
  if (!(await serves(app, mailing))) return reject(`no bot is called ${mailing.bot}`)
  const obstacle = await obstacleTo(app, mailing)
  if (obstacle) return await giveBack(app, mailing, obstacle)
  const planned = await app.db.tx(async (tx) => {
    const current = (await readMailing(tx, mailing.id))!
    const total = await planMailing(tx, current)
    if (total !== undefined) await oweLanes(tx, current)
    return total
  })
  if (planned === undefined) return done
  app.log.info({ mailing: mailing.id, recipients: planned }, 'the mailing is planned')
  const running = (await readMailing(app.db, mailing.id)) as Mailing
  await draw(app, running)
  await tellChange(app.db, running.createdBy)
  return done
}

/** A fault that every message would meet, found before the first is sent: a code of `broadcast-reason-*`. */
async function obstacleTo(app: Context, mailing: Mailing): Promise<string | undefined> {
  if (mailing.action === 'delete') return undefined
  if (await isForOthersBots(app, mailing)) return 'not-served'
  try {
    await adoptContents(app, mailing)
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) return 'no-chat'
    if (meaning instanceof Rejected) return shorten(meaning.message, 200)
    throw meaning
  }
  if (mailing.action !== 'send' || !mailing.options.paid) return undefined
  const { audience, bot: home, contents } = mailing
  const paid = { audience, home, languages: languagesOf(contents) }
  if (!mailing.parentId && (await shortOfStars(app.db, app.bots, paid)).length > 0) return 'no-stars'
  await markFee(app.db, mailing.id, audience.bots?.length ? audience.bots : [home])
  return undefined
}

/** Whether the mailing would go out from a bot that its admin does not look after now: they may not speak for it. */
async function isForOthersBots(app: Context, { audience, bot, createdBy }: Mailing): Promise<boolean> {
  const others = (audience.bots ?? []).filter((name) => name !== bot)
  if (others.length === 0) return false
  const served = await servedBots(app.db, app, createdBy, 'admin')
  return served !== undefined && !others.every((name) => served.includes(name))
}

/** The admin may be asleep at the time of a planned start, so a message says why the mailing did not begin. */
async function giveBack(app: Context, mailing: Mailing, reason: string): Promise<Verdict> {
  const { id, bot, createdBy, generation } = mailing
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
