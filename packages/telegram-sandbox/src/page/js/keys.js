import { api } from './api.js'
import { emit } from './bus.js'
import { alertDialog } from './dialog.js'
import { copy, h } from './dom.js'
import { icon } from './icons.js'
import { followLink, shareDialog } from './links.js'
import { openMiniApp } from './mini-app.js'
import { openPaySheet } from './pay-sheet.js'
import { t } from './words.js'

const STYLES = new Set(['primary', 'success', 'danger'])

function sign(key) {
  if (key.url !== undefined || key.login_url) return 'link'
  if (key.web_app || key.callback_game) return 'app'
  if (key.copy_text) return 'copy'
  if (key.pay) return 'card'
  if (key.switch_inline_query !== undefined || key.switch_inline_query_chosen_chat) return 'people'
  return undefined
}

/** The keys under a message: rows of equal keys, the pressed one spins until the bot answers. */
export function inlineKeys(rows, chat, message, pane) {
  return h(
    'div',
    { class: 'keys' },
    rows.map((row, r) =>
      h(
        'div',
        { class: 'key-row' },
        row.map((key, c) => {
          const id = `${message.message_id}:${r}:${c}`
          const waits = chat.waiting.has(id)
          const style = STYLES.has(key.style) ? ` ${key.style}` : ''
          const mark = sign(key)
          return h(
            'button',
            {
              class: `key${style}`,
              type: 'button',
              'data-key': id,
              'aria-busy': waits ? 'true' : undefined,
              'aria-disabled': key.disabled ? 'true' : undefined,
              title: key.text,
              onclick: () => (key.disabled ? undefined : press(key, id, chat, message, pane)),
            },
            h('span', { class: 'key-text' }, key.text),
            waits
              ? h('span', { class: 'spinner' })
              : mark
                ? h('span', { class: 'key-sign' }, icon(mark))
                : null,
          )
        }),
      ),
    ),
  )
}

async function press(key, id, chat, message, pane) {
  if (key.callback_data !== undefined || key.callback_game) return pressCallback(key, id, chat, message, pane)
  if (key.pay) return openPaySheet(pane, { message_id: message.message_id }, message.invoice)
  if (key.copy_text) return pane.toast(t((await copy(key.copy_text.text)) ? 'copied' : 'notCopied'))
  if (key.url !== undefined) return followLink(key.url, pane)
  if (key.login_url) return followLink(key.login_url.url, pane)
  if (key.web_app) return openMiniApp(key.web_app.url, pane)
  const query = key.switch_inline_query ?? key.switch_inline_query_chosen_chat?.query
  if (query !== undefined) return shareDialog(query, pane)
  const here = key.switch_inline_query_current_chat
  if (here !== undefined) pane.type(`@${pane.bot} ${here}`)
}

async function pressCallback(key, id, chat, message, pane) {
  if (chat.waiting.has(id)) return
  chat.waiting.add(id)
  emit('keys', { chat, messageId: message.message_id })
  const answer = await api
    .press(
      chat.bot,
      chat.person,
      message.message_id,
      key.callback_game ? { game: true } : { data: key.callback_data },
    )
    .catch((error) => ({ answered: true, text: t('failed', { reason: error.message }) }))
  chat.waiting.delete(id)
  emit('keys', { chat, messageId: message.message_id })
  if (!answer.answered) pane.toast(t('noAnswer'))
  else if (answer.url) followLink(answer.url, pane)
  else if (answer.text && answer.show_alert) void alertDialog(answer.text, pane.element)
  else if (answer.text) pane.toast(answer.text)
}
