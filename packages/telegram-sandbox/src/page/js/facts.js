import { api } from './api.js'
import { failure } from './dialog.js'
import { h } from './dom.js'
import { number } from './words.js'

/** What a message says without a text: a die, a place, a question with its answers. */
export function facts(message, chat) {
  if (message.dice) return h('p', { class: 'sticker' }, `${message.dice.emoji} ${message.dice.value}`)
  if (message.poll) return poll(message, chat)
  const place = message.venue ?? (message.location && { location: message.location })
  if (!place) return null
  const { latitude, longitude } = place.location
  const where = `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`
  return h('p', { class: 'place' }, place.title ? h('b', {}, place.title) : null, place.address ?? where)
}

/** A press is a vote; where several are allowed it is added to those before it, or taken back. */
function poll({ message_id: id, poll: asked }, chat) {
  const { question, options, total_voter_count: total, is_closed: closed } = asked
  const chosen = chat.votes?.get(id) ?? []
  async function vote(index) {
    const others = asked.allows_multiple_answers ? chosen.filter((one) => one !== index) : []
    const next = chosen.includes(index) ? others : [...others, index].sort()
    try {
      await api.vote(chat.bot, chat.person, id, next)
      ;(chat.votes ??= new Map()).set(id, next)
    } catch (error) {
      failure(error)
    }
  }
  return h(
    'div',
    { class: 'poll' },
    h('b', {}, question),
    options.map((option, index) =>
      h(
        'button',
        {
          type: 'button',
          disabled: closed,
          'aria-pressed': String(chosen.includes(index)),
          onclick: () => vote(index),
        },
        h('span', {}, option.text),
        h('span', {}, total > 0 ? `${number(Math.round((100 * option.voter_count) / total))}%` : ''),
      ),
    ),
  )
}
