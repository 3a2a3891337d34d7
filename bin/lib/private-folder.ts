import { chmodSync, statSync } from 'node:fs'

export class FolderShared extends Error {}

/**
 * DATA_DIR holds the key of all secrets, the database's files and a note with its password: it is closed to everybody
 * else, whatever the umask was when it was made and whoever opened it since. One that is not there yet is made so.
 * @returns what the operator should know
 * @throws FolderShared with a sentence when it is a folder that many share, such as /tmp
 */
export function closeToOthers(dataDir: string): string | undefined {
  const found = statSync(dataDir, { throwIfNoEntry: false })
  if (!found || process.platform === 'win32' || (found.mode & 0o777) === 0o700) return undefined
  // A sticky folder that everybody may write to is the machine's, not ours to close.
  if ((found.mode & 0o1002) === 0o1002) {
    throw new FolderShared(
      `DATA_DIR ${dataDir} is a folder that many share: give it one of its own, such as ${dataDir}/telekassa`,
    )
  }
  try {
    chmodSync(dataDir, 0o700)
    return undefined
  } catch {
    return `DATA_DIR ${dataDir} can be looked into by others, and belongs to another account, so it cannot be closed: chmod 700 it`
  }
}
