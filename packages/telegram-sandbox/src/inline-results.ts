import type { ApiError } from './errors.ts'
import { bad } from './errors.ts'
import { fileOf, mediaFields } from './files.ts'
import { captionFields, messageText, textFields } from './format.ts'
import { markupOf } from './markup.ts'
import type { Call } from './methods/call.ts'
import { payKeyboard, playKeyboard } from './methods/deliver.ts'
import { gameContent } from './methods/games.ts'
import { locationContent, venueContent } from './methods/location.ts'
import { invoiceContent, invoiceOf } from './methods/payments.ts'
import { richMessage } from './methods/rich.ts'
import { contactContent, inputMedia } from './methods/send.ts'
import { isObj, str, type Obj } from './params.ts'
import type { Invoice, Stored } from './store.ts'

/** What a result of inline mode becomes when somebody sends it. */
export interface Shown {
  content: Obj
  keyboard?: Obj
  invoice?: Invoice
  game?: Stored['game']
}

/** Kinds of results with a file: the kind of the message, how the file's fields begin, and what else has to be there. */
const FILES: Record<string, { kind: string; field: string; needs?: string[]; withUrl?: string[] }> = {
  audio: { kind: 'audio', field: 'audio', withUrl: ['title'] },
  document: { kind: 'document', field: 'document', needs: ['title'], withUrl: ['mime_type'] },
  gif: { kind: 'animation', field: 'gif' },
  mpeg4_gif: { kind: 'animation', field: 'mpeg4' },
  photo: { kind: 'photo', field: 'photo' },
  sticker: { kind: 'sticker', field: 'sticker' },
  video: { kind: 'video', field: 'video', needs: ['title'], withUrl: ['mime_type'] },
  voice: { kind: 'voice', field: 'voice', needs: ['title'] },
}
const OTHERS: Record<string, string[]> = {
  article: ['title'],
  contact: ['phone_number', 'first_name'],
  game: ['game_short_name'],
  location: ['latitude', 'longitude', 'title'],
  venue: ['latitude', 'longitude', 'title', 'address'],
}
/** Files that Telegram fetches for a result. */
const MIME: Record<string, RegExp> = {
  document: /^application\/(pdf|zip)/,
  video: /^(video\/mp4|text\/html)/,
}

const given = (result: Obj, field: string) => str(result[field]) !== ''

/** Looks at one result as the server does ("telegram-bot-api", get_inline_query_result). @returns its id @throws ApiError */
export function checkResult(result: unknown, fail: (why: string) => ApiError): string {
  if (!isObj(result)) throw fail('Inline query result must be an object')
  const need = (field: string) => {
    const value = result[field]
    if (value === undefined) throw fail(`Can't find field "${field}"`)
    if (typeof value !== 'string' && typeof value !== 'number')
      throw fail(`Field "${field}" must be of type String`)
  }
  need('type')
  need('id')
  const type = str(result['type']).toLowerCase()
  const content = result['input_message_content']
  if (content !== undefined && !isObj(content))
    throw fail('Field "input_message_content" must be of type Object')
  const file = FILES[type]
  const others = OTHERS[type]
  if (!file && !others) throw fail(`type "${type}" is unsupported for the inline query result`)
  if (type === 'article' && content === undefined) need('message_text')
  if (type === 'article' && content !== undefined && !kindOf(content))
    throw fail('Input message content is not specified')
  for (const field of [...(others ?? []), ...(file?.needs ?? [])]) need(field)
  if (!file) return str(result['id'])
  if (type === 'sticker' || !given(result, `${file.field}_url`)) need(`${file.field}_file_id`)
  else for (const field of file.withUrl ?? []) need(field)
  const mime = MIME[type]
  if (given(result, `${file.field}_url`) && mime && !mime.test(str(result['mime_type'])))
    throw bad(`unallowed ${type} MIME type`)
  return str(result['id'])
}

/** Which of the contents it is that a result names in place of its own. */
function kindOf(content: Obj): string | undefined {
  if (given(content, 'message_text')) return 'text'
  if (isObj(content['rich_message'])) return 'rich'
  if (content['latitude'] !== undefined && content['longitude'] !== undefined)
    return content['title'] !== undefined && content['address'] !== undefined ? 'venue' : 'location'
  if (content['phone_number'] !== undefined) return 'contact'
  return content['payload'] === undefined ? undefined : 'invoice'
}

/** @param sends whether it is sent now, so that a file is fetched from its address @throws ApiError */
export async function shownOf(call: Call, result: Obj, sends: boolean): Promise<Shown> {
  const shown = await withoutKeys(call, result, sends)
  const { invoice, game } = shown
  const of = { values: { reply_markup: result['reply_markup'] }, files: new Map() }
  const markup = markupOf(of, { invoice: Boolean(invoice), game: Boolean(game), privateChat: false })
  if (markup.reply || markup.remove || markup.forceReply) throw bad('inline keyboard expected')
  const keyboard = markup.inline ?? (invoice && payKeyboard(invoice)) ?? (game && playKeyboard(game.title))
  return { ...shown, ...(keyboard && { keyboard }) }
}

async function withoutKeys(call: Call, result: Obj, sends: boolean): Promise<Shown> {
  const content = result['input_message_content']
  const { message_text: words, disable_web_page_preview: _, ...legacy } = result
  if (isObj(content) && kindOf(content)) return contentOf(call, kindOf(content)!, content)
  if (str(words) !== '') return contentOf(call, 'text', { ...legacy, message_text: words })
  const type = str(result['type']).toLowerCase()
  const file = FILES[type]
  return file ? fileShown(call, result, file, sends) : contentOf(call, type, result)
}

async function contentOf(call: Call, kind: string, fields: Obj): Promise<Shown> {
  const { world, bot } = call
  const inner: Call = { ...call, p: { values: fields, files: new Map() } }
  switch (kind) {
    case 'text':
      inner.p.values = { ...fields, text: fields['message_text'] }
      return { content: textFields(messageText(world, inner.p)) }
    case 'rich':
      return { content: { rich_message: await richMessage(inner) } }
    case 'venue':
      return { content: venueContent(inner) }
    case 'location':
      return { content: locationContent(inner) }
    case 'contact':
      return { content: contactContent(inner) }
    case 'invoice': {
      const invoice = invoiceOf(inner.p, bot, false)
      return { content: invoiceContent(inner.p, invoice), invoice }
    }
    default:
      return gameContent(world, bot, str(fields['game_short_name']))
  }
}

async function fileShown(
  call: Call,
  result: Obj,
  file: (typeof FILES)[string],
  sends: boolean,
): Promise<Shown> {
  const { world, bot } = call
  const { kind, field } = file
  const url = kind === 'sticker' ? '' : str(result[`${field}_url`])
  const caption = captionFields(world, result)
  if (url !== '' && !sends) return { content: caption }
  const media = url || str(result[`${field}_file_id`])
  const none = { values: {}, files: new Map() }
  if (kind === 'voice' || kind === 'sticker') {
    const found = await fileOf(world, bot, none, kind, kind, media)
    return { content: { ...mediaFields(found), ...(kind === 'voice' && caption) } }
  }
  const measures = ['duration', 'width', 'height'].map((name) => [name, result[`${field}_${name}`]] as const)
  const said = Object.fromEntries(measures.filter(([, value]) => value !== undefined))
  return {
    content: await inputMedia({ ...call, p: none }, { ...result, ...said, type: kind, media }, 'InputMedia'),
  }
}
