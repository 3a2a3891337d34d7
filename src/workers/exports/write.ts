import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'

/** A bot sends files of up to 50 MB (Bot API, sendDocument). */
export const LARGEST_BYTES = 50_000_000
const BOM = Buffer.from('\uFEFF')
const NEWLINE = 10

export interface Written {
  path: string
  /** With .gz where the plain file would be too large. */
  name: string
  rows: number
  bytes: number
}

/**
 * Streams a statement into a CSV file: UTF-8 with BOM, so that spreadsheets read it as such. PostgreSQL writes the
 * lines, Node only passes them on; nothing is held in memory.
 * @param options.progress called with the number of lines so far; a text of several lines counts as such
 */
export async function writeCsv(
  pool: Pick<pg.Pool, 'connect'>,
  query: string,
  options: {
    folder: string
    name: string
    delimiter: ',' | ';'
    signal?: AbortSignal
    progress?: (rows: number) => void
    largestBytes?: number
  },
): Promise<Written> {
  const path = `${options.folder}/${options.name}`
  const client = await pool.connect()
  let lines = 0
  let rows = 0
  try {
    const source = client.query(
      copyTo(`copy (${query}) to stdout with (format csv, header, delimiter '${options.delimiter}')`),
    )
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const first = lines === 0
        for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++
        options.progress?.(lines)
        done(null, first ? Buffer.concat([BOM, chunk]) : chunk)
      },
    })
    await pipeline(source, counted, createWriteStream(path), { signal: options.signal })
    rows = source.rowCount
    client.release()
  } catch (error) {
    // A COPY that was cut off leaves the connection in the middle of it.
    client.release(true)
    throw error
  }
  const { size } = await stat(path)
  if (size <= (options.largestBytes ?? LARGEST_BYTES)) return { path, name: options.name, rows, bytes: size }
  await pipeline(createReadStream(path), createGzip({ level: 6 }), createWriteStream(`${path}.gz`))
  await rm(path)
  return { path: `${path}.gz`, name: `${options.name}.gz`, rows, bytes: (await stat(`${path}.gz`)).size }
}
