import { afterAll } from 'vitest'
import { killLeftProcesses } from './processes.ts'

// Read for each test file, also where several share a process and every other module is evaluated once.
afterAll(killLeftProcesses)
