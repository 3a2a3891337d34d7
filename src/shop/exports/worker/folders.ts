import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { eachApart } from '#shared/each-apart.ts'
import { newId } from '#shared/ids.ts'

const PREFIX = 'telekassa-export-'
/** Which machine made a folder: several may share one temporary folder, and a process id means something on one of them. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
/** The age of a folder whose maker is not known to be dead: an export writes for 15 minutes at most and then only sends. */
const OLD_MS = 24 * 3_600_000

/** The folders of the exports that this process is making. */
const mine = new Set<string>()

/** Makes a folder for one export, does the work in it, and removes it with all that it holds. */
export async function inOwnFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(tmpdir(), `${PREFIX}${HOST}-${process.pid}-${newId()}`)
  mine.add(folder)
  try {
    await mkdir(folder, { mode: 0o700 })
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
    mine.delete(folder)
  }
}

/**
 * Removes what killed exports have left: it takes room, and other people's data are in it. Nobody finds such a folder
 * again, because the next try makes its own.
 */
export async function clearLeftFolders(now = Date.now()): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX))
  await eachApart(names, async (name) => {
    const path = join(tmpdir(), name)
    if (await isLeft(path, name, now)) await rm(path, { recursive: true, force: true })
  })
}

async function isLeft(path: string, name: string, now: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  // Anybody may make a folder of this name in /tmp, and only those of this account are ours.
  if (!found?.isDirectory() || found.uid !== process.getuid?.() || mine.has(path)) return false
  const [, host, pid] = /^telekassa-export-([0-9a-f]{8})-(\d+)-/.exec(name) ?? []
  if (host === HOST && !runs(Number(pid))) return true
  return now - found.mtimeMs > OLD_MS
}

/** In a container that is started again this process has the id of the one before; of its own folders it knows. */
function runs(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
