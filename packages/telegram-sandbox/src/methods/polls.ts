import { placeOf, type Place } from '../chats.ts'
import { bad } from '../errors.ts'
import { formatted } from '../format.ts'
import { randomInt } from '../lib/crypto.ts'
import { editView } from '../messages.ts'
import { bool, charLength, int, isObj, json, required, str, text, type Obj, type Params } from '../params.ts'
import { Refused } from '../refused.ts'
import { seconds, userOfPerson, type Bot, type Person, type Stored, type World } from '../store.ts'
import { happen } from '../updates.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'

/** "Bot API", sendPoll. */
const SHORTEST_PERIOD_S = 5

function optionsOf(p: Params): Obj[] {
  const given = json(p, 'options', 'options')
  if (!Array.isArray(given)) throw bad('expected an Array of String as options')
  const options = given.map((one: unknown, index) => {
    const value = isObj(one) ? str(one['text']) : str(one)
    if (value === '') throw bad('poll options must be non-empty')
    if (value.length > 100) throw bad('poll options length must not exceed 100')
    return { persistent_id: String(index), text: value, voter_count: 0 }
  })
  if (options.length === 0) throw bad('poll must have at least 1 option')
  return options
}

/** Which options of a quiz are right. @throws bad */
function rightOptions(p: Params, count: number): number[] {
  const given = json(p, 'correct_option_ids', 'correct option identifiers')
  if (given !== undefined && !Array.isArray(given))
    throw bad('Expected an Array of correct option identifiers')
  const ids = (given ??
    (text(p, 'correct_option_id') === undefined ? [] : [int(p, 'correct_option_id')])) as unknown[]
  if (ids.length === 0) throw bad('Correct quiz option list must be non-empty')
  return ids.map((id, at) => {
    if (typeof id !== 'number') throw bad('Correct option identifier must be of type Number')
    if (!Number.isInteger(id) || id < 0 || id >= count) throw bad('Wrong correct option ID specified')
    if (at > 0 && id <= (ids[at - 1] as number)) throw bad('Correct quiz option list must be increasing')
    return id
  })
}

function quizOf(call: Call, count: number): Obj {
  const right = rightOptions(call.p, count)
  return {
    type: 'quiz',
    ...(right.length === 1 && { correct_option_id: right[0] }),
    correct_option_ids: right,
    ...wordsIn(call, 'explanation', 200),
  }
}

/** A text with its markup, and its entities beside it. @throws bad where it is longer without the markup */
function wordsIn({ world, p }: Call, field: string, longest: number): Obj {
  const mode = text(p, `${field}_parse_mode`) ?? ''
  const given = json(p, `${field}_entities`, `${field} entities`)
  const { text: words, entities } = formatted(world, text(p, field) ?? '', mode, given)
  if (charLength(words) > longest) throw bad('MESSAGE_TOO_LONG')
  return words === ''
    ? {}
    : { [field]: words, ...(entities.length > 0 && { [`${field}_entities`]: entities }) }
}

function countriesOf(p: Params): string[] {
  const given = json(p, 'country_codes', 'country codes') ?? []
  if (!Array.isArray(given)) throw bad('expected an Array of country codes')
  return given.map((code: unknown) => {
    if (!/^[A-Z]{2}$/.test(str(code))) throw bad('invalid country code specified')
    return str(code)
  })
}

