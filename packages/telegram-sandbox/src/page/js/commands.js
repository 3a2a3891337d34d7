import { h, replaceChildren } from './dom.js'
import { t } from './words.js'

/** Long enough for a press on the menu itself to move the focus into the menu. */
const BLUR_MS = 120

/** The list of the bot's commands: opens with the "/" button or by typing "/", narrows while one types. */
export function commandMenu(pane, field, button) {
  const id = `commands-${crypto.randomUUID()}`
  const element = h('ul', {
    class: 'command-menu',
    id,
    role: 'listbox',
    'aria-label': t('commands'),
    hidden: true,
  })
  let shown = []
  let chosen = -1
  field.setAttribute('aria-controls', id)

  function open(prefix = '') {
    const commands = pane.botInfo()?.commands ?? []
    shown = commands.filter((one) => one.command.startsWith(prefix))
    chosen = prefix ? 0 : -1
    element.hidden = shown.length === 0 && prefix !== ''
    button.setAttribute('aria-expanded', String(!element.hidden))
    draw(commands.length === 0)
  }

  function draw(none) {
    replaceChildren(
      element,
      none ? h('li', { class: 'muted' }, t('noCommands')) : [],
      shown.map((one, index) =>
        h(
          'li',
          { role: 'option', id: `${id}-${index}`, 'aria-selected': String(index === chosen) },
          h(
            'button',
            { type: 'button', tabindex: '-1', onclick: () => take(one) },
            h('b', {}, `/${one.command}`),
            h('span', {}, one.description),
          ),
        ),
      ),
    )
    if (chosen >= 0) field.setAttribute('aria-activedescendant', `${id}-${chosen}`)
    else field.removeAttribute('aria-activedescendant')
    element.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }

  function close() {
    element.hidden = true
    button.setAttribute('aria-expanded', 'false')
    field.removeAttribute('aria-activedescendant')
  }

  function take(one) {
    close()
    field.value = ''
    field.dispatchEvent(new Event('input'))
    field.focus()
    pane
      .send({ text: `/${one.command}` })
      .catch((error) => pane.toast(t('failed', { reason: error.message })))
  }

  button.addEventListener('click', () => {
    if (!element.hidden) return close()
    open()
    field.focus()
  })
  field.addEventListener('blur', () =>
    setTimeout(() => {
      const now = document.activeElement
      if (now !== field && now !== button && !element.contains(now)) close()
    }, BLUR_MS),
  )

  return {
    element,
    close,
    filter(text) {
      if (/^\/\w*$/.test(text)) open(text.slice(1).toLowerCase())
      else close()
    },
    /** @returns {boolean} true when the key was the menu's */
    keydown(event) {
      if (element.hidden || shown.length === 0) return false
      if (event.key === 'Escape') close()
      else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        const step = event.key === 'ArrowDown' ? 1 : -1
        chosen =
          chosen < 0 ? (step > 0 ? 0 : shown.length - 1) : (chosen + step + shown.length) % shown.length
        draw(false)
      } else if ((event.key === 'Enter' || event.key === 'Tab') && chosen >= 0) take(shown[chosen])
      else return false
      event.preventDefault()
      return true
    },
  }
}
