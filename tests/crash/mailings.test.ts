import { join } from 'node:path'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMailing } from '#shop/mailings/mailings.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { mailings } from '../lib/mailings.ts'
import type { Mailings } from '../lib/mailings.ts'
import { startNode } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'

const WORKER = join(import.meta.dirname, '../../bin/worker.ts')
const FIRST = 10_000
const COUNT = 900

describe.skipIf(!redisAvailable())('a mailing whose workers are killed', () => {
  let shop: AdminShop
  let mail: Mailings
  beforeAll(async () => {
    shop = await openAdminShop({
      workers: ['bot'],
      telegram: { latencyMs: 40 },
      env: { TELEGRAM_SEND_RATE: '100' },
    })
    mail = mailings(shop)
    await shop.say(OWNER, '/start')
    await shop.sees(OWNER, 'Balance')
    await mail.crowd(COUNT, FIRST)
  })
  afterAll(() => shop?.close())

  test('F42 at 40 % loses nobody, sends nobody twice, and says of whom it does not know', async () => {
    const env = { ...shop.env, LOG_LEVEL: 'info' }
    const workers = [1, 2].map(() => startNode(WORKER, ['broadcasts'], { env }))
    for (const worker of workers) await worker.waitFor(/workers? (are|is) ready/)
    const id = await mail.begin('to everybody', FIRST)

    await eventually(async () => ((await readMailing(shop.db, id))?.sent ?? 0) >= COUNT * 0.4)
    await workers[0]!.kill('SIGKILL')
    const over = await mail.over(id)
    expect(over.total).toBe(COUNT)
    expect(over.sent + over.uncertain).toBe(COUNT)

    const arrived = new Map<number, number>()
    for (const { params, ok } of await shop.calls('copyMessage')) {
      const chat = Number(params['chat_id'])
      if (ok) arrived.set(chat, (arrived.get(chat) ?? 0) + 1)
    }
    expect([...arrived.values()].filter((times) => times > 1)).toEqual([])
    const uncertain = await shop.db.rows(q<{ personId: bigint }>`
      select person_id as "personId" from broadcast_recipients where broadcast_id = ${id} and state = 'uncertain'`)
    const doubted = new Set(uncertain.map(({ personId }) => Number(personId)))
    for (let person = FIRST; person < FIRST + COUNT; person++) {
      if (!doubted.has(person)) expect(arrived.get(person)).toBe(1)
    }
    // Only messages that were in flight at that moment are in doubt: of each of three lanes no more than one range
    // of 60.
    expect(doubted.size).toBeLessThanOrEqual(3 * 60)
    await workers[1]!.kill('SIGTERM')
  })
})
