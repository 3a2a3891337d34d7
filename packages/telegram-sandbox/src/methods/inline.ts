import { bad } from '../errors.ts'
import { bool, int, isObj, json, required, str, text } from '../params.ts'
import type { Method } from './call.ts'

const MOST_RESULTS = 50
const LONGEST_RESULT_ID_BYTES = 64

/** The bot's answer to what a person typed behind its name; they see it and may choose one of the results. */
export const answerInlineQuery: Method = ({ world, bot, p }) => {
  const query = world.inlineQueries.get(required(p, 'inline_query_id'))
  const results = json(p, 'results', 'inline query results')
  if (!Array.isArray(results)) throw bad('expected an Array of inline query results')
  if (results.length > MOST_RESULTS) throw bad('RESULTS_TOO_MUCH')
  const ids = results.map((result: unknown) => {
    if (!isObj(result)) throw bad("can't parse inline query result: inline query result must be an Object")
    if (typeof result['type'] !== 'string')
      throw bad('can\'t parse inline query result: Can\'t find field "type"')
    const id = str(result['id'])
    if (id === '' || Buffer.byteLength(id) > LONGEST_RESULT_ID_BYTES) throw bad('RESULT_ID_INVALID')
    return id
  })
  if (new Set(ids).size < ids.length) throw bad('RESULT_ID_DUPLICATE')
  if (!query || query.botId !== bot.id || query.expires <= world.clock.now())
    throw bad('query is too old and response timeout expired or query ID is invalid')
  world.inlineQueries.delete(query.id)
  const answer = {
    results,
    next_offset: text(p, 'next_offset') ?? '',
    is_personal: bool(p, 'is_personal'),
    cache_time: int(p, 'cache_time', 300),
  }
  const whose = answer.is_personal ? query.person : 0
  const until = world.clock.now() + answer.cache_time * 1000
  if (query.asked !== undefined)
    (bot.inlineCache ??= new Map()).set(`${whose}:${query.asked}`, { until, answer })
  query.answer(answer)
  return true
}
