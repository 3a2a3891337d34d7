import { TAGS } from './entities.ts'
import { bad } from './errors.ts'
import type { Obj } from './params.ts'
import { plain } from './rich-words.ts'

/*
 * Rich HTML as blocks ("Bot API", Rich HTML style): the tags of text and the blocks of text, lists, tables, quotations
 * and media. What it leaves out stands in the table of the README.
 */

interface Node {
  tag: string
  attributes: Record<string, string>
  children: (Node | string)[]
}

const INLINE: Record<string, string> = { ...TAGS, mark: 'marked', sub: 'subscript', sup: 'superscript' }
const OTHER_INLINE = ['a', 'br', 'tg-emoji', 'tg-math', 'tg-time', 'cite']
const BLOCKS =
  `h1 h2 h3 h4 h5 h6 p pre footer hr ul ol li blockquote aside details summary table tr th td caption
  tg-math-block img video audio tg-document figure figcaption input tg-thinking`.split(/\s+/)
const EMPTY = ['br', 'hr', 'img', 'input']
const MEDIA: Record<string, string> = {
  img: 'photo',
  video: 'video',
  audio: 'audio',
  'tg-document': 'document',
}
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', nbsp: '\u00A0' }

const decoded = (text: string) =>
  text.replaceAll(/&(#x?[\da-f]+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })

function treeOf(source: string): Node {
  const root: Node = { tag: '', attributes: {}, children: [] }
  const open = [root]
  const token = /<(\/?)([a-z][\w-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>|[^<]+|</giy
  for (const match of source.matchAll(token)) {
    const [whole, slash, name, rest = ''] = match
    const top = open.at(-1)!
    if (name === undefined) {
      top.children.push(decoded(whole))
      continue
    }
    const tag = name.toLowerCase()
    const at = Buffer.byteLength(source.slice(0, match.index))
    if (!(tag in INLINE) && !OTHER_INLINE.includes(tag) && !BLOCKS.includes(tag))
      throw bad(`can't parse entities: Unsupported start tag "${tag}" at byte offset ${at}`)
    if (slash) {
      if (EMPTY.includes(tag)) continue
      if (top.tag !== tag) throw bad(`can't parse entities: Unexpected end tag at byte offset ${at}`)
      open.pop()
      continue
    }
    const node: Node = { tag, attributes: attributesOf(rest), children: [] }
    top.children.push(node)
    if (!rest.trimEnd().endsWith('/') && !EMPTY.includes(tag)) open.push(node)
  }
  const left = open.at(-1)!
  if (left !== root)
    throw bad(`can't parse entities: Can't find end tag corresponding to start tag "${left.tag}"`)
  return root
}

const attributesOf = (source: string) =>
  Object.fromEntries(
    [...source.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/]+)))?/g)].map(
      ([, name, a, b, c]) => [name!.toLowerCase(), decoded(a ?? b ?? c ?? '')],
    ),
  )

type RichText = string | Obj | RichText[]

/** One run of text as it is, several as a list. */
const textOf = (nodes: (Node | string)[]): RichText => {
  const parts = nodes.map(inline).filter((part) => part !== '')
  return parts.length === 1 ? parts[0]! : parts.length === 0 ? '' : parts
}

function inline(node: Node | string): RichText {
  if (typeof node === 'string') return node.replaceAll(/\s+/g, ' ')
  const { tag, attributes, children } = node
  const type = INLINE[tag]
  if (type) return { type, text: textOf(children) }
  if (tag === 'br') return '\n'
  if (tag === 'a') return link(attributes, textOf(children))
  if (tag === 'tg-emoji')
    return {
      type: 'custom_emoji',
      custom_emoji_id: attributes['emoji-id'] ?? '',
      alternative_text: plain(textOf(children)),
    }
  if (tag === 'tg-math') return { type: 'mathematical_expression', expression: plain(textOf(children)) }
  if (tag === 'tg-time')
    return {
      type: 'date_time',
      text: textOf(children),
      unix_time: Number(attributes['unix'] ?? 0),
      date_time_format: attributes['format'] ?? '',
    }
  return textOf(children)
}

function link({ href = '', name }: Record<string, string>, text: RichText): RichText {
  if (name !== undefined) return { type: 'anchor', name }
  if (href.startsWith('#')) return { type: 'anchor_link', text, anchor_name: href.slice(1) }
  if (href.startsWith('mailto:')) return { type: 'email_address', text, email_address: href.slice(7) }
  if (href.startsWith('tel:')) return { type: 'phone_number', text, phone_number: href.slice(4) }
  return { type: 'url', text, url: href }
}

const isBlock = (node: Node | string): node is Node => typeof node !== 'string' && BLOCKS.includes(node.tag)
const isBlank = (nodes: (Node | string)[]) =>
  nodes.every((node) => typeof node === 'string' && node.trim() === '')
