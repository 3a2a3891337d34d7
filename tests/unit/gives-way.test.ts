import { expect, test } from 'vitest'
import { givesWay } from '#shared/queue/gives-way.ts'
import { done } from '#shared/queue/job.ts'

const LATER = { verdict: 'later' }

test('F106: a bot with as many jobs at work as it may have gives way, others do not, and it goes on when one is over', async () => {
  const inTurn = givesWay(2)
  const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const loud = held.map(({ promise }, at) =>
    inTurn({ bot: 'loud' }, { jobId: `held-${at}` }, () => promise.then(() => done)),
  )
  const brief = (bot?: string) => inTurn({ bot }, { jobId: 'brief' }, async () => done)
  expect(await brief('loud')).toMatchObject(LATER)
  expect(await brief('quiet')).toBe(done)
  expect(await brief(), 'of a release before').toBe(done)
  held[0]!.resolve()
  await loud[0]
  expect(await brief('loud')).toBe(done)
  // A job that fails leaves its place as well.
  const failing = inTurn({ bot: 'loud' }, { jobId: 'failing' }, () => Promise.reject(new Error('as told')))
  await expect(failing).rejects.toThrow('as told')
  expect(await brief('loud')).toBe(done)
  held[1]!.resolve()
  await loud[1]
})

test('F106: of the jobs of one bot the longest waiting is next, and one that was taken elsewhere keeps no place', async () => {
  let clock = 0
  const inTurn = givesWay(1, () => clock)
  const held = Promise.withResolvers<void>()
  const ask = (jobId: string) => inTurn({ bot: 'loud' }, { jobId }, async () => done)
  const slice = inTurn({ bot: 'loud' }, { jobId: 'slice-1' }, () => held.promise.then(() => done))
  expect(await ask('other-mailing')).toMatchObject(LATER)
  expect(await ask('third-mailing')).toMatchObject(LATER)
  held.resolve()
  await slice
  expect(await ask('slice-2'), 'at once behind its last one').toMatchObject(LATER)
  expect(await ask('third-mailing')).toMatchObject(LATER)
  expect(await ask('other-mailing')).toBe(done)
  expect(await ask('slice-2')).toMatchObject(LATER)
  clock += 5_001
  expect(await ask('slice-2'), 'the third is done by another process').toBe(done)
})
