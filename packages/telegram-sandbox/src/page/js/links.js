import { api } from './api.js'
import { emit } from './bus.js'
import { openDialog, failure } from './dialog.js'
import { copy, h, openTab } from './dom.js'
import { openPaySheet } from './pay-sheet.js'
import { personButton } from './people.js'
import { botOf, state } from './store.js'
import { t } from './words.js'

/** What a Telegram link means inside the sandbox, or undefined when it is just a web address. */
export function readLink(address) {
  let url
  try {
    url = new URL(address)
  } catch {
    return undefined
  }
  if (url.protocol === 'tg:') {
    const query = url.searchParams
    if (url.host === 'resolve' && query.get('domain')) return botLink(query.get('domain'), query.get('start'))
    if (url.host === 'invoice' && query.get('slug')) return { invoice: query.get('slug') }
    if (url.host === 'msg_url') return { share: shareText(query) }
    return undefined
  }
  if (!['t.me', 'telegram.me'].includes(url.hostname)) return undefined
  const [first = '', second] = url.pathname.slice(1).split('/')
  if (first.startsWith('$')) return { invoice: first.slice(1) }
  if (first === 'invoice' && second) return { invoice: second }
  if (first === 'share' && second === 'url') return { share: shareText(url.searchParams) }
  return botLink(first, url.searchParams.get('start'))
}

const botLink = (username, param) => (botOf(username) ? { bot: username, param: param ?? '' } : undefined)
const shareText = (query) => [query.get('text'), query.get('url')].filter(Boolean).join('\n')

/**
 * Follows a link from a message or a key.
 * @returns true, because every link is handled
 */
export function followLink(address, pane) {
  const meaning = readLink(address)
  if (meaning?.bot) openAs(meaning.bot, meaning.param)
  else if (meaning?.invoice) openPaySheet(pane, { slug: meaning.invoice })
  else if (meaning?.share !== undefined) shareDialog(meaning.share, pane)
  else if (!openTab(address)) pane.toast(t('badLink'))
  return true
}

/** A link starts a bot: asks as which person to follow it. */
export function openAs(bot, param) {
  const dialog = openDialog({
    kind: 'sheet',
    title: t('openAs'),
    body: [
      h('p', { class: 'muted' }, t('openAsHint', { bot })),
      h(
        'ul',
        { class: 'people-list' },
        state.config.personas.map((persona) => h('li', {}, personButton(persona, choose))),
      ),
    ],
  })
  function choose(persona) {
    dialog.close()
    emit('show', { bot, person: persona.id })
    api.start(bot, persona.id, param).catch((error) => failure(error))
  }
}

/** The chat chooser of switch_inline_query and share links: hands a link on to another persona. */
export function shareDialog(text, pane) {
  const found = text
    .match(/https?:\/\/(?:t\.me|telegram\.me)\/\S+/g)
    ?.map(readLink)
    .find((link) => link?.bot)
  const copyButton = h('button', { class: 'button', type: 'button' }, t('copyText'))
  const dialog = openDialog({
    kind: 'sheet',
    title: t('shareTitle'),
    over: pane.element,
    body: [
      h('p', { class: 'muted' }, t('shareHint')),
      h('blockquote', { class: 'shared-text' }, text),
      found
        ? h(
            'ul',
            { class: 'people-list' },
            state.config.personas
              .filter((persona) => persona.id !== pane.person)
              .map((persona) => h('li', {}, personButton(persona, choose))),
          )
        : null,
    ],
    actions: [copyButton],
  })
  copyButton.addEventListener('click', async () => {
    pane.toast(t((await copy(text)) ? 'copied' : 'notCopied'))
    dialog.close()
  })
  function choose(persona) {
    dialog.close()
    emit('show', { bot: found.bot, person: persona.id })
    api.start(found.bot, persona.id, found.param).catch((error) => failure(error))
  }
}
