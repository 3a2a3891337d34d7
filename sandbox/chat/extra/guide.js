import { api } from './api.js'
import { emit, on } from '../js/bus.js'
import { failure, toast } from '../js/dialog.js'
import { h, replaceChildren } from '../js/dom.js'
import { runControl } from './controls.js'
import { turnOn } from '../js/fault-list.js'
import { firstMinute, scenarios } from './guide-steps.js'
import { icon } from '../js/icons.js'
import { lanes } from '../js/lanes.js'
import { chatOf, personaFor, state } from '../js/store.js'
import { inLanguage, t } from '../js/words.js'

const facts = {
  botMessages: 0,
  payments: 0,
  photosAfterPayment: 0,
  repeatedPayments: 0,
  paymentsWhileStopped: 0,
  answersAfterRevival: 0,
}
let stopped = false
let revived = false

/** A drawn picture is offered again. The code to pay with on an invoice, or a picture of a good, is a photo as well. */
const isDrawn = (message) =>
  message.photo &&
  message.from === 'bot' &&
  (message.inline_keyboard ?? []).flat().some((key) => key.callback_data?.startsWith('picture-again'))

/** Counts the events of the page that the guide waits for. */
on(['message', 'edit', 'chat'], ({ chat, message }) => {
  const messages = message ? [message] : [...chat.messages.values()]
  const own = messages.filter((m) => m.from === 'bot')
  facts.botMessages += own.length
  if (message && isDrawn(message) && facts.payments > 0) facts.photosAfterPayment += 1
  if (message?.from === 'bot' && revived && facts.paymentsWhileStopped > 0) facts.answersAfterRevival += 1
  emit('facts')
})
/** Steps that were done before the page was opened count too. */
on('chat', ({ chat }) => {
  let paid = false
  for (const message of chat.messages.values()) {
    if (message.successful_payment) paid = true
    if (paid && isDrawn(message)) facts.photosAfterPayment ||= 1
  }
  if (paid) facts.payments ||= 1
  emit('facts')
})
on('payment', ({ outcome }) => {
  if (outcome === 'paid') facts.payments += 1
  if (outcome === 'paid' && stopped) facts.paymentsWhileStopped += 1
  emit('facts')
})
on('control', ({ id }) => {
  if (id === 'stop-billing') stopped = true
  if (id === 'start-billing') {
    revived = stopped
    stopped = false
  }
})
on('lanes', () => {
  const repeated = lanes.filter((lane) => lane.kind === 'successful_payment' && lane.deliveries > 1).length
  if (repeated === facts.repeatedPayments) return
  facts.repeatedPayments = repeated
  emit('facts')
})

/** The guided first minute and the list of further scenarios. */
export function guidePanel() {
  const minute = firstMinute.filter((step) => offered(step))
  const steps = h('ol', { class: 'steps' })
  const element = h(
    'div',
    {},
    h('h2', {}, t('guideTitle')),
    steps,
    h('h2', {}, t('scenarios')),
    h('ul', { class: 'cards' }, scenarios.map(scenarioCard)),
  )
  let last = ''

  function draw() {
    const ready = minute.map((step) => step.done(facts))
    const now = ready.indexOf(false)
    if (last === String(ready)) return
    last = String(ready)
    replaceChildren(
      steps,
      minute.map((step, index) => stepItem(step, ready[index], index === now, index)),
      now < 0 ? ending() : null,
    )
  }
  draw()
  return { element, stop: on('facts', draw) }
}

function offered(step) {
  const has = (id) => state.config.controls.some((control) => control.id === id)
  return (!step.needs || has(step.needs)) && (!step.without || !has(step.without))
}

function stepItem(step, done, now, index) {
  return h(
    'li',
    { class: `step${done ? ' done' : ''}${now ? ' now' : ''}`, 'aria-current': now ? 'step' : undefined },
    h('span', { class: 'step-number' }, done ? icon('check') : String(index + 1)),
    h(
      'div',
      {},
      h(
        'b',
        {},
        inLanguage(step.title),
        done ? h('span', { class: 'visually-hidden' }, `. ${t('guideDone')}`) : null,
      ),
      done ? null : h('p', {}, inLanguage(step.text)),
      now
        ? h(
            'button',
            {
              class: 'button primary small',
              type: 'button',
              onclick: (event) => act(step, event.currentTarget),
            },
            inLanguage(step.button),
          )
        : null,
    ),
  )
}

function ending() {
  return h(
    'li',
    { class: 'step ending' },
    h('span', { class: 'step-number' }, icon('star')),
    h(
      'div',
      {},
      h('b', {}, t('guideEnd')),
      h('p', {}, t('guideEndHint')),
      h('pre', {}, 'BOT_TOKEN=123456:AA... npm start'),
    ),
  )
}

function scenarioCard(scenario) {
  return h(
    'li',
    { class: 'card' },
    h('b', {}, inLanguage(scenario.title)),
    h('p', {}, inLanguage(scenario.text)),
    h('p', { class: 'expected' }, h('span', {}, `${t('expected')}: `), inLanguage(scenario.expected)),
    h(
      'button',
      { class: 'button small', type: 'button', onclick: (event) => act(scenario, event.currentTarget) },
      t('prepare'),
    ),
  )
}

async function act(step, button) {
  button.disabled = true
  button.setAttribute('aria-busy', 'true')
  try {
    const person = personaFor(step.persona)?.id ?? state.person
    if (person !== state.person) emit('show', { bot: state.bot, person })
    const answer = step.control && (await runControl(step.control))
    if (step.fault) await turnOn(step.fault)
    if (step.crowd) await api.crowd(state.bot, step.crowd)
    if (step.start || (step.send && !chatOf(state.bot, person).started)) await api.start(state.bot, person)
    if (step.send && step.send !== '/start') await api.send(state.bot, person, { text: step.send })
    toast(answer?.text ? inLanguage(answer.text) : t('prepared'))
  } catch (error) {
    failure(error)
  }
  button.disabled = false
  button.removeAttribute('aria-busy')
}
