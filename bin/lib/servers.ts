import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#shared/config/config.ts'
import { makeFolder } from '#shared/folder.ts'
import { startInfra } from '../infra/start.ts'
import type { Infra } from '../infra/start.ts'
import { unreachableDatabase } from './check-database.ts'
import { fail } from './process.ts'

type Servers = Pick<Infra, 'databaseUrl' | 'queue'>

const fileOf = (dataDir: string) => join(dataDir, 'running.json')

/** Leaves a note with the addresses of the embedded servers, so that other commands work beside `npm start`. */
export function announceServers(dataDir: string, servers: Servers): () => Promise<void> {
  const { databaseUrl, queue } = servers
  // When servers and key are the operator's own, nothing has needed the folder before.
  makeFolder(dataDir)
  writeFileSync(fileOf(dataDir), JSON.stringify({ pid: process.pid, databaseUrl, queue }), { mode: 0o600 })
  return async () => rmSync(fileOf(dataDir), { force: true })
}

/**
 * Opens the servers of the settings, else those of a running `npm start`, else embedded ones for as long as this
 * command runs.
 */
export async function openServers(config: Config): Promise<Infra> {
  const running = findRunning(config.dataDir)
  if (running && !config.databaseUrl) return { ...running, stop: async () => {} }
  const quiet = { info: () => {}, warn: (line: string) => console.error(line) }
  return startInfra(config, quiet)
}

/**
 * The same for a command that needs the database alone. A database of the settings that cannot be reached ends it, with
 * the reason and the remedy.
 */
export async function openDatabase(config: Config): Promise<Pick<Infra, 'databaseUrl' | 'stop'>> {
  const { databaseUrl } = config
  if (!databaseUrl) return await openServers(config)
  const away = await unreachableDatabase(databaseUrl)
  if (away) fail([`The database cannot be used: ${away}`])
  return { databaseUrl, stop: async () => {} }
}

/** The database of the settings, or of a running `npm start`; undefined = there is neither. */
export const runningDatabase = ({ databaseUrl, dataDir }: Config): string | undefined =>
  databaseUrl ?? findRunning(dataDir)?.databaseUrl

function findRunning(dataDir: string): Servers | undefined {
  try {
    const { pid, ...servers } = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as Servers & { pid: number }
    process.kill(pid, 0)
    return servers
  } catch {
    return undefined
  }
}
