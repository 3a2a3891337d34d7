import { expect, test } from 'vitest'
import type { Context } from '#shared/context.ts'
import type { Db } from '#shared/db/db.ts'
import { Transient } from '#shared/errors.ts'
import { createLog } from '#shared/log.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { redisIsAway } from '#shared/queue/redis-errors.ts'
import { relay } from '#shared/queue/outbox.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { catalogue } from '#shop/jobs.ts'
import { startTicking } from '#workers/upkeep/schedule.ts'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'

interface Line {
  level: number
  msg: string
  reason?: string
  jobs?: number
}

function listening() {
  const lines: Line[] = []
  const log = createLog({
    level: 'info',
    name: 'test',
    to: { write: (line) => void lines.push(JSON.parse(line) as Line) },
  })
  return { lines, log }
}

/** A queue that takes nothing and says why. */
function refusing(reason: (job: string) => string) {
  const asked: string[] = []
  const producer = {
    catalogue,
    add: ({ name }: { name: string }) => {
      asked.push(name)
      return Promise.reject(new Transient(reason(name)))
    },
  } as unknown as Producer
  return { asked, producer }
}

test('a first start whose Redis answers no periodic job in time says so in one line, and another reason in one of its own (F22)', async () => {
  const { lines, log } = listening()
  const { asked, producer } = refusing((job) =>
    job === 'upkeep.expire'
      ? 'NOPERM'
      : job === 'image.check'
        ? 'Connection is closed.'
        : 'Command timed out',
  )
  const backend = { isAway: redisIsAway } as unknown as QueueBackend
  const ticking = startTicking({ log, producer, backend } as Context)
  atEnd(() => ticking.stop())
  await eventually(() => lines.length > 0 && asked.length > 10)
  expect(new Set(lines.map(({ reason }) => reason))).toEqual(new Set(['Command timed out', 'NOPERM']))
  expect(lines).toHaveLength(2)
})

test('a run of the outbox that a server refuses is one line with how many jobs stay owed (F22)', async () => {
  const { lines, log } = listening()
  const { producer } = refusing(() => 'Command timed out')
  const rows = ['a', 'b', 'c'].map((key) => ({ key, job: 'upkeep.expire', payload: {}, enqueued: 0 }))
  const db = { tx: (work: (tx: unknown) => unknown) => work({ rows: () => Promise.resolve(rows) }) }
  expect(await relay(db as unknown as Db, producer, log)).toBe(0)
  expect(lines).toEqual([expect.objectContaining({ jobs: 3, reason: 'Command timed out' })])
})
