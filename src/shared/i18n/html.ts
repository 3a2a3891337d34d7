import { shorten } from '../storable.ts'

const TAGS = new Set(
  'b strong i em u ins s strike del span tg-spoiler a code pre blockquote tg-emoji tg-time'.split(' '),
)
const TAG = /^<(\/?)([a-z-]*)((?:\s+[a-z-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[a-z0-9.-]+))?)*)\s*>/i
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' }

/**
 * Reads a text as Telegram's HTML mode does: it knows few tags, wants them closed in order, and refuses the whole
 * message for one stray `<`, as in `<3`. An `&` that begins no known entity is a plain `&`.
 * @returns the visible text and, if there is one, the piece that Telegram would refuse
 */
export function readHtml(source: string): { text: string; refused?: string } {
  const open: string[] = []
  let text = ''
  for (let at = 0; at < source.length;) {
    const next = source.indexOf('<', at)
    text += unescapeHtml(source.slice(at, next < 0 ? undefined : next))
    if (next < 0) break
    const piece = shorten(source.slice(next).split('\n')[0]!, 20)
    const [tag, slash, name = '', attributes = ''] = TAG.exec(source.slice(next)) ?? []
    if (tag === undefined) return { text, refused: piece }
    const word = name.toLowerCase()
    if (slash ? open.pop() !== word : !TAGS.has(word)) return { text, refused: tag }
    if (!slash && word === 'span' && !/class\s*=\s*["']?tg-spoiler/i.test(attributes))
      return { text, refused: tag }
    if (!slash) open.push(word)
    at = next + tag.length
  }
  const left = open.at(-1)
  return left === undefined ? { text } : { text, refused: `<${left}>` }
}

const unescapeHtml = (text: string): string =>
  text.replace(/&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([\da-f]{1,6}));/gi, (whole, name, decimal, hex) => {
    if (name) return ENTITIES[String(name).toLowerCase()] ?? whole
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
