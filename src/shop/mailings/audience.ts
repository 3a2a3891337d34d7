import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { z } from 'zod'
import type { Reads } from '#shared/db/db.ts'
import { LANGUAGES, languageOf } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { keptCount } from '#shared/kept-counts.ts'
import { LANGUAGE_CHOSEN, LANGUAGE_READ } from '#shared/people.ts'
import { sharedSql } from '#shared/tables.ts'

/** The people that a mailing goes to. A field that is absent restricts nothing. */
export const audienceSchema = z.object({
  /** Bots that send; a person who is in several gets it once, from the one they used last. */
  bots: z.array(z.string()).optional(),
  language: z.enum(LANGUAGES).optional(),
  /** People who used the bot within the last so many days, and people who did not. */
  activeDays: z.number().int().positive().optional(),
  idleDays: z.number().int().positive().optional(),
  buyers: z.boolean().optional(),
  /** Tokens available, at least. */
  tokens: z.number().int().nonnegative().optional(),
  premium: z.boolean().optional(),
  /** The `start` parameter of the link by which people came. */
  tag: z.string().max(64).optional(),
  notTag: z.string().max(64).optional(),
  /** Leaves out whoever got this mailing, or may have got it. A message that was edited or sent again counts as well. */
  notBroadcast: z.string().max(32).optional(),
})
export type Audience = z.infer<typeof audienceSchema>

const LANGUAGE = q`coalesce(${LANGUAGE_READ}, ${q.lit(languageOf(null))})`

export interface Recipient {
  person_id: bigint
  bot: string
  language: Language
}

/**
 * One row for each recipient: person_id, bot, language. People who blocked the bot, who do not want mailings, or who
 * are banned are never among them.
 * @param languages those that the mailing has words for; undefined = all
 */
export function recipients(
  audience: Audience,
  home: string,
  languages: string[] | undefined,
): RawBuilder<Recipient> {
  const bots = botsOf(audience, home)
  // By hand: it is also the source of an `insert`.
  const from = q`from bot_sessions s join persons p on p.id = s.person_id where ${reached(audience, home, languages)}`
  if (bots.length === 1) return q`select s.person_id, s.bot, ${LANGUAGE} as language ${from}`
  return q`select distinct on (s.person_id) s.person_id, s.bot, ${LANGUAGE} as language ${from}
    order by s.person_id, s.last_seen_at desc, (s.bot = ${home}) desc`
}

export const botsOf = ({ bots }: Audience, home: string): string[] => (bots?.length ? bots : [home])

/**
 * The sessions of recipients. Persons are joined as `p` where `readsPersons` says so.
 * @param apart what stands at the end of a subquery, so that PostgreSQL asks it for each session and reads no whole table
 */
function reached(
  audience: Audience,
  home: string,
  languages: string[] | undefined,
  apart = q``,
): RawBuilder<unknown> {
  const days = (count: number) => q`now() - ${count} * interval '1 day'`
  const conditions = [
    q`s.bot = any(${botsOf(audience, home)})`,
    q`s.blocked_at is null and s.mailings_off_at is null`,
    // There is an index of the banned, who are few.
    q`not exists (select from persons b where b.id = s.person_id and b.banned_at is not null ${apart})`,
    ...(languages ? [q`${LANGUAGE} = any(${languages})`] : []),
    ...(audience.language ? [q`${LANGUAGE} = ${audience.language}`] : []),
    ...(audience.activeDays ? [q`s.last_seen_at > ${days(audience.activeDays)}`] : []),
    ...(audience.idleDays ? [q`s.last_seen_at < ${days(audience.idleDays)}`] : []),
    ...(audience.buyers === undefined
      ? []
      : [
          q`${audience.buyers ? q`` : q`not`} exists (
            select from payments y where y.person_id = s.person_id and y.state in ('paid', 'overpaid') ${apart})`,
        ]),
    ...(audience.tokens === undefined
      ? []
      : [
          q`coalesce((select available from wallets w where w.person_id = s.person_id and w.asset = 'TOK'), 0) >= ${audience.tokens}`,
        ]),
    ...(audience.premium === undefined ? [] : [q`p.is_premium = ${audience.premium}`]),
    ...(audience.tag ? [q`s.start_param = ${audience.tag}`] : []),
    ...(audience.notTag ? [q`s.start_param is distinct from ${audience.notTag}`] : []),
    ...(audience.notBroadcast
      ? [
          q`not exists (select from broadcast_recipients r
            where r.broadcast_id = ${audience.notBroadcast} and r.person_id = s.person_id
              and r.state in ('sent', 'edited', 'uncertain', 'resent'))`,
        ]
      : []),
  ]
  // By hand: these are parts of statements that are by hand.
  return q.join(conditions, q` and `)
}

