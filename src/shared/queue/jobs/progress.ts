import { z } from 'zod'
import { defineJob } from '../job.ts'
import type { Tick } from './upkeep.ts'

const scheduled = (name: string) =>
  defineJob<Tick>({
    name,
    queue: 'upkeep',
    payload: z.object({ at: z.string() }),
    id: (job) => `${name.replaceAll('.', '-')}-${job.at}`,
    attempts: 1,
    backoffMs: 1_000,
  })

/** XP, rewards and bonuses for what moved in the ledger since the last time. */
export const followLedgerJob = scheduled('upkeep.follow-ledger')
/** Pays the rewards of inviters whose hold is over. */
export const payReferrals = scheduled('upkeep.pay-referrals')
/** Renews, reminds of and ends subscriptions. */
export const renewSubscriptions = scheduled('upkeep.renew-subscriptions')
