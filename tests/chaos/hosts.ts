import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startProcess } from './processes.ts'
import type { ProcessSpec, Running } from './processes.ts'
import { roleOf } from './troubles.ts'

const run = promisify(execFile)
const ip = (...args: string[]) => run('ip', args)

const PREFIX = 'tkc'
/** A hardware address that nobody has: what is sent there arrives and is dropped, as on a wire that is cut. */
const NOBODY = '02:00:00:00:00:01'

/** What is lost: everything, what comes to the host, or what it sends. */
export type Lost = 'all' | 'in' | 'out'

/** A network namespace with a wire of its own to where the servers are. */
export interface Host {
  name: string
  /** Before the command of a process that runs there. */
  inside: string[]
  cut(lost: Lost): Promise<void>
  mend(): Promise<void>
}

/** Why there can be no hosts here; undefined = there can. */
export async function hostsProblem(): Promise<string | undefined> {
  const name = `${PREFIX}${process.pid}-0`
  try {
    await ip('netns', 'add', name)
    await ip('netns', 'delete', name)
    return undefined
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    return `hosts are network namespaces, which need Linux, iproute2 and root: ${(stderr || message).trim()}`
  }
}

/** What a run that was killed has left. */
async function clear(): Promise<void> {
  const { stdout } = await ip('netns', 'list')
  for (const [name, pid] of stdout.matchAll(new RegExp(`^${PREFIX}(\\d+)-\\d+`, 'gm'))) {
    try {
      process.kill(Number(pid), 0)
    } catch {
      await ip('netns', 'delete', name)
    }
  }
}

/** Which host each process is on: replicas of a role on different ones. @returns from 0 on */
export function placesOf(names: readonly string[], hosts: number): Map<string, number> {
  const roles = [...new Set(names.map(roleOf))]
  return new Map(names.map((name) => [name, (roles.indexOf(roleOf(name)) + Number(name.at(-1))) % hosts]))
}

/**
 * Makes hosts from which the servers outside are reached at the addresses that they have, as long as the wire is whole.
 * @param outside ports of the servers on this machine
 * @param doors ports that each host's own servers listen at, which this machine reaches at the same address
 */
export async function openHosts(doors: number[][], outside: number[], logs: string) {
  await clear()
  const carriers: Running[] = []
  const net = 64 + (process.pid % 128)
  const hosts = await Promise.all(
    doors.map(async (own, index): Promise<Host> => {
      const name = `${PREFIX}${process.pid}-${index + 1}`
      const [here, there] = [`10.${net}.${index}.1`, `10.${net}.${index}.2`]
      const [mine, its] = [`${name}a`, `${name}b`]
      await ip('netns', 'add', name)
      await ip('link', 'add', mine, 'type', 'veth', 'peer', 'name', its, 'netns', name)
      await ip('address', 'add', `${here}/30`, 'dev', mine)
      await ip('link', 'set', mine, 'up')
      await ip('-n', name, 'address', 'add', `${there}/30`, 'dev', its)
      for (const device of [its, 'lo']) await ip('-n', name, 'link', 'set', device, 'up')
      const inside = ['ip', 'netns', 'exec', name]
      const carry = async (side: string, args: string[], prefix: string[]) => {
        const spec: ProcessSpec = {
          name: `${side}-${index + 1}`,
          file: 'tests/chaos/carrier.ts',
          args,
          env: {},
          ready: /^ready/m,
          inside: prefix,
        }
        carriers.push(await startProcess(spec, logs))
      }
      const way = (from: string, to: string) => (port: number) => `${from}:${port}=${to}:${port}`
      await carry(
        'outside',
        [...outside.map(way(here, '127.0.0.1')), ...own.map(way('127.0.0.1', there))],
        [],
      )
      await carry(
        'inside',
        [...outside.map(way('127.0.0.1', here)), ...own.map(way(there, '127.0.0.1'))],
        inside,
      )
      const lose = {
        in: () => ip('neigh', 'replace', there, 'lladdr', NOBODY, 'dev', mine, 'nud', 'permanent'),
        out: () => ip('-n', name, 'neigh', 'replace', here, 'lladdr', NOBODY, 'dev', its, 'nud', 'permanent'),
      }
      return {
        name: `host-${index + 1}`,
        inside,
        async cut(lost) {
          if (lost !== 'out') await lose.in()
          if (lost !== 'in') await lose.out()
        },
        async mend() {
          // Asked for anew by whoever sends next.
          await ip('neigh', 'flush', 'dev', mine, 'nud', 'permanent')
          await ip('-n', name, 'neigh', 'flush', 'dev', its, 'nud', 'permanent')
        },
      }
    }),
  )
  return {
    hosts,
    async close() {
      await Promise.all(carriers.map((one) => one.kill('SIGKILL')))
      // The wire goes with the host.
      for (const { inside } of hosts) await ip('netns', 'delete', inside.at(-1)!)
    },
  }
}
