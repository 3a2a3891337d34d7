import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { createBudget } from '#shared/telegram/budget.ts'
import type { Budget } from '#shared/telegram/budget.ts'
import { memoryStore } from '#shared/telegram/budget-memory.ts'
import { HELD_MS, chatOf, costOf, placesOf } from '#shared/telegram/budget-rules.ts'
import { askForSlot, inTime } from '#shop/mailings/worker/pace.ts'
import type { MailingSlot } from '#shop/mailings/worker/pace.ts'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { mostInASecond, startCounter } from '../lib/outside-counter.ts'
import { redisUrl, startPrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const RATE = 30
let bots = 0

describe.skipIf(!redisAvailable()).each(['redis', 'memory'] as const)('the send budget in %s', (kind) => {
  let backend: QueueBackend
  beforeAll(async () => {
    backend = await openBackend({ kind: 'redis', url: await redisUrl() }, 'budget')
  })
  afterAll(() => backend?.close())

  const open = (chatRate = 1): Budget =>
    createBudget(kind === 'redis' ? backend : { redis: undefined, key: String }, String(bots++), {
      sendRate: RATE,
      chatRate,
    })

  let chats = 0
  /**
   * Asks, each time for another chat, until the budget gives nothing more. `within` is the time, in ms, over which
   * the slots are spread: from before the first question to the last slot. So a slow machine, on which more slots
   * come free, shows the same rate.
   */
  async function drain(budget: Budget, lane: 'admins' | 'answers' | 'notices' | 'mailings') {
    const startedAt = performance.now()
    for (let slots = 0, ahead = 0; ; slots++) {
      const slot = await budget.ask(lane, ++chats, 1)
      const within = performance.now() - startedAt + ahead
      if (!slot.granted) return { slots, ahead, within, refused: slot }
      ahead = slot.waitMs
    }
  }

  test('gives mailings what is free now, and answers what comes after', async () => {
    const budget = open()
    const mailings = await drain(budget, 'mailings')
    // A burst of a sixth of a second, the present slot, and 100 ms ahead.
    expect(mailings.slots).toBeGreaterThanOrEqual(6)
    expect(mailings.ahead).toBeLessThanOrEqual(100)
    const notice = await budget.ask('notices', ++chats, 1)
    const answer = await budget.ask('answers', ++chats, 1)
    expect([notice.granted, answer.granted]).toEqual([true, true])
    expect(answer.waitMs).toBeLessThanOrEqual(100 + (3 * 1000) / RATE)
    // Notices get slots up to a second ahead, and answers go on from there.
    await drain(budget, 'notices')
    expect((await budget.ask('answers', ++chats, 1)).granted).toBe(true)
    // With five seconds taken by answers, the other lanes have nothing for four seconds.
    await drain(budget, 'answers')
    expect((await budget.ask('mailings', ++chats, 1)).granted).toBe(false)
    expect((await budget.ask('notices', ++chats, 1)).granted).toBe(false)
  })

  test('keeps the rate: slots of a second ahead are no more than the limit allows', async () => {
    const budget = open()
    const { slots, ahead, within } = await drain(budget, 'notices')
    expect(ahead).toBeLessThanOrEqual(1_000)
    // All slots lie within this time, besides the burst of 5.
    expect(slots).toBeLessThanOrEqual((within / 1000) * RATE + 6.5)
    expect(slots).toBeGreaterThanOrEqual((ahead / 1000) * RATE * 0.99)
  })

  test.each([
    { where: 'a chat', chat: 7, atOnce: 4, intervalMs: 1_010 },
    { where: 'a group', chat: -7, atOnce: 6, intervalMs: 4_050 },
  ])(
    'lets $where have a burst and then a message each $intervalMs ms, without holding the others',
    async (one) => {
      const budget = open()
      const startedAt = performance.now()
      const given = await Promise.all(Array.from({ length: 20 }, () => budget.ask('answers', one.chat, 1)))
      const lasted = performance.now() - startedAt
      const granted = given.filter((slot) => slot.granted).length
      expect(granted).toBeGreaterThanOrEqual(one.atOnce)
      expect(granted).toBeLessThanOrEqual(one.atOnce + lasted / one.intervalMs)
      const refused = given.at(-1)!
      expect(refused).toMatchObject({ granted: false, chatOnly: true })
      expect(refused.waitMs).toBeGreaterThan(0)
      expect((await budget.ask('answers', 8, 1)).granted).toBe(true)
    },
  )

  test('F39 after a 429 nothing goes for as long as Telegram said', async () => {
    const budget = open()
    await budget.slowDown(60)
    for (const lane of ['answers', 'notices', 'mailings', 'paid'] as const) {
      const slot = await budget.ask(lane, 5, 1)
      expect(slot.granted).toBe(false)
      expect(slot.waitMs).toBeGreaterThan(30_000)
    }
  })

  test('F39 a storm of 429s is one, and the rate is lower after it', async () => {
    const budget = open()
    await Promise.all([1, 2, 3, 4, 5].map(() => budget.slowDown(1)))
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    const { slots, within, ahead } = await drain(budget, 'notices')
    // The rate is 0.85 of before and comes back by 0.5 % a second; five cuts would make it 0.44.
    expect((slots - 6) / (within / 1000)).toBeLessThan(RATE * 0.92)
    expect((slots - 6) / (ahead / 1000)).toBeGreaterThan(RATE * 0.7)
  })

  test('while customers are answered seconds later, an admin is answered at once, and the rate holds', async () => {
    const budget = open(0)
    const startedAt = performance.now()
    const customers = await drain(budget, 'answers')
    expect(customers.ahead).toBeGreaterThan(4_000)
    const own = [await budget.ask('admins', 1, 1), await budget.ask('admins', 1, 2)]
    expect(own).toMatchObject([
      { granted: true, waitMs: 0 },
      { granted: true, waitMs: 0 },
    ])
    const next = await budget.ask('admins', 1, 1)
    expect(next).toMatchObject({ granted: true })
    expect(next.waitMs).toBeLessThan(customers.ahead / 5)
    // Admins in a rush take a tenth. All lanes together keep the rate, besides the bursts (5 and 3) and what
    // admins have in the second in which the rush begins (3).
    const admins = await drain(budget, 'admins')
    const asked = (performance.now() - startedAt) / 1000
    const rush = asked + 5
    // Behind the customers the usual slots are free again, as many as time has passed since they asked.
    expect(admins.slots).toBeLessThanOrEqual(rush * RATE * 0.1 + 3 + asked * RATE)
    expect(customers.slots + 4 + admins.slots).toBeLessThanOrEqual(rush * RATE + 13)
    expect((await budget.ask('notices', 1, 1)).granted).toBe(false)
  })

  test('takes paid messages from a budget of their own', async () => {
    const budget = open()
    await drain(budget, 'notices')
    expect(await budget.ask('paid', 5_000, 1)).toMatchObject({ granted: true })
  })
})

describe('the window of a mailing by a clock of the test (F108)', () => {
  interface Step {
    album: number
    /**
     * Durations of a call: from the place to the call, on the way there, on the way back, and until the answer is
     * read.
     */
    readyMs: number
    thereMs: number
    backMs: number
    readMs: number
    refused: boolean
  }

  /**
   * Sends as fast as the window allows.
   * @returns when each message was counted outside
   */
  async function sendAll(rate: number, steps: Step[]): Promise<number[]> {
    let now = 10_000
    const memory = memoryStore(() => now)
    const whose = { bot: '1', lane: 'mailings' as const, most: placesOf(rate) }
    const counted: number[] = []
    const events: { at: number; act: () => Promise<unknown> }[] = []
    const enter = async (index: number): Promise<void> => {
      const step = steps[index]
      if (!step) return
      if (step.refused) await memory.cut('1', 2_000, rate)
      const place = { id: String(index), count: Math.min(step.album, rate) }
      const { granted, waitMs } = await memory.pass({ ...whose, asked: [place], left: [], held: [] })
      if (granted === 0) {
        steps[index] = { ...step, refused: false }
        events.push({ at: now + Math.min(waitMs + 0.001, 10), act: () => enter(index) })
        return
      }
      const grantedAt = now
      const arrives = now + step.readyMs + 10 + step.thereMs
      for (let part = 0; part < place.count; part++) counted.push(arrives)
      const read = arrives + 10 + step.backMs + step.readMs
      const tookMs = read - grantedAt
      // The window is told 5 ms later, together with how long ago the call ended.
      const left = [{ ...place, agoMs: 5, tookMs }]
      events.push({ at: read + 5, act: () => memory.pass({ ...whose, asked: [], left, held: [] }) })
      await enter(index + 1)
    }
    await enter(0)
    for (let event = next(events); event; event = next(events)) {
      now = Math.max(now, event.at)
      await event.act()
    }
    return counted
  }
  const next = (events: { at: number; act: () => Promise<unknown> }[]) =>
    events.sort((a, b) => a.at - b.at).shift()

  const jitter = fc.constantFrom(0, 0, 0, 0, 1, 5, 30, 250)
  test('no second has more messages than places, with albums, a 429, and whatever is late on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 7, 30, 120),
        fc.array(
          fc.record({
            album: fc.constantFrom(1, 1, 1, 2, 10),
            readyMs: fc.constantFrom(0, 0, 0, 1, 60, 500),
            thereMs: jitter,
            backMs: jitter,
            readMs: jitter,
            refused: fc.constantFrom(...Array.from({ length: 30 }, () => false), true),
          }),
          { minLength: 300, maxLength: 600 },
        ),
        async (rate, steps) => {
          expect(mostInASecond(await sendAll(rate, steps))).toBeLessThanOrEqual(placesOf(rate))
        },
      ),
      { numRuns: 25, endOnFailure: true },
    )
  })

  test('answers that all take as long cost nothing of the rate', async () => {
    const step = { album: 1, readyMs: 0, thereMs: 30, backMs: 30, readMs: 0, refused: false }
    const counted = await sendAll(
      300,
      Array.from({ length: 3_000 }, () => step),
    )
    const seconds = (counted.at(-1)! - counted[900]!) / 1000
    expect((counted.length - 900) / seconds).toBeGreaterThanOrEqual(0.99 * 300)
  })

  test('the places of a process that died are free after some seconds, and those of a long call are held', async () => {
    let now = 10_000
    const memory = memoryStore(() => now)
    const pass = (asked: string[], held: string[] = []) =>
      memory.pass({
        bot: '1',
        lane: 'mailings',
        most: 2,
        asked: asked.map((id) => ({ id, count: 1 })),
        left: [],
        held: held.map((id) => ({ id, count: 1 })),
      })
    expect(await pass(['dead', 'long', 'third'])).toEqual({ granted: 2, waitMs: HELD_MS })
    now += HELD_MS - 1
    expect((await pass(['third'], ['long'])).granted).toBe(0)
    now += 2
    expect(await pass(['third', 'fourth'])).toMatchObject({ granted: 1 })
  })
})

