import { existsSync, mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Makes a folder that only this account may look into, with its parents. Node's own recursive `mkdir` never comes back
 * from a file system that takes no folders and says ENOENT to each, as /proc does: it makes the parent again and again,
 * at full speed, with the whole process waiting behind it.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path)
  if (!existsSync(folder)) {
    makeFolder(dirname(folder))
    try {
      mkdirSync(folder, { mode: 0o700 })
      return
    } catch (error) {
      // Another process has made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  if (!statSync(folder).isDirectory())
    throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${folder}'`), {
      code: 'ENOTDIR',
      syscall: 'mkdir',
    })
}

/** On a full disk what is there can still be read and removed, which is what frees it. */
const FULL = ['ENOSPC', 'EDQUOT']

/** @returns why nothing can be kept in the folder, which is made if it is missing; undefined = something can, or the disk is full */
export function closedFolder(path: string): string | undefined {
  try {
    makeFolder(path)
    // Rights say too little: to root all folders are open, those of a file system that takes none as well.
    rmdirSync(mkdtempSync(join(path, '.try-')))
    return undefined
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    return FULL.includes(code) ? undefined : message
  }
}
