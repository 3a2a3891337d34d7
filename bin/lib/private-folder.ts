import { chmodSync, statSync } from 'node:fs'

export class FolderShared extends Error {}

/**
 * Closes DATA_DIR to all other accounts, whatever the umask was when the folder was made and whoever opened it
 * since: it holds the key of all secrets, the database's files and a note with its password. A missing folder is
 * made so.
 * @returns what the operator should know
 * @throws FolderShared with a sentence when many share the folder, as /tmp
 */
export function closeToOthers(dataDir: string): string | undefined {
  const found = statSync(dataDir, { throwIfNoEntry: false })
  if (!found || process.platform === 'win32' || (found.mode & 0o777) === 0o700) return undefined
  // A sticky folder that everybody may write to belongs to the machine, so we may not close it.
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
