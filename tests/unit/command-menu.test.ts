import { describe, expect, test } from 'vitest'
import { LANGUAGES, loadTexts } from '#shared/i18n/texts.ts'
import { features } from '#shop/screens.ts'
import { COMMANDS } from '#workers/bot/describe.ts'

const texts = loadTexts()
const routed = new Set(features.flatMap(({ commands }) => Object.keys(commands ?? {})))

describe('the menu of commands and /help', () => {
  test('name commands that there are, with a description in every language', () => {
    expect(COMMANDS.filter((command) => !routed.has(command))).toEqual([])
    for (const language of LANGUAGES)
      expect(COMMANDS.filter((command) => !texts.has(language, `command-${command}`))).toEqual([])
  })

  test.each(LANGUAGES)('say the same in %s', (language) => {
    const named = [...texts.t(language, 'help').matchAll(/(?<!<)\/([a-z]+)/g)].map(([, command]) => command)
    // Whoever reads the help has found it, and the shop.
    const others = COMMANDS.filter((command) => command !== 'help' && command !== 'start')
    expect(new Set(named)).toEqual(new Set(others))
  })
})
