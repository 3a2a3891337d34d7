import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/**
 * Files that take more than fifteen seconds on a machine at rest, the longest first. The name of a file that
 * is gone does no harm.
 */
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
 * Begins the longest files first, so that no core waits at the end for a long file that began last. Files of
 * one project stay in one row, because files that share a process keep that process only while the next file
 * is of the same project.
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
