import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { z } from 'zod'
import type { Reads } from '#shared/db/db.ts'
import { LANGUAGES, languageOf } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { LANGUAGE_READ } from '#shared/people.ts'

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

/**
 * One row for each recipient: person_id, bot, language. People who blocked the bot, who do not want mailings, or who
 * are banned are never among them.
 * @param languages those that the mailing has words for; undefined = all
 * @param sample of what part of the sessions; all of them by default
 */
export function recipients(
  audience: Audience,
  home: string,
  languages: string[] | undefined,
  sample = q``,
): RawBuilder<{ person_id: bigint; bot: string; language: Language }> {
  const bots = audience.bots?.length ? audience.bots : [home]
  const days = (count: number) => q`now() - ${count} * interval '1 day'`
  const conditions = [
    q`s.bot = any(${bots})`,
    q`s.blocked_at is null and s.mailings_off_at is null and p.banned_at is null`,
    ...(languages ? [q`${LANGUAGE} = any(${languages})`] : []),
    ...(audience.language ? [q`${LANGUAGE} = ${audience.language}`] : []),
    ...(audience.activeDays ? [q`s.last_seen_at > ${days(audience.activeDays)}`] : []),
    ...(audience.idleDays ? [q`s.last_seen_at < ${days(audience.idleDays)}`] : []),
    ...(audience.buyers === undefined
      ? []
      : [
          q`${audience.buyers ? q`` : q`not`} exists (
            select from payments y where y.person_id = p.id and y.state in ('paid', 'overpaid'))`,
        ]),
    ...(audience.tokens === undefined
      ? []
      : [
          q`coalesce((select available from wallets w where w.person_id = p.id and w.asset = 'TOK'), 0) >= ${audience.tokens}`,
        ]),
    ...(audience.premium === undefined ? [] : [q`p.is_premium = ${audience.premium}`]),
    ...(audience.tag ? [q`s.start_param = ${audience.tag}`] : []),
    ...(audience.notTag ? [q`s.start_param is distinct from ${audience.notTag}`] : []),
    ...(audience.notBroadcast
      ? [
          q`not exists (select from broadcast_recipients r
            where r.broadcast_id = ${audience.notBroadcast} and r.person_id = p.id
              and r.state in ('sent', 'edited', 'uncertain', 'resent'))`,
        ]
      : []),
  ]
  // By hand: it is also the source of an `insert`, and a sample of a table is beyond the builder's words.
  const from = q`from bot_sessions s ${sample} join persons p on p.id = s.person_id where ${q.join(conditions, q` and `)}`
  if (bots.length === 1) return q`select s.person_id, s.bot, ${LANGUAGE} as language ${from}`
  return q`select distinct on (s.person_id) s.person_id, s.bot, ${LANGUAGE} as language ${from}
    order by s.person_id, s.last_seen_at desc, (s.bot = ${home}) desc`
}

/** How many people the rules reach now. */
export async function countAudience(
  sql: Reads,
  audience: Audience,
  home: string,
  languages: string[] | undefined,
): Promise<number> {
  return await countOf(sql, recipients(audience, home, languages))
}

/** A guess looks at so many sessions: few enough for PostgreSQL to look their people up one by one. */
const SAMPLE = 2_000
/** With fewer sessions than this all are counted, and nothing is guessed. */
const FEW = 20_000

/**
 * Guesses that number while an admin tries rules. Above 20,000 sessions it counts a part of them, because every press
 * would read all. Before a mailing starts its people are counted exactly.
 */
export async function guessAudience(
  sql: Reads,
  audience: Audience,
  home: string,
  languages: string[] | undefined,
): Promise<{ count: number; isGuess: boolean }> {
  // By hand: a table of PostgreSQL's own, which nothing declares.
  const [table] = await sql.rows(q<{ sessions: number }>`
    select reltuples::float8 as sessions from pg_class where oid = 'bot_sessions'::regclass`)
  const sessions = table!.sessions
  if (sessions < FEW) return { count: await countAudience(sql, audience, home, languages), isGuess: false }
  const share = SAMPLE / sessions
  const sample = q`tablesample system (${q.lit(100 * share)}) repeatable (1)`
  const found = await countOf(sql, recipients(audience, home, languages, sample))
  return { count: roundly(found / share), isGuess: true }
}

// The people themselves are chosen by hand: see `recipients`.
async function countOf(sql: Reads, people: ReturnType<typeof recipients>): Promise<number> {
  const [row] = await sql.rows(q<{ count: bigint }>`select count(*) from (${people}) audience`)
  return Number(row!.count)
}

/** Rounds to two digits, because a sample says no more. */
function roundly(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1)
  return Math.round(count / unit) * unit
}
