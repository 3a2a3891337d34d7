import { UserError } from '#shared/errors.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { audienceSchema } from '#shop/mailings/audience.ts'
import type { Audience } from '#shop/mailings/audience.ts'
import { plannedDraft } from '#shop/mailings/compose.ts'
import type { Typed } from '#shop/mailings/compose.ts'
import { parseButtons } from '#shop/mailings/content.ts'
import type { LinkButton } from '#shop/mailings/content.ts'
import { draftPrint } from '#shop/mailings/drafts.ts'
import type { Mailing } from '#shop/mailings/mailings.ts'
import { lastMailing, RULE_NAMES, RULES, ruleValue, tagOf } from '#shop/mailings/rules.ts'
import type { Rule } from '#shop/mailings/rules.ts'
import { parseTime } from '#shop/mailings/time.ts'
import { plain } from '../../views.ts'
import type { PanelAdmin } from '../admin.ts'
import { mustGive, wrongField } from '../form.ts'
import type { Field, Given } from '../form.ts'
import { inMoscow } from '#shared/i18n/moscow.ts'

/** The field for each language; '' = everybody whose language has no text of its own. */
const WORDS: [field: string, language: string][] = [
  ['words', ''],
  ...LANGUAGES.map((language): [string, string] => [`words-${language}`, language]),
]
const ruleField = (rule: Rule) => `to-${rule.toLowerCase()}`
const OPTIONS = { silent: 'silent', optout: 'optOut', paid: 'paid' } as const
/** The longest message that Telegram accepts. */
const LONGEST = 4_096

export const mailingNames = {
  ...Object.fromEntries(WORDS.map(([name]) => [name, LONGEST])),
  keys: 8_000,
  ...Object.fromEntries([...RULE_NAMES.map(ruleField), ...Object.keys(OPTIONS)].map((name) => [name, 10])),
  'to-bots': 2_000,
  'to-tag': 70,
  'to-nottag': 70,
  'to-notlast': 3,
  start: 40,
  print: 20,
}

/** A moment in the form in which an admin types it. */
function moment(at: Date | null): string {
  if (!at) return ''
  const [day = '', time = ''] = inMoscow(at).split('T')
  return `${day.split('-').toReversed().join('.')} ${time}`
}

const keyLines = (rows: LinkButton[][]): string =>
  rows.map((row) => row.map(({ text, url }) => `${text} - ${url}`).join(' | ')).join('\n')

const trimmed = (given: Given, name: string) => (given[name] ?? '').replaceAll('\r\n', '\n').trim()

export async function mailingFields(admin: PanelAdmin, old?: Mailing): Promise<Field[]> {
  const { app, bot, t } = admin
  const { contents = {}, audience = {}, options = {}, startAt = null, action = 'send' } = old ?? {}
  const yesOrNo = (on: boolean | undefined): Pick<Field, 'kind' | 'value' | 'options'> => ({
    kind: 'choice',
    value: on ? 'yes' : '',
    options: [
      ['', t('panel-no')],
      ['yes', t('panel-yes')],
    ],
  })
  const served = await admin.served('admin')
  const offered = [...app.bots.keys()].filter((name) => served === undefined || served.includes(name))
  const words = WORDS.map(([name, language]): Field => {
    const content = contents[language]
    return {
      name,
      kind: 'long',
      value: content?.text ?? '',
      ...(content && content.text === undefined
        ? { hint: t('panel-mailing-media') }
        : name === 'words' && { hint: t('panel-mailing-words') }),
    }
  })
  const keys = Object.values(contents).find(({ buttons }) => buttons.length > 0)?.buttons ?? []
  return [
    ...words,
    { name: 'keys', kind: 'long', value: keyLines(keys), hint: t('panel-mailing-keys') },
    ...(action === 'send'
      ? [
          ...(offered.length > 1
            ? [
                {
                  name: 'to-bots',
                  kind: 'line' as const,
                  value: (audience.bots ?? [old?.bot ?? bot.name]).join(', '),
                  hint: t('panel-mailing-bots', { bots: offered.join(', ') }),
                },
              ]
            : []),
          ...RULE_NAMES.map((rule): Field => ({
            name: ruleField(rule),
            kind: 'choice',
            value: String(audience[rule] ?? ''),
            options: RULES[rule].map((value) => [String(value ?? ''), plain(ruleValue(admin, value))]),
          })),
          { name: 'to-tag', kind: 'line' as const, value: audience.tag ?? '', hint: t('panel-mailing-tag') },
          { name: 'to-nottag', kind: 'line' as const, value: audience.notTag ?? '' },
          { name: 'to-notlast', ...yesOrNo(audience.notBroadcast !== undefined) },
          { name: 'silent', ...yesOrNo(options.silent) },
          { name: 'optout', ...yesOrNo(options.optOut) },
          { name: 'paid', ...yesOrNo(options.paid), hint: t('panel-mailing-paid') },
          { name: 'start', kind: 'line' as const, value: moment(startAt), hint: t('panel-mailing-when') },
        ]
      : []),
    ...(old ? [{ name: 'print', kind: 'kept' as const, value: draftPrint(old) }] : []),
  ]
}

