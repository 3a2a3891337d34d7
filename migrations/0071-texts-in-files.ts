import { Migration } from '@mikro-orm/migrations'

/** White space of any script, and what cannot be seen; PostgreSQL's \s knows only ASCII where its ctype is C. */
const BLANK = String.raw`[\u0001-\u0020\u0085\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]`
const DIGIT = '[0-9０-９]'
const LETTERS = '[a-zA-Zа-яА-ЯёЁ]*'
/** Every letter as `[aA]`: folding by PostgreSQL knows only ASCII there. */
const MONTH =
  'jan feb mar apr may jun jul aug sep oct nov dec янв фев мар апр май мая июн июл авг сен окт ноя дек'
    .replaceAll(/[^ ]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
    .replaceAll(' ', '|')

/**
 * What a spreadsheet does not leave as it is: a formula (OWASP, "CSV Injection"), which also begins behind white space
 * and with the full-width signs of Chinese and Japanese keyboards; a number, also 12E34567, 007, 5 % and twenty digits;
 * a day, an hour, a month with a number.
 */
const CHANGED = [
  `${BLANK}*[=+@＝＋－＠\\-]`,
  String.raw`[\t\r\n]`,
  `${BLANK}*(?:${DIGIT}|[.,]${DIGIT})(?:${DIGIT}|${BLANK}|[.,:/%''’eE+\\-])*$`,
  `${BLANK}*${DIGIT}*[ ./-]*(?:${MONTH})${LETTERS}[ ./-]*${DIGIT}*${BLANK}*$`,
]

/** A cell of a file that a spreadsheet would change begins with an apostrophe, and is text. */
export class TextsInFiles extends Migration {
  override up(): void {
    this.addSql(`
      create or replace function csv_text(value text) returns text language sql immutable parallel safe
        return case when value ~ '^(?:${CHANGED.join('|')})' then '''' || value else value end`)
  }
}
