import { t } from './words.js'

/** The address of the sandbox itself, whatever host and port serve the page. */
const ROOT = new URL('api/', document.baseURI.endsWith('/') ? document.baseURI : `${document.baseURI}/`)

/** Asks the server of this page. @throws an Error in the reader's words */
export async function request(method, path, body) {
  const response = await fetch(new URL(path, ROOT), {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    // The browser's own words say neither what is away nor what happens next.
    throw new Error(t('unreachable'))
  })
  const text = await response.text()
  const parsed = jsonIn(text)
  if (response.ok) return parsed
  throw new Error(parsed?.error ?? parsed?.message ?? t('refused', { status: response.status }))
}

/** A proxy between the page and the sandbox may answer in HTML. */
function jsonIn(text) {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

const chat = (bot, person) => `telegram/chats/${encodeURIComponent(bot)}/${person}`

/** The sandbox server and, under telegram/, the simulator's control API (packages/telegram-sandbox/README.md). */
export const api = {
  config: () => request('GET', 'config'),
  clearChats: () => request('POST', 'clear-chats', {}),

  bots: () => request('GET', 'telegram/bots'),
  people: () => request('GET', 'telegram/people?limit=100'),
  person: (id) => request('GET', `telegram/people/${id}`),
  changePerson: (id, change) => request('PATCH', `telegram/people/${id}`, change),
  chat: (bot, person, limit = 100) => request('GET', `${chat(bot, person)}?limit=${limit}`),
  send: (bot, person, message) => request('POST', `${chat(bot, person)}/messages`, message),
  start: (bot, person, param) =>
    request('POST', `${chat(bot, person)}/start${param ? `?param=${encodeURIComponent(param)}` : ''}`, {}),
  press: (bot, person, messageId, what) =>
    request('POST', `${chat(bot, person)}/callbacks`, { message_id: messageId, ...what, timeout_ms: 15_000 }),
  pay: (bot, person, invoice, decision) =>
    request('POST', `${chat(bot, person)}/payments`, { ...invoice, decision }),
  vote: (bot, person, messageId, options) =>
    request('POST', `${chat(bot, person)}/messages/${messageId}/votes`, { options }),
  purchase: (bot, person, messageId) =>
    request('POST', `${chat(bot, person)}/purchases`, { message_id: messageId }),
  webApp: (bot, person, url, theme) => request('POST', `${chat(bot, person)}/web_app`, { url, theme }),
  requests: (query) => request('GET', `telegram/requests?${new URLSearchParams(query)}`),
  payments: () => request('GET', 'telegram/payments'),
  faults: () => request('GET', 'telegram/faults'),
  addFault: (rule) => request('POST', 'telegram/faults', rule),
  removeFault: (id) => request('DELETE', `telegram/faults/${id}`),
  clearFaults: () => request('PUT', 'telegram/faults', []),

  events: () => new EventSource(new URL('telegram/events', ROOT)),
  /** Files of the simulator are named from its own root: /control/files/... */
  file: (url) =>
    url.startsWith('/control/') ? new URL(`telegram/${url.slice('/control/'.length)}`, ROOT).href : '',
}
