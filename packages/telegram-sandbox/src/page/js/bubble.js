import { api } from './api.js'
import { emit } from './bus.js'
import { failure } from './dialog.js'
import { h } from './dom.js'
import { richText } from './entities.js'
import { rich } from './rich.js'
import { icon } from './icons.js'
import { inlineKeys } from './keys.js'
import { facts } from './facts.js'
import { game, media } from './media.js'
import { sum } from './pay-sheet.js'
import { personaOf } from './store.js'
import { number, t, time } from './words.js'

/** A message as a list item: the bubble, its keys, and on request its earlier states. */
export function bubble(message, chat, pane) {
  const words = serviceText(message, chat)
  if (words) {
    return h('li', { class: 'service', 'data-message': message.message_id }, h('span', {}, words))
  }
  const body = [
    quoted(message, chat),
    invoice(message),
    message.game ? game(message.game) : null,
    ...media(message),
    paidMedia(message, chat),
    facts(message, chat),
    message.rich_message ? rich(message.rich_message, chat.bot, pane.act) : text(message, pane),
    reactions(message),
  ]
  const keys = message.inline_keyboard ?? (message.invoice ? [[payKey(message)]] : undefined)
  const bare = !message.text && !message.caption && !message.invoice && (message.photo || message.sticker)
  return h(
    'li',
    {
      class: `message ${message.from === 'person' ? 'out' : 'in'}${bare ? ' bare' : ''}`,
      'data-message': message.message_id,
      'data-album': message.photo ? message.media_group_id : undefined,
    },
    h('div', { class: `bubble${message.photo ? ' with-photo' : ''}` }, body, meta(message, chat, pane)),
    keys?.length ? inlineKeys(keys, chat, message, pane) : null,
  )
}

function text(message, pane) {
  const content = message.text ?? message.caption
  if (!content) return null
  const entities = message.entities ?? message.caption_entities
  return h('div', { class: 'text' }, richText(content, entities, pane.act))
}

/** A press on the time shows the path of the message, and a press on "edited" its history. */
function meta(message, chat, pane) {
  const edited = message.edit_date && message.edits.length > 0
  const history = edited
    ? h(
        'button',
        {
          class: 'edited',
          type: 'button',
          'aria-expanded': 'false',
          'aria-label': `${t('edited')}. ${t('showPrevious')}`,
          title: t('showPrevious'),
          onclick: (event) => toggleHistory(event.currentTarget, message, pane),
        },
        t('edited'),
      )
    : null
  const clock = h(
    'button',
    {
      class: 'clock',
      type: 'button',
      title: t('showPath'),
      'aria-label': `${time(message.date)}. ${t('showPath')}`,
      onclick: () => emit('light', { bot: chat.bot, person: chat.person, messageId: message.message_id }),
    },
    time(message.date),
  )
  return h('span', { class: 'meta' }, history, clock)
}

function toggleHistory(button, message, pane) {
  const open = button.getAttribute('aria-expanded') !== 'true'
  button.setAttribute('aria-expanded', String(open))
  const label = t(open ? 'hidePrevious' : 'showPrevious')
  button.title = label
  button.setAttribute('aria-label', `${t('edited')}. ${label}`)
  const item = button.closest('li')
  item.querySelector('.history')?.remove()
  if (!open) return
  const versions = message.edits.map((edit, index) => {
    const until = message.edits[index + 1]?.edit_date ?? message.edit_date
    const content = edit.text ?? edit.caption ?? ''
    const keys = (edit.inline_keyboard ?? []).flat().map((key) => key.text)
    return h(
      'li',
      {},
      h('small', {}, t('previousAt', { time: time(until) })),
      h('div', { class: 'text' }, richText(content, edit.entities ?? edit.caption_entities, pane.act)),
      keys.length > 0 ? h('small', {}, t('keysWere', { keys: keys.join(' · ') })) : null,
    )
  })
  item.querySelector('.bubble').append(h('ul', { class: 'history' }, versions))
}

