import { api } from './api.js'
import { attachDialog } from './attach.js'
import { on } from './bus.js'
import { commandMenu } from './commands.js'
import { h, replaceChildren } from './dom.js'
import { icon } from './icons.js'
import { openMiniApp } from './mini-app.js'
import { replyKeyboard } from './reply-keyboard.js'
import { loadChat } from './store.js'
import { t } from './words.js'
import { preview } from './bubble.js'

const MAX_TEXT = 4096
const MAX_HEIGHT_PX = 140

/** Everything under the messages: Start, the field with its buttons, the commands and the reply keyboard. */
export function composer(chat, pane) {
  const field = h('textarea', {
    rows: '1',
    maxlength: MAX_TEXT,
    'aria-label': t('message'),
    placeholder: t('message'),
    enterkeyhint: 'send',
  })
  const send = h('button', { class: 'send', type: 'submit', 'aria-label': t('send') }, icon('send'))
  const slash = h(
    'button',
    { class: 'icon-button', type: 'button', 'aria-label': t('commands'), 'aria-expanded': 'false' },
    icon('slash'),
  )
  const attach = h(
    'button',
    { class: 'icon-button', type: 'button', 'aria-label': t('attach'), onclick: () => attachDialog(pane) },
    icon('attach'),
  )
  const toggle = h(
    'button',
    { class: 'icon-button', type: 'button', 'aria-label': t('keyboard'), hidden: true },
    icon('keyboard'),
  )
  const quote = h('div', { class: 'reply-bar', hidden: true })
  // The key that a bot has put beside the field.
  const menuKey = h('button', { class: 'menu-key', type: 'button', hidden: true })
  menuKey.addEventListener('click', () => void openMiniApp(chat.info.menuButton.web_app.url, pane))
  const menu = commandMenu(pane, field, slash)
  const form = h('form', { class: 'composer' }, menuKey, slash, attach, field, toggle, send)
  const keyboard = replyKeyboard(chat, pane, toggle)
  const startButton = h('button', { class: 'start', type: 'button' })
  const element = h(
    'div',
    { class: 'composer-area' },
    menu.element,
    quote,
    startButton,
    form,
    keyboard.element,
  )
  let dropped

  function draw() {
    // As in Telegram, a chat that was emptied begins with Start again.
    const first = chat.loaded && (!chat.started || chat.blocked || chat.messages.size === 0)
    startButton.hidden = !first
    // The field is hidden until it is known whether the chat begins with Start, so that nobody begins to type too
    // early.
    form.hidden = first || !chat.loaded
    startButton.textContent = t(chat.blocked ? 'unblock' : 'start')
    startButton.classList.toggle('pulse', first && !chat.blocked)
    const { menuButton } = chat.info ?? {}
    menuKey.hidden = menuButton?.type !== 'web_app'
    menuKey.textContent = menuButton?.text ?? ''
    drawForced()
  }

  /** A bot may ask for an answer to one message: the newest `force_reply`, until it is answered or dropped. */
  function forced() {
    const last = [...chat.messages.values()].findLast((m) => m.from !== 'service')
    return last?.force_reply && last.message_id !== dropped ? last : undefined
  }

  function drawForced() {
    const message = forced()
    quote.hidden = !message
    field.placeholder =
      message?.force_reply?.input_field_placeholder ??
      chat.replyKeyboard?.input_field_placeholder ??
      t('message')
    if (!message) return
    const drop = h(
      'button',
      { class: 'icon-button', type: 'button', 'aria-label': t('cancel') },
      icon('close'),
    )
    drop.addEventListener('click', () => {
      dropped = message.message_id
      drawForced()
      field.focus()
    })
    replaceChildren(quote, h('div', {}, h('b', {}, t('reply')), h('p', {}, preview(message))), drop)
  }

  function grow() {
    field.style.height = 'auto'
    // The borders count in the height and not in what scrolls; two pixels less would draw arrows in an empty field.
    const borders = field.offsetHeight - field.clientHeight
    field.style.height = `${Math.min(field.scrollHeight + borders, MAX_HEIGHT_PX)}px`
    send.classList.toggle('ready', field.value.trim() !== '')
  }

  async function submit(event) {
    event.preventDefault()
    const text = field.value.trim()
    if (!text) return
    const answered = forced()
    field.value = ''
    grow()
    menu.close()
    try {
      await pane.send(answered ? { text, reply_to: answered.message_id } : { text })
    } catch (error) {
      field.value = text
      grow()
      pane.toast(t('failed', { reason: error.message }))
    }
  }

  form.addEventListener('submit', submit)
  field.addEventListener('input', () => {
    grow()
    menu.filter(field.value)
  })
  field.addEventListener('keydown', (event) => {
    if (menu.keydown(event)) return
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) void submit(event)
  })
  startButton.addEventListener('click', async () => {
    startButton.disabled = true
    try {
      await api.start(chat.bot, chat.person, pane.startParam())
      await loadChat(chat.bot, chat.person)
      // A reader who has gone on to a key of the greeting meanwhile keeps the focus there.
      if ([document.body, startButton].includes(document.activeElement)) field.focus()
    } catch (error) {
      pane.toast(t('failed', { reason: error.message }))
    }
    startButton.disabled = false
  })

  const stops = [
    on(['message', 'edit', 'chat', 'delete'], (data) => (data.chat === chat ? draw() : undefined)),
    on('keyboard', (data) => {
      if (data.chat !== chat) return
      keyboard.draw()
      drawForced()
    }),
    on('chat', (data) => (data.chat === chat ? keyboard.draw() : undefined)),
  ]
  draw()
  keyboard.draw()
  return {
    element,
    stop: () => stops.forEach((stop) => stop()),
    type(text) {
      field.value = text
      grow()
      field.focus()
    },
  }
}
