import { describe, expect, test } from 'vitest'
import {
  nestedFile,
  readmeWith,
  rows,
  tableOf,
  unknownMethods,
} from '../../packages/telegram-sandbox/table.ts'
import { readRepositoryFile } from '../lib/compose.ts'
import { sources } from '../lib/sources.ts'

const FOLDER = 'packages/telegram-sandbox'

describe("the simulator of Telegram against the Bot API's description, which others keep", () => {
  test('its README has the table of today: npm exec -- node packages/telegram-sandbox/table.ts', () => {
    const readme = readRepositoryFile(`${FOLDER}/README.md`)
    expect(readme).toBe(readmeWith(readme, tableOf(rows())))
    expect(readRepositoryFile(`${FOLDER}/src/nested.ts`)).toBe(nestedFile())
  })

  test('no method works that the description does not know', () => {
    expect(unknownMethods()).toEqual([])
    expect(rows().length).toBeGreaterThan(180)
  })

  test('whatever the shop calls works', () => {
    const source = sources('src/**/*.ts')
      .map((file) => file.text)
      .join('\n')
    const called = rows().filter(({ method }) => new RegExp(`\\bapi(\\.raw)?\\.${method}\\(`).test(source))
    expect(called.length).toBeGreaterThan(25)
    expect(called.filter(({ state }) => state === 'not')).toEqual([])
  })
})