async function botsOf(admin: PanelAdmin, text: string): Promise<string[]> {
  const bots = [...new Set(text.split(/[\s,]+/).filter(Boolean))]
  const mine = await admin.served('admin')
  for (const name of bots)
    if (!admin.app.bots.has(name) || (mine !== undefined && !mine.includes(name)))
      throw new UserError('bot.not-yours', { name })
  return bots
}

async function audienceOf(admin: PanelAdmin, given: Given, old?: Mailing): Promise<Audience> {
  const audience: Record<string, unknown> = {}
  for (const rule of RULE_NAMES) {
    const text = given[ruleField(rule)] ?? ''
    const value = [...RULES[rule], old?.audience[rule]].find((one) => String(one ?? '') === text)
    if (value === undefined && text !== '') throw wrongField(admin, ruleField(rule))
    if (value !== undefined) audience[rule] = value
  }
  for (const [field, rule] of [
    ['to-tag', 'tag'],
    ['to-nottag', 'notTag'],
  ] as const) {
    const tag = trimmed(given, field)
    if (tag !== '') audience[rule] = tagOf(tag)
  }
  // Bots that another admin chose stay, unless this admin types others.
  const typed = trimmed(given, 'to-bots')
  const before = old?.audience.bots
  const same = typed === (before ?? [old?.bot ?? admin.bot.name]).join(', ')
  const bots = same ? before : await botsOf(admin, typed)
  if (bots && bots.length > 0) audience['bots'] = bots
  if (given['to-notlast'] === 'yes') {
    const last = old?.audience.notBroadcast ?? (await lastMailing(admin.app.db, admin.bot.name))
    if (last !== undefined) audience['notBroadcast'] = last
  }
  return audienceSchema.parse(audience)
}

function startOf(given: Given, old?: Mailing): Date | null {
  const text = trimmed(given, 'start')
  if (text === '') return null
  if (old?.startAt && text === moment(old.startAt)) return old.startAt
  const at = parseTime(text, new Date())
  if (!at) throw new UserError('broadcast.time')
  return at
}

/** @throws UserError `broadcast.*`, `bot.not-yours`, `panel.field` */
export async function typedMailing(admin: PanelAdmin, given: Given, old?: Mailing): Promise<Typed> {
  const keys = trimmed(given, 'keys')
  const odd = [...Object.keys(OPTIONS), 'to-notlast'].find((name) => !['', 'yes'].includes(given[name] ?? ''))
  if (odd !== undefined) throw wrongField(admin, odd)
  const typed: Typed = {
    texts: Object.fromEntries(WORDS.map(([name, language]) => [language, trimmed(given, name)])),
    buttons: keys === '' ? [] : parseButtons(keys),
    ...(old?.action === 'edit'
      ? { audience: old.audience, options: old.options, startAt: old.startAt }
      : {
          audience: await audienceOf(admin, given, old),
          options: Object.fromEntries(
            Object.entries(OPTIONS).map(([field, option]) => [option, given[field] === 'yes']),
          ),
          startAt: startOf(given, old),
        }),
  }
  const { isEmpty } = await plannedDraft(admin, typed, old)
  if (isEmpty) mustGive(admin, {}, 'words')
  return typed
}
