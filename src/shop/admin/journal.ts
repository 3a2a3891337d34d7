import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import type { Reads } from '#shared/db/db.ts'
import { isAsset, readMoney } from '#shared/money.ts'
import type { Money } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import type { Reader } from '#shared/reader.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'
import { keysOf } from '#shared/settings/settings.ts'
import { adminSql } from './tables.ts'

/** A line of the audit log. */
export interface JournalLine {
  id: bigint
  at: Date
  bot: string | null
  actor: bigint | null
  name: string | null
  action: string
  target: string
  details: Record<string, unknown>
}

/** The lines of the bots that the admin serves, and of no bot in particular, newest first. */
export function journalLines(
  sql: Reads,
  wanted: {
    served: Served
    /** Also lines that belong to no bot in particular. */
    ofAll: boolean
    /** The id of a line: only older lines are returned. */
    before?: bigint
    actor?: bigint
    /** What the lines are about, as it is stored: `person 1002`. */
    targets?: readonly string[]
    limit: number
  },
): Promise<JournalLine[]> {
  const { served, ofAll, before, actor, targets, limit } = wanted
  // The newest lines are read target by target, else bot by bot, as an index has them; an actor's index has them as well.
  const isOfBots = served !== undefined && actor === undefined && targets === undefined
  const older = before === undefined ? q`true` : q`id < ${before}`
  const ofThese = q`(${among(q`bot`, served)} or ${ofAll ? q`bot is null` : q`false`})`
  const byActor = actor === undefined ? q`true` : q`actor_id = ${actor}`
  // By hand: the newest lines of each are found in the index.
  const newestOf = (whose: RawBuilder<unknown>) => q`(
    select id from audit_log where ${whose} and ${older} order by id desc limit ${limit})`
  const found = isOfBots
    ? q<boolean>`a.id in (
        select n.id from unnest(${[...served]}::text[]) b (bot) cross join lateral ${newestOf(q`bot = b.bot`)} n
        ${ofAll ? q`union all ${newestOf(q`bot is null`)}` : q``})`
    : targets === undefined
      ? q<boolean>`true`
      : q<boolean>`a.id = any(array(
          select n.id from unnest(${[...targets]}::text[]) t (target)
          cross join lateral ${newestOf(q`target = t.target and ${byActor} and ${ofThese}`)} n))`
  return sql.rows(
    adminSql
      .selectFrom('audit_log as a')
      .leftJoin('persons as p', 'p.id', 'a.actor_id')
      .select(['a.id', 'a.at', 'a.bot', 'a.actor_id as actor', 'p.first_name as name'])
      .select(['a.action', 'a.target', 'a.details'])
      .where(found)
      .where((is) =>
        is.and([
          ...(before === undefined ? [] : [is('a.id', '<', before)]),
          ...(actor === undefined ? [] : [is('a.actor_id', '=', actor)]),
          ...(targets === undefined ? [] : [is('a.target', '=', anyOf([...targets]))]),
          is.or([among(q`a.bot`, served), ...(ofAll ? [is('a.bot', 'is', null)] : [])]),
        ]),
      )
      .orderBy('a.id', 'desc')
      .limit(limit),
  )
}

/** A line in the reader's language, without tags. */
export function auditWords(
  reader: Reader,
  groups: SettingGroups,
  line: JournalLine,
): { who: string; action: string; target: string; details: string } {
  const { texts, language, t } = reader
  const key = `audit-${line.action.replaceAll('.', '-')}`
  const setting =
    /^setting (\S+)$/.exec(line.target)?.[1] ?? (line.action.startsWith('setting') ? line.target : '')
  const entry = Object.values(groups)
    .flat()
    .find(({ type }) => keysOf(type).includes(setting))
  return {
    who: line.name || String(line.actor ?? '—'),
    action: texts.has(language, key) ? t(key) : line.action,
    target: entry ? `«${t(`setting-${entry.type.key}`)}»` : targetWords(reader, line),
    details: detailWords(reader, line).join(', '),
  }
}

/**
 * The object of the act, in the reader's language: `person 1002`. A job is shown by its name, because its key is for
 * the code.
 */
export function targetWords(
  reader: Reader,
  { target, details }: Pick<JournalLine, 'target' | 'details'>,
): string {
  const { t, texts, language } = reader
  const [, kind = '', id = ''] = /^(person|payment|broadcast|export|job|list) (.+)$/.exec(target) ?? []
  const setting = `setting-${target.replace(/^setting /, '')}`
  if (!kind && texts.has(language, setting)) return `«${t(setting)}»`
  if (target === 'fragment' || target === 'images') return t(`journal-${target}`)
  if (!kind) return target
  if (kind === 'job') return t('journal-job', { id: valueWords(reader, 'job', details['job'] ?? id) })
  if (kind === 'list') return texts.has(language, `journal-list-${id}`) ? t(`journal-list-${id}`) : target
  return t(`journal-${kind}`, { id: kind === 'export' ? t(`export-${id}`) : id })
}

/**
 * The details of a line in words: a sum is written as people write it, and where another admin decided, the one who asked is
 * named. Other details stand as they are stored, without the numbers that only the code needs.
 */
function detailWords(reader: Reader, { details, actor, target }: JournalLine): string[] {
  const { asset, amount, askedBy, job, adjustment: _, update: _number, ...rest } = details
  const sum = typeof asset === 'string' && isAsset(asset) && /^-?\d{1,18}$/.test(String(amount))
  return [
    ...(sum ? [reader.signed(BigInt(String(amount)), asset)] : []),
    ...Object.entries({ ...(!sum && { asset, amount }), ...(!target.startsWith('job ') && { job }), ...rest })
      .filter(([, value]) => !saysNothing(value))
      .map(([name, value]) => (name === 'reason' ? `«${String(value)}»` : named(reader, name, value))),
    ...(typeof askedBy === 'string' && askedBy !== String(actor)
      ? [reader.t('journal-asked', { by: askedBy })]
      : []),
  ]
}

const saysNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.values(value).every(saysNothing))

function named(reader: Reader, name: string, value: unknown): string {
  const key = `journal-detail-${name}`
  const words = reader.texts.has(reader.language, key) ? reader.t(key) : name
  return `${words}: ${valueWords(reader, name, value)}`
}

/** Details whose values have a name for admins, with the beginning of that name's text. */
const NAMED: Record<string, string> = {
  job: 'job',
  role: 'role',
  type: 'operation',
  from: 'state',
  as: 'broadcast-state',
  way: 'journal-way',
}

/** States, roles, jobs and switches are named in the reader's words; other values stand as they are stored. */
function valueWords(reader: Reader, name: string, value: unknown): string {
  const { texts, language, t } = reader
  if (typeof value === 'boolean') return t(value ? 'audience-yes' : 'audience-no')
  if (Array.isArray(value)) return value.map((one) => valueWords(reader, name, one)).join(' ')
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .filter(([, one]) => !saysNothing(one))
      .map(([inner, one]) => named(reader, inner, one))
      .join(' · ')
  const text = String(value)
  const sum = sumIn(text)
  if (sum) return reader.money(sum.amount, sum.asset)
  const key = `${NAMED[name] ?? '?'}-${text.replaceAll(/[._]/g, '-')}`
  return texts.has(language, key) ? t(key) : text
}

/** A sum as `formatAmount` writes it; a name that an admin has typed may look like one of more digits than we keep. */
function sumIn(text: string): Money | undefined {
  const [, amount, asset] = /^(\d+(?:\.\d+)?) ([A-Z]+)$/.exec(text) ?? []
  return readMoney(amount, asset)
}
