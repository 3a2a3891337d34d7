import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Files of more than fifteen seconds at rest, the longest first. A name that is gone does no harm. */
const LONGEST = [
  'chaos/chaos',
  'integration/fragment-faults',
  'end-to-end/newcomer',
  'integration/images-faults',
  'end-to-end/days',
  'end-to-end/sandbox-page',
  'crash/wake-ups',
  'end-to-end/run-time-bots',
  'crash/cut-off',
  'crash/redis-fail-over',
  'crash/redis-sentinel',
  'integration/one-balance',
  'crash/broadcasts',
  'integration/drawers',
  'integration/panel-forms',
  'integration/panel',
  'end-to-end/without-redis',
  'integration/images-rate',
].map((name) => `/tests/${name}.test.ts`)

/**
 * The longest files begin first, so that no core waits at the end for one that began last. The rest goes by size, in
 * one row for each project: files that share a process keep it while the next one is theirs.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(name))
      return found === -1 ? LONGEST.length : found
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}
