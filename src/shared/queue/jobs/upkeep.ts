import { defineTick } from '../job.ts'

/** Proves the ledger and says loudly when it does not add up. */
export const proveLedger = defineTick('upkeep.prove-ledger', 5 * 60_000)
/** Deletes rows that are kept for a time only. */
export const cleanUp = defineTick('upkeep.clean-up', 60 * 60_000)
