import { later } from './job.ts'
import type { Verdict } from './job.ts'

/**
 * A job that gave way asks again after this time. A slice of a mailing takes 5 s, and one lane alone still uses most
 * of its bot's rate meanwhile.
 */
const AGAIN_MS = 500
/** A waiting job that has not asked again for this long was taken by another process. */
const GONE_MS = 5_000

interface OfBot {
  /** Jobs at work in this process. */
  atWork: number
  /** When each job that gave way looked last, the longest waiting first. */
  waiting: Map<string, number>
}

/**
 * Bots take turns at long work that a process does few of. A job of a bot that already has `most` jobs at work here
 * gives way, so that jobs of other bots do not wait behind all of them. Among a bot's own waiting jobs the one that
 * waits longest goes next; otherwise a mailing, whose every slice owes the next, would keep the bot's other mailings
 * waiting until its end.
 */
export function givesWay(most: number, now = () => performance.now()) {
  const bots = new Map<string, OfBot>()
  return async (
    { bot }: { bot?: string | undefined },
    { jobId }: { jobId: string },
    work: () => Promise<Verdict>,
  ): Promise<Verdict> => {
    // Jobs that an earlier release enqueued name no bot.
    if (bot === undefined) return work()
    const of = bots.get(bot) ?? { atWork: 0, waiting: new Map<string, number>() }
    bots.set(bot, of)
    for (const [id, at] of of.waiting) if (now() - at > GONE_MS) of.waiting.delete(id)
    const ids = [...of.waiting.keys()]
    const ahead = of.waiting.has(jobId) ? ids.indexOf(jobId) : ids.length
    if (of.atWork + ahead >= most) {
      of.waiting.set(jobId, now())
      return later(AGAIN_MS, `other jobs of ${bot} are at work here`)
    }
    of.waiting.delete(jobId)
    of.atWork++
    try {
      return await work()
    } finally {
      of.atWork--
      if (of.atWork === 0 && of.waiting.size === 0) bots.delete(bot)
    }
  }
}
