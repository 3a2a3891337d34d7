import { linkOf, sorted, type Entity, type Formatted } from './entities.ts'
import { bad } from './errors.ts'

/** A mark that began and has not ended. */
interface Open {
  type: string
  offset: number
  /** Where its mark stands. */
  begin: number
  language?: string
}

const RESERVED = '_*[]()~`>#+-=|{}.!\n'
/** What ends an entity of this kind. */
const ENDS: Record<string, string> = {
  bold: '*',
  italic: '_',
  underline: '__',
  strikethrough: '~',
  spoiler: '||',
  code: '`',
  pre: '```',
  text_link: ']',
  custom_emoji: ']',
}
/** How TDLib calls them. */
const NAMES: Record<string, string> = {
  text_link: 'TextUrl',
  custom_emoji: 'CustomEmoji',
  blockquote: 'BlockQuote',
}

const fail = (why: string) => bad(`can't parse entities: ${why}`)
const reserved = (character: string) =>
  fail(`Character '${character}' is reserved and must be escaped with the preceding '\\'`)
const bytesBefore = (source: string, index: number) => Buffer.byteLength(source.slice(0, index))
const isEscape = (source: string, i: number) =>
  source[i] === '\\' && source.charCodeAt(i + 1) > 0 && source.charCodeAt(i + 1) <= 126

