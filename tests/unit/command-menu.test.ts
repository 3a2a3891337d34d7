import { describe, expect, test } from 'vitest'
import { loadTexts } from '#shared/i18n/texts.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { features } from '#shop/screens.ts'
import { readFileSync } from 'node:fs'
import { ADMIN_COMMANDS } from '#workers/bot/admin-commands.ts'
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
    // /help and /start are left out: a person who reads the help has found both.
    const others = COMMANDS.filter((command) => command !== 'help' && command !== 'start')
    expect(new Set(named)).toEqual(new Set(others))
  })

  test('are those that the guide for admins lists', () => {
    const guide = readFileSync('docs/admin.md', 'utf8')
    const section = /## Commands\n([\s\S]*?)\n## /.exec(guide)![1]!
    const [table = '', rest = ''] = section.split('They stand in the menu')
    const commands = (text: string) => [...text.matchAll(/`\/([a-z]+)`/g)].map((found) => found[1])
    expect(commands(table)).toEqual(ADMIN_COMMANDS.map(([command]) => command))
    expect(commands(rest).slice(0, COMMANDS.length)).toEqual([...COMMANDS])
  })
})
