import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { together } from '#shared/together.ts'

const everything = (calls: readonly { one: string }[]) =>
  Promise.resolve(new Set(calls.map(({ one }) => one)))
const key = (one: string) => one.split(' ')[0]!
const alone = () => Promise.reject(new Error('nobody should be left out'))

test('calls that come while others are under way are done together, fifty at most, and of one key one at a time', async () => {
  const batches: string[][] = []
  const call = together<string>({
    key,
    alone,
    all(calls) {
      batches.push(calls.map(({ one }) => one))
      return everything(calls)
    },
  })
  await Promise.all(['a 1', 'b', 'a 2', 'c', 'a 3'].map(call))
  expect(batches).toEqual([['a 1', 'b', 'c'], ['a 2'], ['a 3']])
  batches.length = 0
  await Promise.all(Array.from({ length: 120 }, (_, at) => call(`p${at}`)))
  expect(batches.map(({ length }) => length)).toEqual([50, 50, 20])
})

test('calls that are done together belong each to its own job, and a call that is left out runs alone within its own', async () => {
  const jobs = new AsyncLocalStorage<string>()
  const seen = new Set<string>()
  const see = (one: string) => void seen.add(`${one}: ${jobs.getStore()}`)
  const call = together<string>({
    key,
    alone: async (one) => see(one),
    async all(calls) {
      for (const { one, within } of calls) if (one !== 'left out') within(() => see(one))
      return new Set(calls.map(({ one }) => one).filter((one) => one !== 'left out'))
    },
  })
  await Promise.all(['a', 'left out', 'b'].map((one) => jobs.run(`job of ${one}`, () => call(one))))
  expect(seen).toEqual(new Set(['a: job of a', 'b: job of b', 'left out: job of left out']))
})

test('after an error each is done alone and ends as it would by itself; with the database away all learn so', async () => {
  let error = new Error('one of them is refused')
  const call = together<string>({
    key,
    all: () => Promise.reject(error),
    alone: (one) => (one === 'bad' ? Promise.reject(new Error('refused')) : Promise.resolve()),
  })
  const ends = await Promise.allSettled(['a', 'bad', 'b'].map(call))
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  error = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  await expect(call('a')).rejects.toThrow('connect')
})

test('a call whose key is being done alone waits for that one, and calls of other keys do not', async () => {
  const first = Promise.withResolvers<void>()
  const ended: string[] = []
  const call = together<string>({
    key,
    alone: async (one) => {
      await first.promise
      ended.push(one)
    },
    async all(calls) {
      const done = calls.map(({ one }) => one).filter((one) => one !== 'a 1')
      ended.push(...done)
      return new Set(done)
    },
  })
  const calls = ['a 1', 'b 1', 'a 2', 'b 2'].map(call)
  await Promise.all([calls[1], calls[3]])
  await call('c')
  expect(ended).toEqual(['b 1', 'b 2', 'c'])
  first.resolve()
  await Promise.all(calls)
  expect(ended.slice(3)).toEqual(['a 1', 'a 2'])
})
