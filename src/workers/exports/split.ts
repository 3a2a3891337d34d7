import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'

export interface Part {
  path: string
  name: string
  bytes: number
  /** Without the header. */
  rows: number
}

const QUOTE = 34
const NEWLINE = 10
/** What is written between two looks at the size of the archive: a 200th of a part, and never much memory. */
const STEP = { share: 200, least: 512, most: 256 * 1024 }
/** The end of an archive and what a step may grow by when it does not compress (RFC 1951: 5 bytes a block). */
const OVERHEAD = 64

/**
 * Turns a CSV file into archives, each a whole .csv.gz with BOM and header and none larger than this. A part ends
 * between two rows, also where a cell holds line breaks. One part keeps the name; several are numbered.
 * @param largestBytes a single row above it makes a part of its own
 */
export async function splitCsv(
  path: string,
  name: string,
  largestBytes: number,
  signal?: AbortSignal,
): Promise<Part[]> {
  const step = Math.max(STEP.least, Math.min(STEP.most, Math.floor(largestBytes / STEP.share)))
  const parts: Part[] = []
  let header: Buffer | undefined
  let archive: Archive | undefined
  const finish = async () => {
    if (archive) parts.push({ path: archive.path, name: '', rows: archive.rows, bytes: await archive.end() })
    archive = undefined
  }
  for await (const { bytes, rows } of wholeRows(createReadStream(path, { highWaterMark: step, signal }))) {
    if (!header) {
      const end = bytes.indexOf(NEWLINE) + 1
      header = bytes.subarray(0, end)
      if (rows > 1) archive = await openArchive(`${dirname(path)}/part-1.gz`, header)
      await archive?.write(bytes.subarray(end), rows - 1)
      continue
    }
    if (archive && archive.rows > 0 && archive.size() + bytes.length + OVERHEAD > largestBytes) await finish()
    archive ??= await openArchive(`${dirname(path)}/part-${parts.length + 1}.gz`, header)
    await archive.write(bytes, rows)
  }
  await finish()
  await rm(path)
  return parts.map((part, at) => ({ ...part, name: partName(name, at + 1, parts.length) }))
}

/** `transactions-02.csv.gz` */
function partName(name: string, number: number, of: number): string {
  const digits = String(number).padStart(String(of).length, '0')
  return `${of === 1 ? name : name.replace(/(\.\w+)$/, `-${digits}$1`)}.gz`
}

/** The bytes as they come, cut where rows end: a line break within quotes ends none. */
async function* wholeRows(source: AsyncIterable<Buffer>): AsyncGenerator<{ bytes: Buffer; rows: number }> {
  let rest: Buffer[] = []
  let quoted = false
  for await (const chunk of source) {
    let end = 0
    let rows = 0
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] === QUOTE) quoted = !quoted
      else if (chunk[at] === NEWLINE && !quoted) {
        end = at + 1
        rows++
      }
    }
    if (end > 0) {
      yield { bytes: Buffer.concat([...rest, chunk.subarray(0, end)]), rows }
      rest = []
    }
    if (end < chunk.length) rest.push(chunk.subarray(end))
  }
}

type Archive = Awaited<ReturnType<typeof openArchive>>

async function openArchive(path: string, header: Buffer) {
  const gzip = createGzip({ level: 6 })
  let out = 0
  gzip.on('data', (chunk: Buffer) => (out += chunk.length))
  const written = pipeline(gzip, createWriteStream(path))
  // Whoever awaits the end learns of a failure; until then it is nobody's unhandled rejection.
  written.catch(() => {})
  const put = async (bytes: Buffer) => {
    if (!gzip.write(bytes)) await once(gzip, 'drain')
    // What was put in is out afterwards, so that the size is true.
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve))
  }
  await put(header)
  const archive = {
    path,
    rows: 0,
    size: () => out + gzip.readableLength,
    async write(bytes: Buffer, rows: number) {
      archive.rows += rows
      if (bytes.length > 0) await put(bytes)
    },
    async end(): Promise<number> {
      gzip.end()
      await written
      return out
    },
  }
  return archive
}
