import { Migration } from '@mikro-orm/migrations'

/** White space of any script, and invisible characters. PostgreSQL's \s knows only ASCII where the ctype is C. */
const BLANK = String.raw`[\u0001-\u0020\u0085\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]`
const DIGIT = '[0-9０-９]'
const LETTERS = '[a-zA-Zа-яА-ЯёЁ]*'
/** Every letter as `[aA]`, because PostgreSQL folds only ASCII where the ctype is C. */
const MONTH =
  'jan feb mar apr may jun jul aug sep oct nov dec янв фев мар апр май мая июн июл авг сен окт ноя дек'
    .replaceAll(/[^ ]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
    .replaceAll(' ', '|')

/**
 * Texts that a spreadsheet changes: a formula (OWASP, "CSV Injection"), also behind white space and with the
 * full-width signs of Chinese and Japanese keyboards; a number, also 12E34567, 007, 5 % and twenty digits; a day, an
 * hour, a month with a number.
 */
const CHANGED = [
  `${BLANK}*[=+@＝＋－＠\\-]`,
  String.raw`[\t\r\n]`,
  `${BLANK}*(?:${DIGIT}|[.,]${DIGIT})(?:${DIGIT}|${BLANK}|[.,:/%''’eE+\\-])*$`,
  `${BLANK}*${DIGIT}*[ ./-]*(?:${MONTH})${LETTERS}[ ./-]*${DIGIT}*${BLANK}*$`,
]

/** A text that a spreadsheet would change gets an apostrophe in front, and stays a text. */
export class TextsInFiles extends Migration {
  override up(): void {
    this.addSql(`
      create or replace function csv_text(value text) returns text language sql immutable parallel safe
        return case when value ~ '^(?:${CHANGED.join('|')})' then '''' || value else value end`)
  }
}
