import { emit, on } from './bus.js'
import { h, replaceChildren } from './dom.js'
import { chatOf, state } from './store.js'
import { inLanguage, t } from './words.js'

/** A coloured circle with a letter; the colour follows the id, so that it stays the same everywhere. */
export function avatar(name, id, small = false) {
  const circle = h(
    'span',
    { class: `avatar${small ? ' small' : ''}`, 'aria-hidden': 'true' },
    [...(name || '?')][0].toUpperCase(),
  )
  circle.style.setProperty('--hue', String((Number(id) * 67 + 150) % 360))
  return circle
}

export function personButton(persona, choose, extra = {}) {
  return h(
    'button',
    { class: 'person', type: 'button', onclick: () => choose(persona), ...extra },
    avatar(persona.first_name, persona.id),
    h(
      'span',
      { class: 'who' },
      h('b', {}, inLanguage(persona.label) || persona.first_name),
      h('span', {}, inLanguage(persona.hint)),
    ),
  )
}

function unreadBadge(count) {
  return count > 0 ? h('span', { class: 'badge' }, String(count)) : null
}

function botButton(bot) {
  const unread = state.config.personas.reduce((n, p) => n + chatOf(bot.username, p.id).unread, 0)
  return h(
    'button',
    {
      class: 'person',
      type: 'button',
      'aria-current': bot.username === state.bot ? 'true' : undefined,
      onclick: () => emit('show', { bot: bot.username, person: state.person }),
    },
    avatar(bot.name, bot.id),
    h('span', { class: 'who' }, h('b', {}, bot.name), h('span', {}, `@${bot.username}`)),
    unreadBadge(unread),
  )
}

/** Bots and personas: the left column on a wide screen, a sheet on a phone. Redraws itself while it is shown. */
export function peopleList() {
  const box = h('div', { class: 'people-list' })
  const draw = () => {
    const focused = document.activeElement?.dataset?.key
    replaceChildren(
      box,
      h('h2', {}, t('bots')),
      h(
        'ul',
        {},
        state.bots.map((bot) => h('li', {}, keyed(botButton(bot), bot.username))),
      ),
      h('h2', {}, t('personas')),
      h(
        'ul',
        {},
        state.config.personas.map((persona) => {
          const current = persona.id === state.person
          const button = personButton(persona, () => emit('show', { bot: state.bot, person: persona.id }), {
            'aria-current': current ? 'true' : undefined,
          })
          button.append(...[unreadBadge(chatOf(state.bot, persona.id).unread)].filter(Boolean))
          return h('li', {}, keyed(button, persona.id))
        }),
      ),
      h('p', { class: 'hint' }, t('peopleHint')),
    )
    if (focused) box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus()
  }
  draw()
  const stop = on('people', () => (box.isConnected ? draw() : undefined))
  return { element: box, stop, draw }
}

function keyed(button, key) {
  button.dataset.key = String(key)
  return button
}
