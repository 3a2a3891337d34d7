import { h } from './dom.js'
import { icon } from './icons.js'
import { t } from './words.js'

/** The element, or the key that has been drawn in its place since: a message is drawn anew when its bot has answered. */
function placeOf(element) {
  if (!(element instanceof HTMLElement) || element.isConnected) return element
  const { key } = element.dataset
  return key && document.querySelector(`[data-key="${CSS.escape(key)}"]`)
}

/**
 * A modal dialog: the browser's own <dialog> traps focus, closes on Esc and returns focus afterwards.
 * `kind`: "sheet" rises from the bottom, "box" stands in the middle, "viewer" covers everything.
 * `over`: the element it stands over, the middle of the page if there is none.
 * @returns {{element: HTMLDialogElement, close: () => void, closed: Promise<void>}}
 */
export function openDialog({ kind = 'box', title, role, body, actions = [], head = true, over, onclose }) {
  const titleId = `title-${crypto.randomUUID()}`
  const before = document.activeElement
  const close = () => element.close()
  const element = h(
    'dialog',
    { class: `dialog ${kind}`, 'aria-labelledby': titleId, role },
    h(
      'div',
      { class: 'dialog-inner' },
      h(
        'header',
        { class: head ? '' : 'visually-hidden' },
        h('h2', { id: titleId, tabindex: '-1' }, title),
        head
          ? h(
              'button',
              { class: 'icon-button', type: 'button', 'aria-label': t('close'), onclick: close },
              icon('close'),
            )
          : null,
      ),
      h('div', { class: 'dialog-body' }, body),
      actions.length > 0 ? h('footer', {}, actions) : null,
    ),
  )
  element.addEventListener('click', (event) => {
    if (event.target === element) close()
  })
  const closed = new Promise((resolve) => {
    element.addEventListener('close', () => {
      element.remove()
      onclose?.()
      placeOf(before)?.focus({ preventScroll: true })
      resolve()
    })
  })
  if (over) {
    const { left, width } = over.getBoundingClientRect()
    element.style.setProperty('--over-left', `${left}px`)
    element.style.setProperty('--over-width', `${width}px`)
    element.classList.add('over')
  }
  document.body.append(element)
  element.showModal()
  return { element, close, closed }
}

/** The modal answer to a key: read out at once, one button. */
export function alertDialog(text, over) {
  const ok = h('button', { class: 'button primary', type: 'button', autofocus: true }, t('ok'))
  const dialog = openDialog({
    title: t('title'),
    over,
    role: 'alertdialog',
    head: false,
    body: h('p', { class: 'alert-text', 'aria-live': 'assertive' }, text),
    actions: [ok],
  })
  dialog.element.classList.add('alert')
  ok.addEventListener('click', dialog.close)
  return dialog.closed
}

const TOAST_MS = 3_500

/** A short message at the top of the chat (or of the page); screen readers hear it politely. */
export function toast(text, place) {
  const box = place ?? document.getElementById('toasts')
  const note = h('div', { class: 'toast' }, text)
  box.replaceChildren(note)
  setTimeout(() => note.remove(), TOAST_MS)
}

export function failure(error, place) {
  toast(t('failed', { reason: error instanceof Error ? error.message : String(error) }), place)
}
