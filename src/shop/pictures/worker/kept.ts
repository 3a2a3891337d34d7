import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '#shared/context.ts'
import { explain } from '#shared/errors.ts'
import { makeFolder } from '#shared/folder.ts'

/**
 * Pictures that are drawn but not delivered yet are kept as files in DATA_DIR, because the providers' addresses
 * expire and some providers give the bytes only once. A worker on another machine, which does not find the file,
 * asks the provider's address.
 */
const fileOf = (dataDir: string, orderId: string) => join(dataDir, 'pictures', orderId)

/** A picture that is there is not lost because the disk is full: it goes to its person at once. @returns false when it could not be kept */
export async function keepIfPossible(
  { config: { dataDir }, log }: Pick<Context, 'config' | 'log'>,
  orderId: string,
  bytes: Buffer,
): Promise<boolean> {
  try {
    await keepPicture(dataDir, orderId, bytes)
    return true
  } catch (error) {
    log.warn({ order: orderId, reason: explain(error) }, 'a picture could not be kept in DATA_DIR')
    return false
  }
}

export async function keepPicture(dataDir: string, orderId: string, bytes: Buffer): Promise<void> {
  const file = fileOf(dataDir, orderId)
  makeFolder(join(dataDir, 'pictures'))
  // The file appears whole or not at all, because a worker may be killed while it writes.
  await writeFile(`${file}.part`, bytes)
  await rename(`${file}.part`, file)
}

export async function keptPicture(dataDir: string, orderId: string): Promise<Buffer | undefined> {
  try {
    return await readFile(fileOf(dataDir, orderId))
  } catch {
    return undefined
  }
}

export async function dropPicture(dataDir: string, orderId: string): Promise<void> {
  await rm(fileOf(dataDir, orderId), { force: true })
}
