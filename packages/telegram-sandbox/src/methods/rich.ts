import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { fileOf, mediaFields } from '../files.ts'
import { showDraft } from '../messages.ts'
import { bool, charLength, int, isObj, json, str, type Obj } from '../params.ts'
import { parseRichHtml } from '../rich-html.ts'
import { htmlOfMarkdown } from '../rich-markdown.ts'
import { plain, wordsOf } from '../rich-words.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'
import { inputMedia } from './send.ts'

/** "Bot API", Rich Message Limits. */
const LONGEST_TEXT = 32_768
/** The text with its tags may be twice as long; longer input is not parsed. */
const LONGEST_SOURCE = 2 * LONGEST_TEXT
const MOST_BLOCKS = 500
const MOST_LEVELS = 16
const MOST_MEDIA = 50
const MOST_COLUMNS = 20

const OF_TEXT = ['paragraph', 'heading', 'pre', 'footer', 'pullquote', 'expandable_blockquote', 'thinking']
const OF_MEDIA = ['animation', 'audio', 'document', 'photo', 'video', 'voice_note']
const OTHER = ['divider', 'mathematical_expression', 'anchor', 'map', 'buttons']

interface Count {
  blocks: number
  media: number
  text: number
  /** Media that html and markdown name by an id. */
  named: Map<string, Obj>
  draft: boolean
}

/** What is written as a list of blocks, as HTML or as Markdown, as it will stand in the message. @throws bad */
export async function richMessage(call: Call, draft = false): Promise<Obj> {
  const given = json(call.p, 'rich_message', 'rich message')
  if (!isObj(given)) throw bad('object expected as rich message')
  const ways = ['blocks', 'html', 'markdown'].filter((way) => given[way] !== undefined)
  if (ways.length !== 1) throw bad('RICH_MESSAGE_CONTENT_REQUIRED')
  const { blocks, html, markdown, media } = given
  if (str(html ?? markdown).length > LONGEST_SOURCE) throw bad('message is too long')
  const written: unknown =
    ways[0] === 'html'
      ? parseRichHtml(str(html))
      : ways[0] === 'markdown'
        ? parseRichHtml(htmlOfMarkdown(str(markdown)))
        : blocks
  const named = new Map(
    (Array.isArray(media) ? (media as unknown[]) : []).flatMap((one) =>
      isObj(one) && isObj(one['media']) ? [[str(one['id']), one['media']] as const] : [],
    ),
  )
  const count: Count = { blocks: 0, media: 0, text: 0, named, draft }
  const made = await blocksFrom(call, written, count, 1)
  if (count.text === 0 && count.media === 0 && made.every(({ type }) => type === 'paragraph'))
    throw bad('RICH_MESSAGE_CONTENT_REQUIRED')
  if (count.text > LONGEST_TEXT) throw bad('message is too long')
  return { blocks: made, ...(given['is_rtl'] === true && { is_rtl: true }) }
}

async function blocksFrom(call: Call, value: unknown, count: Count, level: number): Promise<Obj[]> {
  if (!Array.isArray(value)) throw bad("can't parse InputRichMessage: expected an Array of InputRichBlock")
  if (level > MOST_LEVELS) throw bad('RICH_MESSAGE_TOO_DEEP')
  const made: Obj[] = []
  for (const one of value as unknown[]) made.push(await blockFrom(call, one, count, level))
  return made
}

function counted(count: Count, more: number): void {
  count.blocks += more
  if (count.blocks > MOST_BLOCKS) throw bad('RICH_MESSAGE_BLOCKS_TOO_MUCH')
}

const read = (count: Count, text: unknown) => {
  count.text += charLength(plain(text))
}

