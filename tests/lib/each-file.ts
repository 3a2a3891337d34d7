import { afterAll } from 'vitest'
import { endFile } from './at-end.ts'
import { killLeftProcesses } from './processes.ts'

// Vitest reads this file for each test file, although test files share a process and every other module is
// evaluated once there: so each file ends what it opened and kills the processes that it left.
afterAll(async () => {
  try {
    await endFile()
  } finally {
    await killLeftProcesses()
  }
})
