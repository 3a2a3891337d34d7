import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/lib/longest-first.ts'

const patience = {
  // For what hangs only: each wait in a test has its own patience, mostly of two minutes.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  // Its own patience of a second is less than a process may stand still on a busy machine.
  expect: { poll: { timeout: 120_000 } },
  setupFiles: ['tests/lib/each-file.ts'],
}

/** Files that start no shop and kill nothing: many share a process, which loads what they share once. */
const TOGETHER = ['tests/{unit,simulators,conformance}/**/*.test.ts']

export default defineConfig({
  test: {
    globalSetup: ['tests/lib/global-setup.ts'],
    // More than two cores have: a file waits for a third of its time, mostly for the locks of killed processes to end.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: 'apart', include: ['tests/**/*.test.ts'], exclude: TOGETHER, ...patience } },
      { test: { name: 'together', include: TOGETHER, isolate: false, ...patience } },
    ],
  },
})
