import { on } from '../js/bus.js'
import { h, replaceChildren } from '../js/dom.js'
import { latestNumbers, queueRows, total, has } from './product.js'
import { number, t } from '../js/words.js'

/** Queue depths and readiness of the shop, as it publishes them at /readyz and /metrics. */
export function shopPanel() {
  const element = h('div', { class: 'numbers' })
  const draw = () => replaceChildren(element, content(latestNumbers()))
  draw()
  return { element, stop: on('numbers', draw) }
}

function content(numbers) {
  if (!numbers) return h('p', { class: 'muted' }, t('connecting'))
  if (numbers.state === 'none') return h('p', { class: 'muted' }, t('shopNone'))
  const rows = queueRows(numbers)
  return [
    readiness(numbers),
    rows.length > 0 ? h('h2', {}, t('queues')) : null,
    rows.length > 0 ? queueTable(rows) : null,
    has(numbers, 'telekassa_outbox_pending')
      ? h('p', {}, `${t('outbox')}: ${t('outboxNow', { n: total(numbers, 'telekassa_outbox_pending') })}`)
      : null,
    numbers.metrics.length > 0 ? allNumbers(numbers.metrics) : null,
  ]
}

function readiness(numbers) {
  if (numbers.state === 'away') return h('p', { class: 'ready bad' }, t('shopAway'))
  const text = t(numbers.ready?.ok ? 'shopReady' : 'shopNotReady')
  const why = numbers.ready?.ok ? null : h('pre', {}, numbers.ready?.body ?? '')
  return h('div', {}, h('p', { class: `ready ${numbers.ready?.ok ? 'good' : 'bad'}` }, text), why)
}

function queueTable(rows) {
  const columns = ['waiting', 'active', 'delayed', 'failed']
  const titles = ['queueName', 'queueWaiting', 'queueActive', 'queueDelayed', 'queueFailed', 'queueOldest']
  return h(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': t('queues') },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          titles.map((title) => h('th', { scope: 'col' }, t(title))),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, row.queue),
            columns.map((column) => h('td', { class: row[column] > 0 ? 'some' : '' }, number(row[column]))),
            h('td', {}, row.oldest > 0 ? `${number(Math.round(row.oldest))} s` : '–'),
          ),
        ),
      ),
    ),
  )
}

let unfolded = false

function allNumbers(metrics) {
  const shown = metrics.filter((m) => m.value !== 0)
  const details = h(
    'details',
    { open: unfolded },
    h('summary', {}, t('numbers')),
    h(
      'pre',
      { tabindex: '0' },
      shown.map((m) => `${m.name}${labels(m.labels)} ${Math.round(m.value * 1000) / 1000}`).join('\n'),
    ),
  )
  details.addEventListener('toggle', () => {
    unfolded = details.open
  })
  return details
}

function labels(all) {
  const pairs = Object.entries(all).map(([name, value]) => `${name}=${value}`)
  return pairs.length > 0 ? ` {${pairs.join(', ')}}` : ''
}
