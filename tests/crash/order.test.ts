import { writeFile } from 'node:fs/promises'
import type { Update } from 'grammy/types'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createOrder, orderStory } from '#shared/money/orders.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { eventually } from '../lib/eventually.ts'
import { tempFolder } from '../lib/infra.ts'
import { openStage } from '../lib/puppets.ts'
import type { Stage } from '../lib/puppets.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** update_id = chat * 1000 + number, so that the log tells both. */
const update = (chat: number, number: number, part = 'brief') => ({
  bot: 'main',
  update: {
    update_id: chat * 1000 + number,
    message: { message_id: 1, date: 0, chat: { id: chat, type: 'private', first_name: 'x' }, text: part },
  } as Update,
})

describe.skipIf(!redisAvailable())('updates of one chat', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage(await redisUrl())
  })
  afterEach(() => stage.close())

  test('F10: are handled in order and one at a time by three processes, also when one of them is killed half way', async () => {
    const CHATS = 40
    const EACH = 12
    const puppets = await Promise.all(['a', 'b', 'c'].map((name) => stage.puppet('updates', name)))
    const sending = (async () => {
      for (let number = 1; number <= EACH; number++) {
        await Promise.all(
          Array.from({ length: CHATS }, (_, chat) =>
            stage.producer.add(telegramUpdate, update(chat + 1, number)),
          ),
        )
      }
    })()
    await eventually(async () => (await stage.log()).length > 100)
    await puppets[0]!.kill('SIGKILL')
    await sending
    await eventually(
      async () =>
        new Set((await stage.log()).filter((line) => line.what === 'end').map((line) => line.key)).size ===
        CHATS * EACH,
    )

    const log = await stage.log()
    for (let chat = 1; chat <= CHATS; chat++) {
      const lines = log.filter((line) => Math.floor(Number(line.key) / 1000) === chat)
      const begun = [
        ...new Set(lines.filter((line) => line.what === 'start').map((line) => Number(line.key))),
      ]
      expect(begun, `chat ${chat}`).toEqual(begun.toSorted((x, y) => x - y))
      expect(parallel(lines), `chat ${chat} had two at once`).toBe(false)
    }
  })

  test('a chat whose handler hangs delays at most 2 % of the other chats', async () => {
    const CHATS = 2_000
    await stage.puppet('updates', 'only')
    await stage.producer.add(telegramUpdate, update(1, 1, 'hang'))
    await eventually(async () => (await stage.log()).length === 1)
    await Promise.all(
      Array.from({ length: CHATS }, (_, index) => stage.producer.add(telegramUpdate, update(index + 2, 1))),
    )
    const served = async () => (await stage.log()).filter((line) => line.what === 'end').length
    await eventually(async () => (await served()) >= CHATS * 0.98)
  })

  test('F11: a job whose process froze for longer than its lock is taken over, and its late write changes nothing', async () => {
    await stage.db.rows({ text: `insert into persons (id) values (1)`, values: [] })
    await stage.db.rows({ text: `insert into bots (name) values ('main')`, values: [] })
    const order = {
      id: 'blocked',
      personId: 1n,
      bot: 'main',
      good: 'stars',
      asset: 'RUB',
      price: 100n,
    } as const
    await createOrder(stage.db, order, 'test')
    await Promise.all(['a', 'b'].map((name) => stage.puppet('updates', name)))
    const folder = await tempFolder()
    await stage.producer.add(telegramUpdate, update(3, 1, `block ${folder}/over`))
    const outcomes = async () =>
      (await stage.log()).filter((line) => line.what === 'won' || line.what === 'late')
    await eventually(async () => (await outcomes()).length === 1, { what: 'the other one has taken it over' })
    await writeFile(`${folder}/over`, '')
    await eventually(async () => (await outcomes()).length === 2, { what: 'the frozen one has gone on' })
    expect((await outcomes()).map((line) => line.what)).toEqual(['won', 'late'])
    const starts = (await stage.log()).filter((line) => line.what === 'start').map((line) => line.process)
    expect((await outcomes()).map((line) => line.process)).toEqual(starts.toReversed())
    expect(await orderStory(stage.db, 'blocked')).toHaveLength(2)
  })

  test('the same update enqueued twice is handled once', async () => {
    await stage.producer.add(telegramUpdate, update(7, 1))
    await stage.producer.add(telegramUpdate, update(7, 1))
    await stage.producer.add(telegramUpdate, update(7, 2))
    await stage.puppet('updates', 'only')
    await eventually(async () => (await stage.log()).filter((line) => line.what === 'end').length === 2)
    expect((await stage.log()).map((line) => line.key)).toEqual(['7001', '7001', '7002', '7002'])
  })

  test('a poison update is given up after its tries, in its place, and its chat goes on', async () => {
    await stage.producer.add(telegramUpdate, update(9, 1, 'throw'))
    await stage.producer.add(telegramUpdate, update(9, 2))
    await stage.puppet('updates', 'only')
    await eventually(async () =>
      (await stage.log()).some((line) => line.key === '9002' && line.what === 'end'),
    )
    const keys = (await stage.log()).filter((line) => line.what === 'start').map((line) => line.key)
    expect(keys).toEqual([...Array.from({ length: telegramUpdate.attempts }, () => '9001'), '9002'])
  })
})

/** Two updates of the chat at work at the same time; what a killed process began and never ended does not count. */
function parallel(lines: { key: string; what: string; process: string }[]): boolean {
  let open: string | undefined
  for (const line of lines) {
    if (line.what === 'start') {
      if (
        open !== undefined &&
        open !== line.key &&
        lines.some(
          (one) => one.key === open && one.what === 'end' && lines.indexOf(one) > lines.indexOf(line),
        )
      ) {
        return true
      }
      open = line.key
    } else if (open === line.key) open = undefined
  }
  return false
}
