import type { Sql } from '#shared/db/db.ts'
import { ownersOf } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { readLines } from './read.ts'
import type { Line } from './line.ts'
import { findSubject } from './subject.ts'
import type { StorySubject } from './subject.ts'
import { rowWords } from './words.ts'

export interface Story {
  /** What the story is about: `order 4f…`, `update 123 of main`. */
  title: string
  /** The lines, oldest first. */
  lines: Line[]
}

/**
 * Everything that the rows know about an id, in the order in which it happened. It needs no tracing and no queue.
 * @param served the reader's bots: a story that touches another bot is refused
 * @param say the reader's words; by default the names in the rows
 * @returns undefined when no row has this id
 */
export async function storyOf(
  sql: Sql,
  id: string,
  served?: Served,
  say = rowWords(),
): Promise<Story | undefined> {
  const subject = await findSubject(sql, id)
  if (subject && !(await isTold(sql, subject, served))) return undefined
  if (!subject) return undefined
  const { kind, id: number, of = '' } = subject.what
  const title = say.t(of && kind === 'person' ? 'story-title-named' : `story-title-${kind}`, {
    id: number,
    of,
  })
  return { title, lines: await readLines(sql, subject, say) }
}

/** A story may touch other bots, such as by a person's postings in all bots, so it is shown as a whole or not at all. */
async function isTold(sql: Sql, subject: StorySubject, served: Served): Promise<boolean> {
  if (served === undefined) return true
  const { orders, payments, people, wholePerson, update } = subject
  if (update && !served.includes(update.bot)) return false
  const bots = await Promise.all([
    ...orders.map((id) => ownersOf(sql, 'order', id)),
    ...payments.map((id) => ownersOf(sql, 'payment', id)),
    ...(wholePerson ? people.map((id) => ownersOf(sql, 'person', String(id))) : []),
  ])
  if (bots.length === 0 && !update) return false
  return bots.flat().every((bot) => served.includes(bot))
}

/**
 * The story as plain text, one line for each thing, with times to the millisecond.
 * @param zone UTC for operators who compare the story with logs; the panel shows the time zone of all its other
 * times
 */
export function storyText(
  { title, lines: told }: Story,
  zone = { name: 'UTC', hours: 0 },
  kindWord = (kind: string) => kind,
): string {
  const lines = told.map((line) => ({ ...line, kind: kindWord(line.kind) }))
  const width = Math.max(0, ...lines.map(({ kind }) => kind.length))
  let day = ''
  const body = lines.flatMap(({ at, kind, text }) => {
    const shown = new Date(at.getTime() + zone.hours * 3_600_000)
    const [date = '', time = ''] = shown.toISOString().replace('Z', '').split('T')
    const heading = date === day ? [] : [`${date} (${zone.name})`]
    day = date
    return [...heading, `  ${time}  ${kind.padEnd(width)}  ${text}`]
  })
  return [title, ...body].join('\n')
}
