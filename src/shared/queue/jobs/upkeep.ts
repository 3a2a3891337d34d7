import { z } from 'zod'
import { defineJob } from '../job.ts'

const tick = z.object({ at: z.string() })
export type Tick = z.infer<typeof tick>

const scheduled = (name: string) =>
  defineJob<Tick>({
    name,
    queue: 'upkeep',
    payload: tick,
    id: (job) => `${name.replaceAll('.', '-')}-${job.at}`,
    attempts: 1,
    backoffMs: 1_000,
  })

/** Proves the ledger and says loudly when it does not add up. */
export const proveLedger = scheduled('upkeep.prove-ledger')
/** Compares our Stars payments with Telegram's own list and books what was lost. */
export const reconcileStars = scheduled('upkeep.reconcile-stars')
/** Expires drafts and payments that nobody paid, releases holds whose orders are over. */
export const expire = scheduled('upkeep.expire')
/** Deletes rows that are kept for a time only. */
export const cleanUp = scheduled('upkeep.clean-up')
/** Owes a look at every payment whose time has come. */
export const pollPayments = scheduled('upkeep.poll-payments')
/** Owes the comparison with every provider's own list. */
export const compareDaily = scheduled('upkeep.compare-daily')
/** Forgets the token of a removed bot when nothing is owed through it any more. */
export const closeBot = defineJob<{ bot: string; at: string }>({
  name: 'upkeep.close-bot',
  queue: 'upkeep',
  payload: z.object({ bot: z.string(), at: z.string() }),
  id: ({ bot, at }) => `close-bot-${bot}-${Date.parse(at)}`,
  attempts: 8,
  backoffMs: 5_000,
})
/** Tells owners once a day what admins did. */
export const adminDigest = scheduled('upkeep.admin-digest')
