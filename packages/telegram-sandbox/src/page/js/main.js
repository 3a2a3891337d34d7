import { api } from './api.js'
import { emit, on } from './bus.js'
import { openDialog, failure } from './dialog.js'
import { h, replaceChildren } from './dom.js'
import { follow } from './events.js'
import { extra, loadExtra } from './extra.js'
import { icon } from './icons.js'
import { inspector } from './inspector.js'
import { createPane } from './pane.js'
import { peopleList } from './people.js'
import {
  botOf,
  chatOf,
  firstPersona,
  partner,
  personaOf,
  refreshBots,
  refreshPeople,
  remember,
  rememberedLanguage,
  state,
} from './store.js'
import { language, setLanguage, t } from './words.js'

const app = document.getElementById('app')
const wide = matchMedia('(min-width: 1100px)')
let drawn = []

/** Draws the whole page: at start, after a change of language, of the chosen chat or of the width. */
function draw() {
  for (const part of drawn) part.stop()
  const people = peopleList()
  const inside = inspector(openInspector)
  let sheet
  function openInspector() {
    if (wide.matches || sheet) return
    sheet = openDialog({
      kind: 'sheet',
      title: t('inspector'),
      body: inside.element,
      onclose: () => {
        sheet = undefined
      },
    })
    sheet.element.classList.add('inspector-sheet')
  }
  const persons = state.split && wide.matches ? [state.person, partner()] : [state.person]
  const panes = state.bot ? persons.map((person) => createPane(state.bot, person, openInspector)) : [noBot()]
  drawn = [people, inside, ...panes, { stop: () => sheet?.close() }]
  document.title = t('title')
  replaceChildren(
    app,
    ribbon(),
    h(
      'div',
      { class: `columns${persons.length > 1 ? ' split' : ''}` },
      h('nav', { class: 'people', 'aria-label': t('people') }, people.element),
      h(
        'main',
        { class: 'panes' },
        panes.map((pane) => pane.element),
      ),
      h(
        'aside',
        { class: 'inspector-column', 'aria-label': t('inspector') },
        wide.matches ? inside.element : null,
      ),
    ),
  )
  emit('people')
}

/** Stands in the place of the chat until there is a bot. */
const noBot = () => ({
  element: h(
    'section',
    { class: 'pane no-bot' },
    h('h1', {}, t('noBot')),
    h('p', {}, t('noBotHint')),
    h('pre', { tabindex: '0' }, state.config.apiRoot),
  ),
  stop() {},
})

function ribbon() {
  return h(
    'div',
    { class: 'ribbon', role: 'note' },
    h('span', { class: 'name desktop-only' }, t('name')),
    h('span', { class: 'note' }, t(wide.matches ? 'ribbon' : 'ribbonShort')),
    h(
      'button',
      {
        class: 'icon-button desktop-only',
        type: 'button',
        'aria-label': t('split'),
        title: t('split'),
        'aria-pressed': String(state.split),
        onclick: () => change({ split: !state.split }),
      },
      icon('split'),
    ),
    h(
      'div',
      { class: 'switch', role: 'group', 'aria-label': t('pageLanguage') },
      ['en', 'ru'].map((code) =>
        h(
          'button',
          {
            type: 'button',
            lang: code,
            'aria-pressed': String(language() === code),
            onclick: () => speak(code),
          },
          code.toUpperCase(),
        ),
      ),
    ),
  )
}

function speak(code) {
  setLanguage(code)
  remember(code)
  draw()
}

function change(fields) {
  Object.assign(state, fields)
  remember()
  draw()
}

async function start() {
  setLanguage(rememberedLanguage() ?? (navigator.language.startsWith('ru') ? 'ru' : 'en'))
  state.config = await api.config()
  await loadExtra(state.config.extra)
  await Promise.all([refreshBots(), refreshPeople()])
  if (!botOf(state.bot))
    state.bot = state.config.bots.find((name) => botOf(name)) ?? state.bots[0]?.username ?? ''
  if (!personaOf(state.person)) state.person = firstPersona()?.id ?? 0
  on('show', ({ bot, person }) => {
    if (bot !== state.bot || person !== state.person) change({ bot, person })
  })
  on('people', () => {
    // The page may be open before the first bot calls.
    if (!state.bot && state.bots.length > 0) return change({ bot: state.bots[0].username })
    const unread = [...state.chats.values()].reduce((n, chat) => n + chat.unread, 0)
    document.title = unread > 0 ? `(${unread}) ${t('title')}` : t('title')
  })
  wide.addEventListener('change', draw)
  follow()
  draw()
  extra.start()
  // The font is fetched before the first emoji needs it: on a machine without emoji a box would show for a moment.
  for (const face of document.fonts) face.load().catch(() => {})
  if (state.bot) chatOf(state.bot, state.person)
  emit('people')
}

start().catch((error) => {
  failure(error)
  setTimeout(() => location.reload(), 3_000)
})
