/** White space of any script, and what cannot be seen: spreadsheets look behind it. */
const BLANK = String.raw`[\u0001-\u0020\u0085\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]`

/**
 * What a spreadsheet does not leave as it is: a formula (OWASP, "CSV Injection"), which also begins behind white space and
 * with the full-width signs of Chinese and Japanese keyboards; an id of twelve digits or like 12E34567. Other numbers and
 * times stay what they are, because the panel shows them to be counted with.
 */
const CHANGED = new RegExp(
  [`${BLANK}*[=+@＝＋－＠\\-]`, String.raw`[\t\r\n]`, String.raw`\d{12,}$`, String.raw`\d+[eE]\d+$`]
    .map((one) => `^${one}`)
    .join('|'),
)

/** A cell of a file of the panel, which the gateway streams and the browser saves: text that changes bears an apostrophe. */
export const csvCell = (text: string): string =>
  `"${(CHANGED.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
