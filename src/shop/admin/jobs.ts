import { z } from 'zod'
import { defineJob, defineTick } from '#shared/queue/job.ts'

/** Tells owners once a day what admins did. */
export const adminDigest = defineTick('upkeep.admin-digest', 24 * 60 * 60_000)

/** Looks for people who get more out than they put in, and for bots through which much money is created. */
export const findGainsJob = defineTick('upkeep.find-gains', 60 * 60_000)
/** Tells owners what admins of other owners' bots did to shared things. */
export const adminTellOthers = defineTick('upkeep.tell-others', 60_000)

/** Counts what each day brought, for the statistics. */
export const countTotals = defineTick('upkeep.count-totals', 60_000)

/** Deletes the token of a removed bot when the bot owes nothing any more. */
export const closeBot = defineJob<{ bot: string; at: string }>({
  name: 'upkeep.close-bot',
  queue: 'upkeep',
  payload: z.object({ bot: z.string(), at: z.string() }),
  id: ({ bot, at }) => `close-bot-${bot}-${Date.parse(at)}`,
  attempts: 8,
  backoffMs: 5_000,
})
