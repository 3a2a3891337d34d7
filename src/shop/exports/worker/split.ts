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
  /** The number of rows without the header. */
  rows: number
  /** The id of the part's last row, when the file was cut. */
  last?: string
}

const QUOTE = 34
const NEWLINE = 10
/** Bytes between two looks at the size of the archive: a 200th of a part, within bounds that need little memory. */
const STEP = { share: 200, least: 512, most: 256 * 1024 }
/** Bytes of an archive's end, and those that a step may add when it does not compress (RFC 1951: 5 bytes a block). */
const OVERHEAD = 64

/**
 * Turns a CSV file into archives. Each is a whole .csv.gz with BOM and header, and none is larger than the limit. A
 * part ends between two rows, also where a cell holds line breaks. A single part keeps the name; several parts are
 * numbered.
 * @param sent parts of this export that were sent before: the numbers go on behind them
 * @param largestBytes a row that is larger makes a part of its own
 */
export async function splitCsv(
  path: string,
  name: string,
  largestBytes: number,
  sent: number,
  signal?: AbortSignal,
): Promise<Part[]> {
  const step = Math.max(STEP.least, Math.min(STEP.most, Math.floor(largestBytes / STEP.share)))
  const parts: Part[] = []
  let header: Buffer | undefined
  let archive: Archive | undefined
  const finish = async () => {
    if (archive) {
      const { path: to, rows, last } = archive
      parts.push({ path: to, name: '', rows, last, bytes: await archive.end() })
    }
    archive = undefined
  }
  for await (const { bytes, rows, last } of wholeRows(
    createReadStream(path, { highWaterMark: step, signal }),
  )) {
    if (!header) {
      const end = bytes.indexOf(NEWLINE) + 1
      header = bytes.subarray(0, end)
      if (rows > 1) archive = await openArchive(`${dirname(path)}/part-1.gz`, header)
      await archive?.write(bytes.subarray(end), rows - 1, last)
      continue
    }
    if (archive && archive.rows > 0 && archive.size() + bytes.length + OVERHEAD > largestBytes) await finish()
    archive ??= await openArchive(`${dirname(path)}/part-${parts.length + 1}.gz`, header)
    await archive.write(bytes, rows, last)
  }
  await finish()
  await rm(path)
  return parts.map((part, at) => ({ ...part, name: partName(name, sent + at + 1, sent + parts.length) }))
}

/** A name like `transactions-02.csv.gz`. */
export function partName(name: string, number: number, of: number): string {
  const digits = String(number).padStart(String(of).length, '0')
  return `${of === 1 ? name : name.replace(/(\.\w+)$/, `-${digits}$1`)}.gz`
}

/** Passes the bytes on, cut where rows end: a line break within quotes ends no row. `last` = id of the last row. */
async function* wholeRows(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<{ bytes: Buffer; rows: number; last: string }> {
  let rest: Buffer[] = []
  let quoted = false
  for await (const chunk of source) {
    const before = rest.reduce((sum, one) => sum + one.length, 0)
    let end = 0
    let rows = 0
    let lastRow = 0
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] === QUOTE) quoted = !quoted
      else if (chunk[at] === NEWLINE && !quoted) {
        lastRow = rows === 0 ? 0 : before + end
        end = at + 1
        rows++
      }
    }
    if (end > 0) {
      const bytes = Buffer.concat([...rest, chunk.subarray(0, end)])
      yield { bytes, rows, last: firstCell(bytes.subarray(lastRow, lastRow + LONGEST_ID)) }
      rest = []
    }
    if (end < chunk.length) rest.push(chunk.subarray(end))
  }
}

/** Ids are short and hold no border of cells of either kind. csv_text() marks some of them with an apostrophe. */
const LONGEST_ID = 100
const firstCell = (row: Buffer): string => /^'?([^,;\n]*)/.exec(row.toString())![1]!

type Archive = Awaited<ReturnType<typeof openArchive>>

async function openArchive(path: string, header: Buffer) {
  const gzip = createGzip({ level: 6 })
  let out = 0
  gzip.on('data', (chunk: Buffer) => (out += chunk.length))
  const written = pipeline(gzip, createWriteStream(path))
  // On a full disk the archive is closed behind whoever writes: neither room nor the end of a flush is told of any more.
  const broken = new Promise<never>((_, reject) => void written.catch(reject))
  // The code that writes or awaits the end gets the failure. Until then it must not count as an unhandled rejection.
  broken.catch(() => {})
  const push = async (bytes: Buffer) => {
    if (!gzip.write(bytes)) await once(gzip, 'drain')
    // The flush brings out all that was put in, so that the size is true.
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve))
  }
  const put = (bytes: Buffer) => Promise.race([push(bytes), broken])
  await put(header)
  const archive = {
    path,
    rows: 0,
    last: '',
    size: () => out + gzip.readableLength,
    async write(bytes: Buffer, rows: number, last: string) {
      archive.rows += rows
      archive.last = last
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
