/*
 * Telegram's client around the page: what the page may ask of the client, and what the client tells
 * (core.telegram.org/api/web-events). On phones and desktops the client puts an object into the page. On the web the
 * client is the frame around the page, and so is the sandbox.
 */

type Told = Record<string, unknown>

interface Around {
  TelegramWebviewProxy?: { postEvent(event: string, data: string): void }
  Telegram?: { WebView?: { receiveEvent(event: string, data: Told): void } }
  external?: { notify?(text: string): void }
}
const around = window as unknown as Around

const listeners = new Map<string, Set<(data: Told) => void>>()

const isFramed = window.parent !== window
const hasNotify = typeof around.external?.notify === 'function'

/** Asks the client for something. A client that is too old to know the event ignores it. */
function ask(event: string, data: Told = {}): void {
  if (around.TelegramWebviewProxy) around.TelegramWebviewProxy.postEvent(event, JSON.stringify(data))
  else if (hasNotify) around.external!.notify!(JSON.stringify({ eventType: event, eventData: data }))
  // Any page around this one may read the message, because nothing in it is secret.
  else if (isFramed) window.parent.postMessage(JSON.stringify({ eventType: event, eventData: data }), '*')
}

function tell(event: string, data: Told): void {
  for (const listener of listeners.get(event) ?? []) listener(data)
}

function on(event: string, listener: (data: Told) => void): () => void {
  const all = listeners.get(event) ?? new Set()
  listeners.set(event, all.add(listener))
  return () => all.delete(listener)
}

around.Telegram = { WebView: { receiveEvent: (event, data) => tell(event, data ?? {}) } }
window.addEventListener('message', ({ source, data }) => {
  if (!isFramed || source !== window.parent || typeof data !== 'string') return
  try {
    const { eventType, eventData } = JSON.parse(data) as { eventType?: unknown; eventData?: Told }
    if (typeof eventType === 'string') tell(eventType, eventData ?? {})
  } catch {
    // The message is not for this page.
  }
})

const KEPT = 'telekassa-launch'
/** What Telegram put behind the address. A page that is loaded again reads it from the tab's memory. */
const launch = readLaunch()

function readLaunch(): URLSearchParams {
  const given = new URLSearchParams(location.hash.slice(1))
  if (given.has('tgWebAppData')) {
    sessionStorage.setItem(KEPT, given.toString())
    // The signature is removed from the address, so that a person who copies the address does not copy the
    // signature.
    history.replaceState(null, '', location.pathname + location.search)
    return given
  }
  return new URLSearchParams(sessionStorage.getItem(KEPT) ?? '')
}

/** The data that Telegram signed for this page. */
export const initData = launch.get('tgWebAppData') ?? ''
export const insideTelegram = initData !== ''

const signedUser = new URLSearchParams(initData).get('user') ?? ''

/** The id of the person for whom Telegram opened the page; '' = none, as at the panel. */
export const signedPerson = (): string => /"id":(\d+)/.exec(signedUser)?.[1] ?? ''

/** The code of the client's language, for words before the shop has said who the person is. */
export function clientLanguage(): string {
  const code = /"language_code":"([a-z-]+)/i.exec(signedUser)?.[1]
  return code ?? navigator.language
}

const COLOURS: Record<string, string> = {
  bg_color: '--bg',
  secondary_bg_color: '--ground',
  text_color: '--text',
  button_color: '--accent',
  button_text_color: '--on-accent',
}

/** Takes the client's own colours. Whether they are dark decides what the page adds to them. */
function wear(theme: unknown): void {
  if (typeof theme !== 'object' || theme === null) return
  const style = document.documentElement.style
  const colours = new Map<string, string>()
  for (const name of Object.keys(COLOURS)) {
    const colour = (theme as Told)[name]
    if (typeof colour === 'string' && /^#[0-9a-f]{6}$/i.test(colour)) colours.set(name, colour)
  }
  const [key, onKey] = [colours.get('button_color'), colours.get('button_text_color')]
  if (key && onKey) colours.set('button_color', readable(key, onKey))
  for (const [name, colour] of colours) style.setProperty(COLOURS[name]!, colour)
  const background = colours.get('bg_color')
  if (background) document.documentElement.dataset['theme'] = lightness(background) < 0.2 ? 'dark' : 'light'
}

const parts = (colour: string): number[] =>
  (colour.match(/[0-9a-f]{2}/gi) ?? []).map((two) => Number.parseInt(two, 16))

/** The lightness of a colour from 0 to 1, as WCAG computes it. */
function lightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = parts(colour).map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return red * 0.2126 + green * 0.7152 + blue * 0.0722
}

const ENOUGH = 4.5
/**
 * Telegram's own blue key has a contrast of 4.1 to 1 with white letters, too little for weak eyes. The key's colour
 * is darkened or lightened until they can read the letters.
 */
function readable(key: string, letters: string): string {
  const target = lightness(letters) > 0.5 ? 0 : 255
  let colour = key
  for (let step = 0; step < 20; step++) {
    const [one, other] = [lightness(colour) + 0.05, lightness(letters) + 0.05]
    if (Math.max(one, other) / Math.min(one, other) >= ENOUGH) return colour
    const next = parts(colour).map((part) => Math.round(part + (target - part) * 0.08))
    colour = `#${next.map((part) => part.toString(16).padStart(2, '0')).join('')}`
  }
  return colour
}

export function begin(): void {
  try {
    wear(JSON.parse(launch.get('tgWebAppThemeParams') ?? 'null'))
  } catch {
    // The page keeps its own colours.
  }
  on('theme_changed', ({ theme_params }) => wear(theme_params))
  ask('web_app_ready')
  ask('web_app_expand')
}

/**
 * Shows or hides the key to go back in Telegram's own bar.
 * @returns whether there is such a bar
 */
export function showBack(visible: boolean): boolean {
  ask('web_app_setup_back_button', { is_visible: visible })
  return insideTelegram
}
export const onBack = (back: () => void): (() => void) => on('back_button_pressed', back)

export type Feeling = 'success' | 'warning' | 'error'
export const feel = (what: Feeling): void =>
  ask('web_app_trigger_haptic_feedback', { type: 'notification', notification_type: what })

/**
 * Opens an invoice in Stars over the page.
 * @returns how it was closed. `paid` is only what the client says; the balance shows when it is true
 */
export function openInvoice(link: string): Promise<string> {
  const slug = /(?:\/\$|\/invoice\/)([^/?#]+)/.exec(link)?.[1] ?? ''
  if (!insideTelegram || slug === '') {
    openLink(link)
    return Promise.resolve('unknown')
  }
  return new Promise((closed) => {
    const stop = on('invoice_closed', (data) => {
      if (data['slug'] !== slug) return
      stop()
      closed(String(data['status']))
    })
    ask('web_app_open_invoice', { slug })
  })
}

export function openLink(url: string): void {
  if (insideTelegram) ask('web_app_open_link', { url })
  else window.open(url, '_blank', 'noopener')
}

/** Opens a link in Telegram itself, such as a link that sends something to a friend. */
export function openTelegram(url: string): void {
  const { pathname, search } = new URL(url)
  if (insideTelegram) ask('web_app_open_tg_link', { path_full: pathname + search })
  else window.open(url, '_blank', 'noopener')
}

export const closePage = (): void => ask('web_app_close')
