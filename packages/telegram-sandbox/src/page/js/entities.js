import { h, safeUrl } from './dom.js'
import { language, t } from './words.js'

const TAGS = {
  bold: 'b',
  italic: 'i',
  underline: 'u',
  strikethrough: 's',
  code: 'code',
}

/** A block ends its line by itself, so the line break after it is not shown again. */
const BLOCKS = new Set(['blockquote', 'expandable_blockquote', 'pre'])

/**
 * A text with its Bot API entities (offsets in UTF-16 units, nested allowed) as DOM nodes.
 * `act` gets { command } or { link } when the reader presses one.
 */
export function richText(text, entities, act) {
  const sorted = [...(entities ?? []), ...commandsIn(text, entities)]
    .filter(
      (entity) => entity.length > 0 && entity.offset >= 0 && entity.offset + entity.length <= text.length,
    )
    .sort((a, b) => a.offset - b.offset || b.length - a.length)
  return nodes(text, 0, text.length, sorted, act)
}

function nodes(text, from, to, entities, act) {
  const result = []
  let at = from
  for (let index = 0; index < entities.length;) {
    const entity = entities[index++]
    const end = Math.min(entity.offset + entity.length, to)
    const inside = []
    while (index < entities.length && entities[index].offset < end) inside.push(entities[index++])
    if (entity.offset > at) result.push(text.slice(at, entity.offset))
    const children = nodes(text, entity.offset, end, inside, act)
    result.push(wrap(entity, text.slice(entity.offset, end), children, act))
    at = BLOCKS.has(entity.type) && text[end] === '\n' ? end + 1 : end
  }
  if (at < to) result.push(text.slice(at, to))
  return result
}

/** One entity of a text, around what it covers. */
export function wrap(entity, raw, children, act) {
  const tag = TAGS[entity.type]
  if (tag) return h(tag, {}, children)
  switch (entity.type) {
    case 'pre':
      return h('pre', { 'data-language': entity.language }, children)
    case 'blockquote':
      return h('blockquote', {}, children)
    case 'expandable_blockquote':
      return expandable(children)
    case 'spoiler':
      return spoiler(children)
    case 'text_link':
      return link(entity.url, children, act)
    case 'url':
      return link(raw, children, act)
    case 'email':
      return h('span', { class: 'plain-link' }, children)
    case 'mention':
      return link(`https://t.me/${raw.slice(1)}`, children, act)
    case 'bot_command':
      return h('button', { class: 'command', type: 'button', onclick: () => act({ command: raw }) }, children)
    case 'date_time':
      return h(
        'time',
        { datetime: new Date(entity.unix_time * 1000).toISOString() },
        when(entity) ?? children,
      )
    default:
      return h('span', {}, children)
  }
}

function link(address, children, act) {
  const href = safeUrl(address)
  if (!href) return h('span', {}, children)
  return h(
    'a',
    {
      href,
      target: '_blank',
      rel: 'noopener noreferrer',
      onclick: (event) => {
        if (act({ link: href })) event.preventDefault()
      },
    },
    children,
  )
}

function spoiler(children) {
  const button = h(
    'button',
    { class: 'spoiler', type: 'button', 'aria-label': t('spoiler') },
    h('span', {}, children),
  )
  button.addEventListener('click', () => {
    button.classList.add('shown')
    button.removeAttribute('aria-label')
  })
  return button
}

function expandable(children) {
  const more = h('button', { class: 'more', type: 'button', 'aria-expanded': 'false' }, t('more'))
  const quote = h('blockquote', { class: 'expandable' }, h('div', { class: 'quoted' }, children), more)
  more.addEventListener('click', () => {
    const open = quote.classList.toggle('open')
    more.textContent = t(open ? 'less' : 'more')
    more.setAttribute('aria-expanded', String(open))
  })
  return quote
}

/** The reader's own zone; letters as in the Bot API's date_time_format: w day of week, d/D date, t/T time, r relative. */
function when(entity) {
  const format = entity.date_time_format
  if (!format) return undefined
  const date = new Date(entity.unix_time * 1000)
  const locale = language() === 'ru' ? 'ru-RU' : 'en-GB'
  if (format === 'r') return relative(date, locale)
  const options = {}
  if (format.includes('w')) options.weekday = 'long'
  if (format.includes('d')) options.dateStyle = 'short'
  if (format.includes('D')) options.dateStyle = 'long'
  if (format.includes('t')) options.timeStyle = 'short'
  if (format.includes('T')) options.timeStyle = 'medium'
  if (options.weekday && (options.dateStyle || options.timeStyle)) delete options.weekday
  return new Intl.DateTimeFormat(locale, options).format(date)
}

function relative(date, locale) {
  const minutes = Math.round((date.getTime() - Date.now()) / 60_000)
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  if (Math.abs(minutes) < 90) return words.format(minutes, 'minute')
  if (Math.abs(minutes) < 36 * 60) return words.format(Math.round(minutes / 60), 'hour')
  return words.format(Math.round(minutes / 1440), 'day')
}

/** Telegram marks commands by itself; a text without the mark gets it here. */
function commandsIn(text, entities) {
  const taken = entities ?? []
  return [...text.matchAll(/(?<=^|\s)\/[a-z][a-z0-9_]{0,31}(?![\w/])/gi)]
    .map((match) => ({ type: 'bot_command', offset: match.index, length: match[0].length }))
    .filter(
      (found) =>
        !taken.some((e) => found.offset < e.offset + e.length && e.offset < found.offset + found.length),
    )
}
