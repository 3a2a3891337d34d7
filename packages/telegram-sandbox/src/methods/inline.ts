import { bad } from '../errors.ts'
import { checkResult, shownOf } from '../inline-results.ts'
import { bool, int, isObj, json, required, str, text, type Obj } from '../params.ts'
import type { Method } from './call.ts'

const MOST_RESULTS = 50
const LONGEST_RESULT_ID_BYTES = 64
const DAY_S = 24 * 60 * 60

/** The button above the results: it starts the bot or opens a Mini App. @throws bad */
function buttonOf(given: unknown): Obj | undefined {
  if (given === undefined) return undefined
  const fail = (why: string) => bad(`can't parse inline query results button: ${why}`)
  if (!isObj(given)) throw fail('InlineQueryResultsButton must be an Object')
  if (str(given['text']) === '') throw fail('Can\'t find field "text"')
  const app = given['web_app']
  if (given['start_parameter'] === undefined && !isObj(app))
    throw fail('InlineQueryResultsButton must have exactly one optional field')
  return given
}

/** The bot's answer to what a person typed behind its name; they see it and may choose one of the results. */
const answerInlineQuery: Method = async (call) => {
  const { world, bot, p } = call
  const query = world.inlineQueries.get(required(p, 'inline_query_id'))
  const button = buttonOf(json(p, 'button', 'inline query results button'))
  const results = json(p, 'results', 'inline query results') ?? []
  if (!Array.isArray(results)) throw bad('expected an Array of inline query results')
  if (results.length > MOST_RESULTS) throw bad('too many inline query results specified')
  const ids = results.map((result: unknown) => {
    const id = checkResult(result, (why) => bad(`can't parse inline query result: ${why}`))
    if (id === '' || Buffer.byteLength(id) > LONGEST_RESULT_ID_BYTES) throw bad('RESULT_ID_INVALID')
    return id
  })
  if (new Set(ids).size < ids.length) throw bad('RESULT_ID_DUPLICATE')
  for (const result of results as Obj[]) await shownOf(call, result, false)
  if (!query || query.botId !== bot.id || query.expires <= world.clock.now())
    throw bad('query is too old and response timeout expired or query ID is invalid')
  world.inlineQueries.delete(query.id)
  const answer = {
    results,
    next_offset: text(p, 'next_offset') ?? '',
    is_personal: bool(p, 'is_personal'),
    cache_time: int(p, 'cache_time', 300, [0, DAY_S]),
    ...(button && { button }),
  }
  const whose = answer.is_personal ? query.person : 0
  const until = world.clock.now() + answer.cache_time * 1000
  if (query.asked !== undefined)
    (bot.inlineCache ??= new Map()).set(`${whose}:${query.asked}`, { until, answer })
  query.answer(answer)
  return true
}

export const inlineMode: Record<string, Method> = { answerInlineQuery }