describe('a mailing by a clock of the test', () => {
  test('makes up for a machine that was late: it loses nothing of its rate', async () => {
    let now = 10_000
    const memory = memoryStore(() => now)
    const budget = createBudget({ redis: undefined, key: String }, '1', { sendRate: 30, chatRate: 0 }, memory)
    let sent = 0
    let nextDelayAt = now
    while (now < 70_000) {
      const slot = await budget.ask('mailings', 0, 1)
      now += slot.waitMs + 0.001
      if (!slot.granted) continue
      sent++
      // For 300 ms the machine stands still.
      if (now < nextDelayAt) continue
      nextDelayAt = now + 1_370
      now += 300
    }
    expect(sent).toBeGreaterThanOrEqual(0.99 * 30 * 60)
  })

  test('does not begin at twice its rate for half a second', async () => {
    let now = 10_000
    const memory = memoryStore(() => now)
    const budget = createBudget({ redis: undefined, key: String }, '1', { sendRate: 30, chatRate: 0 }, memory)
    let sent = 0
    while (now < 11_000) {
      const slot = await budget.ask('mailings', 0, 1)
      now += slot.waitMs + 0.001
      if (slot.granted) sent++
    }
    expect(sent).toBeLessThanOrEqual(30 + 30 / 6 + 1)
  })
})