function quoted(message, chat) {
  if (!message.reply_to_message_id) return null
  const other = chat.messages.get(message.reply_to_message_id)
  return h('div', { class: 'quoted' }, other ? preview(other) : '…')
}

/** One line about a message, for quotes and lists. */
export function preview(message) {
  if (message.text || message.caption) return (message.text ?? message.caption).split('\n')[0].slice(0, 80)
  if (message.invoice) return `${t('invoice')}: ${message.invoice.title}`
  if (message.game) return message.game.title
  if (message.poll) return message.poll.question
  if (message.dice) return message.dice.emoji
  if (message.venue) return message.venue.title
  if (message.sticker) return message.sticker.emoji ?? t('sticker')
  if (message.video) return t('video')
  if (message.photo) return t('photo')
  if (message.document) return message.document.file_name ?? t('file')
  return t('service')
}

function invoice(message) {
  if (!message.invoice) return null
  const { title, description, total_amount, currency, paid } = message.invoice
  return h(
    'div',
    { class: 'invoice' },
    h('span', { class: 'pay-icon' }, icon(currency === 'XTR' ? 'star' : 'card')),
    h(
      'div',
      {},
      h('b', {}, title),
      h('p', {}, description),
      h(
        'p',
        { class: 'price' },
        sum(total_amount, currency),
        paid
          ? h('span', { class: 'paid' }, icon('check'), t(paid > 1 ? 'paidTimes' : 'paid', { n: paid }))
          : null,
      ),
    ),
  )
}

const payKey = (message) => ({
  text: t('pay', { sum: sum(message.invoice.total_amount, message.invoice.currency) }),
  pay: true,
})

/** Paid media are shown as they are once they are bought, and before that as boxes with a price. */
function paidMedia(message, chat) {
  const paid = message.paid_media
  if (!paid) return null
  if (paid.bought) return h('div', { class: 'paid-media' }, paid.media.flatMap(media))
  async function buy(event) {
    event.currentTarget.disabled = true
    await api.purchase(chat.bot, chat.person, message.message_id).catch(failure)
  }
  return h(
    'div',
    { class: 'paid-media' },
    paid.media.map(({ type }) => h('span', { class: 'blurred' }, t(type === 'video' ? 'video' : 'photo'))),
    h(
      'button',
      { class: 'button', type: 'button', onclick: buy },
      icon('star'),
      t('unlock', { sum: sum(paid.star_count, 'XTR') }),
    ),
  )
}

function reactions(message) {
  const all = [...(message.reactions ?? []), ...(message.bot_reactions ?? [])]
  return all.length > 0 ? h('p', { class: 'reactions', 'aria-label': t('reactions') }, all.join(' ')) : null
}

/** Messages that are facts rather than speech. @returns {string | undefined} */
function serviceText(message, chat) {
  const payment = message.successful_payment
  if (payment) return t('paidService', { sum: sum(payment.total_amount, payment.currency) })
  const refund = message.refunded_payment
  if (refund) return t('refundService', { sum: sum(refund.total_amount, refund.currency) })
  if (message.gift) return t('sentGift', { n: number(message.gift.star_count) })
  if (message.premium) return t('sentPremium', { n: message.premium.month_count })
  if (message.users_shared) {
    const names = message.users_shared.users.map(
      (u) => u.first_name ?? personaOf(u.user_id)?.first_name ?? u.user_id,
    )
    return t('shared', { names: names.join(', ') })
  }
  if (message.contact)
    return t('contact', { name: `${message.contact.first_name} ${message.contact.phone_number}` })
  if (message.pinned_message_id) {
    const pinned = chat.messages.get(message.pinned_message_id)
    return `${t('pinned')}${pinned ? `: ${preview(pinned)}` : ''}`
  }
  if (message.web_app_data) return message.web_app_data.button_text
  return message.from === 'service' ? (message.text ?? t('service')) : undefined
}
