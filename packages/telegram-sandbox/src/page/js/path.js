import { api } from './api.js'
import { on } from './bus.js'
import { h, replaceChildren } from './dom.js'
import { extra } from './extra.js'
import { laneOfMessage, lanes } from './lanes.js'
import { avatar } from './people.js'
import { personaOf } from './store.js'
import { inLanguage, language, t } from './words.js'

const SHOWN = 25

/** The lanes of the last updates, the newest first; `lit` is the message whose path the reader asked for. */
export function pathPanel(lit) {
  const list = h('ol', { class: 'lanes' })
  const element = h('div', {}, h('p', { class: 'muted' }, t('pathHint')), list)
  const open = new Map()
  let planned = false

  function draw() {
    planned = false
    const light = lit && laneOfMessage(lit.bot, lit.person, lit.messageId)
    const first = light ? [light, ...lanes.filter((lane) => lane !== light)] : lanes
    if (first.length === 0) return replaceChildren(list, h('li', { class: 'muted' }, t('pathEmpty')))
    replaceChildren(
      list,
      first.slice(0, SHOWN).map((lane) => laneItem(lane, lane === light, open)),
    )
  }
  /** Events come in bursts, and one drawing serves them all. */
  function plan() {
    if (planned || list.contains(document.activeElement)) return
    planned = true
    setTimeout(draw, 150)
  }
  list.addEventListener('focusout', () => setTimeout(plan, 0))
  draw()
  return { element, stop: on(['lanes', 'numbers'], plan) }
}

function clock(at) {
  return new Date(at).toLocaleTimeString(language() === 'ru' ? 'ru-RU' : 'en-GB')
}

function laneItem(lane, lit, open) {
  const persona = personaOf(lane.person)
  return h(
    'li',
    { class: `lane${lit ? ' lit' : ''}` },
    h(
      'header',
      {},
      persona ? avatar(persona.first_name, persona.id, true) : null,
      h('b', {}, t(`kind_${lane.kind}`).replace(/^kind_/, '')),
      h('span', { class: 'muted' }, `${inLanguage(persona?.label) || lane.person || ''} → @${lane.bot}`),
      h('time', {}, clock(lane.at)),
    ),
    h('ol', { class: 'stations' }, stations(lane)),
    rawData(lane, open),
  )
}

const stations = (lane) =>
  [
    { title: 'stationReceived', ...received(lane) },
    ...extra.stations(lane),
    { title: 'stationTelegram', ...called(lane) },
  ].map(station)

function station({ title, state, words }) {
  return h(
    'li',
    { class: `station ${state}` },
    h('b', {}, t(title)),
    h(
      'div',
      {},
      words.map((line) => h('p', {}, line)),
    ),
  )
}

function received(lane) {
  if (lane.kind === 'calls') return { state: 'idle', words: ['–'] }
  const words = []
  if (lane.deliveredAt) words.push(t('stateDelivered', { ms: Math.max(0, lane.deliveredAt - lane.at) }))
  if (lane.state === 'queued') words.push(t('stateQueued'))
  if (lane.state === 'failed')
    words.push(t('stateFailed', { status: lane.status ?? lane.error ?? '?', attempt: lane.attempt }))
  if (lane.state === 'expired') words.push(t('stateExpired'))
  if (lane.state === 'lost') words.push(t('stateLost'))
  if (lane.deliveries > 1) words.push(`× ${lane.deliveries}`)
  const bad = ['failed', 'expired', 'lost'].includes(lane.state)
  return { state: bad ? 'bad' : lane.deliveredAt ? 'done' : 'now', words }
}

function called(lane) {
  if (lane.calls.length === 0) return { state: 'idle', words: [t('callsNone')] }
  const words = lane.calls.map((call) => {
    const line = t('callLine', {
      method: call.method,
      status: call.status ?? '–',
      ms: Math.round(call.ms ?? 0),
    })
    return call.fault
      ? `${line} · ${t('callFault', { fault: typeof call.fault === 'string' ? call.fault : JSON.stringify(call.fault) })}`
      : line
  })
  return { state: lane.calls.some((call) => call.status !== 200) ? 'bad' : 'done', words }
}

/** The exact calls, fetched when somebody unfolds them. */
function rawData(lane, open) {
  const box = h('pre', { tabindex: '0' }, open.get(lane.id) ?? '')
  const details = h('details', { open: open.has(lane.id) }, h('summary', {}, t('json')), box)
  details.addEventListener('toggle', async () => {
    if (!details.open) return open.delete(lane.id)
    if (open.has(lane.id)) return
    const ids = lane.calls.map((call) => call.id)
    const from = Math.min(...ids) - 1
    const requests = ids.length
      ? await api.requests({ bot: lane.bot, after: from, limit: 200 }).catch(() => [])
      : []
    const { id, before, after, calls, messages, ...update } = lane
    const text = JSON.stringify({ update, calls: requests.filter((r) => ids.includes(r.id)) }, null, 2)
    open.set(lane.id, text)
    box.textContent = text
  })
  return details
}
