import { bad } from './errors.ts'
import type { Obj } from './params.ts'

export interface Entity extends Obj {
  type: string
  offset: number
  length: number
}

export interface Formatted {
  text: string
  entities: Entity[]
}

/** Tags of HTML and of rich HTML alike, and what they make of the words within. */
export const TAGS: Record<string, string> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  code: 'code',
  'tg-spoiler': 'spoiler',
}
const TYPES: Record<string, string> = {
  ...TAGS,
  span: 'spoiler',
  pre: 'pre',
  a: 'text_link',
  blockquote: 'blockquote',
  'tg-emoji': 'custom_emoji',
  'tg-time': 'date_time',
}

interface Open {
  tag: string
  attributes: Map<string, string>
  offset: number
}

/**
 * The HTML mode of the Bot API. Offsets in errors are bytes of the UTF-8 text.
 * @throws bad `can't parse entities: ...`
 */
export function parseHtml(source: string): Formatted {
  const fail = (what: string) => bad(`can't parse entities: ${what}`)
  const at = (index: number) => Buffer.byteLength(source.slice(0, index))
  const open: Open[] = []
  const entities: Entity[] = []
  let text = ''
  let i = 0
  while (i < source.length) {
    const next = source.slice(i).search(/[<&]/)
    if (next !== 0) {
      const end = next < 0 ? source.length : i + next
      text += source.slice(i, end)
      i = end
      continue
    }
    if (source[i] === '&') {
      const [decoded, length] = decodeEntity(source, i)
      text += decoded
      i += length
      continue
    }
    const begin = i
    if (source[i + 1] !== '/') {
      const tag = parseTag(source, begin, fail, at)
      open.push({ tag: tag.name, attributes: tag.attributes, offset: text.length })
      i = tag.end
      continue
    }
    const top = open.at(-1)
    if (!top) throw fail(`Unexpected end tag at byte offset ${at(begin)}`)
    const name = /^[^\s>]*/.exec(source.slice(begin + 2))![0].toLowerCase()
    const tail = /^\s*/.exec(source.slice(begin + 2 + name.length))![0]
    const end = begin + 2 + name.length + tail.length
    if (source[end] !== '>') throw fail(`Unclosed end tag at byte offset ${at(begin)}`)
    if (name !== '' && name !== top.tag)
      throw fail(
        `Unmatched end tag at byte offset ${at(begin)}, expected "</${top.tag}>", found "</${name}>"`,
      )
    open.pop()
    addEntity(entities, top, text, fail)
    i = end + 1
  }
  const left = open.at(-1)
  if (left) throw fail(`Can't find end tag corresponding to start tag "${left.tag}"`)
  return { text, entities: sorted(entities) }
}

function parseTag(source: string, begin: number, fail: (what: string) => Error, at: (i: number) => number) {
  let i = begin + 1
  const skipSpace = () => {
    while (i < source.length && /\s/.test(source[i]!)) i++
  }
  while (i < source.length && !/[\s>]/.test(source[i]!)) i++
  if (i >= source.length) throw fail(`Unclosed start tag at byte offset ${at(begin)}`)
  const name = source.slice(begin + 1, i).toLowerCase()
  if (!(name in TYPES)) throw fail(`Unsupported start tag "${name}" at byte offset ${at(begin)}`)
  const attributes = new Map<string, string>()
  for (;;) {
    skipSpace()
    if (i >= source.length) throw fail(`Unclosed start tag at byte offset ${at(begin)}`)
    if (source[i] === '>') break
    const start = i
    while (i < source.length && !/[\s=>]/.test(source[i]!)) i++
    const attribute = source.slice(start, i).toLowerCase()
    if (attribute === '') throw fail(`Empty attribute name in the tag "${name}" at byte offset ${at(begin)}`)
    skipSpace()
    if (source[i] !== '=') {
      if (i >= source.length) throw fail(`Unclosed start tag at byte offset ${at(begin)}`)
      if (name !== 'blockquote' || attribute !== 'expandable')
        throw fail(
          `Expected equal sign in declaration of an attribute of the tag "${name}" at byte offset ${at(begin)}`,
        )
      attributes.set(attribute, '')
      continue
    }
    i++
    skipSpace()
    if (i >= source.length) throw fail(`Unclosed start tag "${name}" at byte offset ${at(begin)}`)
    const quote = source[i]!
    if (quote !== '"' && quote !== "'") {
      const token = /^[A-Za-z0-9.-]*/.exec(source.slice(i))![0]
      const end = source[i + token.length]
      if (end === undefined || !/[\s>]/.test(end))
        throw fail(`Unexpected end of name token at byte offset ${at(i)}`)
      attributes.set(attribute, token.toLowerCase())
      i += token.length
      continue
    }
    i++
    let value = ''
    while (i < source.length && source[i] !== quote) {
      const [decoded, length] = source[i] === '&' ? decodeEntity(source, i) : [source[i]!, 1]
      value += decoded
      i += length
    }
    if (i >= source.length) throw fail(`Unclosed start tag at byte offset ${at(begin)}`)
    i++
    attributes.set(attribute, value)
  }
  if (name === 'span' && attributes.get('class') !== 'tg-spoiler')
    throw fail(`Tag "span" must have class "tg-spoiler" at byte offset ${at(begin)}`)
  return { name, attributes, end: i + 1 }
}

const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' }

