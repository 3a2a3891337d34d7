import { emit } from '../js/bus.js'
import { failure } from '../js/dialog.js'
import { h } from '../js/dom.js'
import { state } from '../js/store.js'
import { inLanguage, t } from '../js/words.js'
import { api } from './api.js'

/**
 * Presses a switch of the product and tells the page.
 * @returns {Promise<{text?: {en, ru}}>}
 */
export async function runControl(id) {
  const answer = await api.runControl(id)
  emit('control', { id })
  return answer
}

/** The parts of the shop that can be stopped and started. */
export const controlCards = () => h('ul', { class: 'cards' }, state.config.controls.map(controlCard))

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
