import { bad } from './errors.ts'
import { sorted, type Entity } from './entities.ts'
import { isObj, isNumeric, str, type Obj } from './params.ts'

/** Entities that Telegram finds by itself. If a bot gives them they are ignored, and looked for in the text again. */
const FOUND = 'mention hashtag cashtag bot_command url email phone_number bank_card_number'.split(' ')

/** The fields that an entity of these kinds must have besides its place ("telegram-bot-api", get_text_entity_type). */
const KINDS: Record<string, readonly string[]> = {
  bold: [],
  italic: [],
  underline: [],
  strikethrough: [],
  spoiler: [],
  code: [],
  pre: [],
  blockquote: [],
  expandable_blockquote: [],
  text_link: ['url'],
  text_mention: ['user'],
  custom_emoji: ['custom_emoji_id'],
  date_time: ['unix_time'],
}
const FURTHEST = 1_000_000

/** The entities that a bot gives with a text. @throws bad in the words of the server and of TDLib */
export function givenEntities(text: string, given: unknown): Entity[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) throw bad("can't parse entities JSON object")
  const read = given.flatMap((one: unknown) => entityOf(one) ?? [])
  for (const { offset, length } of read) {
    if (offset < 0 || offset > FURTHEST) throw bad(`receive an entity with incorrect offset ${offset}`)
    if (length < 0 || length > FURTHEST) throw bad(`receive an entity with incorrect length ${length}`)
  }
  const entities = sorted(read.filter(({ length }) => length > 0))
  for (const entity of entities) checkPlace(text, entity)
  return entities
}

function entityOf(one: unknown): Entity | undefined {
  const fail = (why: string) => bad(`can't parse MessageEntity: ${why}`)
  if (!isObj(one)) throw fail('expected an Object')
  const number = (name: string): number => {
    const value = one[name]
    if (value === undefined || value === null) throw fail(`Can't find field "${name}"`)
    if (!isNumeric(value)) throw fail(`Field "${name}" must be a Number`)
    return Number(value)
  }
  const [offset, length] = [number('offset'), number('length')]
  const type = str(one['type'])
  if (one['type'] === undefined) throw fail('Can\'t find field "type"')
  if (type === '') throw fail('Type is not specified')
  if (FOUND.includes(type)) return undefined
  const needed = KINDS[type]
  if (!needed) throw fail('Unsupported type specified')
  for (const name of needed) if (one[name] === undefined) throw fail(`Can't find field "${name}"`)
  return { ...(one as Obj), type, offset, length }
}

/** An entity must begin and end between characters of the text, not within a surrogate pair. */
function checkPlace(text: string, { offset, length }: Entity): void {
  const end = offset + length
  const bytesTo = (index: number) => Buffer.byteLength(text.slice(0, index + 1))
  if (isInPair(text, offset))
    throw bad(`entity begins in a middle of a UTF-16 symbol at byte offset ${bytesTo(offset)}`)
  if (isInPair(text, end))
    throw bad(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${bytesTo(end)}`,
    )
  if (offset > text.length) throw bad(`entity begins after the end of the text at UTF-16 offset ${offset}`)
  if (end > text.length)
    throw bad(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${end}`,
    )
}

const isInPair = (text: string, index: number) =>
  /^[\uDC00-\uDFFF]$/.test(text[index] ?? '') && /^[\uD800-\uDBFF]$/.test(text[index - 1] ?? '')