/** Decodes numeric references and the four named ones; anything else stays as it is. */
function decodeEntity(source: string, i: number): [string, number] {
  const found = /^&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?/.exec(source.slice(i, i + 16))
  if (!found) return ['&', 1]
  const [whole, hex, decimal, name] = found
  if (name !== undefined) return NAMED[name] ? [NAMED[name], whole.length] : ['&', 1]
  const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal)
  if (code === 0 || code >= 0x10ffff || whole.length > 10) return ['&', 1]
  return [String.fromCodePoint(code), whole.length]
}

function addEntity(entities: Entity[], open: Open, text: string, fail: (what: string) => Error): void {
  const { offset } = open
  const length = text.length - offset
  if (length === 0) return
  const type = TYPES[open.tag]!
  const entity: Entity = { type, offset, length }
  const inner = entities.findIndex((other) => other.offset === offset && other.length === length)
  switch (open.tag) {
    case 'a': {
      const href = open.attributes.get('href') || text.slice(offset)
      const mention = /^tg:\/\/user\?id=(\d+)/.exec(href)
      if (mention) {
        entity.type = 'text_mention'
        entity['user_id'] = Number(mention[1])
      } else {
        const url = linkOf(href)
        if (!url) return
        entity['url'] = url
      }
      break
    }
    case 'blockquote':
      if (open.attributes.has('expandable')) entity.type = 'expandable_blockquote'
      break
    case 'code': {
      const language = /^language-(.+)$/.exec(open.attributes.get('class') ?? '')?.[1]
      if (language) entity['language'] = language
      if (language && entities[inner]?.type === 'pre') {
        entities[inner]['language'] = language
        return
      }
      break
    }
    case 'pre': {
      const code = entities[inner]
      if (code?.type === 'code') {
        entities.splice(inner, 1)
        if (code['language']) entity['language'] = code['language']
      }
      break
    }
    case 'tg-emoji': {
      const id = open.attributes.get('emoji-id') ?? ''
      if (!/^-?\d+$/.test(id) || id === '0') throw fail('Invalid custom emoji identifier specified')
      entity['custom_emoji_id'] = id
      break
    }
    case 'tg-time': {
      const format = open.attributes.get('format') ?? ''
      if (!/^\d+$/.test(open.attributes.get('unix') ?? '')) throw fail('Invalid Unix time specified')
      if (!/^(r|w?[dD]?[tT]?)$/.test(format)) throw fail('Invalid date-time format specified')
      entity['unix_time'] = Number(open.attributes.get('unix'))
      entity['date_time_format'] = format
      break
    }
  }
  entities.push(entity)
}

/** The url as Telegram keeps it, or undefined for what it does not take for one. */
export function linkOf(href: string): string | undefined {
  if (/^(tg|ton|tonsite|mailto|tel):/i.test(href)) return href
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(href) ? href : `http://${href}`
  try {
    const { protocol, hostname } = new URL(url)
    if (!['http:', 'https:', 'ftp:'].includes(protocol)) return undefined
    if (!hostname.includes('.') && !hostname.startsWith('[')) return undefined
    return /^https?:\/\/[^/]+$/i.test(url) ? `${url}/` : url
  } catch {
    return undefined
  }
}

export const sorted = (entities: Entity[]) =>
  entities.sort((a, b) => a.offset - b.offset || b.length - a.length)

/** Cuts the white space around a text, as Telegram does with every message, and moves the entities along. */
export function trim({ text, entities }: Formatted): Formatted {
  const clean = text.replaceAll('\r', '')
  const lead = clean.length - clean.trimStart().length
  const trimmed = clean.trim()
  const moved = entities.flatMap((entity) => {
    const begin = Math.max(0, entity.offset - lead)
    const end = Math.min(trimmed.length, entity.offset + entity.length - lead)
    return end > begin ? [{ ...entity, offset: begin, length: end - begin }] : []
  })
  return { text: trimmed, entities: moved }
}

const FOUND: [string, RegExp][] = [
  [
    'url',
    /(?<![\w@/.])(?:https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]|(?:t\.me|[a-z0-9-]+\.(?:com|org|net|ru|io|me|dev|app))(?:\/[^\s<>"]*[^\s<>".,;:!?)\]])?(?![\w.-]))/giu,
  ],
  ['email', /(?<![\w.])[\w.+-]+@[\w-]+\.[a-z]{2,}(?!\w)/giu],
  ['bot_command', /(?<![\w/<>])\/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])/gu],
  ['mention', /(?<![\w@/.])@[a-zA-Z][a-zA-Z0-9_]{2,31}(?!\w)/gu],
  ['hashtag', /(?<![\p{L}\p{N}_#/])#(?=[\p{N}_]*\p{L})[\p{L}\p{N}_]{1,256}/gu],
  ['cashtag', /(?<![\w$])\$[A-Z]{3,8}(?!\w)/gu],
]

/** Adds what Telegram finds by itself: commands, links, mentions, tags. Marked-up code and links stay alone. */
export function detect({ text, entities }: Formatted): Formatted {
  if (!/[/@#$.]/.test(text)) return { text, entities }
  const taken = entities.filter((entity) =>
    ['code', 'pre', 'text_link', 'text_mention', 'url'].includes(entity.type),
  )
  const all = [...entities]
  for (const [type, pattern] of FOUND)
    for (const match of text.matchAll(pattern)) {
      const entity = { type, offset: match.index, length: match[0].length }
      const overlaps = taken.some(
        (other) =>
          entity.offset < other.offset + other.length && other.offset < entity.offset + entity.length,
      )
      if (overlaps) continue
      taken.push(entity)
      all.push(entity)
    }
  return { text, entities: sorted(all) }
}
