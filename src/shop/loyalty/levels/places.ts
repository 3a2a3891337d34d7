import { sql as q } from 'kysely'
import type { Db, Sql } from '#shared/db/db.ts'
import { loyaltySql } from '../tables.ts'
import { NOW } from '#shared/db/build.ts'

/** A mark is stored at every 5,000th place, so that a person's place is counted from a mark nearby. */
const APART = 5_000

interface Mark {
  place: number
  xp: bigint
  personId: bigint
}

/** Marks that one run stores: a run over a hundred thousand people takes 20 ms, a million people take ten runs. */
const MARKS_AT_ONCE = 20
/** The name of the cursor that keeps the place at which the next run continues. */
const CURSOR = 'place marks'

/**
 * Walks down the leaderboard from where the last run stopped, and stores who stands at every 5,000th place. A person
 * who moved up above that place meanwhile is counted by the next walk, which begins at the top.
 * @returns whether it has come to the end
 */
export async function markPlaces(db: Db, apart = APART, atOnce = MARKS_AT_ONCE): Promise<boolean> {
  return await db.tx(async (tx) => {
    // Two workers that walk at the same time wait for one another.
    const [cursor] = await tx.rows(
      loyaltySql
        .insertInto('cursors')
        .values({ name: CURSOR, value: '0' })
        .onConflict((there) => there.column('name').doUpdateSet({ updated_at: NOW }))
        .returning(q<number>`value::int`.as('place')),
    )
    const [begun] = await tx.rows(
      loyaltySql
        .selectFrom('place_marks')
        .select(['place', 'xp', 'person_id as personId'])
        .where('place', '=', cursor!.place),
    )
    const marks: Mark[] = []
    let last: Mark | undefined = begun
    for (; marks.length < atOnce; marks.push(last)) {
      const [next] = await tx.rows(
        loyaltySql
          .selectFrom('progress')
          .select(['xp', 'person_id as personId'])
          .where('xp', '>', 0n)
          .where(last ? isBelow(last) : q<boolean>`true`)
          .orderBy('xp', 'desc')
          .orderBy('person_id')
          .offset(apart - 1)
          .limit(1),
      )
      if (!next) break
      last = { ...next, place: (last?.place ?? 0) + apart }
    }
    const isOver = marks.length < atOnce
    const gone = loyaltySql.deleteFrom('place_marks').where('place', '>', begun?.place ?? 0)
    await tx.rows(isOver ? gone : gone.where('place', '<=', last!.place))
    // By hand: one text, however many marks there are.
    await tx.rows(q`
      insert into place_marks (place, xp, person_id)
      select * from unnest(${marks.map(({ place }) => place)}::int[], ${marks.map(({ xp }) => xp)}::bigint[],
        ${marks.map(({ personId }) => personId)}::bigint[])
      on conflict (place) do update set xp = excluded.xp, person_id = excluded.person_id`)
    await tx.rows(
      loyaltySql
        .updateTable('cursors')
        .set({ value: String(isOver ? 0 : last!.place) })
        .where('name', '=', CURSOR),
    )
    return isOver
  })
}

/** PostgreSQL finds the place in the index by the first half of the condition. */
const isBelow = ({ xp, personId }: Mark) =>
  q<boolean>`xp <= ${xp} and (xp < ${xp} or person_id > ${personId})`

/**
 * A person's place, undefined without XP. It is exact among the first 5,000. Further down it is as exact as the mark
 * above it, which is at most one walk old: ten minutes with a million people.
 */
export async function placeOf(
  sql: Sql,
  personId: bigint,
): Promise<{ place: number; xp: number } | undefined> {
  const [own] = await sql.rows(
    loyaltySql.selectFrom('progress').select('xp').where('person_id', '=', personId).where('xp', '>', 0n),
  )
  if (!own) return undefined
  const [mark] = await sql.rows(
    loyaltySql
      .selectFrom('place_marks')
      .select(['place', 'xp', 'person_id as personId'])
      .where('person_id', '<>', personId)
      .where((row) =>
        row.or([row('xp', '>', own.xp), row.and([row('xp', '=', own.xp), row('person_id', '<', personId)])]),
      )
      .orderBy('place', 'desc')
      .limit(1),
  )
  const count = async (condition: ReturnType<typeof q>) => {
    const [row] = await sql.rows(
      loyaltySql
        .selectFrom('progress')
        .select(({ fn }) => fn.countAll<bigint>().as('count'))
        .where(q<boolean>`${condition}`),
    )
    return Number(row!.count)
  }
  // People with more XP and people with as much XP are counted apart, because each group is one stretch of the
  // index.
  const between = mark
    ? mark.xp === own.xp
      ? await count(q`xp = ${own.xp} and person_id > ${mark.personId} and person_id < ${personId}`)
      : (await count(q`xp = ${mark.xp} and person_id > ${mark.personId}`)) +
        (await count(q`xp < ${mark.xp} and xp > ${own.xp}`)) +
        (await count(q`xp = ${own.xp} and person_id < ${personId}`))
    : (await count(q`xp > ${own.xp}`)) + (await count(q`xp = ${own.xp} and person_id < ${personId}`))
  return { place: (mark?.place ?? 0) + between + 1, xp: Number(own.xp) }
}
