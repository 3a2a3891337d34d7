import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { FluentResource } from '@fluent/bundle'
import { parseAst } from 'vite'
import { describe, expect, test } from 'vitest'
import type { Language } from '#shared/i18n/languages.ts'
import { loadTexts, textFiles } from '#shared/i18n/texts.ts'
import { sources } from '../lib/sources.ts'
import { nameOf, textsOf, visit } from '../lib/syntax.ts'
import type { Whole } from '../lib/syntax.ts'
import { idleSamples } from '../lib/text-samples.ts'
import { entriesOf, screensOfTexts, textsPage } from '../lib/texts-page.ts'

const locales = resolve(import.meta.dirname, '../../locales')

/** The variables of every text of a language. */
function variables(language: Language): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  for (const file of textFiles(language)) {
    for (const entry of new FluentResource(readFileSync(join(locales, file), 'utf8')).body) {
      if (texts.has(entry.id)) throw new Error(`${file} repeats ${entry.id}`)
      const named = JSON.stringify(entry.value).matchAll(/"type":"var","name":"(\w+)"/g)
      texts.set(entry.id, [...new Set([...named].map((match) => match[1]!))].toSorted())
    }
  }
  return texts
}

const ru = variables('ru')
const en = variables('en')
const code = sources('src/**/*.ts')
const literals = new Set(
  code.flatMap((file) => [...file.text.matchAll(/'([\w.-]+)'/g)].map((match) => match[1]!)),
)
/** The beginning `operation-` of t(`operation-${kind}`): every text that begins so may be meant. */
const beginnings = [
  ...new Set(
    code.flatMap((file) => [...file.text.matchAll(/`([a-z][a-z0-9-]*-)\$\{/g)].map((match) => match[1]!)),
  ),
]
const trees = code.map(({ path, text }) => ({ path, tree: parseAst(text, { lang: 'ts' }, path) }))
const CODE = /^[a-z]+\.[a-z]+(-[a-z]+)*$/
/**
 * Also both codes of a choice such as `new UserError(refused ? 'bot.token' : 'bot.telegram')`, and the union of codes that
 * a variable has as its type: `UserError` takes no plain string.
 */
const errorCodes = trees.flatMap(({ path, tree }) => {
  // Why a picture failed is told by texts of its own.
  const isOfPictures = path === 'src/shop/pictures/providers/port.ts'
  const found: string[] = []
  visit(tree, (node) => {
    const one = node as Whole
    if (one.type === 'NewExpression' && nameOf(one.callee) === 'UserError')
      found.push(...textsOf(one.arguments![0]))
    if (one.type === 'TSLiteralType' && !isOfPictures)
      found.push(...textsOf(one.literal).filter((text) => CODE.test(text)))
  })
  return found
})

describe('texts', () => {
  test('ru and en have the same texts with the same variables', () => {
    expect(Object.fromEntries(en)).toEqual(Object.fromEntries(ru))
  })

  test('every text that the code names exists', () => {
    const named = trees.flatMap(({ path, tree }) => {
      const keys: string[] = []
      visit(tree, (node) => {
        const one = node as Whole
        if (one.type === 'CallExpression' && /^(t|words)$/.test(nameOf(one.callee!.property ?? one.callee)))
          keys.push(...textsOf(one.arguments!.find((each) => textsOf(each).length > 0)))
        if (one.type === 'Property' && nameOf(one.key) === 'text')
          keys.push(...textsOf(one.value).filter((each) => /^[a-z][a-z0-9-]*$/.test(each)))
      })
      return keys.map((key) => ({ path, key }))
    })
    expect(named.length).toBeGreaterThan(1_400)
    const all = [...ru.keys()].join('\n')
    const isThere = (key: string) => new RegExp(`^${key.replaceAll('*', '.+')}$`, 'm').test(all)
    expect(named.filter(({ key }) => !isThere(key))).toEqual([])
  })

  test('every mistake of a person has its text', () => {
    expect(errorCodes.length).toBeGreaterThan(400)
    for (const seen of ['bot.telegram', 'image.file-heic', 'web.photo-file', 'retry.unsafe'])
      expect(errorCodes).toContain(seen)
    expect(errorCodes.filter((one) => !ru.has(`error-${one.replaceAll('.', '-')}`))).toEqual([])
  })

  test('a text gets the variables that it has, where the code lists them', () => {
    const wrong: string[] = []
    let calls = 0
    for (const { path, tree } of trees)
      visit(tree, (node) => {
        const call = node as Whole
        if (call.type !== 'CallExpression' || nameOf(call.callee!.property ?? call.callee) !== 't') return
        const at = call.arguments!.findIndex((one) => textsOf(one).some((key) => ru.has(key)))
        const list = call.arguments![at + 1] as Whole | undefined
        const isListed = list === undefined || list.type === 'ObjectExpression'
        if (at < 0 || !isListed || list?.properties!.some(({ type }) => type === 'SpreadElement')) return
        const given = list?.properties!.map(({ key }) => nameOf(key)) ?? []
        for (const key of textsOf(call.arguments![at])) {
          const needed = ru.get(key) ?? []
          if (needed.length > 0) calls += 1
          const missing = needed.filter((name) => !given.includes(name))
          if (missing.length > 0) wrong.push(`${path}: ${key} needs ${missing.join(', ')}`)
        }
      })
    expect(calls).toBeGreaterThan(350)
    expect(wrong).toEqual([])
  })

  test('every text is used', () => {
    const errors = new Set([...literals].map((literal) => `error-${literal.replaceAll('.', '-')}`))
    const unused = [...ru.keys()].filter(
      (key) =>
        !literals.has(key) && !errors.has(key) && !beginnings.some((beginning) => key.startsWith(beginning)),
    )
    expect(unused).toEqual([])
  })

  test('every kind of operation has a name in the history', () => {
    const ledger = code.find((file) => file.path === 'src/shared/money/ledger.ts')!
    const union = /export type EntryKind =((?:\s*\| '\w+')+)/.exec(ledger.text)![1]!
    const kinds = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1]!)
    expect(kinds).toContain('payment')
    expect(kinds.filter((kind) => !ru.has(`operation-${kind}`))).toEqual([])
  })

  test('every text can be written out, and what Telegram reads as HTML is well formed', () => {
    const texts = loadTexts()
    for (const language of ['ru', 'en'] as const) {
      for (const [key, names] of language === 'ru' ? ru : en) {
        const params = Object.fromEntries(names.map((name) => [name, '5']))
        const text = texts.t(language, key, params)
        const open: string[] = []
        for (const [, slash, tag] of text.matchAll(/<(\/?)([a-z-]+)(?: [^>]*)?>/g)) {
          if (slash) expect(open.pop(), `${language} ${key}`).toBe(tag)
          else open.push(tag!)
        }
        expect(open, `${language} ${key}`).toEqual([])
        expect(text.length, `${language} ${key}`).toBeLessThan(4096)
      }
    }
  })

  test('an answer to a press fits into 200 characters', () => {
    const texts = loadTexts()
    const alerts = trees.flatMap(({ tree }) => {
      const keys: string[] = []
      visit(tree, (node) => {
        const one = node as Whole
        if (one.type === 'Property' && /^(alert|toast)$/.test(nameOf(one.key)))
          visit(one.value, (inner) => keys.push(...textsOf(inner).filter((key) => ru.has(key))))
      })
      return keys
    })
    expect(new Set(alerts).size).toBeGreaterThan(60)
    for (const key of new Set(alerts)) {
      const params = Object.fromEntries((ru.get(key) ?? []).map((name) => [name, '12345']))
      for (const language of ['ru', 'en'] as const) {
        expect(texts.t(language, key, params).length, `${language} ${key}`).toBeLessThanOrEqual(200)
      }
    }
  })

  test('an editor reads every text in every form, with sample values, beside the others of its screen', () => {
    const screens = screensOfTexts()
    const shown = screens.flatMap((screen) => screen.texts)
    expect(shown.map(({ key }) => key).toSorted()).toEqual([...ru.keys()].toSorted())
    const tokens = shown.find(({ key }) => key === 'letter-tries')!
    expect(tokens.forms).toMatchObject({
      ru: ['Не удалось за 1 попытку.', 'Не удалось за 2 попытки.', 'Не удалось за 5 попыток.'],
      en: ['It failed after 1 try.', 'It failed after 5 tries.'],
    })
    expect(
      idleSamples(new Map([...entriesOf('ru')].map(([key, { variables: names }]) => [key, names]))),
    ).toEqual([])
    const page = textsPage(screens)
    expect(screens.filter(({ name }) => !page.includes(`<h2>${name}</h2>`))).toEqual([])
    expect(screens.map(({ name }) => name)).toContain('shop/payments/bot/card')
  })
})

/** One word per thing, as speakers of the language say it. The names of keys and of variables are not read. */
const oneWord = {
  ru: [
    { wrong: /челове[кч]|людей|людям|людях|пользовател/i, right: 'покупатель, получатель, администратор' },
    { wrong: /провайдер|реселлер/i, right: 'платёжная система, поставщик, генератор картинок' },
    { wrong: /(?<![\w./-])stars?(?![\w=])/i, right: 'звёзды' },
    { wrong: /Неудавши|тикет|транзакци[яи] баланса/i, right: 'Ошибки, вопрос, операция' },
    { wrong: /обходчик|заняти[еяй]/i, right: 'автопроверка, активность' },
    { wrong: /клиент|юзер/i, right: 'покупатель' },
    { wrong: /инвойс|рефанд|депозит|платёжка|саппорт/i, right: 'счёт, возврат, перевод, поддержка' },
    { wrong: /не вышло|след в сети/i, right: 'не удалось, транзакция' },
    { wrong: /слова бота|Копировать/, right: 'тексты бота, скопировать' },
    { wrong: /(?<![а-яё])план(?:а|у|ом|е|ы|ов|ам|ами|ах)?(?![а-яё])/i, right: 'подписка' },
    { wrong: /реферал|(?<![а-яё])награ/i, right: 'приглашение, вознаграждение' },
  ],
  en: [
    { wrong: /\b(buyers?|users?|persons?)\b/i, right: 'customer, recipient, administrator' },
    { wrong: /\b(reseller|vendor|provider)s?\b/i, right: 'supplier, payment system, picture generator' },
    { wrong: /\b(requisites|cabinet)\b/i, right: 'payment details, dashboard' },
    { wrong: /\bdead letters?\b/i, right: 'failed jobs' },
    { wrong: /\bthe best\b|\bin work\b/i, right: 'leaderboard, under way' },
    { wrong: /(?<![\w/.-])stars?\b(?!=)/, right: 'Stars' },
    { wrong: /(?<![/\w-])subscriptions?\b/i, right: 'plan' },
    { wrong: /\breferrals?\b/i, right: 'invitation' },
  ],
} as const

describe('one word per thing', () => {
  test.each(['ru', 'en'] as const)('in every text of %s', (language) => {
    const texts = loadTexts()
    const words = (key: string) =>
      texts
        .source(language, key)
        .replaceAll(/\$\w+/g, '')
        // Words that a person types literally: /stars, stars=450.
        .replaceAll(/<code>.*?<\/code>|tokens or stars|tokens или stars/g, '')
    const wrong = texts.keys(language).flatMap((key) =>
      oneWord[language].flatMap((rule) => {
        const found = rule.wrong.exec(words(key))
        return found ? [`${key}: “${found[0]}”, say ${rule.right}`] : []
      }),
    )
    expect(wrong).toEqual([])
  })
})
