import { Readable } from 'node:stream'
import { explain, UserError } from '#shared/errors.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Log } from '#shared/log.ts'
import { csvCell } from './csv-cell.ts'
import { speech } from '#shared/i18n/languages.ts'

/** An answer that is a file and is made while it is sent: a list of a million rows does not fit into memory. */
export class Streamed {
  readonly lines: AsyncIterable<string>
  constructor(lines: AsyncIterable<string>) {
    this.lines = lines
  }
}

/** The separator is the one that spreadsheets of the reader's language expect. */
export const csvLine = (language: Language, cells: readonly string[]): string =>
  `${cells.map(csvCell).join(speech[language].cells)}\r\n`

/** Each admin gets one file at a time per gateway: a list of a million rows keeps a connection busy for minutes. */
export function createFiles(log: Pick<Log, 'warn'>) {
  const running = new Map<bigint, Readable>()
  return {
    /** @throws UserError `panel.file` while the admin's last file is still being sent */
    stream(personId: bigint, lines: AsyncIterable<string>): Readable {
      if (running.has(personId)) throw new UserError('panel.file')
      const file = Readable.from(lines)
      running.set(personId, file)
      file.once('close', () => running.delete(personId))
      // A failed file ends without its proper end, so that its reader sees it was cut off.
      file.once('error', (error) => log.warn({ reason: explain(error) }, 'a file of the panel was cut off'))
      return file
    },
    /** Ends the files that are being sent, because a stopping process must not wait minutes for them. */
    stop() {
      for (const file of running.values()) file.destroy(new Error('the shop is stopping'))
    },
  }
}
