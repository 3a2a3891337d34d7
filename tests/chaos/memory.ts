import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'

const GROUPS = '/sys/fs/cgroup/memory'
/** An idle process allocates little, so the limit is near. */
const LIMIT = 512 * 1024
const FOLDER = `${GROUPS}/telekassa-chaos-${process.pid}`

/**
 * Makes room for groups of one process each. A process in such a group may take half a megabyte of memory more; then the
 * kernel kills it.
 * @returns undefined where the kernel's groups (cgroup v1) cannot be written
 */
export async function openLimit() {
  let number = 0
  try {
    await mkdir(FOLDER)
  } catch {
    return undefined
  }
  return {
    /** Puts a process under a limit of its own. What it has already is not counted. */
    async limit(pid: number): Promise<void> {
      const own = `${FOLDER}/${++number}`
      await mkdir(own)
      await writeFile(`${own}/memory.limit_in_bytes`, String(LIMIT))
      await writeFile(`${own}/cgroup.procs`, String(pid))
    },
    async close(): Promise<void> {
      for (const name of await readdir(FOLDER))
        if (/^\d+$/.test(name)) await rmdir(`${FOLDER}/${name}`).catch(() => {})
      await rmdir(FOLDER).catch(() => {})
    },
  }
}
