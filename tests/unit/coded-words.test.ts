import { parseAst } from 'vite'
import { expect, test } from 'vitest'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { sources } from '../lib/sources.ts'
import { nameOf, visit } from '../lib/syntax.ts'
import type { Whole } from '../lib/syntax.ts'

/** Names under which rows and types keep words of the code: `state` is "awaiting_payment", `supplier` "star-gifts". */
const CODED =
  /^(state|status|kind|stage|reason|why|what|details|outcome|role|way|means|mode|error|failure|message|good|type|result|supplier|target|method|event|action|provider|wrong)$/

/**
 * What is shown as it is stored, by the file that passes it on and the name of the variable. A person or a vendor wrote it, or it
 * is in the reader's words already; the reason stands beside it.
 */
const SAID: Record<string, string> = {
  'src/shop/admin/adjustments.ts reason': 'an admin wrote it to the person',
  'src/shop/shelf/endings.ts reason': 'an admin wrote it to the buyer',
  'src/shop/shelf/purchase.ts reason': 'an admin wrote it to the buyer',
  'src/shop/shelf/services.ts reason': 'an admin wrote it to the buyer',
  'src/workers/bot/handle-update.ts reason': 'an admin wrote it to the person',
  'src/shop/loyalty/referrals/terms.ts further': 'where it is a word, it chooses the wording',
  'src/shared/money/decisions.ts kind': 'it chooses the wording of alert-decision',
  'src/shop/loyalty/promo/bonus.ts kind': 'a posting, and no text',
  'src/shop/admin/story/read.ts event': 'the id of an event',
  'src/shop/admin/story/read.ts target': 'a story says what the rows say, to be found there',
  'src/shop/loyalty/subscriptions/manage.ts what': 'a field by the name under which the admin typed it',
  'src/shop/shelf/form.ts what': 'a field by the name under which the admin typed it',
  'src/shop/shelf/kinds/access.ts what': 'a field by the name under which the admin typed it',
  'src/shop/shelf/kinds/service.ts what': 'a field by the name under which the admin typed it',
  'src/shop/shelf/manage.ts what': 'a field by the name under which the admin typed it',
  'src/shop/payments/worker/deposits.ts status': "the vendor's word, to be found in its cabinet",
  'src/shop/payments/worker/heed.ts status': "the vendor's word, to be found in its cabinet",
  'src/shop/payments/worker/tell.ts status': "the vendor's word, to be found in its cabinet",
  'src/shop/payments/worker/heed-refund.ts reason': "the name of a text, or the vendor's words",
  'src/shop/stars-premium/bot/admin-keys.ts details': "the reseller's words about a login",
  'src/shop/stars-premium/worker/notices.ts details':
    "words in each language, or the reseller's (see PASSED_ON)",
}

/** What hands words on to an alert, and which argument they are: what the code writes there must be a text's. */
const PASSED_ON: Record<string, number> = { stopAndTell: 2, stopSale: 2 }

/** Notices translate these themselves, where a text is called like them (`src/workers/bot/notice-words.ts`). */
const TRANSLATED = new Set(['provider', 'action', 'reason'])

const texts = loadTexts()
const keys = [...new Set(LANGUAGES.flatMap((language) => texts.keys(language)))]

/** The words that an expression may become: `'…'` for what the code itself writes, a name for what it reads. */
function wordsOf(node: unknown): string[] {
  const one = node as Whole
  switch (one?.type) {
    case 'Literal':
      return typeof one.value === 'string' ? [`'${one.value as string}'`] : []
    case 'TemplateLiteral':
      return [
        ...one.quasis!.map((part) => `'${(part as unknown as { value: { cooked: string } }).value.cooked}'`),
        ...one.expressions!.flatMap(wordsOf),
      ]
    case 'ConditionalExpression':
      return [...wordsOf(one.consequent), ...wordsOf(one.alternate)]
    case 'LogicalExpression':
    case 'BinaryExpression':
      return one.type === 'LogicalExpression' || (one as { operator?: unknown }).operator === '+'
        ? [...wordsOf(one.left), ...wordsOf(one.right)]
        : []
    case 'Identifier':
      return [nameOf(one)]
    case 'MemberExpression':
      return one.computed ? [] : [nameOf(one.property)]
    case 'CallExpression': {
      const called = nameOf(one.callee!.property ?? one.callee)
      if (called === 'explain') return ['message']
      return /^(String|shorten|escapeHtml|write|code|plain)$/.test(called) ? wordsOf(one.arguments![0]) : []
    }
    default:
      return [one?.expression, one?.argument].flatMap((inner) => (inner ? wordsOf(inner) : []))
  }
}

/** Letters beside tags, commands, addresses. */
const isWords = (text: string): boolean =>
  /[a-z]{2}/i.test(text.replaceAll(/<[^>]*>|^\/\w+ ?|https?:\S*/g, ''))

