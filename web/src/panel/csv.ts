import { csvCell } from '../../../src/shop/web/panel/csv-cell.ts'
import { written } from '../languages.ts'
import { saveAs } from '../problem.ts'

/** Saves the rows that a page shows. The separator is the one that spreadsheets of the reader's language expect. */
export function saveCsv(name: string, rows: readonly (readonly string[])[]): void {
  const separator = written().cells
  const text = rows.map((row) => row.map(csvCell).join(separator)).join('\r\n')
  save(name, new Blob(['\ufeff', text], { type: 'text/csv' }))
}

/** Hands a file to the browser. */
export function save(name: string, file: Blob, ending = '.csv'): void {
  const address = URL.createObjectURL(file)
  saveAs(`${name}${ending}`, address)
  URL.revokeObjectURL(address)
}