/** Where the code of a fenced block begins: after its language and one line break. */
function fenceOf(source: string, from: number): { language: string; at: number } {
  const word = /^[^\s`]*/.exec(source.slice(from))![0]
  const language = from + word.length < source.length && source[from + word.length] !== '`' ? word : ''
  const at = from + language.length
  return { language, at: at + (/^(?:\r\n|\n\r|\r|\n)/.exec(source.slice(at))?.[0].length ?? 0) }
}

/** The address behind `](`, in which a backslash protects what follows it. */
function addressOf(source: string, from: number): { url: string; end: number } {
  let url = ''
  let i = from
  while (i < source.length && source[i] !== ')') {
    if (isEscape(source, i)) i++
    url += source[i++]!
  }
  if (i >= source.length) throw fail(`Can't find end of a URL at byte offset ${bytesBefore(source, from)}`)
  return { url, end: i + 1 }
}

/** What a link makes of its words: a person, an address, or nothing when it leads nowhere. */
function linked(url: string): Record<string, unknown> | undefined {
  const mention = /^tg:(?:\/\/)?user\/?\?(?:.*&)?id=(\d+)/i.exec(url)
  if (mention) return { type: 'text_mention', user_id: Number(mention[1]) }
  const link = linkOf(url)
  return link ? { type: 'text_link', url: link } : undefined
}

function emojiOrTime(url: string): Record<string, unknown> {
  const emoji = /^tg:(?:\/\/)?emoji\/?\?(?:.*&)?id=(-?\d+)/i.exec(url)
  if (emoji) return { type: 'custom_emoji', custom_emoji_id: emoji[1] }
  const time = /^tg:(?:\/\/)?time\/?\?(?:.*&)?unix=(\d+)/i.exec(url)
  if (!time) throw fail('Invalid tg://emoji or tg://time URL specified')
  const format = /[?&]format=([^&]*)/.exec(url)?.[1]
  return { type: 'date_time', unix_time: Number(time[1]), ...(format && { date_time_format: format }) }
}

/** MarkdownV2, as TDLib reads it (parse_markdown_v2). @throws bad `can't parse entities: ...` */
export function parseMarkdownV2(source: string): Formatted {
  const entities: Entity[] = []
  const open: Open[] = []
  let text = ''
  let i = 0
  let inQuote = false
  /** Whether a line begins here: only there `>` is a quote. */
  let lineBegins = true

  const add = (offset: number, fields: Record<string, unknown>) => {
    if (text.length > offset) entities.push({ offset, length: text.length - offset, ...fields } as Entity)
  }
  const unended = ({ type, begin, language }: Open) => {
    const name = language ? 'PreCode' : (NAMES[type] ?? `${type.charAt(0).toUpperCase()}${type.slice(1)}`)
    return fail(`Can't find end of ${name} entity at byte offset ${bytesBefore(source, begin)}`)
  }

  const ends = ({ type }: Open): boolean => {
    if (inQuote && source[i] === '\n' && source[i + 1] !== '>') return true
    if (type === 'italic') return source[i] === '_' && source[i + 1] !== '_'
    return ENDS[type] !== undefined && source.startsWith(ENDS[type], i)
  }

  function begin(): void {
    const character = source[i]!
    const start = (type: string, length: number, more: object = {}) => {
      open.push({ type, offset: text.length, begin: i, ...more })
      i += length
    }
    if (source.startsWith('```', i)) {
      const { language, at } = fenceOf(source, i + 3)
      return start('pre', at - i, language ? { language } : {})
    }
    if (source.startsWith('__', i)) return start('underline', 2)
    if (source.startsWith('||', i)) return start('spoiler', 2)
    if (source.startsWith('![', i)) return start('custom_emoji', 2)
    if (character === '[') return start('text_link', 1)
    const simple = Object.entries(ENDS).find(([, mark]) => mark === character && mark !== ']')
    if (simple) return start(simple[0], 1)
    if (character === '\n') {
      text += character
      lineBegins = true
    } else if (character === '>' && lineBegins) {
      if (!inQuote) open.push({ type: 'blockquote', offset: text.length, begin: i })
      inQuote = true
    } else throw reserved(character)
    i++
  }

  function end(top: Open): void {
    open.pop()
    if (source[i] === '\n') return endQuote(top)
    const { type, offset } = top
    if (type !== 'text_link' && type !== 'custom_emoji') {
      add(offset, { type, ...(top.language && { language: top.language }) })
      i += ENDS[type]!.length
      return
    }
    const hasAddress = source[i + 1] === '('
    if (!hasAddress && type === 'custom_emoji')
      throw fail('The entity must contain a tg://emoji or tg://time URL')
    const { url, end: after } = hasAddress
      ? addressOf(source, i + 2)
      : { url: text.slice(offset), end: i + 1 }
    const fields = type === 'custom_emoji' ? emojiOrTime(url) : linked(url)
    if (fields) add(offset, fields)
    i = after
  }

  /** The line ends and with it the quote. Two bars that were opened right before make the quote one that expands. */
  function endQuote(top: Open): void {
    let quote: Open | undefined = top
    let type = 'blockquote'
    if (top.type !== 'blockquote') {
      if (top.type !== 'spoiler' || source.slice(top.begin + 2, i).replace('\r', '') !== '')
        throw unended(top)
      quote = open.pop()
      if (quote?.type !== 'blockquote') throw unended(quote ?? top)
      type = 'expandable_blockquote'
    }
    inQuote = false
    text += '\n'
    lineBegins = true
    add(quote.offset, { type })
    i++
  }

  while (i < source.length) {
    const top = open.at(-1)
    const special = top?.type === 'code' || top?.type === 'pre' ? '`' : RESERVED
    const escaped = isEscape(source, i)
    if (escaped) i++
    const character = source[i]!
    if (escaped || !special.includes(character)) {
      text += character
      if (character !== '\r') lineBegins = escaped && character === '\n'
      i++
    } else if (top && ends(top)) end(top)
    else begin()
  }

  if (inQuote) {
    let type = 'blockquote'
    if (open.at(-1)!.type === 'spoiler' && open.at(-1)!.begin === source.length - 2) {
      open.pop()
      type = 'expandable_blockquote'
    }
    if (open.at(-1)?.type === 'blockquote') add(open.pop()!.offset, { type })
  }
  const left = open.at(-1)
  if (left) throw unended(left)
  return { text, entities: sorted(entities) }
}

const OLD_MARKS: Record<string, string> = { _: 'italic', '*': 'bold', '`': 'code', '[': 'text_link' }

/** The old Markdown, in which nothing nests, as TDLib reads it (parse_markdown). @throws bad */
export function parseMarkdown(source: string): Formatted {
  const entities: Entity[] = []
  let text = ''
  for (let i = 0; i < source.length;) {
    const character = source[i]!
    if (character === '\\' && '_*`['.includes(source[i + 1] ?? ' ')) {
      text += source[i + 1]!
      i += 2
      continue
    }
    const type = OLD_MARKS[character]
    if (!type) {
      text += character
      i++
      continue
    }
    const begin = i
    const isFence = source.startsWith('```', i)
    const { language, at } = isFence ? fenceOf(source, i + 3) : { language: '', at: i + 1 }
    const mark = isFence ? '```' : character === '[' ? ']' : character
    const end = source.indexOf(mark, at)
    if (end < 0)
      throw fail(`Can't find end of the entity starting at byte offset ${bytesBefore(source, begin)}`)
    const [offset, words] = [text.length, source.slice(at, end)]
    text += words
    i = end + mark.length
    let fields: Record<string, unknown> | undefined = isFence
      ? { type: 'pre', ...(language && { language }) }
      : { type }
    if (type === 'text_link') {
      const closed = source[i] === '(' ? source.indexOf(')', i) : i
      fields = linked(source[i] === '(' ? source.slice(i + 1, closed < 0 ? undefined : closed) : words)
      i = source[i] === '(' ? (closed < 0 ? source.length : closed + 1) : i
    }
    if (fields && words !== '') entities.push({ offset, length: words.length, ...fields } as Entity)
  }
  return { text, entities: sorted(entities) }
}
