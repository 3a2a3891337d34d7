import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/lib/longest-first.ts'

export default defineConfig({
  test: {
    globalSetup: ['tests/lib/global-setup.ts'],
    setupFiles: ['tests/lib/each-file.ts'],
    include: ['tests/**/*.test.ts'],
    // Test files share processes: to load everything anew costs two seconds of processor time, and there are 260 files.
    isolate: false,
    // More than two cores have: a file waits for a third of its time, mostly for the locks of killed processes to end.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    // For what hangs only: each wait in a test has its own patience, mostly of two minutes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Its own patience of a second is less than a process may stand still on a busy machine.
    expect: { poll: { timeout: 120_000 } },
  },
})