async function blockFrom(call: Call, block: unknown, count: Count, level: number): Promise<Obj> {
  const fail = (why: string) => bad(`can't parse InputRichBlock: ${why}`)
  if (!isObj(block)) throw fail('expected an Object')
  const type = block['type']
  if (typeof type !== 'string') throw fail('Can\'t find field "type"')
  counted(count, 1)
  read(count, block['text'] ?? block['expression'] ?? block['summary'])
  if (OF_TEXT.includes(type)) {
    if (block['text'] === undefined) throw fail('Can\'t find field "text"')
    if (type === 'thinking' && !count.draft) throw fail('type "thinking" can be used only in drafts')
    if (type === 'heading' && ![1, 2, 3, 4, 5, 6].includes(Number(block['size'])))
      throw fail('Wrong heading size specified')
    return block
  }
  if (OTHER.includes(type)) return block
  if (OF_MEDIA.includes(type)) return mediaBlock(call, block, type, count)
  const inner = (value: unknown) => blocksFrom(call, value, count, level + 1)
  switch (type) {
    case 'blockquote':
    case 'details':
    case 'collage':
    case 'slideshow':
      return { ...block, blocks: await inner(block['blocks']) }
    case 'list':
      return { ...block, items: await itemsFrom(block['items'], inner, count) }
    case 'table':
      return { ...block, cells: cellsFrom(block['cells'], count) }
    default:
      throw fail(`type "${type}" is unsupported`)
  }
}

async function itemsFrom(value: unknown, inner: (value: unknown) => Promise<Obj[]>, count: Count) {
  if (!Array.isArray(value)) throw bad('can\'t parse InputRichBlock: Can\'t find field "items"')
  counted(count, value.length)
  const items: Obj[] = []
  for (const item of value as unknown[]) {
    if (!isObj(item)) throw bad("can't parse InputRichBlockListItem: expected an Object")
    const label = item['value'] === undefined ? '•' : `${str(item['value'])}.`
    items.push({ label, ...item, blocks: await inner(item['blocks']) })
  }
  return items
}

function cellsFrom(value: unknown, count: Count): Obj[][] {
  if (!Array.isArray(value)) throw bad('can\'t parse InputRichBlock: Can\'t find field "cells"')
  counted(count, value.length)
  return value.map((row: unknown) => {
    if (!Array.isArray(row)) throw bad("can't parse InputRichBlock: expected an Array of Arrays")
    if (row.length > MOST_COLUMNS) throw bad('RICH_MESSAGE_COLUMNS_TOO_MUCH')
    return row.map((cell: unknown) => {
      if (!isObj(cell)) throw bad("can't parse RichBlockTableCell: expected an Object")
      read(count, cell['text'])
      return { align: 'left', valign: 'top', ...cell }
    })
  })
}

async function mediaBlock(call: Call, block: Obj, type: string, count: Count): Promise<Obj> {
  if (++count.media > MOST_MEDIA) throw bad('RICH_MESSAGE_MEDIA_TOO_MUCH')
  const written = block[type]
  const source = isObj(written) ? str(written['media']) : ''
  const id = /^tg:\/\/\w+\?id=([\w-]{1,64})$/.exec(source)?.[1]
  const media = id === undefined ? written : count.named.get(id)
  if (type === 'voice_note') {
    const voice = await fileOf(
      call.world,
      call.bot,
      call.p,
      'voice',
      'voice',
      str(isObj(media) && media['media']),
    )
    return { ...block, voice_note: mediaFields(voice)['voice'] }
  }
  return { ...block, [type]: (await inputMedia(call, media, 'InputMedia'))[type] }
}

const sendRichMessage: Method = async (call) => {
  placeOf(call.world, call.bot, call.p)
  return deliver(call, { rich_message: await richMessage(call) })
}

/** A preview of a rich message; the person may press a key that ends it, of which the bot hears. */
const sendRichMessageDraft: Method = async (call) => {
  const { world, bot, p } = call
  const place = placeOf(world, bot, p)
  if (!place.person) throw bad('chat not found')
  if (int(p, 'draft_id') === 0) throw bad('RANDOM_ID_INVALID')
  const message = await richMessage(call, true)
  showDraft(world, bot, place, int(p, 'draft_id'), {
    text: wordsOf(message),
    rich_message: message,
    ...(bool(p, 'can_stop') && { can_stop: true }),
  })
  return true
}

export const richMessages: Record<string, Method> = { sendRichMessage, sendRichMessageDraft }
