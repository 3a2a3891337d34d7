import { api } from './api.js'
import { openDialog } from './dialog.js'
import { h, replaceChildren } from './dom.js'
import { icon } from './icons.js'
import { personaOf } from './store.js'
import { number, t } from './words.js'

/** A sum in the currency of an invoice; XTR is Telegram's code for Stars, other codes have two decimals here. */
export function sum(amount, currency) {
  if (currency === 'XTR') return t('stars', { n: number(amount) })
  return `${number(amount / 100)} ${currency}`
}

const CLOSE_AFTER_MS = 1_400

/**
 * The window in which a person pays, declines or walks away.
 * @param invoice {slug} of an invoice link or {message_id} with its `invoice`
 * @returns how it was closed, in the words in which a Mini App is told
 */
export async function openPaySheet(pane, target, invoice) {
  const known = invoice ?? (await invoiceOfSlug(pane.bot, target.slug))
  if (!known) {
    pane.toast(t('invoiceUnknown'))
    return 'failed'
  }
  let closedAs = 'cancelled'
  const price = sum(known.total_amount, known.currency)
  const left = await starsLeft(pane.person)
  const short = known.currency === 'XTR' && left !== undefined && left < known.total_amount

  const status = h('p', { class: 'pay-status', role: 'status' })
  const pay = button('primary', 'pay', t('payNow', { sum: price }))
  const decline = button('', 'decline', t('payDecline'))
  const leave = button('', 'leave', t('payLeave'))
  pay.disabled = short

  const dialog = openDialog({
    kind: 'sheet',
    title: t('payTitle'),
    over: pane.element,
    body: [
      h(
        'div',
        { class: 'pay-card' },
        h('span', { class: 'pay-icon' }, icon(known.currency === 'XTR' ? 'star' : 'card')),
        h('div', {}, h('b', {}, known.title), h('p', {}, known.description)),
        h('strong', {}, price),
      ),
      h(
        'p',
        { class: 'muted' },
        left === undefined
          ? t('payEndless')
          : short
            ? t('payShort', { n: number(left), price })
            : t('payBalance', { n: number(left) }),
      ),
      h('p', { class: 'muted' }, t('payLeaveHint')),
      status,
    ],
    actions: [pay, decline, leave],
  })
  dialog.element.classList.add('pay-sheet')

  function button(kind, decision, label) {
    return h(
      'button',
      { class: `button ${kind}`, type: 'button', 'data-decision': decision, onclick: () => decide(decision) },
      label,
    )
  }

  async function decide(decision) {
    for (const one of [pay, decline, leave]) one.disabled = true
    replaceChildren(status, h('span', { class: 'spinner' }), t('payAsking'))
    const result = await api
      .pay(pane.bot, pane.person, target, decision)
      .catch((error) => ({ outcome: 'failed', error_message: error.message }))
    status.dataset.outcome = result.outcome
    closedAs = result.outcome === 'paid' ? 'paid' : result.outcome === 'left' ? 'pending' : 'cancelled'
    replaceChildren(status, outcomeText(result))
    if (result.outcome === 'paid' || result.outcome === 'declined' || result.outcome === 'left') {
      setTimeout(dialog.close, CLOSE_AFTER_MS)
      return
    }
    pay.textContent = t('again')
    pay.disabled = short
    decline.disabled = false
    leave.disabled = false
  }

  await dialog.closed
  return closedAs
}

function outcomeText(result) {
  switch (result.outcome) {
    case 'paid':
      return t('payPaid')
    case 'declined':
      return t('payDeclined')
    case 'left':
      return t(result.approved ? 'payLeft' : 'payLeftRefused')
    case 'refused':
      return t('payRefused', { reason: result.error_message })
    case 'timeout':
      return t('payTimeout')
    default:
      return t('failed', { reason: result.error_message })
  }
}

/** Play Stars that a persona still has; undefined = they never run out. */
async function starsLeft(person) {
  const purse = personaOf(person)?.stars
  if (purse === undefined) return undefined
  const { stars_spent = 0 } = await api.person(person).catch(() => ({}))
  return Math.max(0, purse - stars_spent)
}

async function invoiceOfSlug(bot, slug) {
  const requests = await api.requests({ bot, method: 'createInvoiceLink' }).catch(() => [])
  const made = requests.findLast((r) => r.ok && String(r.result).replace(/\/$/, '').endsWith(slug))
  if (!made) return undefined
  const { title, description, currency } = made.params
  const prices = typeof made.params.prices === 'string' ? JSON.parse(made.params.prices) : made.params.prices
  return { title, description, currency, total_amount: prices.reduce((all, one) => all + one.amount, 0) }
}
