import { on } from './bus.js'
import { bubble } from './bubble.js'
import { h, replaceChildren } from './dom.js'
import { icon } from './icons.js'
import { day, t } from './words.js'

const FLASH_MS = 600
const FADE_MS = 300
/** Closer to the end than this many pixels counts as reading the newest message. */
const NEAR_PX = 80

/** The scrolling list of one chat. @returns {{element, stop, toEnd}} */
export function messageList(chat, pane) {
  const list = h('ol', { class: 'messages' })
  const scroller = h(
    'div',
    { class: 'scroller', tabindex: '0', role: 'log', 'aria-live': 'polite', 'aria-label': t('messages') },
    list,
  )
  const badge = h('span', { class: 'badge', hidden: true })
  const down = h(
    'button',
    { class: 'to-end', type: 'button', hidden: true, 'aria-label': t('toBottom') },
    icon('down'),
    badge,
  )
  const element = h('div', { class: 'chat-body' }, scroller, down)
  const unseen = new Set()

  const near = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight
  }
  const items = () => new Map([...list.children].map((item) => [item.dataset.message, item]))

  function drawAll() {
    const messages = [...chat.messages.values()]
    replaceChildren(list, messages.length === 0 ? [] : withDays(messages), typing())
    if (messages.length === 0 && chat.loaded) list.append(welcome())
    tails()
    toEnd()
    unseen.clear()
    showBadge()
  }

  function withDays(messages) {
    let last
    return messages.flatMap((message) => {
      const date = day(message.date)
      const item = bubble(message, chat, pane)
      if (date === last) return [item]
      last = date
      return [h('li', { class: 'service day' }, h('span', {}, date)), item]
    })
  }

  function welcome() {
    const bot = pane.botInfo()
    return h(
      'li',
      { class: 'welcome' },
      h('h3', {}, t('emptyTitle')),
      h('p', {}, bot?.description || t('emptyText')),
      h('small', {}, t('restarted')),
    )
  }

  function typing() {
    if (!chat.action) return null
    return h(
      'li',
      { class: 'message in typing' },
      h('div', { class: 'bubble' }, h('i'), h('i'), h('i'), h('span', {}, t(chat.action))),
    )
  }

  function drawTyping() {
    const stick = near()
    list.querySelector('.typing')?.remove()
    const node = typing()
    if (node) list.append(node)
    if (stick) toEnd()
  }

  /** The last bubble of a series by one side has the tail. */
  function tails() {
    const rows = [...list.children]
    for (const [index, row] of rows.entries()) {
      if (!row.classList.contains('message')) continue
      const next = rows[index + 1]
      const side = row.classList.contains('out') ? 'out' : 'in'
      row.classList.toggle('tail', !next?.classList.contains(side) && !row.querySelector('.keys'))
    }
    albums(rows)
  }

  /** Pictures of one album stand in two columns. */
  function albums(rows) {
    let count = 0
    for (const [index, row] of rows.entries()) {
      const { album } = row.dataset
      count = album && album === rows[index - 1]?.dataset.album ? count + 1 : 0
      const isOne = Boolean(album) && (count > 0 || album === rows[index + 1]?.dataset.album)
      row.classList.toggle('album', isOne)
      row.classList.toggle('album-left', isOne && count % 2 === 0)
    }
  }

  function put({ chat: changed, message }, type) {
    if (changed !== chat) return
    if (chat.messages.size === 1 || list.querySelector('.welcome')) return drawAll()
    const stick = near() || message.from === 'person'
    const old = items().get(String(message.message_id))
    const item = bubble(message, chat, pane)
    if (old) keepFocus(old, () => old.replaceWith(item))
    else list.insertBefore(item, list.querySelector('.typing'))
    tails()
    if (type === 'edit') flash(item)
    else if (!old) item.classList.add('arrives')
    if (stick) return toEnd()
    if (!inView(item)) unseen.add(message.message_id)
    showBadge()
  }

  function keepFocus(old, change) {
    const key = old.contains(document.activeElement) ? document.activeElement.dataset.key : undefined
    const clock = !key && old.contains(document.activeElement)
    const id = old.dataset.message
    change()
    if (!key && !clock) return
    const item = items().get(id)
    const target = key ? item.querySelector(`[data-key="${key}"]`) : item.querySelector('.clock')
    ;(target ?? item.querySelector('.key') ?? item.querySelector('.clock'))?.focus({ preventScroll: true })
  }

  function inView(item) {
    const box = scroller.getBoundingClientRect()
    const own = item.getBoundingClientRect()
    return own.bottom > box.top && own.top < box.bottom
  }

  function flash(item) {
    item.classList.add('flash')
    setTimeout(() => item.classList.remove('flash'), FLASH_MS)
  }

  function remove({ chat: changed, messageId }) {
    if (changed !== chat) return
    const item = items().get(String(messageId))
    if (!item) return
    item.classList.add('gone')
    unseen.delete(messageId)
    showBadge()
    setTimeout(() => {
      item.remove()
      tails()
    }, FADE_MS)
  }

  function showBadge() {
    down.hidden = near() && unseen.size === 0
    badge.hidden = unseen.size === 0
    badge.textContent = String(unseen.size)
    down.setAttribute('aria-label', unseen.size > 0 ? t('changes', { n: unseen.size }) : t('toBottom'))
  }

  scroller.addEventListener('scroll', () => {
    const shown = items()
    for (const id of unseen) {
      const item = shown.get(String(id))
      if (!item || inView(item)) unseen.delete(id)
    }
    showBadge()
  })
  scroller.addEventListener('load', () => (near() ? toEnd() : undefined), true)
  down.addEventListener('click', () => {
    const first = [...unseen].map((id) => items().get(String(id))).find(Boolean)
    if (first && !inView(first)) first.scrollIntoView({ block: 'center', behavior: 'smooth' })
    else scroller.scrollTo({ top: scroller.scrollHeight, behavior: 'smooth' })
  })
  const resize = new ResizeObserver(() => (stuck ? toEnd() : undefined))
  let stuck = true
  scroller.addEventListener('scroll', () => {
    stuck = near()
  })
  resize.observe(scroller)

  const stops = [
    on(['message', 'edit'], put),
    on('delete', remove),
    on('action', (data) => (data.chat === chat ? drawTyping() : undefined)),
    on('chat', (data) => (data.chat === chat ? drawAll() : undefined)),
    on('keys', ({ chat: changed, messageId }) => {
      const message = changed === chat ? chat.messages.get(messageId) : undefined
      const old = message && items().get(String(messageId))
      if (!old) return
      keepFocus(old, () => old.replaceWith(bubble(message, chat, pane)))
      tails()
    }),
    () => resize.disconnect(),
  ]
  drawAll()
  return { element, toEnd, stop: () => stops.forEach((stop) => stop()) }
}