/** The texts that an expression may name: a template stands for all that fit. */
function textsNamed(node: unknown): string[] {
  const one = node as Whole
  if (one?.type === 'ConditionalExpression')
    return [...textsNamed(one.consequent), ...textsNamed(one.alternate)]
  if (one?.type === 'Literal') return keys.filter((key) => key === (one.value as unknown))
  if (one?.type !== 'TemplateLiteral') return []
  const parts = one.quasis!.map((part) => (part as unknown as { value: { cooked: string } }).value.cooked)
  const pattern = new RegExp(`^${parts.join('.+')}$`)
  return keys.filter((key) => pattern.test(key))
}

/** Whether a reader sees the variable. Where it only chooses between wordings, a word of the code is what it should be. */
const isShown = (named: string[], variable: string): boolean =>
  (named.length > 0 ? named : keys).some((key) =>
    LANGUAGES.some((language) => new RegExp(`\\{ ?\\$${variable} ?\\}`).test(texts.source(language, key))),
  )

/** `file: variable < word` for each word of the code that a text for people would show. */
function codedWords(path: string, text: string): string[] {
  if (!/\b(?:t|words|say|UserError|stopAndTell|stopSale)\(|params/.test(text)) return []
  const found: string[] = []
  /** Names of what a text has said already, a few lines above. */
  const translated = new Set(
    [...text.matchAll(/\b(?:const|let) (\w+)(?:: \w+)? =((?:(?!\n\s*(?:const|let|return)\b)[^])*)/g)].flatMap(
      ([, name, value]) => (/\b(?:t|words)\(/.test(value!.slice(0, 300)) ? [name!] : []),
    ),
  )
  const look = (params: unknown, named: string[], isNotice: boolean): void => {
    const one = params as Whole
    if (one?.type !== 'ObjectExpression')
      return [one?.expression, one?.argument, one?.right, one?.consequent, one?.alternate].forEach(
        (inner) => {
          if (inner) look(inner, named, isNotice)
        },
      )
    for (const property of one.properties!) {
      if (property.type === 'SpreadElement') {
        look(property, named, isNotice)
        continue
      }
      const variable = nameOf(property.key)
      if (!isShown(named, variable)) continue
      if (isNotice && TRANSLATED.has(variable) && textsNamed(property.value).length > 0) continue
      for (const word of wordsOf(property.value)) {
        const literal = /^'(.*)'$/s.exec(word)?.[1]
        const isCoded = literal === undefined ? CODED.test(word) && !translated.has(word) : isWords(literal)
        const isTranslated = isNotice && TRANSLATED.has(variable) && variable !== 'reason'
        if (!isCoded || (isTranslated && literal === undefined)) continue
        if (!(`${path} ${variable}` in SAID)) found.push(`${path}: ${variable} < ${word}`)
      }
    }
  }
  visit(parseAst(text, { lang: 'ts' }, path), (node) => {
    const one = node as Whole
    const passed = one.type === 'CallExpression' ? PASSED_ON[nameOf(one.callee)] : undefined
    if (passed !== undefined)
      for (const word of wordsOf(one.arguments![passed]))
        if (word.startsWith("'") && isWords(word)) found.push(`${path}: ${nameOf(one.callee)} < ${word}`)
    if (one.type === 'CallExpression' && /^(t|words|say)$/.test(nameOf(one.callee!.property ?? one.callee)))
      for (const [at, argument] of one.arguments!.entries())
        if (argument.type === 'ObjectExpression') look(argument, textsNamed(one.arguments![at - 1]), false)
    if (one.type === 'NewExpression' && nameOf(one.callee) === 'UserError')
      look(
        one.arguments![1],
        textsNamed({ type: 'Literal', value: `error-${nameOf(one.arguments![0]).replaceAll('.', '-')}` }),
        false,
      )
    if (one.type === 'ObjectExpression') {
      const property = (name: string) => one.properties!.find((each) => nameOf(each.key) === name)?.value
      if (property('params')) look(property('params'), textsNamed(property('text')), true)
    }
    if (one.type === 'VariableDeclarator' && /^(params|words)$/.test(nameOf(one.id))) look(one.init, [], true)
  })
  return found
}

test('no word of the code goes into a text for people: a state, a kind or a reason has a text of its own in each language', () => {
  expect(sources('src/**/*.ts').flatMap(({ path, text }) => codedWords(path, text))).toEqual([])
})

test('the walk sees a code that a row stores, English that the code writes, and both behind a name that is handed on', () => {
  const seen = (code: string) => codedWords('planted.ts', code)
  expect(seen(`t('refund-not-paid', { state: payment.state })`)).toEqual(['planted.ts: state < state'])
  expect(
    seen(`const a = { text: 'fragment-alert-too-large', params: { details: \`${'${goods.kind}'} 50\` } }`),
  ).toEqual(['planted.ts: details < kind'])
  expect(seen(`void stopAndTell(app, 'down', 'five failures in a row')`)).toEqual([
    "planted.ts: stopAndTell < 'five failures in a row'",
  ])
  expect(seen(`new UserError('item.invalid', { what: 'bots' })`)).toEqual(["planted.ts: what < 'bots'"])
  // Here the code only chooses the wording.
  expect(seen(`t('alert-decision', { kind: decision.kind })`)).toEqual([])
})
