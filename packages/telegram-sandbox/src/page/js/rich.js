import { api } from './api.js'
import { h } from './dom.js'
import { wrap } from './entities.js'
import { animation } from './media.js'

const TAGS = { marked: 'mark', subscript: 'sub', superscript: 'sup', mathematical_expression: 'code' }

/** Text that holds texts of other looks ("Bot API", RichText). */
function inline(value, act) {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map((one) => inline(one, act)).flat(9)
  if (!value) return []
  const children = [inline(value.text ?? value.expression ?? value.alternative_text ?? '', act)].flat(9)
  if (TAGS[value.type]) return h(TAGS[value.type], {}, children)
  if (value.url) return wrap({ type: 'text_link', url: value.url }, '', children, act)
  return wrap(value, words(value), children, act)
}

function words(value) {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(words).join('')
  return value ? words(value.text ?? value.expression ?? value.alternative_text) : ''
}

/** A rich message, block by block; `bot` owns its files. */
export function rich(message, bot, act) {
  const all = (blocks) => (blocks ?? []).map((one) => block(one, bot, act, all))
  return h('div', { class: 'rich' }, all(message.blocks))
}

function block(one, bot, act, all) {
  const text = () => [inline(one.text, act)].flat(9)
  switch (one.type) {
    case 'heading':
      return h(`h${Math.min(6, Number(one.size) + 2)}`, {}, text())
    case 'pre':
      return h('pre', { 'data-language': one.language }, text())
    case 'mathematical_expression':
      return h('pre', {}, one.expression)
    case 'divider':
      return h('hr')
    case 'blockquote':
      return h('blockquote', {}, all(one.blocks))
    case 'pullquote':
      return h('blockquote', {}, text())
    case 'details':
      return h(
        'details',
        { open: one.is_open === true },
        h('summary', {}, inline(one.summary, act)),
        all(one.blocks),
      )
    case 'list':
      return h(
        'ul',
        {},
        one.items.map((item) => h('li', {}, h('span', {}, item.label), h('div', {}, all(item.blocks)))),
      )
    case 'table':
      return h(
        'div',
        { class: 'rich-table' },
        h(
          'table',
          {},
          one.cells.map((row) =>
            h(
              'tr',
              {},
              row.map((cell) => tableCell(cell, act)),
            ),
          ),
        ),
      )
    case 'collage':
    case 'slideshow':
      return h('div', { class: 'collage' }, all(one.blocks))
    default:
      return medium(one, bot) ?? h('p', {}, text())
  }
}

const tableCell = (cell, act) =>
  h(
    cell.is_header ? 'th' : 'td',
    { colspan: cell.colspan, rowspan: cell.rowspan, 'data-align': cell.align },
    inline(cell.text, act),
  )

function medium(one, bot) {
  const source = (file) => api.file(`/control/files/${bot}/${file.file_id}`)
  if (one.photo) return h('img', { src: source(one.photo.at(-1)), alt: words(one.caption), loading: 'lazy' })
  if (one.video) return h('video', { controls: true, src: source(one.video) })
  if (one.animation)
    return animation({ url: `/control/files/${bot}/${one.animation.file_id}` }, words(one.caption))
  for (const kind of ['audio', 'voice_note'])
    if (one[kind]) return h('audio', { controls: true, src: source(one[kind]) })
  return undefined
}
