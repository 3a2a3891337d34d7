import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startProcess } from './processes.ts'
import type { ProcessSpec, Running } from './processes.ts'
import { roleOf } from './troubles.ts'

const run = promisify(execFile)
const ip = (...args: string[]) => run('ip', args)

const PREFIX = 'tkc'
/** A hardware address that no device has. What is sent there arrives and is dropped, as on a wire that is cut. */
const NOBODY = '02:00:00:00:00:01'

/** Which traffic is lost: all of it, what comes to the host, or what the host sends. */
export type Lost = 'all' | 'in' | 'out'

/** A network namespace with a wire of its own to the place of the servers. */
export interface Host {
  name: string
  /** What to put before the command of a process so that it runs on this host. */
  inside: string[]
  cut(lost: Lost): Promise<void>
  mend(): Promise<void>
  /** Makes the wire a far one, or a near one again: what it carries comes late, and some of it is lost at first. */
  moveAway(): void
  /** What the wire was like the last time that it was far. */
  felt(): string
}

/** The reason why this machine cannot have hosts; undefined if it can. */
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

/** Removes what a killed run has left. */
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

/**
 * Puts each process on a host, replicas of one role on different hosts.
 * @returns the number of each process's host, from 0 on
 */
export function placesOf(names: readonly string[], hosts: number): Map<string, number> {
  const roles = [...new Set(names.map(roleOf))]
  return new Map(names.map((name) => [name, (roles.indexOf(roleOf(name)) + Number(name.at(-1))) % hosts]))
}

/**
 * Makes hosts that reach the servers outside at their usual addresses, as long as the wire is whole.
 * @param outside ports of the servers on this machine
 * @param doors ports at which the servers of each host listen, and at which this machine reaches them
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
        const carrier = await startProcess(spec, logs)
        carriers.push(carrier)
        return carrier
      }
      const way = (from: string, to: string) => (port: number) => `${from}:${port}=${to}:${port}`
      const outer = await carry(
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
          // Addresses are forgotten, so that whoever sends next asks for them anew.
          await ip('neigh', 'flush', 'dev', mine, 'nud', 'permanent')
          await ip('-n', name, 'neigh', 'flush', 'dev', its, 'nud', 'permanent')
        },
        moveAway: () => void outer.child.kill('SIGUSR2'),
        felt: () => /.*pieces came late.*\n$/.exec(outer.said())?.[0].trim() ?? '',
      }
    }),
  )
  return {
    hosts,
    async close() {
      await Promise.all(carriers.map((one) => one.kill('SIGKILL')))
      // Deleting the host deletes its wire as well.
      for (const { inside } of hosts) await ip('netns', 'delete', inside.at(-1)!)
    },
  }
}
