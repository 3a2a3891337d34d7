import type { Update } from 'grammy/types'
import { expect, test } from 'vitest'
import { poll } from '#gateway/polling.ts'
import { Transient } from '#shared/errors.ts'
import { createLog } from '#shared/log.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { createSecrets } from '#shared/secrets.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { eventually } from '../lib/eventually.ts'

const typed = (update_id: number, chat: number): Update =>
  ({
    update_id,
    message: {
      message_id: update_id,
      date: 0,
      text: 'x',
      chat: { id: chat, type: 'private', first_name: 'A' },
    },
  }) as Update

/**
 * A Telegram that has these batches and then lets every further question wait. It remembers which offsets were
 * asked for.
 */
function telegram(...batches: Update[][]) {
  const asked: number[] = []
  const getUpdates = async ({ offset }: { offset: number }, signal: AbortSignal) => {
    asked.push(offset)
    const batch = batches.shift()
    if (batch) return batch
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  return { asked, bot: { name: 'main', api: { getUpdates } } as unknown as ServedBot }
}

const door = (add: (type: unknown, job: TelegramUpdate) => Promise<void>) => ({
  producer: { add } as unknown as Producer,
  log: createLog({ level: 'silent', name: 'test' }),
  secrets: createSecrets(Buffer.alloc(32, 1).toString('base64')),
  backend: { redis: undefined, key: (name: string) => name, servers: [{}] } as never,
})

test('what one batch brings from a chat is queued in its order, whatever the first update waits for, and other chats do not wait', async () => {
  const { asked, bot } = telegram([typed(1, 7), typed(2, 8), typed(3, 7), typed(4, 8), typed(5, 7)])
  const queued: number[] = []
  let refusals = 1
  const add = async (_: unknown, { update }: TelegramUpdate) => {
    // The queue refuses the first update once, and its second try comes a second later.
    if (update.update_id === 1 && refusals-- > 0) throw new Transient('no queue')
    queued.push(update.update_id)
  }
  const poller = poll(bot, door(add))
  await eventually(() => asked.length === 2)
  await poller.stop()
  expect(queued).toEqual([2, 4, 1, 3, 5])
  expect(asked).toEqual([0, 6])
})

test('F30: a batch of which one update is not on the queue is not confirmed, neither while the queue refuses it nor by a stop', async () => {
  const { asked, bot } = telegram([typed(1, 7), typed(2, 8)])
  const queued: number[] = []
  let refused = 0
  const add = async (_: unknown, { update }: TelegramUpdate) => {
    if (update.update_id === 2) {
      refused++
      throw new Transient('no queue')
    }
    queued.push(update.update_id)
  }
  const poller = poll(bot, door(add))
  await eventually(() => queued.length === 1 && refused === 2)
  expect(asked).toEqual([0])
  await poller.stop()
  expect(asked).toEqual([0])
})
