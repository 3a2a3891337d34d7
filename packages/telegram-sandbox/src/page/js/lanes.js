import { emit, on } from './bus.js'
import { extra } from './extra.js'

/** One lane per update: from the press to the last call to Telegram. Newest first. */
export const lanes = []

const KEEP_LANES = 60
/**
 * A call that comes later than this after the last update of its person is no answer: the bot sent it by itself (a
 * notice, a mailing).
 */
const ANSWER_MS = 60_000
const OWN_CALLS_MS = 5_000

const lastOwnMessage = new Map()

function addLane(lane) {
  lanes.unshift({
    id: crypto.randomUUID(),
    deliveries: 0,
    attempt: 1,
    calls: [],
    messages: new Set(),
    before: extra.numbers(),
    after: undefined,
    ...lane,
  })
  lanes.length = Math.min(lanes.length, KEEP_LANES)
  return lanes[0]
}

export function recordUpdate(data) {
  let lane = lanes.find((l) => l.bot === data.bot && l.updateId === data.update_id)
  if (!lane) {
    lane = addLane({
      bot: data.bot,
      person: data.person,
      updateId: data.update_id,
      kind: data.kind,
      at: data.at,
    })
    const own = lastOwnMessage.get(`${data.bot}:${data.person}`)
    if (own && ['message', 'successful_payment'].includes(data.kind)) lane.messages.add(own)
  }
  lane.state = data.state
  if (data.attempt) lane.attempt = data.attempt
  if (data.status) lane.status = data.status
  if (data.error) lane.error = data.error
  if (data.via) lane.via = data.via
  if (data.state === 'delivered') {
    lane.deliveries += 1
    lane.deliveredAt ??= data.at
  }
  emit('lanes')
}

/** The lane that a call or a message of a bot belongs to: the newest one of the same person. */
function laneFor(data, now) {
  const same = lanes.find((l) => l.bot === data.bot && l.person === data.person)
  if (!data.person) return lanes.find((l) => l.bot === data.bot && now - l.at < ANSWER_MS)
  const limit = same?.kind === 'calls' ? OWN_CALLS_MS : ANSWER_MS
  if (same && now - same.at < limit) return same
  return addLane({
    bot: data.bot,
    person: data.person,
    kind: 'calls',
    at: now,
    state: 'delivered',
    deliveredAt: now,
  })
}

const QUIET = new Set(['getUpdates', 'getMe', 'setWebhook', 'deleteWebhook', 'getWebhookInfo', 'getFile'])

export function recordCall(data) {
  if (QUIET.has(data.method) || (!data.person && !data.method.startsWith('answer'))) return
  laneFor(data, data.at)?.calls.push(data)
  emit('lanes')
}

export function recordMessage(data) {
  const id = data.message.message_id
  if (data.message.from === 'bot') laneFor(data, data.at)?.messages.add(id)
  else lastOwnMessage.set(`${data.bot}:${data.person}`, id)
}

export const laneOfMessage = (bot, person, id) =>
  lanes.find((l) => l.bot === bot && l.person === person && l.messages.has(id))

/** Lanes whose update came within this time still move, and get new numbers. */
const MOVING_MS = 15_000

on('numbers', () => {
  const numbers = extra.numbers()
  for (const [index, lane] of lanes.entries()) {
    if (Date.now() - lane.at > MOVING_MS) break
    if (index === 0 || !lane.after) lane.after = numbers
  }
})

export function forgetLanes() {
  lanes.length = 0
  emit('lanes')
}
