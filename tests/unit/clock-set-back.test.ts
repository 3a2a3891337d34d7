import { expect, test } from 'vitest'
import { Transient } from '#shared/errors.ts'
import { watchServers } from '#shared/servers.ts'
import { createBreaker } from '#shop/stars-premium/worker/breaker.ts'
import { eventually } from '../lib/eventually.ts'

/** The work runs while the time of day is an hour behind, as after a clock that was wrong was set right. */
async function anHourBack(work: () => Promise<void>): Promise<void> {
  const { now } = Date
  Date.now = () => now() - 3_600_000
  try {
    await work()
  } finally {
    Date.now = now
  }
}

const fails = () => Promise.reject(new Transient('no connection'))

test('purchases go on soon after the reseller is back, also if the clock was set back by an hour meanwhile', async () => {
  const changes: boolean[] = []
  const breaker = createBreaker((works) => changes.push(works), 1)
  for (let time = 0; time < 5; time++) await expect(breaker.run(fails)).rejects.toThrow('no connection')
  expect(changes).toEqual([false])
  await anHourBack(async () => {
    await eventually(() => breaker.isProbing())
    expect(await breaker.run(() => Promise.resolve('bought'))).toBe('bought')
  })
  expect(changes).toEqual([false, true])
})

test('of all purchases that come while the reseller may be back one is tried, and the others wait for its outcome', async () => {
  const breaker = createBreaker(() => {}, 300)
  for (let time = 0; time < 5; time++) await breaker.run(fails).catch(() => {})
  await eventually(() => breaker.isProbing())
  const end = Promise.withResolvers<never>()
  const trial = breaker.run(() => end.promise)
  let tried = 0
  const others = [1, 2].map(() => breaker.run(() => Promise.resolve(++tried)))
  expect(breaker.isOpen()).toBe(false)
  end.reject(new Transient('still away'))
  await expect(trial).rejects.toThrow('still away')
  for (const other of others) await expect(other).rejects.toThrow('counts as down')
  expect(tried).toBe(0)
})

test('a server that answers again counts as back at once, also if the clock was set back by an hour meanwhile', async () => {
  let answers = false
  const changes: boolean[] = []
  const servers = watchServers(
    { database: () => (answers ? Promise.resolve() : fails()) },
    (_, isAway) => void changes.push(isAway),
  )
  try {
    servers.doubt('database')
    await eventually(async () => (await servers.away()).includes('database'))
    answers = true
    await anHourBack(async () => {
      await eventually(async () => (await servers.away()).length === 0)
    })
    expect(changes).toEqual([true, false])
  } finally {
    servers.stop()
  }
})
