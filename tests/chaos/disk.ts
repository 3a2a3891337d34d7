import { execFile } from 'node:child_process'
import { mkdir, readFile, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** Much more than a run needs. The memory behind it is taken only as files grow. */
const SIZE = '6g'
const NAME = 'telekassa-chaos'

/** Removes what a killed run has left. */
export async function removeLeftDisks(): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8')
  for (const [, pid, path] of mounts.matchAll(new RegExp(`^${NAME}-(\\d+) (\\S+)`, 'gm'))) {
    try {
      process.kill(Number(pid), 0)
    } catch {
      await run('umount', ['-l', path!])
    }
  }
}

/** A folder that is a disk of its own, which can be full. */
export interface Disk {
  fill(): Promise<void>
  free(): Promise<void>
  remove(): Promise<void>
}

/** Mounts a file system in memory at the path. @throws where that is not allowed */
export async function mountDisk(path: string): Promise<Disk> {
  await mkdir(path, { recursive: true })
  await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=700`, `${NAME}-${process.pid}`, path])
  const resize = (size: string | number) => run('mount', ['-o', `remount,size=${size}`, path])
  return {
    async fill() {
      // Files grow between the look and the change, and a disk smaller than its files is refused: each attempt leaves a
      // little more room, which is full a moment later.
      for (let attempt = 1; ; attempt++) {
        const { blocks, bfree, bsize } = await statfs(path)
        try {
          await resize(Math.max(1, blocks - bfree + 8 * (attempt - 1)) * bsize)
          return
        } catch (error) {
          if (attempt === 20) throw error
        }
      }
    },
    free: async () => void (await resize(SIZE)),
    // Lazily, because a server may still be ending.
    remove: async () => void (await run('umount', ['-l', path])),
  }
}
