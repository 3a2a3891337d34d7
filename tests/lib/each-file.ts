import { afterAll } from 'vitest'
import { killLeftProcesses } from './processes.ts'

// Vitest reads this file for each test file, although test files share a process and every other module is
// evaluated once there: so each file kills the processes that it left.
afterAll(killLeftProcesses)
