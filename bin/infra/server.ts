import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** The two functions of a logger that this folder needs. */
export interface InfraLog {
  info(message: string): void
  warn(message: string): void
}

export interface ServerSettings {
  name: string
  /** Program and arguments, including the programs that lower its rights or tie it to this process. */
  command: string[]
  cwd?: string
  ready: RegExp
  /** Lines of the server's output that are worth a warning in our log. */
  alarming: RegExp
  /** Signals to try one after the other, each with the milliseconds to wait for the end. */
  stopSignals: [NodeJS.Signals, number][]
  log: InfraLog
}

export interface RunningServer {
  pid: () => number
  stop: () => Promise<void>
}

/** When the server itself crashes, it is started again on the same port after this many milliseconds. */
const RESTART_PAUSE_MS = 500
/** Recovery after a power cut replays the log; on a slow disk that takes minutes. */
const START_PATIENCE_MS = 180_000

/** The server ended before it was ready. `output` holds its last lines. */
export class ServerFailed extends Error {
  readonly output: string
  constructor(name: string, output: string) {
    super(`${name} did not start: ${output.trim() || 'it said nothing'}`)
    this.name = 'ServerFailed'
    this.output = output
  }
}

/**
 * Starts a server, waits until it says that it is ready, and starts it again when it dies unasked. The server gets a
 * session of its own, so that Ctrl-C in the terminal reaches only us and the work in flight can be finished.
 * @throws ServerFailed
 */
export async function runServer(settings: ServerSettings): Promise<RunningServer> {
  const { name, log } = settings
  let stopping = false
  let child = await launch(settings, () => stopping)
  const onExit = (): void => void child.kill(settings.stopSignals[0]![0])
  process.on('exit', onExit)

  const watching = (async () => {
    while (!stopping) {
      await ended(child)
      while (!stopping) {
        log.warn(`${name} ended by itself (${child.signalCode ?? child.exitCode}), starting it again`)
        await sleep(RESTART_PAUSE_MS)
        try {
          if (!stopping) child = await launch(settings, () => stopping)
          break
        } catch (error) {
          log.warn(error instanceof Error ? error.message : String(error))
        }
      }
    }
  })()

  return {
    pid: () => child.pid!,
    async stop() {
      if (stopping) return watching
      stopping = true
      for (const [signal, patienceMs] of settings.stopSignals) {
        child.kill(signal)
        await Promise.race([watching, sleep(patienceMs, undefined, { ref: false })])
        if (child.exitCode !== null || child.signalCode !== null) break
      }
      await watching
      process.off('exit', onExit)
    },
  }
}

async function launch(settings: ServerSettings, stopping: () => boolean): Promise<ChildProcess> {
  const [program, ...args] = settings.command
  const child = spawn(program!, args, {
    cwd: settings.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], LC_ALL: 'C', TZ: 'UTC' },
  })
  const last: string[] = []
  const isReady = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as Readable }).on('line', (line) => {
        last.push(line)
        if (last.length > 12) last.shift()
        if (settings.ready.test(line)) resolve()
        else if (settings.alarming.test(line) && !stopping()) settings.log.warn(`${settings.name}: ${line}`)
      })
    }
  })
  const outcome = await Promise.race([
    isReady.then(() => 'ready' as const),
    ended(child).then(() => 'ended' as const),
    sleep(START_PATIENCE_MS, 'late' as const, { ref: false }),
  ])
  if (outcome === 'ready') return child
  if (outcome === 'late') child.kill('SIGKILL')
  throw new ServerFailed(settings.name, last.join('\n'))
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  // 'error' = the server could not be started at all; 'close' comes after its last line of output.
  await Promise.race([once(child, 'close'), once(child, 'error').catch(() => {})])
}

/** Finds a port of 127.0.0.1 that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Another program may take a free port before the server does. Then another port is tried, up to five. */
export async function onFreePort<T>(
  port: number | undefined,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (port !== undefined) return start(port)
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort())
    } catch (error) {
      const taken = error instanceof ServerFailed && /address already in use/i.test(error.output)
      if (!taken || attempt === 5) throw error
    }
  }
}
