import { mkdir, rmdir, writeFile } from 'node:fs/promises'

const GROUP = `/sys/fs/cgroup/memory/telekassa-chaos-${process.pid}`
/** Less than a process of the shop needs to start. */
const LIMIT = 24 * 1024 * 1024

/**
 * Makes a group of processes that is given too little memory.
 * @returns undefined where the kernel's groups (cgroup v1) cannot be written
 */
export async function openLimit() {
  try {
    await mkdir(GROUP)
    await writeFile(`${GROUP}/memory.limit_in_bytes`, String(LIMIT))
  } catch {
    return undefined
  }
  return {
    /** What to put before a command so that it runs in the group: the kernel kills it when it takes more. */
    inside: ['sh', '-c', `echo $$ >${GROUP}/cgroup.procs && exec "$@"`, 'sh'],
    async close(): Promise<void> {
      await rmdir(GROUP).catch(() => {})
    },
  }
}
