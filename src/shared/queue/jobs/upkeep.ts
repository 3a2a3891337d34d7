import { defineTick } from '../job.ts'

/** Checks that the ledger adds up and alerts admins when it does not. */
export const proveLedger = defineTick('upkeep.prove-ledger', 5 * 60_000)
/** Deletes rows whose time to be kept is over. */
export const cleanUp = defineTick('upkeep.clean-up', 60 * 60_000)
