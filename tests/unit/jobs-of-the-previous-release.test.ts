import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalogue } from '#shop/jobs.ts'
import type { Envelope } from '#shared/queue/job.ts'

/** A job as an earlier release left it on the queue. Stored files are history: a release adds one and changes none. */
interface StoredJob {
  job: string
  queue: string
  id: string
  orderKey?: string
  envelope: Envelope
}

const folder = join(import.meta.dirname, '../fixtures')
const stored = readdirSync(folder)
  .filter((name) => /^jobs-.*\.json$/.test(name))
  .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as StoredJob[])

describe('jobs that an earlier release left on the queue', () => {
  test.each(stored)('F13 $job ($id) is understood: same queue, same order, same id', (one) => {
    const type = catalogue.get(one.job)
    expect(type, `${one.job} must stay in the catalogue until no queue can hold it any more`).toBeDefined()
    expect(one.envelope.v).toBe(1)
    const parsed = type!.payload.safeParse(one.envelope.payload)
    expect(parsed.error?.message).toBeUndefined()
    expect(type!.queue).toBe(one.queue)
    // With another id, the repeat of a job that is already on the queue would be a second job.
    expect(type!.id(parsed.data)).toBe(one.id)
    expect(type!.orderKey?.(parsed.data)).toBe(one.orderKey)
  })

  test('every kind of job has a stored one', () => {
    const names = new Set(stored.map(({ job }) => job))
    expect([...catalogue.keys()].filter((name) => !names.has(name))).toEqual([])
  })
})
