import { linkOf, sorted, type Entity, type Formatted } from './entities.ts'
import { bad } from './errors.ts'

const MARKS: [string, string][] = [
  ['||', 'spoiler'],
  ['__', 'underline'],
  ['*', 'bold'],
  ['_', 'italic'],
  ['~', 'strikethrough'],
]

/**
 * MarkdownV2, and of the old mode what both share. @throws bad `can't parse entities: ...`
 * Block quotes are kept as text.
 */
export function parseMarkdown(source: string, v2: boolean): Formatted {
  const fail = (what: string) => bad(`can't parse entities: ${what}`)
  const at = (index: number) => Buffer.byteLength(source.slice(0, index))
  const marks = v2 ? MARKS : MARKS.filter(([mark]) => mark === '*' || mark === '_')
  const open: { mark: string; type: string; offset: number; begin: number }[] = []
  const entities: Entity[] = []
  let text = ''
  const close = (type: string, offset: number, more: object = {}) => {
    if (text.length > offset) entities.push({ type, offset, length: text.length - offset, ...more })
  }

  for (let i = 0; i < source.length;) {
    if (source[i] === '\\' && i + 1 < source.length && source.charCodeAt(i + 1) <= 126) {
      text += source[i + 1]!
      i += 2
      continue
    }
    if (source[i] === '`') {
      const fence = source.startsWith('```', i) ? '```' : '`'
      const end = endOf(fence, source, i + fence.length)
      if (end < 0)
        throw fail(`Can't find end of ${fence === '`' ? 'Code' : 'Pre'} entity at byte offset ${at(i)}`)
      const body = source.slice(i + fence.length, end).replace(/\\([`\\])/g, '$1')
      const language = fence === '```' ? /^([\w+-]+)\n/.exec(body)?.[1] : undefined
      const offset = text.length
      text += language ? body.slice(language.length + 1) : body
      close(fence === '`' ? 'code' : 'pre', offset, language ? { language } : {})
      i = end + fence.length
      continue
    }
    const link = /^\[((?:[^\]\\]|\\.)*)\]\(((?:[^)\\]|\\.)*)\)/s.exec(source.slice(i))
    if (source[i] === '[' && link) {
      const offset = text.length
      text += link[1]!.replace(/\\(.)/gs, '$1')
      const url = linkOf(link[2]!.replace(/\\(.)/gs, '$1'))
      if (url) close('text_link', offset, { url })
      i += link[0].length
      continue
    }
    const mark = marks.find(([sign]) => source.startsWith(sign, i))
    if (mark) {
      const [sign, type] = mark
      if (open.at(-1)?.mark === sign) {
        const top = open.pop()!
        close(top.type, top.offset)
      } else open.push({ mark: sign, type, offset: text.length, begin: i })
      i += sign.length
      continue
    }
    if (
      v2 &&
      '[]()~>#+-=|{}.!'.includes(source[i]!) &&
      !(source[i] === '>' && /(^|\n)$/.test(source.slice(0, i)))
    )
      throw fail(`Character '${source[i]}' is reserved and must be escaped with the preceding '\\'`)
    text += source[i]!
    i++
  }
  const left = open.at(-1)
  if (left)
    throw fail(
      `Can't find end of ${left.type.charAt(0).toUpperCase()}${left.type.slice(1)} entity at byte offset ${at(left.begin)}`,
    )
  return { text, entities: sorted(entities) }
}

/** Where a fence closes, escaped back quotes aside; -1 when it does not. */
function endOf(fence: string, source: string, from: number): number {
  for (let i = from; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source.startsWith(fence, i)) return i
  }
  return -1
}
