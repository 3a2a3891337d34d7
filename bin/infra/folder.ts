import { createHash } from 'node:crypto'
import { readFile, readlink, realpath, rm } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder } from '#shared/folder.ts'

/** Another live process keeps its data in this folder. */
export class FolderInUse extends Error {
  constructor(folder: string, pid: string) {
    super(
      `${folder} is in use by another telekassa, pid ${pid}: stop that one, or give this one a DATA_DIR of its own`,
    )
    this.name = 'FolderInUse'
  }
}

/**
 * Claims the folder `dataDir`/`name` for this process, before the folder exists. The claim is a listening socket, so
 * the kernel frees it when the process ends in any way, and no stale lock file is left. On Linux its name is
 * abstract, which needs no file.
 * @returns the function that frees the folder
 * @throws FolderInUse with the pid of the holder
 */
export async function claimFolder(dataDir: string, name: string): Promise<() => Promise<void>> {
  makeFolder(dataDir)
  const folder = join(await realpath(dataDir), name)
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 32)
  const abstract = process.platform === 'linux'
  const address = abstract ? `\0telekassa-${id}` : join(tmpdir(), `telekassa-${id}.sock`)

  const server = createServer((peer) => {
    peer.on('error', () => {})
    peer.end(String(process.pid))
  })
  if (!(await listen(server, address))) {
    const holder = await whoHolds(address)
    if (holder !== undefined) throw new FolderInUse(folder, holder)
    // A socket file may outlive its process. Nobody answers on this one, so it is removed.
    if (!abstract) await rm(address, { force: true })
    if (!(await listen(server, address))) throw new FolderInUse(folder, 'unknown')
  }
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}

function listen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error)
    server.once('error', failed)
    server.listen(path, () => {
      server.off('error', failed)
      resolve(true)
    })
  })
}

function whoHolds(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const socket = createConnection(path)
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('data', (data) => (text += String(data)))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text === '' ? undefined : text))
  })
}

/**
 * Whether this pid is a live process that works in this folder. A server changes into its data folder; a process
 * that got the same pid later works elsewhere.
 */
async function worksIn(pid: number, folder: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(folder))
  } catch {
    return false
  }
}

/**
 * Waits for a server that outlived its launcher. When a launcher was killed, its server may still be writing its
 * last pages in the claimed folder; if it does not end by itself, it is asked to stop. Afterwards the pid file is
 * known to be stale.
 * @param pidFile its first line is the process id
 */
export async function outliveLeftover(
  folder: string,
  pidFile: string,
  stopSignal: NodeJS.Signals,
): Promise<void> {
  const text = await readFile(pidFile, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!(pid > 0) || pid === process.pid) return rm(pidFile, { force: true })

  // With a death signal the server is stopping already; without one (macOS) it needs our signal after a second.
  for (let waited = 0; await worksIn(pid, folder); waited += 50) {
    if (waited === 1000) process.kill(pid, stopSignal)
    if (waited >= 30_000) throw new FolderInUse(folder, String(pid))
    await sleep(50)
  }
  await rm(pidFile, { force: true })
}