const find = (nodes: (Node | string)[], tag: string) =>
  nodes.find((node): node is Node => typeof node !== 'string' && node.tag === tag)

/** Blocks one after the other; text between them is a paragraph. */
function blocksOf(nodes: (Node | string)[]): Obj[] {
  const blocks: Obj[] = []
  let loose: (Node | string)[] = []
  const flush = () => {
    if (!isBlank(loose)) blocks.push({ type: 'paragraph', text: trimmed(textOf(loose)) })
    loose = []
  }
  for (const node of nodes) {
    if (!isBlock(node)) {
      loose.push(node)
      continue
    }
    flush()
    blocks.push(...blockOf(node))
  }
  flush()
  return blocks
}

const trimmed = (text: RichText): RichText => (typeof text === 'string' ? text.trim() : text)

function blockOf({ tag, attributes, children }: Node): Obj[] {
  const text = () =>
    trimmed(textOf(children.filter((node) => typeof node === 'string' || node.tag !== 'cite')))
  const cite = find(children, 'cite')
  const credit = cite ? { credit: textOf(cite.children) } : {}
  if (/^h\d$/.test(tag)) return [{ type: 'heading', text: text(), size: Number(tag[1]) }]
  const source = attributes['src']
  const media = MEDIA[tag]
  if (media) return [{ type: media, [media]: { type: media, media: source ?? '' } }]
  switch (tag) {
    case 'p':
      return isBlank(children) ? [] : [{ type: 'paragraph', text: text() }]
    case 'pre': {
      const code = find(children, 'code')
      const language = code?.attributes['class']?.replace(/^language-/, '')
      return [{ type: 'pre', text: plain(raw(code?.children ?? children)), ...(language && { language }) }]
    }
    case 'footer':
      return [{ type: 'footer', text: text() }]
    case 'tg-thinking':
      return [{ type: 'thinking', text: text() }]
    case 'hr':
      return [{ type: 'divider' }]
    case 'tg-math-block':
      return [{ type: 'mathematical_expression', expression: plain(raw(children)) }]
    case 'aside':
      return [{ type: 'pullquote', text: text(), ...credit }]
    case 'blockquote':
      return 'expandable' in attributes
        ? [{ type: 'expandable_blockquote', text: text(), ...credit }]
        : [{ type: 'blockquote', blocks: blocksOf(children.filter((node) => node !== cite)), ...credit }]
    case 'ul':
    case 'ol':
      return [{ type: 'list', items: itemsOf(tag === 'ol', attributes, children) }]
    case 'details': {
      const summary = find(children, 'summary')
      const blocks = blocksOf(children.filter((node) => node !== summary))
      const open = 'open' in attributes ? { is_open: true } : {}
      return [{ type: 'details', summary: textOf(summary?.children ?? []), blocks, ...open }]
    }
    case 'table':
      return [tableOf(attributes, children)]
    case 'figure': {
      const caption = find(children, 'figcaption')
      const [inner] = blocksOf(children.filter((node) => node !== caption))
      return inner ? [{ ...inner, ...(caption && { caption: { text: textOf(caption.children) } }) }] : []
    }
    default:
      return blocksOf(children)
  }
}

/** Spaces of preformatted text stay as they are. */
const raw = (nodes: (Node | string)[]): string =>
  nodes.map((node) => (typeof node === 'string' ? node : raw(node.children))).join('')

function itemsOf(ordered: boolean, { start }: Record<string, string>, children: (Node | string)[]): Obj[] {
  const first = Number(start ?? 1)
  return children
    .filter((node): node is Node => typeof node !== 'string' && node.tag === 'li')
    .map((item, at) => {
      const box = find(item.children, 'input')
      return {
        blocks: blocksOf(item.children.filter((node) => node !== box)),
        ...(box && { has_checkbox: true }),
        ...(box && 'checked' in box.attributes && { is_checked: true }),
        ...(ordered && { value: Number(item.attributes['value'] ?? first + at), type: '1' }),
      }
    })
}

function tableOf(attributes: Record<string, string>, children: (Node | string)[]): Obj {
  const rows = children.filter((node): node is Node => typeof node !== 'string' && node.tag === 'tr')
  const caption = find(children, 'caption')
  return {
    type: 'table',
    cells: rows.map((row) =>
      row.children
        .filter((node): node is Node => typeof node !== 'string' && /^t[hd]$/.test(node.tag))
        .map((cell) => ({
          text: textOf(cell.children),
          ...(cell.tag === 'th' && { is_header: true }),
          ...(cell.attributes['align'] && { align: cell.attributes['align'] }),
          ...(cell.attributes['colspan'] && { colspan: Number(cell.attributes['colspan']) }),
        })),
    ),
    ...('bordered' in attributes && { is_bordered: true }),
    ...('striped' in attributes && { is_striped: true }),
    ...(caption && { caption: textOf(caption.children) }),
  }
}

export const parseRichHtml = (source: string): Obj[] => blocksOf(treeOf(source).children)
