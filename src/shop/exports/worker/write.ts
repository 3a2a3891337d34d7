import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Db } from '#shared/db/db.ts'
import { to as copyTo } from 'pg-copy-streams'
import { splitCsv } from './split.ts'
import type { Part } from './split.ts'

/** A bot sends files of up to 50 MB (Bot API, sendDocument). The form around the file takes some of that. */
export const LARGEST_BYTES = 49_000_000
const BOM = Buffer.from('\uFEFF')
const NEWLINE = 10

export interface Written {
  /** The plain file. If it would be too large, archives of its parts, each with the header. */
  files: Part[]
  rows: number
}

/**
 * Streams a statement's rows into a CSV file: UTF-8 with BOM, by which spreadsheets know the encoding. PostgreSQL
 * writes the lines, and Node only passes them on; nothing is held in memory.
 * @param options.progress is called with the number of lines so far; a text of several lines counts as several
 */
export async function writeCsv(
  from: Pick<Db['reads'], 'on'>,
  query: string,
  options: {
    folder: string
    name: string
    delimiter: ',' | ';'
    signal?: AbortSignal
    progress?: (rows: number) => void
    largestBytes?: number
    /** Parts that were sent before: the file holds the rest, and its parts go on with the numbers. */
    sent?: number
  },
): Promise<Written> {
  const path = `${options.folder}/${options.name}`
  const rows = await from.on(async (client) => {
    let lines = 0
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
    return source.rowCount
  })
  const { size } = await stat(path)
  const most = options.largestBytes ?? LARGEST_BYTES
  const sent = options.sent ?? 0
  if (sent === 0 && size <= most) return { rows, files: [{ path, name: options.name, bytes: size, rows }] }
  return { rows, files: await splitCsv(path, options.name, most, sent, options.signal) }
}
