import { detect, parseHtml, trim, type Formatted } from './entities.ts'
import { bad } from './errors.ts'
import { givenEntities } from './given-entities.ts'
import { parseMarkdown, parseMarkdownV2 } from './markdown.ts'
import { json, text, type Obj, type Params } from './params.ts'
import { userOfPerson, type World } from './store.ts'

/** Longer input is refused before it is parsed ("telegram-bot-api", get_formatted_text). */
const LONGEST_SOURCE = 1 << 15

/** A text or caption with its entities, as it will stand in the message. @throws bad for markup that cannot be read */
export function formatted(world: World, source: string, mode: string, given: unknown): Formatted {
  if (source.length > LONGEST_SOURCE) throw bad('text is too long')
  const parsed = parse(source, mode.toLowerCase(), given)
  for (const entity of parsed.entities) {
    if (entity.type !== 'text_mention' || !('user_id' in entity)) continue
    const person = world.people.get(entity['user_id'] as number)
    if (person) entity['user'] = userOfPerson(person)
    delete entity['user_id']
  }
  parsed.entities = parsed.entities.filter((entity) => entity.type !== 'text_mention' || entity['user'])
  return detect(trim(parsed))
}

function parse(source: string, mode: string, given: unknown): Formatted {
  if (mode === 'html') return parseHtml(source)
  if (mode === 'markdown') return parseMarkdown(source)
  if (mode === 'markdownv2') return parseMarkdownV2(source)
  if (mode !== '' && mode !== 'none') throw bad('unsupported parse_mode')
  return { text: source, entities: givenEntities(source, given) }
}

/** The text of sendMessage and editMessageText. */
export function messageText(world: World, p: Params): Formatted {
  const source = text(p, 'text') ?? ''
  const result = formatted(world, source, text(p, 'parse_mode') ?? '', json(p, 'entities', 'entities'))
  if (result.text === '') throw bad(source.trim() === '' ? 'message text is empty' : 'text must be non-empty')
  if (result.text.length > 4096) throw bad('message is too long')
  return result
}

/** Caption fields for a message; nothing when there is none. */
export function captionFields(world: World, fields: Obj): Obj {
  const source = typeof fields['caption'] === 'string' ? fields['caption'] : ''
  const mode = typeof fields['parse_mode'] === 'string' ? fields['parse_mode'] : ''
  const given = json({ values: fields, files: new Map() }, 'caption_entities', 'caption entities')
  const result = formatted(world, source, mode, given)
  if (result.text.length > 1024) throw bad('message caption is too long')
  return {
    ...(result.text !== '' && { caption: result.text }),
    ...(result.entities.length > 0 && { caption_entities: result.entities }),
    ...(String(fields['show_caption_above_media']) === 'true' && { show_caption_above_media: true }),
  }
}

export const textFields = ({ text: value, entities }: Formatted): Obj => ({
  text: value,
  ...(entities.length > 0 && { entities }),
})
