import { readFileSync, readdirSync } from 'node:fs'
import { Redis } from 'ioredis'
import pg from 'pg'

/** Linux counts clock ticks in hundredths of a second for programs, on every machine of today. */
const TICKS = 100

/** @returns undefined when the process does not exist (any more) */
function fields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

const parentOf = (pid: number): number => Number(fields(pid)![1])

/**
 * The processor time that these processes and their children have had so far, in ms. Children that have ended
 * count as well.
 */
export function cpuOf(pids: readonly number[]): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const children = all.filter((pid) => pids.includes(Number(fields(pid)?.[1])))
  const own = [...new Set([...pids, ...children])].reduce((sum, pid) => sum + ticks(pid, 11, 12), 0)
  const ended = pids.reduce((sum, pid) => sum + ticks(pid, 13, 14), 0)
  return ((own + ended) * 1000) / TICKS
}

function ticks(pid: number, ...at: number[]): number {
  const stat = fields(pid)
  return stat ? at.reduce((sum, field) => sum + Number(stat[field]), 0) : 0
}

/** The first process of PostgreSQL, whose children all its other processes are. */
export async function postmaster(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const parent = parentOf(rows[0]!.pid)
  await client.end()
  return parent
}

export async function redisServer(url: string): Promise<number> {
  const redis = new Redis(url)
  const info = await redis.info('server')
  redis.disconnect()
  return Number(/process_id:(\d+)/.exec(info)![1])
}
