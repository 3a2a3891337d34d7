import { later } from './job.ts'
import type { Verdict } from './job.ts'

/** What gave way looks again so soon: a slice of a mailing takes five seconds, and one lane alone keeps most of a rate. */
const AGAIN_MS = 500
/** Who has not looked again for so long was taken by another process. */
const GONE_MS = 5_000

interface OfBot {
  /** Jobs at work in this process. */
  atWork: number
  /** When each job that gave way looked last, the longest waiting first. */
  waiting: Map<string, number>
}

/**
 * Bots take turns at what is few in a process and takes long: a job of a bot that has `most` at work here gives way, so that
 * those of other bots are not behind all of its own. Of its own the longest waiting is next, or a mailing, whose every slice
 * owes the next one, would keep out the bot's other mailings until it is over.
 */
export function givesWay(most: number, now = () => performance.now()) {
  const bots = new Map<string, OfBot>()
  return async (
    { bot }: { bot?: string | undefined },
    { jobId }: { jobId: string },
    work: () => Promise<Verdict>,
  ): Promise<Verdict> => {
    // A job of a release before names no bot.
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
