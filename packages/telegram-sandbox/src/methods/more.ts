import { placeOf } from '../chats.ts'
import { bad } from '../errors.ts'
import { randomInt } from '../lib/crypto.ts'
import { editMessage, tell } from '../messages.ts'
import { bool, int, isObj, json, required, str, text, type Obj } from '../params.ts'
import type { Method } from './call.ts'
import { deliver } from './deliver.ts'
import { answerInlineQuery } from './inline.ts'
import { coordinate } from './location.ts'

const sendVenue: Method = (call) => {
  const location = {
    latitude: coordinate(call, 'latitude', 90),
    longitude: coordinate(call, 'longitude', 180),
  }
  const title = required(call.p, 'title')
  return deliver(call, { venue: { location, title, address: required(call.p, 'address') }, location })
}

const MOST_OPTIONS = 12

const sendPoll: Method = (call) => {
  const { p } = call
  const question = required(p, 'question')
  if (question.length > 300) throw bad('poll question length must not exceed 300')
  const given = json(p, 'options', 'options')
  if (!Array.isArray(given)) throw bad('expected an Array of String as options')
  if (given.length > MOST_OPTIONS) throw bad(`poll can't have more than ${MOST_OPTIONS} options`)
  const options = given.map((one: unknown, index) => {
    const value = isObj(one) ? str(one['text']) : str(one)
    if (value === '') throw bad('poll options must be non-empty')
    if (value.length > 100) throw bad('poll options length must not exceed 100')
    return { persistent_id: String(index), text: value, voter_count: 0 }
  })
  if (options.length === 0) throw bad('poll must have at least 1 option')
  return deliver(call, {
    poll: {
      id: String(5_000_000_000_000_000 + randomInt(1e9)),
      question,
      options,
      total_voter_count: 0,
      is_closed: bool(p, 'is_closed'),
      is_anonymous: text(p, 'is_anonymous') === undefined || bool(p, 'is_anonymous'),
      type: text(p, 'type') || 'regular',
      allows_multiple_answers: bool(p, 'allows_multiple_answers'),
    },
  })
}

const stopPoll: Method = ({ world, bot, p }) => {
  const place = placeOf(world, bot, p)
  const stored = place.box.messages.get(int(p, 'message_id'))
  if (!stored || stored.deleted) throw bad('message with poll to stop not found')
  const poll = stored.api['poll'] as Obj | undefined
  if (!poll || stored.from !== 'bot') throw bad("message is not a poll or can't be stopped")
  if (poll['is_closed']) throw bad('poll has already been closed')
  const closed = { ...poll, is_closed: true }
  editMessage(world, bot, place, stored, { ...stored.api, poll: closed })
  return closed
}

/** A preview of a message that is still being written; it is seen for a moment and is no message. */
const sendMessageDraft: Method = ({ world, bot, p }) => {
  const place = placeOf(world, bot, p)
  if (!place.person) throw bad('chat not found')
  if (int(p, 'draft_id') === 0) throw bad('RANDOM_ID_INVALID')
  const draft = text(p, 'text') ?? ''
  if (draft.length > 4096) throw bad('message is too long')
  tell(world, bot, place, 'draft', { draft_id: int(p, 'draft_id'), text: draft })
  return true
}

export const further: Record<string, Method> = {
  sendVenue,
  sendPoll,
  stopPoll,
  sendMessageDraft,
  answerInlineQuery,
}
