import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { eventually } from './eventually.ts'

export interface TestProcess {
  pid: number
  /** Every line that the process has written so far, of both streams. */
  lines: string[]
  /** The first line that matches, among those written so far and those to come. */
  waitFor(line: RegExp, timeoutMs?: number): Promise<string>
  /** Sends the signal to the process, not to its children, and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** The exit code of the process, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

const running = new Set<TestProcess>()

/** Kills what a test file has left running; called at the end of each test file. */
export async function killLeftProcesses(): Promise<void> {
  await Promise.all([...running].map((one) => one.kill('SIGKILL')))
}

/** Starts a program. What still runs when the test file ends is killed. */
export function startProcess(
  command: string[],
  options: { env?: Record<string, string | undefined>; cwd?: string } = {},
): TestProcess {
  const [program, ...args] = command
  const child = spawn(program!, args, {
    cwd: options.cwd,
    // The PostgreSQL of tests has one role, which owns the tables.
    env: { ALLOW_OWNER_ROLE: 'true', ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => lines.push(line))
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(it)
    return (signal ?? code) as number | NodeJS.Signals
  })
  ended.catch(() => {})
  const it: TestProcess = {
    pid: child.pid ?? -1,
    lines,
    ended,
    async waitFor(line, timeoutMs = 150_000) {
      const find = (): string | undefined => lines.find((one) => line.test(one))
      const over = (): boolean => child.exitCode !== null || child.signalCode !== null
      await eventually(() => find() !== undefined || over(), { timeoutMs, what: String(line) }).catch(
        () => {},
      )
      const found = find()
      if (found === undefined)
        throw new Error(`${command.join(' ')} never wrote ${line}:\n${lines.join('\n')}`)
      return found
    },
    async kill(signal) {
      child.kill(signal)
      await ended.catch(() => {})
    },
  }
  running.add(it)
  return it
}

/** Starts a TypeScript file with the Node that runs the tests. */
export function startNode(
  file: string,
  args: string[] = [],
  options: { env?: Record<string, string | undefined>; cwd?: string } = {},
): TestProcess {
  return startProcess([process.execPath, file, ...args], options)
}
