import { api } from './api.js'
import { emit, on } from './bus.js'
import { composer } from './composer.js'
import { failure, openDialog, toast } from './dialog.js'
import { h } from './dom.js'
import { icon } from './icons.js'
import { followLink } from './links.js'
import { messageList } from './messages.js'
import { avatar, peopleList } from './people.js'
import { botOf, chatOf, loadChat, personaOf, state } from './store.js'
import { inLanguage, t } from './words.js'

/** One person's chat with one bot on the screen. @returns {{element, stop}} */
export function createPane(botName, person, openInspector) {
  const chat = chatOf(botName, person)
  const persona = personaOf(person)
  const toasts = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' })
  const status = h('span', { class: 'status' })
  const pane = {
    bot: botName,
    person,
    toast: (text) => toast(text, toasts),
    botInfo: () => chat.info ?? botOf(botName),
    startParam: () => '',
    send: (message) => api.send(botName, person, message),
    type: (text) => bottom.type(text),
    act({ command, link }) {
      if (link) return followLink(link, pane)
      pane.send({ text: command }).catch((error) => failure(error, toasts))
      return true
    },
  }
  const list = messageList(chat, pane)
  const bottom = composer(chat, pane)

  const inspect = h(
    'button',
    { class: 'icon-button phone-only', type: 'button', 'aria-label': t('inspector'), onclick: openInspector },
    icon('inspect'),
  )
  const bot = pane.botInfo()
  const who = inLanguage(persona?.label) || persona?.first_name || String(person)
  const element = h(
    'section',
    {
      class: 'pane',
      'aria-label': `${bot?.name ?? botName}, ${who}`,
      'data-person': person,
    },
    h(
      'header',
      { class: 'pane-head' },
      avatar(bot?.name ?? botName, bot?.id ?? 0),
      h('div', { class: 'who' }, h('h1', {}, bot?.name ?? botName), status),
      h(
        'button',
        {
          class: 'as',
          type: 'button',
          'aria-label': `${t('personas')}: ${who}. ${t('people')}`,
          onclick: openPeople,
        },
        avatar(persona?.first_name, person, true),
        h('span', {}, who),
      ),
      inspect,
    ),
    toasts,
    list.element,
    bottom.element,
  )

  pane.element = element

  function statusWord() {
    if (state.connected) return t('online')
    return t(state.wasConnected ? 'disconnected' : 'connecting')
  }
  function drawStatus() {
    status.textContent = chat.action ? t(chat.action) : statusWord()
    status.classList.toggle('active', Boolean(chat.action))
  }
  function openPeople() {
    const inside = peopleList()
    const dialog = openDialog({
      kind: 'sheet',
      title: t('people'),
      body: inside.element,
      onclose: () => (inside.stop(), stopShow()),
    })
    const stopShow = on('show', () => dialog.close())
  }

  const stops = [
    on('action', (data) => (data.chat === chat ? drawStatus() : undefined)),
    on('connection', drawStatus),
    list.stop,
    bottom.stop,
  ]
  drawStatus()
  chat.unread = 0
  emit('people')
  loadChat(botName, person).catch((error) => failure(error, toasts))
  return { element, stop: () => stops.forEach((stop) => stop()) }
}
