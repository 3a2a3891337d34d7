import { api } from './api.js'
import { failure } from '../js/dialog.js'
import { h, replaceChildren } from '../js/dom.js'
import { lanes } from '../js/lanes.js'
import { sum } from '../js/pay-sheet.js'
import { has, total } from './product.js'
import { t } from '../js/words.js'

/** Compares Telegram's payments with the proof that the shop's own ledger publishes. */
export function moneyCheck() {
  const result = h('ul', { class: 'money', role: 'status' })
  const button = h('button', { class: 'button small', type: 'button', onclick: run }, t('moneyCheck'))

  async function run() {
    button.disabled = true
    try {
      const [payments, product] = await Promise.all([api.payments(), api.product()])
      const kept = payments.filter((one) => !one.refunded)
      const handed = lanes
        .filter((lane) => lane.kind === 'successful_payment')
        .reduce((n, lane) => n + lane.deliveries, 0)
      replaceChildren(
        result,
        h(
          'li',
          {},
          t('moneyPayments', {
            n: kept.length,
            sum: sum(
              kept.reduce((all, one) => all + one.amount, 0),
              'XTR',
            ),
          }),
        ),
        h('li', {}, t('moneyDelivered', { n: handed })),
        verdict(product),
      )
    } catch (error) {
      failure(error)
    }
    button.disabled = false
  }

  function verdict(product) {
    if (!has(product, 'telekassa_ledger_proof_ok')) return h('li', {}, t('moneyUnknown'))
    if (total(product, 'telekassa_ledger_proof_ok') < 1) return h('li', { class: 'bad' }, t('moneyNoProof'))
    return h('li', { class: 'good' }, h('b', {}, t('moneyOnce')), ` ${t('moneyProof')}`)
  }

  return h('div', { class: 'card' }, h('p', {}, t('moneyHint')), button, result)
}
