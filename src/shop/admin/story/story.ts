import type { Sql } from '#shared/db/db.ts'
import { readLines } from './read.ts'
import type { Line } from './read.ts'
import { findSubject } from './subject.ts'

export interface Story {
  /** What it is about: `order 4f…`, `update 123 of main`. */
  title: string
  /** Oldest first. */
  lines: Line[]
}

/**
 * Everything the rows know about an id, in the order in which it happened. Needs no tracing and no queue.
 * @returns undefined when no row has this id
 */
export async function storyOf(sql: Sql, id: string): Promise<Story | undefined> {
  const subject = await findSubject(sql, id)
  return subject && { title: subject.title, lines: await readLines(sql, subject) }
}

/** The story as plain text, one line for each thing; times are UTC, to the millisecond. */
export function storyText({ title, lines }: Story): string {
  const width = Math.max(0, ...lines.map(({ kind }) => kind.length))
  let day = ''
  const body = lines.flatMap(({ at, kind, text }) => {
    const [date = '', time = ''] = at.toISOString().replace('Z', '').split('T')
    const heading = date === day ? [] : [`${date} (UTC)`]
    day = date
    return [...heading, `  ${time}  ${kind.padEnd(width)}  ${text}`]
  })
  return [title, ...body].join('\n')
}
