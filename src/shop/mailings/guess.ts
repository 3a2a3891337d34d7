import { sql as q } from 'kysely'
import type { Reads } from '#shared/db/db.ts'
import { sharedSql } from '#shared/tables.ts'
import { botsOf, countEverybody, countPeople } from './audience.ts'
import type { Audience } from './audience.ts'
import { mailingsSql } from './tables.ts'

/*
 * How many people a mailing reaches while it is written: each press shows the number anew, so a part of a large bot is
 * looked at. Statements of this file are by hand: parts of `countPeople` are, whose conditions no builder knows.
 */

/** How many people rules reach, as far as it is known. */
export interface Reach {
  count: number
  isGuess: boolean
  /** By how many people a guess may be wrong: in 19 cases of 20 it is less. */
  off?: number
}

/** A guess looks at so many sessions: few enough for PostgreSQL to look their people up one by one. */
const SAMPLE = 5_000
/** With fewer sessions than this all are counted, and nothing is guessed. */
export const FEW = 20_000

/**
 * The place of a person in the sample's index, which says nothing about the person: 32 bits that may be negative. Both ends
 * of a stretch are said, because a plan without the values takes one end for a third of the table, and two for little.
 */
const PLACE = q`hashint8(s.person_id)`
const [FIRST_PLACE, PLACES] = [-(2 ** 31), 2 ** 32]

/**
 * Guesses that number while an admin tries rules, because every press would read all sessions. Of a bot with more than
 * 20,000 sessions it counts those in a part of the places. A person of several bots has the same place in each, and is
 * counted once, as in the mailing. Before a mailing starts its people are counted exactly.
 */
export async function guessAudience(
  sql: Reads,
  audience: Audience,
  home: string,
  languages: string[] | undefined,
  { few, sample } = { few: FEW, sample: SAMPLE },
): Promise<Reach> {
  const everybody = await countEverybody(sql, audience, home, languages)
  if (everybody !== undefined) return { count: everybody, isGuess: false }
  const bots = botsOf(audience, home)
  // By hand within it: it goes to the place of a session in the index of each bot. The largest of the bots has most before a place.
  const [row] = await sql.rows(
    sharedSql.selectNoFrom(
      q<number | null>`(select min(place) from unnest(${bots}::text[]) b (name) cross join lateral (
        select ${PLACE} as place from bot_sessions s where s.bot = b.name
        order by 1 offset ${Math.ceil(sample / bots.length)} limit 1) s)`.as('to'),
    ),
  )
  const to = row!.to ?? FIRST_PLACE
  const share = (to - FIRST_PLACE) / PLACES
  if (share === 0 || sample / share < few)
    return { count: await countPeople(sql, audience, home, languages), isGuess: false }
  const { notBroadcast, ...others } = audience
  const found = await countPeople(
    sql,
    others,
    home,
    languages,
    q`
    select * from bot_sessions s
    where s.bot = any(${bots}) and ${PLACE} >= ${FIRST_PLACE}::int and ${PLACE} < ${to}::int`,
  )
  const all = estimate(found, share)
  return guessed(
    all,
    notBroadcast ? await guessReaders(sql, notBroadcast, others, home, languages) : undefined,
  )
}

/**
 * How many of those who got the mailing the rules reach. No index has its recipients by person, so a part of their numbers is
 * looked at.
 */
async function guessReaders(
  sql: Reads,
  mailing: string,
  audience: Audience,
  home: string,
  languages: string[] | undefined,
): Promise<Estimate> {
  const [row] = await sql.rows(mailingsSql.selectFrom('broadcasts').select('total').where('id', '=', mailing))
  const total = row?.total ?? 0
  const numbers = spreadNumbers(total)
  const found = await countPeople(
    sql,
    audience,
    home,
    languages,
    q`
    select s.* from broadcast_recipients r cross join lateral (
      select * from bot_sessions s where s.bot = any(${botsOf(audience, home)}) and s.person_id = r.person_id offset 0) s
    where r.broadcast_id = ${mailing} and r.number = any(${numbers}::int[]) and r.state in ('sent', 'edited', 'uncertain', 'resent')`,
  )
  return numbers.length === total ? { count: found, off: 0 } : estimate(found, numbers.length / total)
}

/** A count of a part, and what chance adds to it or takes away in 19 cases of 20: twice the square root. */
interface Estimate {
  count: number
  off: number
}

export const estimate = (found: number, share: number): Estimate => ({
  count: found / share,
  // Where nobody was found, three would not have been missed in 19 cases of 20.
  off: (found === 0 ? 3 : 2 * Math.sqrt(found)) / share,
})

/** @param without those who are among them and do not count */
export const guessed = (all: Estimate, without: Estimate = { count: 0, off: 0 }): Reach => ({
  count: roundly(Math.max(0, all.count - without.count)),
  isGuess: true,
  off: roundly(Math.hypot(all.off, without.off)),
})

/** The fractions of the multiples of this number are spread evenly. */
const GOLDEN = (Math.sqrt(5) - 1) / 2
/** How many messages of a mailing a guess looks at. */
const NUMBERS = 2_000

/** Numbers of a mailing's messages, one in each stretch of the list; all of them where there are few. */
export function spreadNumbers(total: number): number[] {
  if (total <= NUMBERS) return Array.from({ length: total }, (_, at) => at + 1)
  // Equal distances would meet every third or every fourth one always or never.
  const places = Array.from({ length: NUMBERS }, (_, at) => at + ((at * GOLDEN) % 1))
  return places.map((place) => 1 + Math.floor((place * total) / NUMBERS))
}

/** Rounds to two digits, because a sample says no more. */
function roundly(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1)
  return Math.round(count / unit) * unit
}
