import { mailingsSql } from './tables.ts'
import type { Audience } from './audience.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import type { Reader } from '#shared/reader.ts'

/** What each rule may say; undefined restricts nothing. */
export const RULES = {
  language: [undefined, ...LANGUAGES],
  activeDays: [undefined, 1, 7, 30, 90],
  idleDays: [undefined, 7, 30, 90],
  buyers: [undefined, true, false],
  tokens: [undefined, 1, 10, 100],
  premium: [undefined, true, false],
} as const
export type Rule = keyof typeof RULES
export const RULE_NAMES = Object.keys(RULES) as Rule[]

export function ruleValue({ t }: Pick<Reader, 't'>, value: string | number | boolean | undefined): string {
  if (value === undefined) return t('audience-any')
  if (typeof value === 'boolean') return t(value ? 'audience-yes' : 'audience-no')
  return String(value)
}

export const ruleText = (reader: Pick<Reader, 't'>, audience: Audience, name: Rule): string =>
  `${reader.t(`audience-${name.toLowerCase()}`)}: ${ruleValue(reader, audience[name])}`

/** The rules in words. */
export function describeAudience(reader: Pick<Reader, 't'>, audience: Audience): string {
  const { t } = reader
  const rules = RULE_NAMES.filter((name) => audience[name] !== undefined).map((name) =>
    ruleText(reader, audience, name),
  )
  if (audience.bots && audience.bots.length > 0) rules.unshift(audience.bots.join(' + '))
  if (audience.tag) rules.push(t('audience-tag', { tag: escapeHtml(audience.tag) }))
  if (audience.notTag) rules.push(t('audience-nottag', { tag: escapeHtml(audience.notTag) }))
  if (audience.notBroadcast) rules.push(t('audience-not-last'))
  return rules.length > 0 ? rules.join(', ') : t('audience-all')
}

/** The tag of a link, as it is typed. @throws UserError `broadcast.tag` */
export function tagOf(text: string): string {
  if (!/^[\w-]{1,64}$/.test(text)) throw new UserError('broadcast.tag')
  return text
}

/** The mailing of this bot whose readers may be left out of the next one. */
export async function lastMailing(sql: Sql, bot: string): Promise<string | undefined> {
  const [last] = await sql.rows(
    mailingsSql
      .selectFrom('broadcasts')
      .select('id')
      .where('bot', '=', bot)
      .where('action', '=', 'send')
      .where('state', 'in', ['done', 'cancelled'])
      .where('started_at', 'is not', null)
      .where('parent_id', 'is', null)
      .orderBy('started_at', 'desc')
      .limit(1),
  )
  return last?.id
}
