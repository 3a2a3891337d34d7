import { setTimeout as sleep } from 'node:timers/promises'
import { LEASE_MS, readMailing } from '../mailings.ts'
import { languagesOf } from '../content.ts'
import type { Mailing } from '../mailings.ts'
import type { Context } from '#shared/context.ts'
import { anyOf } from '#shared/db/build.ts'
import { newId } from '#shared/ids.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done, later, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { sendMailing } from '../jobs.ts'
import type { LaneJob } from '../jobs.ts'
import { mailingsSql } from '../tables.ts'
import { isHeld } from '#shared/queue/held.ts'
import { owe } from '#shared/queue/outbox.ts'
import { claim, giveUpLease, onlyRests, renewLease } from './claim.ts'
import type { Lease } from './claim.ts'
import { deliverMailing } from './deliver.ts'
import type { MailingRecipient } from './deliver.ts'
import { createMarker } from './marker.ts'
import type { Marker } from './marker.ts'
import { askForSlot, inTime } from './pace.ts'
import type { MailingSlot } from './pace.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import type { Slot } from '#shared/telegram/budget-store.ts'
import type { Leave } from '#shared/telegram/budget-window.ts'
import { draw, drawProgress, finishMailing, pauseItself } from './progress.ts'

type App = Pick<Context, 'db' | 'bots' | 'refreshBots' | 'secrets' | 'texts' | 'settings' | 'log' | 'relay'>

/** One run of a lane; then it owes its own continuation, so that mailings share the workers and a stop is quick. */
const SLICE_MS = 5_000
/** While the last answers of a range are awaited, the next one is under way. */
const MOST_RANGES = 2
/** Calls at once in a range: at the paid rate 100 ms of them wait for their slots and 100 ms for their answers. */
const IN_FLIGHT = 200
/** Slots that are asked for at once: on a busy machine an answer takes longer than a slot. */
const MOST_ASKED = 16
/** A pause in which a few slots come free, which are then taken at once. */
const ASK_AGAIN_MS = 20
/**
 * A bot that Telegram silences for longer than this holds up no other bot of its mailing: whoever is left of a range is taken
 * up again when its time is over, or after an hour.
 */
const SILENT_MS = 5_000
const LONGEST_REST_MS = 3_600_000
/** While other lanes have ranges, this lane looks again after this time, because one of the others may have died. */
const WAIT_FOR_OTHERS_MS = 2_000

/** Sends a part of a mailing for some seconds. */
export async function sendSlice(app: App, job: LaneJob, run: Run): Promise<Verdict> {
  const token = newId()
  const until = performance.now() + SLICE_MS
  const stopped = () => run.signal.aborted || !isHeld() || performance.now() > until
  const ranges = new Set<Promise<void>>()
  const silent: Silent = new Map()
  let failed: { error: unknown } | undefined
  try {
    for (;;) {
      if (failed) throw failed.error
      const mailing = await readMailing(app.db, job.broadcastId)
      if (!mailing || mailing.generation !== job.generation) return done
      if (mailing.state !== 'running') {
        // Calls that were under way when the mailing was stopped are counted now.
        await Promise.allSettled(ranges)
        if (mailing.state !== 'done') await draw(app, mailing)
        return done
      }
      if (!(await serves(app, mailing))) return reject(`no bot is called ${mailing.bot}`)
      if (stopped() && ranges.size === 0 && !failed) {
        await app.db.tx((tx) => owe(tx, sendMailing, { ...job, turn: job.turn + 1, bot: mailing.bot }))
        return done
      }
      const lease =
        stopped() || ranges.size >= MOST_RANGES ? undefined : await claim(app.db, mailing.id, token)
      if (lease) {
        const range = sendRange(app, mailing, { lease, token }, stopped, silent)
          .then(() => drawProgress(app, mailing.id))
          .catch((error: unknown) => void (failed ??= { error }))
          .finally(() => ranges.delete(range))
        ranges.add(range)
      } else if (ranges.size > 0) {
        await Promise.race(ranges)
      } else if (!failed) {
        // A range that failed while another one was asked for is thrown by the next round.
        if (await finishMailing(app, mailing)) return done
        if ([...silent.values()].includes(WITHOUT_TOKEN) && (await onlyRests(app.db, mailing.id))) {
          await pauseItself(app, mailing, 'token')
          return done
        }
        return later(WAIT_FOR_OTHERS_MS, 'other lanes are still sending')
      }
    }
  } finally {
    await Promise.allSettled(ranges)
  }
}

