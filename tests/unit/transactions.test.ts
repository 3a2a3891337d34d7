import { expect, test } from 'vitest'
import { sources } from '../lib/sources.ts'

/** What takes a connection of its own from the pool. */
const ASKS = /settings\.(?:get|origin|snapshot)\(|\bdb\.(?:rows|tx|reads)\b|[(,] ?(?:\w+\.)*db[,)]/

/** The text from here to where the bracket closes that was opened just before. */
function upToClosing(text: string, from: number): string {
  let [open, end] = [1, from]
  for (; open > 0 && end < text.length; end++) {
    if ('([{'.includes(text[end]!)) open++
    else if (')]}'.includes(text[end]!)) open--
  }
  return text.slice(from, end)
}

const src = sources('src/**/*.ts')

/** Exported functions that ask the pool themselves: `export function name(…) {…}` or `export const name = (…) => …`. */
const askers = new Set(
  src.flatMap(({ text }) =>
    [...text.matchAll(/^export (?:async )?(?:function|const) (\w+)[^]*?(?=^\S)(?!\))(?!})/gm)]
      .filter(([body]) => ASKS.test(body))
      .map(([, name]) => name!),
  ),
)

test('a transaction asks for no second connection: when all of a pool are in transactions, each would wait for the others', () => {
  expect([...askers]).toEqual(expect.arrayContaining(['meansOfOrder', 'tokenInRoubles']))
  const asks = src.flatMap(({ path, text }) =>
    [...text.matchAll(/\.tx(?:<\w+>)?\(\s*(?:async )?\(?tx\)? =>/g)].flatMap(({ index, 0: { length } }) => {
      const inside = upToClosing(text, index + length)
      const itself = inside.match(ASKS)
      const called = [...inside.matchAll(/(?<![.\w])(\w+)\((?!tx\b)/g)].find(([, name]) => askers.has(name!))
      return [itself, called].flatMap((found) => (found ? [`${path}: ${found[0]}`] : []))
    }),
  )
  expect(asks).toEqual([])
})
