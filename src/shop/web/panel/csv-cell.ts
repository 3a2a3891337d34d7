/** White space of any script and invisible characters, which spreadsheets skip at the beginning of a cell. */
const BLANK = String.raw`[\u0001-\u0020\u0085\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]`

/**
 * Text that a spreadsheet would change: formulas (OWASP, "CSV Injection"), also after white space or with full-width
 * signs of Chinese and Japanese keyboards, and ids of twelve digits or like 12E34567. Other numbers and times are left
 * alone, because people calculate with them.
 */
const CHANGED = new RegExp(
  [`${BLANK}*[=+@＝＋－＠\\-]`, String.raw`[\t\r\n]`, String.raw`\d{12,}$`, String.raw`\d+[eE]\d+$`]
    .map((one) => `^${one}`)
    .join('|'),
)

/** A cell of a CSV file of the panel: text that a spreadsheet would change gets an apostrophe. */
export const csvCell = (text: string): string =>
  `"${(CHANGED.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
