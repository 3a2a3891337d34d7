import { api } from './api.js'
import { emit, on } from './bus.js'
import { runControl } from './controls.js'
import { failure, toast } from './dialog.js'
import { h, replaceChildren } from './dom.js'
import { activeFaults, faults, turnOff, turnOn } from './fault-list.js'
import { mishapLists } from './mishaps.js'
import { moneyCheck } from './money-check.js'
import { state } from './store.js'
import { switchCard } from './switch-card.js'
import { inLanguage, t } from './words.js'

const REFRESH_MS = 3_000

/** Switches that break things, each with the result to expect; parts of the shop; the money check; reset. */
export function faultsPanel() {
  const list = h('ul', { class: 'cards' })
  const mishaps = mishapLists()
  const check = moneyCheck()
  const element = h(
    'div',
    {},
    h('p', { class: 'muted' }, t('faultsHint')),
    h(
      'div',
      { class: 'row' },
      h('button', { class: 'button small', type: 'button', onclick: reset }, t('resetFaults')),
      mishaps.speed,
    ),
    h('h2', {}, 'Telegram'),
    list,
    mishaps.element,
    state.config.controls.length > 0 ? h('h2', {}, t('controls')) : null,
    h('ul', { class: 'cards' }, state.config.controls.map(controlCard)),
    h('h2', {}, t('moneyTitle')),
    check,
    h('h2', {}, t('clearChats')),
    h('p', { class: 'muted' }, t('clearChatsHint')),
    h('button', { class: 'button small', type: 'button', onclick: clearChats }, t('clearChats')),
  )

  let busy = false
  async function draw() {
    if (busy) return
    busy = true
    const [active, providers] = await Promise.all([
      activeFaults().catch(() => new Map()),
      api.mishaps().catch(() => undefined),
    ])
    busy = false
    const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined
    if (providers) mishaps.paint(providers)
    replaceChildren(
      list,
      faults.map((fault) => faultCard(fault, active.get(fault.id))),
    )
    if (focused) element.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true })
  }
  replaceChildren(
    list,
    faults.map((fault) => faultCard(fault, undefined)),
  )
  draw().catch(failure)
  const timer = setInterval(() => (document.hidden || !element.isConnected ? undefined : draw()), REFRESH_MS)
  const stops = [on('faults', draw), () => clearInterval(timer)]
  return { element, stop: () => stops.forEach((stop) => stop()) }
}

function faultCard(fault, rule) {
  const used = rule && rule.times !== 0 && rule.hits >= (rule.times ?? 1)
  return switchCard({
    ...fault,
    on: Boolean(rule && !used),
    note: rule && hits(rule),
    onclick: () => toggle(fault, rule, used),
  })
}

function hits(rule) {
  if (!rule.hits) return t('faultWaits')
  return rule.hits === 1 ? t('faultOnce') : t('faultHits', { n: rule.hits })
}

async function toggle(fault, rule, used) {
  try {
    if (rule) await turnOff(rule.id)
    if (!rule || used) await turnOn(fault.id)
  } catch (error) {
    failure(error)
  }
}

async function reset() {
  await Promise.all([api.clearFaults(), api.endMishaps()]).catch(failure)
  emit('faults')
  toast(t('faultsCleared'))
}

async function clearChats() {
  await api.clearChats().catch(failure)
  location.reload()
}

function controlCard(control) {
  const result = h('p', { class: 'hits', role: 'status' })
  const button = h('button', { class: 'button small', type: 'button', onclick: run }, t('run'))
  async function run() {
    button.disabled = true
    try {
      const answer = await runControl(control.id)
      result.textContent = answer?.text ? inLanguage(answer.text) : t('prepared')
    } catch (error) {
      failure(error)
    }
    button.disabled = false
  }
  return h(
    'li',
    { class: 'card' },
    h('div', { class: 'card-head' }, h('b', {}, inLanguage(control.label)), button),
    h('p', { class: 'expected' }, h('span', {}, `${t('expected')}: `), inLanguage(control.expected)),
    result,
  )
}