describe('what a call costs', () => {
  test('is a message each, also in albums, and nothing for what is no message', () => {
    expect(costOf('sendMessage', {})).toBe(1)
    expect(costOf('copyMessages', { message_ids: [1, 2, 3] })).toBe(3)
    expect(costOf('sendMediaGroup', { media: [{}, {}] })).toBe(2)
    expect(costOf('editMessageText', {})).toBe(1)
    for (const method of ['getUpdates', 'answerCallbackQuery', 'deleteMessage', 'sendChatAction']) {
      expect(costOf(method, {})).toBe(0)
    }
    expect(chatOf({ chat_id: '-100' })).toBe(-100)
    expect(chatOf({ chat_id: '@channel' })).toBe(0)
  })
})

describe.skipIf(!redisAvailable())('three processes', () => {
  test('F108 share one budget, an answer passes a mailing, and a counter outside sees no second above the rate when they stand still', async () => {
    const url = await redisUrl()
    const backends = await Promise.all([1, 2, 3].map(() => openBackend({ kind: 'redis', url }, 'budget')))
    const budgets = backends.map((backend) => createBudget(backend, 'shared', { sendRate: 200, chatRate: 0 }))
    const startedAt = performance.now()
    const counter = await startCounter()
    let answered = 0
    const sending: Promise<void>[] = []
    const mail = async (budget: Budget) => {
      while (performance.now() - startedAt < 2_500) {
        const kept = await askForSlot(budget, 'mailings', 1, 1)
        if ('granted' in kept) await new Promise((resolve) => setTimeout(resolve, kept.waitMs))
        else sending.push(send(budget, kept))
      }
    }
    const send = async (budget: Budget, kept: MailingSlot) => {
      const leave = await inTime(budget, kept)
      if (!leave) return
      await (await fetch(counter.url)).text()
      leave()
    }
    const standStill = async () => {
      for (const ms of [200, 500, 300, 250]) {
        await new Promise((resolve) => setTimeout(resolve, 250))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
      }
    }
    const answer = async () => {
      for (let time = 0; time < 10; time++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        const slot = await budgets[0]!.ask('answers', 2, 1)
        expect(slot.granted).toBe(true)
        expect(slot.waitMs).toBeLessThanOrEqual(130)
        answered++
      }
    }
    await Promise.all([...budgets.flatMap((budget) => [mail(budget), mail(budget)]), answer(), standStill()])
    const seconds = (performance.now() - startedAt) / 1000
    // If the counter stopped first, calls would be left without an answer.
    await Promise.all(sending)
    const times = await counter.stop()
    expect(mostInASecond(times)).toBeLessThanOrEqual(placesOf(200))
    // The burst of a sixth of a second may come at the start.
    expect(times.length + answered).toBeLessThanOrEqual(200 * seconds + 200 / 6 + 2)
    await Promise.all(backends.map((backend) => backend.close()))
  })
})

