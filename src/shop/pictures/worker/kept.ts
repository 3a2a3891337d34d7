import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Pictures that are drawn but not delivered yet are kept as files in DATA_DIR, because the providers' addresses
 * expire and some providers give the bytes only once. A worker on another machine, which does not find the file,
 * asks the provider's address.
 */
const fileOf = (dataDir: string, orderId: string) => join(dataDir, 'pictures', orderId)

export async function keepPicture(dataDir: string, orderId: string, bytes: Buffer): Promise<void> {
  const file = fileOf(dataDir, orderId)
  await mkdir(join(dataDir, 'pictures'), { recursive: true, mode: 0o700 })
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
