import { spoken } from '../words.ts'

/** What a spreadsheet would run, or take for a number and spoil, is a text with an apostrophe before it. */
const cell = (text: string): string => {
  const marked = /^[=+\-@\t\r]|^\d{12,}$|^\d+[eE]\d+$/.test(text) ? `'${text}` : text
  return `"${marked.replaceAll('"', '""')}"`
}

/** Saves what a page shows; the separator is the one that spreadsheets of the reader's language expect. */
export function saveCsv(name: string, rows: readonly (readonly string[])[]): void {
  const separator = spoken() === 'ru' ? ';' : ','
  const text = rows.map((row) => row.map(cell).join(separator)).join('\r\n')
  save(name, new Blob(['\ufeff', text], { type: 'text/csv' }))
}

/** Hands a file to the browser. */
export function save(name: string, file: Blob): void {
  const address = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = address
  link.download = `${name}.csv`
  link.click()
  URL.revokeObjectURL(address)
}
