import { expect, test } from 'vitest'
import { sources } from '../lib/sources.ts'

test('a transaction asks for no second connection: when all of a pool are in transactions, each would wait for the others', () => {
  const asks = sources('src/**/*.ts').flatMap(({ path, text }) =>
    [...text.matchAll(/\.tx\((?:async )?\(?tx\)? =>/g)].flatMap(({ index, 0: { length } }) => {
      // The transaction ends where the bracket of its call closes.
      let [open, end] = [1, index + length]
      for (; open > 0 && end < text.length; end++) {
        if ('([{'.includes(text[end]!)) open++
        else if (')]}'.includes(text[end]!)) open--
      }
      const found = text
        .slice(index, end)
        .match(/settings\.(?:get|origin|snapshot)\(|\bdb\.(?:rows|tx|reads)\b|[(,] ?(?:\w+\.)*db[,)]/)
      return found ? [`${path}: ${found[0]}`] : []
    }),
  )
  expect(asks).toEqual([])
})
