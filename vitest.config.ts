import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/lib/global-setup.ts'],
    // For what hangs only: each wait in a test has its own patience, mostly of a minute.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Its own patience of a second is less than a process may stand still on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    // More than two cores have: most of the time goes into waiting for killed processes' locks to end.
    maxWorkers: 3,
  },
})
