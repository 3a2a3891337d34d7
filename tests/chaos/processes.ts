import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '../..')
/** A busy machine starts a process in many seconds. */
const START_MS = 90_000
const KEPT_LINES = 40

export interface Running {
  name: string
  /** The line that said it is ready. */
  ready: string
  /** What it wrote last. */
  lines: string[]
  child: ChildProcess
  kill(signal: NodeJS.Signals): Promise<void>
}

/** Starts a file of this repository and waits for the line that says it is ready. */
export async function startProcess(
  name: string,
  file: string,
  args: string[],
  env: Record<string, string>,
  ready: RegExp,
): Promise<Running> {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: repository,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  ended.catch(() => {})
  const lines: string[] = []
  const said = new Promise<string>((tell) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        if (lines.length > KEPT_LINES) lines.shift()
        if (ready.test(line)) tell(line)
      })
    }
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const line = await Promise.race([said, ended.then(() => undefined)])
  clearTimeout(timer)
  if (line === undefined) throw new Error(`${name} did not start:\n${lines.join('\n')}`)
  return {
    name,
    ready: line,
    lines,
    child,
    async kill(signal) {
      child.kill(signal)
      await ended.catch(() => {})
    },
  }
}
