import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

export interface Started {
  pid: number
  /** The line with which the process said that it is ready. */
  line: string
  /** Resident memory, MiB. */
  memory(): number
  stop(): Promise<void>
}

const root = join(import.meta.dirname, '../..')

/** Starts a file of this repository as a process, which is ready when it has written this line. */
export async function start(
  file: string,
  args: string[],
  env: Record<string, string>,
  ready: RegExp,
): Promise<Started> {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    env: { ALLOW_OWNER_ROLE: 'true', ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  ended.catch(() => {})
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (ready.test(text)) resolve(text)
    })
    ended.then(
      () => reject(new Error(`${file} ${args.join(' ')} did not start`)),
      () => {},
    )
  })
  return {
    pid: child.pid!,
    line,
    memory: () =>
      Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024),
    async stop() {
      child.kill('SIGKILL')
      await ended.catch(() => {})
    },
  }
}
