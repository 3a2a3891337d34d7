import { openDialog } from './dialog.js'
import { h, replaceChildren } from './dom.js'
import { avatar } from './people.js'
import { personaOf, state } from './store.js'
import { openMiniApp } from './mini-app.js'
import { t } from './words.js'

/** The bot's keyboard in place of the phone's: rows of keys that send a text, a contact, or chosen people. */
export function replyKeyboard(chat, pane, toggle) {
  const element = h('div', { class: 'reply-keyboard', hidden: true })
  let folded = false

  function draw() {
    const rows = chat.replyKeyboard?.keyboard
    toggle.hidden = !rows
    element.hidden = !rows || folded
    toggle.setAttribute('aria-expanded', String(!element.hidden))
    if (!rows) return
    replaceChildren(
      element,
      rows.map((row) =>
        h(
          'div',
          { class: 'key-row' },
          row.map((key) => keyButton(typeof key === 'string' ? { text: key } : key)),
        ),
      ),
    )
  }

  function keyButton(key) {
    const style = ['primary', 'success', 'danger'].includes(key.style) ? ` ${key.style}` : ''
    return h(
      'button',
      { class: `key${style}`, type: 'button', title: key.text, onclick: () => press(key) },
      h('span', { class: 'key-text' }, key.text),
    )
  }

  async function press(key) {
    try {
      if (key.request_users) await pickPeople(key.request_users)
      else if (key.request_contact) await sendContact()
      else if (key.web_app) void openMiniApp(key.web_app.url, pane)
      else await pane.send({ text: key.text })
      if (chat.replyKeyboard?.one_time_keyboard) folded = true
      draw()
    } catch (error) {
      pane.toast(t('failed', { reason: error.message }))
    }
  }

  function sendContact() {
    const persona = personaOf(pane.person)
    return pane.send({
      contact: {
        phone_number: `+7900${String(pane.person).padStart(7, '0')}`,
        first_name: persona?.first_name ?? t('you'),
      },
    })
  }

  toggle.addEventListener('click', () => {
    folded = !folded
    draw()
  })

  function pickPeople(request) {
    const many = (request.max_quantity ?? 1) > 1
    const people = state.people.filter(
      (one) =>
        one.id !== pane.person &&
        (request.user_is_premium === undefined || Boolean(one.is_premium) === request.user_is_premium),
    )
    const inputs = people.map((one) =>
      h('input', { type: many ? 'checkbox' : 'radio', name: 'person', value: String(one.id) }),
    )
    const choose = h('button', { class: 'button primary', type: 'button', disabled: true }, t('choose'))
    const chosen = () => people.filter((_, index) => inputs[index].checked)
    const limit = () => {
      const count = chosen().length
      choose.disabled = count === 0 || count > (request.max_quantity ?? 1)
    }
    const dialog = openDialog({
      kind: 'sheet',
      title: t('pickPeople'),
      over: pane.element,
      body:
        people.length === 0
          ? h('p', { class: 'muted' }, t('pickNone'))
          : h(
              'ul',
              { class: 'people-list pick', onchange: limit },
              people.map((one, index) =>
                h(
                  'li',
                  {},
                  h(
                    'label',
                    { class: 'person' },
                    inputs[index],
                    avatar(one.first_name, one.id),
                    h(
                      'span',
                      { class: 'who' },
                      h('b', {}, [one.first_name, one.last_name].filter(Boolean).join(' ')),
                      h('span', {}, one.username ? `@${one.username}` : String(one.id)),
                    ),
                  ),
                ),
              ),
            ),
      actions: [choose],
    })
    return new Promise((resolve, reject) => {
      choose.addEventListener('click', () => {
        const users = chosen().map((one) => ({ user_id: one.id }))
        pane.send({ users_shared: { request_id: request.request_id, users } }).then(resolve, reject)
        dialog.close()
      })
      void dialog.closed.then(resolve)
    })
  }

  return { element, draw }
}
