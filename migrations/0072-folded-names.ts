import { Migration } from '@mikro-orm/migrations'

/** Latin, Greek, Cyrillic and Armenian. Letters with marks are missing, because they are taken apart before. */
const SCRIPTS = [
  [0x41, 0x5a],
  [0xc0, 0x24f],
  [0x370, 0x52f],
  [0x531, 0x556],
] as const

const capitals = SCRIPTS.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)),
).filter((letter) => {
  const small = letter.toLowerCase()
  return small !== letter && small.length === 1 && letter.normalize('NFKD') === letter
})
/** The dotless i of Turkish and the last sigma of a Greek word count as the letters that people type instead. */
const FROM = `${capitals.join('')}ıς`
const TO = `${capitals.map((letter) => letter.toLowerCase()).join('')}iσ`

/**
 * How names are compared: without case, without marks (ё is е, й is и, İ is i, composed or not), without invisible
 * characters. lower() would depend on the database's ctype: with C it folds nothing but ASCII, with tr_TR not even
 * that.
 */
export class FoldedNames extends Migration {
  override up(): void {
    this.addSql(`
      create function folded(value text) returns text language sql immutable parallel safe
        return translate(
          regexp_replace(normalize(value, NFKD), '[\\u0300-\\u036f\\u200b-\\u200f\\u2060\\ufeff]' collate "C", '', 'g'),
          '${FROM}', '${TO}')`)
  }
}