describe.skipIf(!redisAvailable())('a Redis that answers and takes no writes (F90)', () => {
  const states: Record<string, (redis: Redis) => Promise<unknown>> = {
    'is full': (redis) => redis.config('SET', 'maxmemory', '1'),
    'was made a replica': (redis) => redis.replicaof('127.0.0.1', 1),
    'lost its replicas': (redis) => redis.config('SET', 'min-replicas-to-write', '1'),
  }
  test.each(Object.keys(states))('%s: answers go on by themselves, and so does a pause', async (state) => {
    const server = await startPrivateRedis()
    const backend = await openBackend({ kind: 'redis', url: server.url }, 'budget')
    const admin = new Redis(server.url)
    try {
      const budget = createBudget(backend, String(bots++), { sendRate: RATE, chatRate: 1 })
      await states[state]!(admin)
      await expect(backend.ping()).rejects.toThrow()
      expect(await budget.ask('answers', 1, 1)).toMatchObject({ granted: true })
      await budget.slowDown(60)
      expect(await budget.ask('answers', 2, 1)).toMatchObject({ granted: false })
    } finally {
      admin.disconnect()
      await backend.close()
      await server.stop()
    }
  })

  test('a script of ours that does not run is told, also when the server is well', async () => {
    const backend = await openBackend({ kind: 'redis', url: await redisUrl() }, 'budget')
    const budget = createBudget(backend, 'broken', { sendRate: RATE, chatRate: 1 })
    await backend.redis!.sadd(backend.key('{telegram-budget-broken}:all'), 'no budget')
    await expect(budget.ask('answers', 1, 1)).rejects.toThrow()
    await backend.close()
  })
})
