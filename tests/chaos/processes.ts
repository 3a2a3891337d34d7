import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const repository = resolve(import.meta.dirname, '../..')
/** A busy machine may take many seconds to start a process. */
const START_MS = 90_000

export interface ProcessSpec {
  /** The name, such as `role-1`. The output of the process goes to a file of this name. */
  name: string
  /** The file to run, as a path in this repository. */
  file: string
  args: string[]
  env: Record<string, string>
  /** The line with which the process says that it is ready. */
  ready: RegExp
  /** The program that gets the file; Node, unless told otherwise. */
  program?: string
  /** A command in front that runs the process elsewhere, such as in another network. */
  inside?: string[]
}

export interface Running {
  spec: ProcessSpec
  child: ChildProcess
  /** Everything that the process has written so far. */
  said(): string
  kill(signal: NodeJS.Signals): Promise<void>
}

let started = 0

/** Starts a file of this repository and waits for the line that says it is ready. Its output is a file in `logs`. */
export async function startProcess(spec: ProcessSpec, logs: string): Promise<Running> {
  const log = join(logs, `${String(++started).padStart(4, '0')}-${spec.name}.log`)
  const output = openSync(log, 'a')
  const [command = '', ...args] = [
    ...(spec.inside ?? []),
    spec.program ?? process.execPath,
    spec.file,
    ...spec.args,
  ]
  const child = spawn(command, args, {
    cwd: repository,
    // The PostgreSQL of a run has one role, which owns the tables.
    env: { ALLOW_OWNER_ROLE: 'true', PATH: process.env['PATH'], HOME: process.env['HOME'], ...spec.env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const ended = once(child, 'close').catch(() => {})
  const over = () => child.exitCode !== null || child.signalCode !== null
  const deadline = performance.now() + START_MS
  for (;;) {
    const text = readFileSync(log, 'utf8')
    if (spec.ready.test(text)) break
    if (over() || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`${spec.name} did not start:\n${text.slice(-2_000)}`)
    }
    await sleep(40)
  }
  return {
    spec,
    child,
    said: () => readFileSync(log, 'utf8'),
    async kill(signal) {
      child.kill(signal)
      await ended
    },
  }
}
