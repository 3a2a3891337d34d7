import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/**
 * Files that take more than thirty seconds in a whole run on two cores, the longest first. The name of a file that
 * is gone does no harm.
 */
const LONGEST = [
  'chaos/chaos',
  'end-to-end/days',
  'end-to-end/sandbox-page',
  'end-to-end/mini-app',
  'crash/rolling-restart',
  'crash/wake-ups',
  'integration/pictures-faults',
  'crash/cut-off',
  'integration/stars-premium-faults',
  'end-to-end/panel',
  'end-to-end/newcomer',
  'crash/processes',
  'integration/deploy-roles',
  'crash/payments',
  'integration/stars-premium-random',
  'end-to-end/run-time-bots',
  'integration/infra-accounts',
  'crash/database-away',
  'crash/payments-stars-refunds',
  'integration/one-balance',
  'integration/one-card',
  'end-to-end/pictures',
  'crash/pictures-many',
  'integration/infra-start',
  'integration/stars-premium-storm',
  'integration/support-group',
  'end-to-end/two-bots',
  'crash/pictures-kill',
  'crash/wiped',
  'crash/stars-premium',
  'crash/trace',
  'crash/stars-premium-two-workers',
  'crash/redis-cluster',
  'crash/redis-sentinel',
].map((name) => `/tests/${name}.test.ts`)

/** Begins the longest files first, so that no core waits at the end for a long file that began last. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(name))
      return found === -1 ? LONGEST.length : found
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}
