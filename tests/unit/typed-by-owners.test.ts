import { describe, expect, test } from 'vitest'
import { sources } from '../lib/sources.ts'

/**
 * Texts that owners type and people read, by their names in the code: names of plans, badges and campaigns,
 * requisites, the reason of a ban, the owner's title of a model. One `<` that is not escaped costs every message
 * in which it stands (requisites `USDT TRC20: T… <memo 42>` once made each request by hand fail for ever). Own
 * wordings are HTML and are checked before they are kept: tests/unit/wordings.test.ts.
 */
const TYPED =
  /(?:\bname|\bdescription)\[(?:(?:chat|buyer)\.)?language\]|\b(?:plan|badge|report|campaign|product)\??\.name\b|requisites\??\.?\[(?:chat\.)?language\]|\bmodel\.title\b|\bbanReason\b|\bbanned\.reason\b/g

/** The line with the text and the two lines before it, because a call of several lines begins there. */
function around(lines: readonly string[], at: number): string {
  return lines.slice(Math.max(0, at - 2), at + 1).join('\n')
}

/**
 * Places that are not read as HTML: a key, what is copied, an invoice's title, what a notice is made of (a notice
 * escapes all its words).
 */
const PLAIN = /escapeHtml\(|\bbutton\(|copy_text|\bparams: |\bdetails\b|\$\{writeJson|\bjsonb\(/

/** Places that need no escaping, each with the reason. */
const KNOWN: Record<string, string> = {
  'src/shop/payments/plan-invoice.ts: plan: { code: plan.code, name: plan.name[buyer.language] },':
    'the title of an invoice in Stars, which is plain text',
  'src/shop/loyalty/bot/subscriptions.ts: plans.find((plan) => plan.code === code)?.name[chat.language] ?? code':
    'escaped by the one message that shows it, plain on a key',
  'src/shop/loyalty/bot/plan-shortage.ts: const name = wish.plan.name[chat.language]':
    "noted in the order's details; menu, messages and notices escape it",
  "src/shop/shelf/bot/admin-categories.ts: name: inLanguages((language) => fields.get(language) ?? old?.name[language] ?? ''),":
    'what is saved',
  'src/shop/loyalty/bot/admin-badges.ts: const words = (badge: (typeof badges)[number]) => `${badge.sign} ${badge.name[chat.language]}`':
    'escaped in the message, plain on the keys',
  'src/shop/loyalty/worker/card-pays.ts: description: plan!.name[language],':
    'the line of a payment at its provider, which is plain text',
  'src/shop/shelf/bot/shelf.ts: title: item.name[language],':
    'an offer of inline mode: its message escapes it',
  "src/shop/shelf/bot/shelf.ts: about: item.description[language] ?? '',":
    'an offer of inline mode: its message escapes it',
  'src/shop/loyalty/subscriptions/manage.ts: name: jsonb(plan.name),': 'what is saved',
  'src/shop/loyalty/subscriptions/subscriptions.ts: description: plan.name.ru,':
    "a posting's description, which every history escapes",
}

describe('what owners type', () => {
  const found = sources('src/shop/**/*.ts', 'src/workers/**/*.ts').flatMap(({ path, text }) => {
    const lines = text.split('\n')
    return lines.flatMap((line, at) =>
      line.match(TYPED) ? [{ path, line: line.trim(), around: around(lines, at) }] : [],
    )
  })

  test('is escaped wherever it is shown in a message, or stands where nothing reads HTML', () => {
    expect(found.length).toBeGreaterThan(10)
    const bare = found
      .filter(({ path }) => /\/bot\/|\/worker\/|\/loyalty\/|\/workers\//.test(path))
      .filter(({ around: place }) => !PLAIN.test(place))
      .map(({ path, line }) => `${path}: ${line}`)
      .filter((one) => !(one in KNOWN))
    expect(bare).toEqual([])
  })

  test('every notice escapes its words, whoever wrote them', () => {
    const notices = sources('src/workers/bot/notice-words.ts')[0]!.text
    expect(notices).toMatch(/texts\.t\(language, key, noticeWords\(reader, params\)\)/)
    expect(notices).toMatch(/noticeWords = [\s\S]{0,80}=>\s*inHtml\(/)
  })

  test('the list has nothing that no place shows any more', () => {
    const lines = new Set(found.map(({ path, line }) => `${path}: ${line}`))
    expect(Object.keys(KNOWN).filter((one) => !lines.has(one))).toEqual([])
  })
})