/** Whether its bots are served here, also one that an owner added a moment ago in another process. */
export async function serves(
  app: Pick<Context, 'bots' | 'refreshBots'>,
  { bot, audience }: Mailing,
): Promise<boolean> {
  if (![bot, ...(audience.bots ?? [])].every((name) => app.bots.has(name))) await app.refreshBots()
  return app.bots.has(bot)
}

/** The recipients of a range that this mailing has not reached yet. */
function recipientsIn({ id, action, contents }: Mailing, rowsOf: string, { first, last }: Lease) {
  const all = mailingsSql
    .selectFrom('broadcast_recipients')
    .select(['number', 'person_id as personId', 'bot', 'language', 'message_ids as messageIds'])
    .where('broadcast_id', '=', rowsOf)
    .where('number', '>=', first)
    .where('number', '<=', last)
    .orderBy('number')
  if (action === 'send') return all.where('state', '=', 'planned')
  const sent = all.where('state', 'in', ['sent', 'edited']).where('touched_by', 'is distinct from', id)
  // An edit changes only messages in languages for which it has new words.
  const languages = action === 'edit' ? languagesOf(contents) : undefined
  return languages ? sent.where('language', '=', anyOf(languages)) : sent
}

async function sendRange(
  app: App,
  mailing: Mailing,
  { lease, token }: { lease: Lease; token: string },
  stopped: () => boolean,
  silent: Silent,
): Promise<void> {
  const rowsOf = mailing.action === 'send' ? mailing.id : mailing.parentId!
  const marker = createMarker(app.db, mailing, rowsOf)
  let todo: MailingRecipient[] = await app.db.rows(recipientsIn(mailing, rowsOf, lease))
  /** The bots for the end of whose silence recipients of this range wait. */
  const resting = new Set<string>()
  const range: { halted: boolean; failed?: Error } = { halted: false }
  const renewal = setInterval(() => {
    // Another lane has taken the range and goes on row by row, so this one must stop.
    void renewLease(app.db, mailing.id, lease, token)
      .then((mine) => (range.halted ||= !mine))
      .catch(() => {})
  }, LEASE_MS / 3)
  const flying = new Set<Promise<void>>()
  const fly = (to: MailingRecipient, slot: MailingSlot | 'free') => {
    const flight = sendOne(app, mailing, to, { marker, slot, silent }, (again) => {
      if (again) todo.push(to)
      else range.halted = true
    }).finally(() => flying.delete(flight))
    // If a mark cannot be written, its recipient is not done: the range is left to whoever takes it up.
    flight.catch((error: Error) => {
      range.halted = true
      range.failed = error
    })
    flying.add(flight)
  }
  // Where all of its bots are silent, the range is kept: otherwise every range of the mailing would be taken only to rest.
  const restSilent = () => {
    if (!speaksBeside(mailing, silent)) return
    for (const { bot } of todo) if (silent.has(bot)) resting.add(bot)
    todo = todo.filter(({ bot }) => !silent.has(bot))
  }
  let atOnce = 1
  try {
    while (todo.length > 0 && !range.halted && !stopped()) {
      if (flying.size >= IN_FLIGHT) await Promise.race(flying)
      restSilent()
      const asking = todo.slice(0, atOnce)
      const slots = await Promise.all(asking.map((to) => slotFor(app, mailing, to)))
      todo.splice(0, asking.length)
      const refused: { to: MailingRecipient; slot: Slot }[] = []
      for (const [index, to] of asking.entries()) {
        const slot = slots[index]!
        if (isRefusal(slot)) refused.push({ to, slot })
        else fly(to, slot)
      }
      for (const { to, slot } of refused)
        if (!slot.chatOnly && slot.waitMs > SILENT_MS) silent.set(to.bot, performance.now() + slot.waitMs)
      // Where only a person's own chat is too fast, that person goes to the end, so that the others need not wait.
      todo.unshift(...refused.filter(({ slot }) => !slot.chatOnly).map(({ to }) => to))
      todo.push(...refused.filter(({ slot }) => slot.chatOnly).map(({ to }) => to))
      const isLone = !speaksBeside(mailing, silent)
      const slow = refused.filter(({ to }) => isLone || !silent.has(to.bot))
      if (slow.length === 0) atOnce = Math.min(MOST_ASKED, atOnce * 2)
      else {
        atOnce = Math.max(1, asking.length - slow.length)
        const waits = slow.map(({ slot }) => slot)
        if (!(await waitFor(app, mailing.id, waits))) break
      }
      if (todo.length === 0) await Promise.all(flying)
    }
    await Promise.all(flying)
    if (range.failed) throw range.failed
  } finally {
    clearInterval(renewal)
    await Promise.allSettled(flying)
    const isThrough = todo.length === 0 && !range.halted
    const restMs = isThrough ? restOf(silent, resting) : 0
    const left = isThrough && resting.size === 0 ? undefined : { restMs }
    await giveUpLease(app.db, mailing.id, lease, token, left)
  }
}

