import { parseCsv } from './csv.ts'

export type Cell = { is: 'number'; value: number } | { is: 'date' | 'formula' | 'text'; value: string }

/**
 * What a spreadsheet makes of a cell of a CSV file, by the rules by which LibreOffice and Excel import files
 * in this language.
 */
export function readCell(cell: string, language: 'ru' | 'en'): Cell {
  const [point, thousands] = language === 'ru' ? [',', '[ \u00a0\u202f]'] : ['\\.', ',']
  const number = new RegExp(
    `^[+-]?(\\d+|\\d{1,3}(${thousands}\\d{3})+)?(${point}\\d*)?(e[+-]?\\d+)?\\s?%?$`,
    'i',
  )
  const plain = cell.trim().normalize('NFKC')
  // Digits behind a sign are a number; a spreadsheet runs any other text that begins with a sign as a
  // formula.
  if (/\d/.test(plain) && number.test(plain)) {
    const digits = plain.replaceAll(new RegExp(thousands, 'g'), '').replace(',', '.').replace('%', '')
    return { is: 'number', value: Number(digits) }
  }
  if (/^[=+\-@]/.test(plain)) return { is: 'formula', value: cell }
  const date = /^\d{1,4}[./:-]\d{1,2}([./:-]\d{1,4})?( \d{1,2}:\d{2}(:\d{2})?)?$/
  const month =
    /^\d{0,4}[ ./-]*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)\p{L}*[ ./-]*\d{0,4}$/iu
  if (date.test(plain) || (/\d/.test(plain) && month.test(plain))) return { is: 'date', value: cell }
  return { is: 'text', value: cell }
}

/** The rows of a file, each as an object whose keys are the names of the columns. */
export function readSheet(text: string, language: 'ru' | 'en'): Record<string, Cell>[] {
  const [header = [], ...rows] = parseCsv(text.replace('\uFEFF', ''), language === 'ru' ? ';' : ',')
  return rows.map((row) =>
    Object.fromEntries(row.map((cell, at) => [header[at] ?? '', readCell(cell, language)])),
  )
}
