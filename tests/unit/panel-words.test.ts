import { describe, expect, test } from 'vitest'
import { loadTexts } from '#shared/i18n/texts.ts'
import { catalogue } from '#shop/jobs.ts'
import { humanReason } from '#shop/admin/letters.ts'
import { sources } from '../lib/sources.ts'

const texts = loadTexts()
const LANGUAGES = ['ru', 'en'] as const
const keyOf = (beginning: string, name: string) => `${beginning}-${name.replaceAll('.', '-')}`

describe('the panel speaks the language of its reader', () => {
  test('every kind of job has a name, also one that is given up for the first time', () => {
    const missing = LANGUAGES.flatMap((language) =>
      [...catalogue.keys()].map((job) => keyOf('job', job)).filter((key) => !texts.has(language, key)),
    )
    expect(missing).toEqual([])
  })

  test('every act of the audit log has its words', () => {
    const acts = sources('src/**/*.ts').flatMap(({ text }) =>
      [...text.matchAll(/(?:action: |line\(chat, )'((?:\w+\.)?[a-z-]+)'/g)].map((match) => match[1]!),
    )
    // The two of a choice: `action: on ? 'plan.retired' : 'plan.resold'`.
    const chosen = sources('src/**/*.ts').flatMap(({ text }) =>
      [...text.matchAll(/\baction(?:: | = )[^,;\n']*\? '(\w+\.[a-z-]+)' : '(\w+\.[a-z-]+)'/g)].flatMap(
        ([, one, other]) => [one!, other!],
      ),
    )
    expect(acts).toContain('payment.give')
    expect(chosen).toContain('fragment.resume')
    // `delete` and `edit` are what a mailing's row says, not lines of the log.
    const named = [...acts, ...chosen]
      .filter((act) => !['delete', 'edit'].includes(act))
      .map((act) => keyOf('audit', act))
    expect(named.filter((key) => LANGUAGES.some((language) => !texts.has(language, key)))).toEqual([])
  })

  test.each([
    ['ru', '1', 'За 1 попытку'],
    ['ru', '2', 'За 2 попытки'],
    ['ru', '5', 'За 5 попыток'],
    ['en', '1', '1 try'],
    ['en', '5', '5 tries'],
  ] as const)(
    'a number that was read out of a sentence chooses the form of the word: %s %s',
    (language, tries, words) => {
      const { key, params } = humanReason(`gave up after ${tries} tries: no idea`)
      expect(texts.t(language, key, params).toLowerCase()).toContain(words.toLowerCase())
    },
  )
})
