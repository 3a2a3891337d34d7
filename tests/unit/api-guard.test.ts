import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { createGuard } from '#shop/balance-api/guard.ts'
import { Problem } from '#shop/balance-api/problem.ts'
import type { ApiRoute } from '#shop/balance-api/route.ts'

const ROUTE = { scope: 'read' } as ApiRoute
const key = () => `tk_${randomBytes(32).toString('base64url')}`

/** A database that counts its questions, and that knows every key while the test tells it to. */
function open() {
  const state = { questions: 0, knows: false }
  const row = { id: 'k', bot: 'main', scopes: ['read'], perMinute: 1_000, botState: 'active' }
  const db = {
    rows: async () => {
      state.questions++
      return state.knows ? [row] : []
    },
  }
  return { db: db as unknown as Db, state }
}

async function statuses(
  guard: ReturnType<typeof createGuard>,
  address: string,
  keys: readonly string[],
): Promise<Record<number, number>> {
  const answers = await Promise.all(
    keys.map(async (one) => {
      const request = { headers: { authorization: `Bearer ${one}` }, socket: { remoteAddress: address } }
      try {
        await guard(request as FastifyRequest, ROUTE)
        return 200
      } catch (error) {
        return (error as Problem).status
      }
    }),
  )
  return Object.fromEntries(
    [...new Set(answers)].map((one) => [one, answers.filter((x) => x === one).length]),
  )
}

describe('F82 a flood of wrong keys is refused before the database', () => {
  const backend = { key: (name: string) => name } as never

  test('of two thousand guesses at once the database hears of a hundred, from each address', async () => {
    const { db, state } = open()
    const guard = createGuard(db, backend)
    const many = Array.from({ length: 2_000 }, key)
    expect(await statuses(guard, '10.0.0.1', many)).toEqual({ 401: 100, 429: 1_900 })
    expect(state.questions).toBe(100)
    expect(await statuses(guard, '10.0.0.2', [key()])).toEqual({ 401: 1 })
  })

  test('a key that was good lately is served in the middle of a flood from its own address', async () => {
    const { db, state } = open()
    const guard = createGuard(db, backend)
    const mine = key()
    state.knows = true
    expect(await statuses(guard, '10.0.0.1', [mine])).toEqual({ 200: 1 })
    state.knows = false
    await statuses(guard, '10.0.0.1', Array.from({ length: 200 }, key))
    expect(await statuses(guard, '10.0.0.1', [key()])).toEqual({ 429: 1 })
    state.knows = true
    expect(await statuses(guard, '10.0.0.1', [mine])).toEqual({ 200: 1 })
  })

  test('a text that cannot be a key costs the database no question', async () => {
    const { db, state } = open()
    const guard = createGuard(db, backend)
    const wrong = ['', 'x', 'tk_short', `${key()}x`, `xx_${key().slice(3)}`, key().replace(/.$/, ' ')]
    expect(await statuses(guard, '10.0.0.1', wrong)).toEqual({ 401: wrong.length })
    expect(state.questions).toBe(0)
  })
})
