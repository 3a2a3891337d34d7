import { api } from './api.js'
import { failure, openDialog } from './dialog.js'
import { h } from './dom.js'
import { extra } from './extra.js'
import { followLink } from './links.js'
import { openPaySheet } from './pay-sheet.js'
import { botOf } from './store.js'
import { t } from './words.js'

const LIGHT = {
  bg_color: '#ffffff',
  secondary_bg_color: '#efeff4',
  text_color: '#000000',
  button_color: '#1f6fb5',
  button_text_color: '#ffffff',
}
const DARK = {
  bg_color: '#1d2733',
  secondary_bg_color: '#131a22',
  text_color: '#f5f5f5',
  button_color: '#2f6ea5',
  button_text_color: '#ffffff',
}
const dark = matchMedia('(prefers-color-scheme: dark)')
const theme = () => (dark.matches ? DARK : LIGHT)

/**
 * Opens a Mini App over the chat as Telegram does: signed for the person, with the client's colours, and with what a page
 * asks of its client (core.telegram.org/api/web-events).
 */
export async function openMiniApp(address, pane) {
  let signed
  try {
    signed = new URL((await api.webApp(pane.bot, pane.person, address, theme())).url)
  } catch (error) {
    return failure(error)
  }
  const source = extra.miniApp(signed)
  const title = botOf(pane.bot)?.name ?? pane.bot
  const frame = h('iframe', { class: 'mini-app', title, src: source })
  const back = h(
    'button',
    {
      class: 'button mini-app-back',
      type: 'button',
      hidden: true,
      onclick: () => tell('back_button_pressed'),
    },
    `‹ ${t('back')}`,
  )
  const dialog = openDialog({ kind: 'sheet', title, over: pane.element, body: [back, frame] })
  dialog.element.classList.add('mini-app-sheet')

  const tell = (eventType, eventData = {}) =>
    frame.contentWindow?.postMessage(
      JSON.stringify({ eventType, eventData }),
      new URL(source, location.href).origin,
    )
  const recolour = () => tell('theme_changed', { theme_params: theme() })

  async function hear({ source: from, data }) {
    if (from !== frame.contentWindow || typeof data !== 'string') return
    const { eventType, eventData = {} } = JSON.parse(data)
    if (eventType === 'web_app_close') dialog.close()
    else if (eventType === 'web_app_setup_back_button') back.hidden = eventData.is_visible !== true
    else if (eventType === 'web_app_request_theme') recolour()
    else if (eventType === 'web_app_open_link' || eventType === 'web_app_open_tg_link')
      followLink(eventData.url ?? `https://t.me${eventData.path_full}`, pane)
    else if (eventType === 'web_app_open_invoice') {
      const status = await openPaySheet(pane, { slug: eventData.slug })
      tell('invoice_closed', { slug: eventData.slug, status })
    }
  }
  const listener = (event) => void hear(event)
  window.addEventListener('message', listener)
  dark.addEventListener('change', recolour)
  await dialog.closed
  window.removeEventListener('message', listener)
  dark.removeEventListener('change', recolour)
}