const readsPersons = ({ language, premium }: Audience, languages: string[] | undefined): boolean =>
  languages !== undefined || language !== undefined || premium !== undefined

/** How many people the rules reach now. Everybody in one bot is a kept count; to follow any rule reads all sessions. */
export async function countAudience(
  sql: Reads,
  audience: Audience,
  home: string,
  languages: string[] | undefined,
): Promise<number> {
  return (
    (await countEverybody(sql, audience, home, languages)) ??
    (await countPeople(sql, audience, home, languages))
  )
}

/**
 * The people of one bot without any rule: whom its mailings can reach, less the banned, who are few and have an index. Both
 * are read in one view. Words in every language of the shop leave out nobody but those who chose one that it had before.
 * @returns undefined when there is a rule, or no count is kept yet
 */
export async function countEverybody(
  sql: Reads,
  audience: Audience,
  home: string,
  languages: string[] | undefined,
): Promise<number | undefined> {
  const [bots, { bots: _, ...rules }] = [botsOf(audience, home), audience]
  if (bots.length > 1 || Object.values(rules).some((rule) => rule !== undefined)) return undefined
  if (languages && !LANGUAGES.every((one) => languages.includes(one))) return undefined
  const bot = q`${bots[0]}::text`
  const spoken = (column: RawBuilder<unknown>) =>
    languages ? q`(${column} = '' or ${column} = any(${languages}))` : q`true`
  const [row] = await sql.rows(
    sharedSql.selectNoFrom([
      keptCount('reachable', bot, spoken(q`kind`)).as('reachable'),
      // By the key of each session: with old figures the planner would read all of them for a few of the banned.
      q<bigint>`(
        select count(*) from persons b cross join lateral (
          select from bot_sessions s where s.bot = ${bot} and s.person_id = b.id
            and s.blocked_at is null and s.mailings_off_at is null and ${spoken(LANGUAGE_CHOSEN)} limit 1) s
        where b.banned_at is not null)`.as('banned'),
    ]),
  )
  return row!.reachable === null ? undefined : Number(row!.reachable - row!.banned)
}

/**
 * A count needs no language of anybody, so persons are read only where a rule asks about them.
 * @param part some of the sessions, each of which is then asked about apart; all of them by default
 */
export async function countPeople(
  sql: Reads,
  audience: Audience,
  home: string,
  languages: string[] | undefined,
  part?: RawBuilder<unknown>,
): Promise<number> {
  const apart = part ? q`offset 0` : q``
  const sessions = part ? q`(${part} offset 0)` : q`bot_sessions`
  const persons = readsPersons(audience, languages)
    ? q`cross join lateral (select * from persons p where p.id = s.person_id ${apart}) p`
    : q``
  // Everybody has one session in a bot. For `count(distinct …)` PostgreSQL may fetch each row apart, in an index's order.
  const each = botsOf(audience, home).length === 1 ? q`` : q`distinct s.person_id`
  // By hand, as the conditions are.
  const [row] = await sql.rows(q<{ count: bigint }>`
    select count(*) from (
      select ${each} from ${sessions} s ${persons} where ${reached(audience, home, languages, apart)}) people`)
  return Number(row!.count)
}
