/** Parses CSV by the rules of RFC 4180, so that a test sees the cells that a spreadsheet would see. */
export function parseCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (quoted) {
      if (char !== '"') cell += char
      else if (text[at + 1] === '"') cell += text[++at]
      else quoted = false
    } else if (char === '"') quoted = true
    else if (char === delimiter || char === '\n') {
      rows.at(-1)!.push(cell)
      cell = ''
      if (char === '\n') rows.push([])
    } else cell += char
  }
  return rows.slice(0, -1)
}

/** Texts that a spreadsheet runs as a formula, as names that people may have. */
export const HARMFUL = [
  '=HYPERLINK("http://evil")',
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\tTAB',
  '\rCR',
  '\nLF',
  'a;"b,\nc',
  '＝1+1',
  '＋1',
  '－2',
  '＠SUM(A1)',
  ' =1+1',
  '\u00a0\u3000=1+1',
  '\u200b@SUM(A1)',
]
/** Texts that a spreadsheet would turn into another number, a day or an hour. */
export const NUMBERS = [
  '12E34567',
  '12e3',
  '007',
  '12345678901234567890',
  '1.5',
  '1,5',
  '5 %',
  '１２',
  '1-2',
  '12:30',
  '5 мая',
  'DEC12',
]