const sendPoll: Method = (call) => {
  const { p, world } = call
  const question = required(p, 'question')
  const options = optionsOf(p)
  const type = text(p, 'type') || 'regular'
  if (type !== 'quiz' && type !== 'regular') throw bad('Unsupported poll type specified')
  const kind = type === 'quiz' ? quizOf(call, options.length) : { type }
  const described = wordsIn(call, 'description', 1024)
  const countries = countriesOf(p)
  const { group } = placeOf(world, call.bot, p)
  if (group?.type !== 'channel' && (countries.length > 0 || bool(p, 'members_only')))
    throw bad('poll voters can be restricted only in channel chats')
  const now = seconds(world)
  const period = int(p, 'open_period')
  const closes = period > 0 ? now + period : int(p, 'close_date')
  const lasts = closes > now + SHORTEST_PERIOD_S ? { open_period: closes - now, close_date: closes } : {}
  const revoting = text(p, 'allows_revoting') === undefined ? type !== 'quiz' : bool(p, 'allows_revoting')
  const api = deliver(call, {
    poll: {
      id: String(5_000_000_000_000_000 + randomInt(1e9)),
      question,
      options,
      total_voter_count: 0,
      ...lasts,
      is_closed: bool(p, 'is_closed'),
      is_anonymous: text(p, 'is_anonymous') === undefined || bool(p, 'is_anonymous'),
      allows_multiple_answers: bool(p, 'allows_multiple_answers'),
      allows_revoting: revoting,
      members_only: bool(p, 'members_only'),
      ...described,
      ...(countries.length > 0 && { country_codes: countries }),
      ...kind,
    },
  })
  if (closes > now) closeAt(call, api, closes)
  return api
}

/** Ends a poll at its time. The bot gets an update about it, as about every change of its poll. */
function closeAt({ world, bot, p }: Call, api: Obj, at: number): void {
  const place = placeOf(world, bot, p)
  const stored = place.box.messages.get(api['message_id'] as number)
  if (!stored) return
  world.clock.after(at * 1000 - world.clock.now(), () => {
    const poll = stored.api['poll'] as Obj
    if (stored.deleted || poll['is_closed'] === true) return
    change(world, bot, place, stored, { ...poll, is_closed: true })
    happen(world, bot, 'poll', stored.api['poll'])
  })
}

/** Votes and the end of a poll are no edits: the message has no `edit_date` for them. */
function change(world: World, bot: Bot, place: Place, stored: Stored, poll: Obj): void {
  stored.api = { ...stored.api, poll }
  editView(world, bot, place, stored)
}

const stopPoll: Method = ({ world, bot, p }) => {
  const place = placeOf(world, bot, p)
  const stored = place.box.messages.get(int(p, 'message_id'))
  if (!stored || stored.deleted) throw bad('message with poll to stop not found')
  const poll = stored.api['poll'] as Obj | undefined
  if (!poll || stored.from !== 'bot') throw bad("message is not a poll or can't be stopped")
  if (poll['is_closed']) throw bad('poll has already been closed')
  const closed = { ...poll, is_closed: true }
  change(world, bot, place, stored, closed)
  return closed
}

/** A person votes, changes their vote, or with no options takes it back. @throws Refused as their client would */
export function vote(
  world: World,
  bot: Bot,
  person: Person,
  place: Place,
  id: number,
  chosen: number[],
): Obj {
  const stored = place.box.messages.get(id)
  const poll = stored?.api['poll'] as Obj | undefined
  if (!stored || !poll || stored.deleted) throw new Refused(404, 'there is no such poll')
  const refuse = (why: string) => new Refused(409, why)
  if (poll['is_closed'] === true) throw refuse('this poll is closed')
  const options = poll['options'] as { text: string; voter_count: number; persistent_id: string }[]
  if (chosen.some((one) => !options[one])) throw new Refused(400, 'options are numbers from 0')
  if (chosen.length > 1 && poll['allows_multiple_answers'] !== true) throw refuse('one option only')
  const votes = (stored.votes ??= new Map())
  const before = votes.get(person.id)
  if (before && poll['allows_revoting'] !== true) throw refuse('this vote cannot be changed')
  if (chosen.length > 0) votes.set(person.id, chosen)
  else votes.delete(person.id)
  const all = [...votes.values()]
  change(world, bot, place, stored, {
    ...poll,
    options: options.map((option, n) => ({
      ...option,
      voter_count: all.filter((list) => list.includes(n)).length,
    })),
    total_voter_count: all.length,
  })
  if (poll['is_anonymous'] !== true)
    happen(world, bot, 'poll_answer', {
      poll_id: poll['id'],
      user: userOfPerson(person),
      option_ids: chosen,
      option_persistent_ids: chosen.map((one) => options[one]!.persistent_id),
    })
  happen(world, bot, 'poll', stored.api['poll'])
  return { voted: chosen }
}

export const polls: Record<string, Method> = { sendPoll, stopPoll }
