import { parseAst } from 'vite'
import { describe, expect, test } from 'vitest'
import { loadTexts } from '#shared/i18n/texts.ts'
import { languageName } from '#shared/i18n/intl.ts'
import { speech } from '#shared/i18n/languages.ts'
import { catalogue } from '#shop/jobs.ts'
import { readerIn } from '#shared/reader.ts'
import { auditWords } from '#shop/admin/journal.ts'
import type { JournalLine } from '#shop/admin/journal.ts'
import { humanReason } from '#shop/admin/letters.ts'
import { pairs } from '#workers/bot/screen.ts'
import { sources } from '../lib/sources.ts'
import { nameOf, textsOf, visit } from '../lib/syntax.ts'
import type { Whole } from '../lib/syntax.ts'

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

  test('every act of the audit log has its words, and every such text an act', () => {
    const acts = sources('src/**/*.ts').flatMap(({ path, text }) =>
      actsIn(parseAst(text, { lang: 'ts' }, path)),
    )
    expect(acts).toEqual(
      expect.arrayContaining(['payment.give', 'fragment.resume', 'order.*', 'item.replaced']),
    )
    const known = new Set(LANGUAGES.flatMap((language) => texts.keys(language)))
    const named = acts.map((act) => ({
      act,
      key: new RegExp(`^${keyOf('audit', act).replace('*', '[a-z-]+')}$`),
    }))
    const unsaid = named.filter(({ key }) => ![...known].some((one) => key.test(one)))
    // These two are about the row of a mailing and stand in no line.
    expect(new Set(unsaid.map(({ act }) => act))).toEqual(new Set(['delete', 'edit']))
    // A text without an act would mean that an act is not found here; the lines of these three were written before.
    const former = ['audit-refund', 'audit-setting-set', 'audit-setting-change']
    const idle = [...known].filter(
      (one) => one.startsWith('audit-') && !named.some(({ key }) => key.test(one)),
    )
    expect(idle.toSorted()).toEqual(former.toSorted())
  })

  test.each([
    [
      'ru',
      ['задание Заказ картинки', '«HTTP 503»'],
      [
        'рассылка 12',
        'кому: язык: ru · покупал: да, параметры: кнопка отказа: да · без звука: нет, получателей: 5',
      ],
      ['o4t8w1', '«не дошло», было: на проверке, попытка: 2, через: панель в браузере'],
      ['покупатель 17', 'роль: поддержка'],
      ['список платежей', 'покупатель: 17, через: панель в браузере'],
    ],
    [
      'en',
      ['job Ordering a picture', '«HTTP 503»'],
      [
        'mailing 12',
        'to whom: language: ru · bought: yes, options: opt-out button: yes · silent: no, recipients: 5',
      ],
      ['o4t8w1', '«не дошло», before: under review, attempt: 2, by: the panel in a browser'],
      ['customer 17', 'role: support'],
      ['the list of payments', 'customer: 17, by: the panel in a browser'],
    ],
  ] as const)(
    'an act of the audit log is told without names of the code, states or JSON: %s',
    (language, ...expected) => {
      const lines: Pick<JournalLine, 'target' | 'details'>[] = [
        { target: 'job image-3f2a', details: { job: 'image.send', reason: 'HTTP 503' } },
        {
          target: 'broadcast 12',
          details: {
            audience: { language: 'ru', buyers: true },
            options: { optOut: true, silent: false },
            people: 5,
          },
        },
        { target: 'o4t8w1', details: { reason: 'не дошло', from: 'review', attempt: 2, way: 'panel' } },
        { target: 'person 17', details: { role: 'support' } },
        { target: 'list payments', details: { person: '17', way: 'panel' } },
      ]
      const told = lines.map((line) => {
        const { target, details } = auditWords(
          readerIn(texts, language),
          {},
          { id: 1n, at: new Date(0), bot: 'main', actor: 1n, name: 'Олег', action: 'role', ...line },
        )
        return [target, details]
      })
      expect(told).toEqual(expected)
    },
  )

  test('a sum in the audit log is read in the currency’s sign, and a name that looks like a sum stands as it was typed', () => {
    const details = { was: '500 RUB', is: '0.5 TON', title: '1.999 RUB', of: '9'.repeat(30) + ' TON' }
    const line = {
      id: 1n,
      at: new Date(0),
      bot: 'main',
      actor: 1n,
      name: 'Олег',
      action: 'role',
      target: 'x',
      details,
    }
    const words = auditWords(readerIn(texts, 'ru'), {}, line).details.replaceAll('\u00a0', ' ')
    expect(words).toContain('500 ₽')
    expect(words).toContain('0.5 TON')
    expect(words).toContain('1.999 RUB')
    expect(words).toContain(details.of)
  })

  test('a key whose words do not fit into half of a phone has a row of its own, and the next short one fills the gap', () => {
    const keys = ['Заявки', 'Звёзды и Premium', 'Картинки', 'Ошибки'].map((text) => ({ text }))
    expect(pairs(keys).map((row) => row.map(({ text }) => text))).toEqual([
      ['Заявки', 'Картинки'],
      ['Звёзды и Premium'],
      ['Ошибки'],
    ])
    const longest = ['🎟 Promo codes', '⭐ Покупатели'].map((text) => ({ text }))
    expect(pairs(longest), 'a phone of 360 points shows them whole').toEqual([longest])
    const wide = ['🤝 Приглашения', '🔔 Уведомления'].map((text) => ({ text }))
    expect(pairs(wide), 'a phone of 360 points cuts them').toEqual(wide.map((key) => [key]))
  })

  test.each([
    ['ru', 'русский', 'английский'],
    ['en', 'Russian', 'English'],
  ] as const)('a language is called by its name: %s', (language, ru, en) => {
    const { locale } = speech[language]
    expect(['ru', 'en', '!'].map((code) => languageName(locale, code))).toEqual([ru, en, '!'])
  })

  test('every list whose saving is logged has its words', () => {
    const lists = sources('src/shop/web/panel/lists/*.ts').flatMap(({ text }) =>
      [...text.matchAll(/panelList\(\{\s*name: '(\w+)'/g)].map((match) => match[1]!),
    )
    expect(lists.length).toBeGreaterThan(9)
    const missing = LANGUAGES.flatMap((language) =>
      lists.filter((list) => !texts.has(language, `journal-list-${list}`)),
    )
    expect(missing).toEqual([])
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

/** What is written as `action`: by a property, a variable, or an argument of a function of the same file that is called so. */
function actsIn(file: object): string[] {
  const found: string[] = []
  const takers = new Map<string, number>()
  const know = (name: string, { params }: Whole) => {
    const at = params!.findIndex((one) => nameOf(one) === 'action')
    if (at >= 0) takers.set(name, at)
  }
  visit(file, (node) => {
    const one = node as Whole
    if (one.type === 'FunctionDeclaration') know(nameOf(one.id), one)
    if (one.type === 'VariableDeclarator' && one.init?.type === 'ArrowFunctionExpression')
      know(nameOf(one.id), one.init as unknown as Whole)
  })
  visit(file, (node) => {
    const one = node as Whole
    if (one.type === 'Property' && nameOf(one.key) === 'action') found.push(...textsOf(one.value))
    if (one.type === 'VariableDeclarator' && nameOf(one.id) === 'action') found.push(...textsOf(one.init))
    const at = one.type === 'CallExpression' ? takers.get(nameOf(one.callee)) : undefined
    if (at !== undefined) found.push(...textsOf(one.arguments![at]))
  })
  return found
}