/** Until when each bot must be silent, by performance.now(), as far as this slice has found out. */
type Silent = Map<string, number>
/** Nobody knows when a bot gets a new token. */
const WITHOUT_TOKEN = Infinity

/** Whether a bot of the mailing can speak, beside this one. */
const speaksBeside = ({ audience: { bots = [] } }: Mailing, silent: Silent, one = ''): boolean =>
  bots.some((name) => name !== one && !silent.has(name))

const restOf = (silent: Silent, bots: Iterable<string>): number =>
  Math.min(LONGEST_REST_MS, ...[...bots].map((bot) => silent.get(bot)! - performance.now()))

/** Asks for a slot of the bot's budget before the row is marked as being sent. The mark is written during the wait. */
async function slotFor(
  app: App,
  mailing: Mailing,
  to: MailingRecipient,
): Promise<MailingSlot | Slot | 'free'> {
  const bot = app.bots.get(to.bot)
  if (!bot || (mailing.action !== 'send' && !to.messageIds?.length)) return 'free'
  const content = mailing.contents[to.language] ?? mailing.contents['']
  const count =
    (mailing.action === 'send' ? content?.sources[to.bot]?.messageIds : content?.media)?.length || 1
  const paid = mailing.options.paid === true && mailing.action === 'send' && count === 1
  return await askForSlot(bot.budget, paid ? 'paid' : 'mailings', Number(to.personId), count)
}

const isRefusal = (slot: MailingSlot | Slot | 'free'): slot is Slot => slot !== 'free' && 'granted' in slot

/** @returns false when the mailing has been stopped in a long pause (a 429) */
async function waitFor(app: App, id: string, refused: Slot[]): Promise<boolean> {
  const wait = Math.min(
    ...refused.map(({ waitMs, chatOnly }) => (chatOnly ? Math.min(waitMs, ASK_AGAIN_MS) : waitMs)),
  )
  // A pause must not outlive the lane: look at the clock now and then.
  await sleep(Math.min(Math.max(Math.ceil(wait), ASK_AGAIN_MS), 1_000))
  return wait <= 5_000 || (await stillRuns(app, id))
}

async function stillRuns(app: App, id: string): Promise<boolean> {
  return (await readMailing(app.db, id))?.state === 'running'
}

/** @param back called with true when the recipient goes again, with false when the lane must stop */
async function sendOne(
  app: App,
  mailing: Mailing,
  to: MailingRecipient,
  { marker, slot, silent }: { marker: Marker; slot: MailingSlot | 'free'; silent: Silent },
  back: (again: boolean) => void,
): Promise<void> {
  if (mailing.action === 'send' && !(await marker.claim(to.number))) {
    // Another lane has sent this message, or the mailing was stopped and perhaps resumed: nothing was sent here.
    const current = await readMailing(app.db, mailing.id)
    if (current?.state !== 'running' || current.generation !== mailing.generation) back(false)
    return
  }
  const bot = app.bots.get(to.bot)
  let leave: Leave | undefined
  let fault: { error: unknown } | undefined
  const turn = async (from: ServedBot) => {
    if (slot === 'free') return true
    leave = await inTime(from.budget, slot).catch((error: unknown) => void (fault = { error }))
    return leave !== undefined
  }
  const delivery = bot
    ? await deliverMailing(app, bot, mailing, to, () => turn(bot)).finally(() => leave?.())
    : { state: 'failed' as const, reason: `no bot is called ${to.bot}` }
  if (mailing.action === 'send' || delivery.state !== 'planned') {
    await marker.settle({ ...delivery, number: to.number })
  }
  if (fault) throw fault.error
  if (delivery.stop === 'token' && speaksBeside(mailing, silent, to.bot)) {
    silent.set(to.bot, WITHOUT_TOKEN)
    back(true)
  } else if (delivery.stop) {
    await pauseItself(app, mailing, delivery.stop)
    back(false)
  } else if (delivery.again) {
    await sleep(500)
    back(true)
  }
}
