import { sql as q } from 'kysely'
import type { Db, Sql } from '#shared/db/db.ts'

/** Every so many places somebody is marked, so that nobody's place is counted from further away. */
const APART = 5_000

interface Mark {
  place: number
  xp: bigint
  personId: bigint
}

/**
 * Walks down the leaderboard and writes down who stands where at every 5,000th place. A cursor, so that each statement
 * reads its part only.
 */
export async function markPlaces(db: Db, apart = APART): Promise<void> {
  await db.tx(async (tx) => {
    await tx.rows(q`
      declare leaderboard no scroll cursor for
        select xp, person_id as "personId" from progress where xp > 0 order by xp desc, person_id`)
    const marks: Mark[] = []
    for (;;) {
      await tx.rows(q`move forward ${q.lit(apart - 1)} from leaderboard`)
      const [next] = await tx.rows(q<Omit<Mark, 'place'>>`fetch next from leaderboard`)
      if (!next) break
      marks.push({ ...next, place: (marks.length + 1) * apart })
    }
    await tx.rows(q`delete from place_marks`)
    await tx.rows(q`
      insert into place_marks (place, xp, person_id)
      select * from unnest(${marks.map(({ place }) => place)}::int[], ${marks.map(({ xp }) => xp)}::bigint[],
        ${marks.map(({ personId }) => personId)}::bigint[]) on conflict do nothing`)
  })
}

/**
 * A person's place, undefined without XP: exact among the first 5,000, and below them as exact as the mark above, which
 * is ten minutes old at most.
 */
export async function placeOf(
  sql: Sql,
  personId: bigint,
): Promise<{ place: number; xp: number } | undefined> {
  const [own] = await sql.rows(q<{ xp: bigint }>`
    select xp from progress where person_id = ${personId} and xp > 0`)
  if (!own) return undefined
  const [mark] = await sql.rows(q<Mark>`
    select place, xp, person_id as "personId" from place_marks
    where person_id <> ${personId} and (xp > ${own.xp} or (xp = ${own.xp} and person_id < ${personId}))
    order by place desc limit 1`)
  const count = async (condition: ReturnType<typeof q>) => {
    const [row] = await sql.rows(q<{ count: bigint }>`select count(*) from progress where ${condition}`)
    return Number(row!.count)
  }
  // Those with as much XP apart from those with more: each is one stretch of the index.
  const between = mark
    ? mark.xp === own.xp
      ? await count(q`xp = ${own.xp} and person_id > ${mark.personId} and person_id < ${personId}`)
      : (await count(q`xp = ${mark.xp} and person_id > ${mark.personId}`)) +
        (await count(q`xp < ${mark.xp} and xp > ${own.xp}`)) +
        (await count(q`xp = ${own.xp} and person_id < ${personId}`))
    : (await count(q`xp > ${own.xp}`)) + (await count(q`xp = ${own.xp} and person_id < ${personId}`))
  return { place: (mark?.place ?? 0) + between + 1, xp: Number(own.xp) }
}
