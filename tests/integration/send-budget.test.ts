import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../src/shared/queue/backend.ts'
import type { QueueBackend } from '../../src/shared/queue/backend.ts'
import { createBudget } from '../../src/shared/telegram/budget.ts'
import type { Budget } from '../../src/shared/telegram/budget.ts'
import { chatOf, costOf } from '../../src/shared/telegram/budget-rules.ts'
import { redisUrl } from '../lib/redis.ts'
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
    createBudget(kind === 'redis' ? backend : { redis: undefined }, String(bots++), {
      sendRate: RATE,
      chatRate,
    })

  /** Asks until nothing more is given; how far ahead the last slot is, ms, and how many there were. */
  async function drain(budget: Budget, lane: 'answers' | 'notices' | 'mailings', most = 1_000) {
    let slots = 0
    let ahead = 0
    for (let chat = 1; chat <= most; chat++) {
      const slot = await budget.ask(lane, chat, 1)
      if (!slot.granted) break
      slots++
      ahead = slot.waitMs
    }
    return { slots, ahead }
  }

  it('gives mailings what is free now, and answers what comes after', async () => {
    const budget = open()
    const mailings = await drain(budget, 'mailings')
    // A burst of a sixth of a second, the present slot, and 100 ms ahead.
    expect(mailings.slots).toBeGreaterThanOrEqual(6)
    expect(mailings.ahead).toBeLessThanOrEqual(100)
    const notice = await budget.ask('notices', 2_001, 1)
    const answer = await budget.ask('answers', 2_002, 1)
    expect([notice.granted, answer.granted]).toEqual([true, true])
    expect(answer.waitMs).toBeLessThanOrEqual(100 + (3 * 1000) / RATE)
    await drain(budget, 'notices')
    expect((await budget.ask('mailings', 2_003, 1)).granted).toBe(false)
    expect((await budget.ask('notices', 2_004, 1)).granted).toBe(false)
    expect((await budget.ask('answers', 2_005, 1)).granted).toBe(true)
  })

  it('keeps the rate: slots of a second ahead are no more than the limit allows', async () => {
    const budget = open()
    const { slots, ahead } = await drain(budget, 'notices')
    expect(ahead).toBeLessThanOrEqual(1_000)
    // All slots lie within `ahead`, besides the burst of 5.
    expect(slots).toBeLessThanOrEqual((ahead / 1000) * RATE + 6.5)
    expect(slots).toBeGreaterThanOrEqual((ahead / 1000) * RATE * 0.99)
  })

  it('lets one chat have a burst and then a message a second, without holding the others', async () => {
    const budget = open()
    const given = []
    for (let time = 0; time < 6; time++) given.push(await budget.ask('answers', 7, 1))
    expect(given.filter(({ granted }) => granted)).toHaveLength(4)
    const refused = given.at(-1)!
    expect(refused).toMatchObject({ granted: false, chatOnly: true })
    expect(refused.waitMs).toBeGreaterThan(900)
    expect((await budget.ask('answers', 8, 1)).granted).toBe(true)
  })

  it('F39 after a 429 nothing goes for as long as Telegram said, a storm of them is one, and the rate is lower', async () => {
    const budget = open()
    await Promise.all([1, 2, 3, 4, 5].map(() => budget.slowDown(1)))
    for (const lane of ['answers', 'notices', 'mailings', 'paid'] as const) {
      const slot = await budget.ask(lane, 5, 1)
      expect(slot.granted).toBe(false)
      expect(slot.waitMs).toBeGreaterThan(500)
    }
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    const { slots, ahead } = await drain(budget, 'notices')
    // 0.85 of the rate, coming back by 0.5 % a second; five cuts would be 0.44 of it.
    const rate = (slots - 6) / (ahead / 1000)
    expect(rate).toBeLessThan(RATE * 0.92)
    expect(rate).toBeGreaterThan(RATE * 0.7)
  })

  it('takes paid messages from a budget of their own', async () => {
    const budget = open()
    await drain(budget, 'notices')
    expect(await budget.ask('paid', 5_000, 1)).toMatchObject({ granted: true })
  })
})

describe('what a call costs', () => {
  it('is a message each, also in albums, and nothing for what is no message', () => {
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
  it('share one budget, and an answer passes a mailing under way', async () => {
    const url = await redisUrl()
    const backends = await Promise.all([1, 2, 3].map(() => openBackend({ kind: 'redis', url }, 'budget')))
    const budgets = backends.map((backend) => createBudget(backend, 'shared', { sendRate: 200, chatRate: 0 }))
    const startedAt = performance.now()
    let sent = 0
    let answered = 0
    const mail = async (budget: Budget) => {
      while (performance.now() - startedAt < 2_000) {
        const slot = await budget.ask('mailings', 1, 1)
        await new Promise((resolve) => setTimeout(resolve, slot.waitMs))
        if (slot.granted) sent++
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
    await Promise.all([...budgets.flatMap((budget) => [mail(budget), mail(budget)]), answer()])
    const seconds = (performance.now() - startedAt) / 1000
    // The burst of a sixth of a second may go at the start.
    expect(sent + answered).toBeLessThanOrEqual(200 * seconds + 200 / 6 + 2)
    await Promise.all(backends.map((backend) => backend.close()))
  })
})
