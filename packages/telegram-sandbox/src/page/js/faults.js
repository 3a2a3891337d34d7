import { api } from './api.js'
import { emit, on } from './bus.js'
import { failure, toast } from './dialog.js'
import { h, replaceChildren } from './dom.js'
import { extra } from './extra.js'
import { activeFaults, faults, turnOff, turnOn } from './fault-list.js'
import { switchCard } from './switch-card.js'
import { t } from './words.js'

const REFRESH_MS = 3_000

/** Switches that break things, each with the result to expect; reset. */
export function faultsPanel() {
  const list = h('ul', { class: 'cards' })
  const more = extra.faultParts()
  const element = h(
    'div',
    {},
    h('p', { class: 'muted' }, t('faultsHint')),
    h(
      'div',
      { class: 'row' },
      h('button', { class: 'button small', type: 'button', onclick: () => reset(more) }, t('resetFaults')),
      more?.row,
    ),
    h('h2', {}, 'Telegram'),
    list,
    more?.element,
    h('h2', {}, t('clearChats')),
    h('p', { class: 'muted' }, t('clearChatsHint')),
    h('button', { class: 'button small', type: 'button', onclick: clearChats }, t('clearChats')),
  )

  let busy = false
  async function draw() {
    if (busy) return
    busy = true
    const [active, paint] = await Promise.all([
      activeFaults().catch(() => new Map()),
      more?.look().catch(() => undefined),
    ])
    busy = false
    const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined
    paint?.()
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

async function reset(more) {
  await Promise.all([api.clearFaults(), more?.reset()]).catch(failure)
  emit('faults')
  toast(t('faultsCleared'))
}

async function clearChats() {
  await api.clearChats().catch(failure)
  location.reload()
}
