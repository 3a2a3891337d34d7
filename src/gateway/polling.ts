import { setTimeout as sleep } from 'node:timers/promises'
import { createBatchSink, createRunner, createSource } from '@grammyjs/runner'
import type { UpdateSink } from '@grammyjs/runner'
import { GrammyError } from 'grammy'
import type { Update } from 'grammy/types'
import { explain } from '#shared/errors.ts'
import type { Log } from '#shared/log.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import type { Secrets } from '#shared/secrets.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { storableJson } from '#shared/storable.ts'
import { ALLOWED_UPDATES, enqueueUpdate } from '#shared/telegram/intake.ts'
import { createAwaited, sealSecrets } from '#shared/telegram/sealed.ts'
import type { Intake } from '#shared/telegram/intake.ts'
import { createHeld } from './held-updates.ts'

/** How long Telegram holds a getUpdates that has nothing to tell, in seconds (the server allows up to 50). */
const HOLD_SECONDS = 25
const RETRY_MS = 1_000
const CONFLICT_MS = 5_000

export interface Poller {
  stop(): Promise<void>
}

/**
 * Long polling of one bot. The runner's source asks Telegram for updates, its sink puts them on their queues. Asking for
 * the next batch confirms the last one to Telegram, so the offset moves only when every update of the batch is on its
 * queue; with the queue away the updates stay with Telegram. With one of several servers away only those of its chats do:
 * others behind them are taken, as far as Telegram shows them (100 at a time), and remembered until the offset passes them.
 */
export function poll(
  bot: ServedBot,
  door: Intake & { log: Log; secrets: Secrets; backend: QueueBackend },
): Poller {
  const { log, secrets } = door
  const awaited = createAwaited(door.backend)
  const several = door.backend.servers.length > 1
  let offset = 0
  const held = createHeld()
  // The runner's own signal is a polyfill without `throwIfAborted`; one of ours serves every wait below.
  const stopping = new AbortController()
  const { signal } = stopping
  const supply = (limit: number): Promise<Update[]> => {
    const ask = {
      offset,
      limit: Math.min(limit, 100),
      timeout: HOLD_SECONDS,
      allowed_updates: ALLOWED_UPDATES,
    }
    return patiently(signal, log, bot.name, async () => {
      // What is held is shown again at once, over and over.
      if (held.isIdle()) await sleep(RETRY_MS, undefined, { signal })
      return held.without(await bot.api.getUpdates(ask, signal as never))
    })
  }
  const enqueue = async (update: Update): Promise<void> => {
    const storable = storableJson(update)
    const safe = sealSecrets(secrets, storable, await awaited.by(bot.name, storable))
    const put = () => enqueueUpdate(door, bot, safe)
    if (!several) return patiently(signal, log, bot.name, put)
    await held.unlessHeld(update, chatOf(update), put)
  }
  const chatOf = (update: Update) => telegramUpdate.orderKey!({ bot: bot.name, update })
  const inChats = oneAtATime<Update>(chatOf, enqueue)
  // An update fails when it is held, or the poller is stopped, and then its batch is not confirmed.
  const batches = createBatchSink<Update>({ consume: inChats }, async () => {})
  const sink: UpdateSink<Update> = {
    ...batches,
    async handle(updates) {
      // The runner asks for more when this resolves: when the last update of the batch is on its queue.
      held.begin()
      const room = await batches.handle(updates)
      const last = updates.at(-1)
      if (last && !signal.aborted) offset = held.offsetAfter(last.update_id)
      if (held.holds()) log.warn({ bot: bot.name }, 'polling: updates wait for a queue that is away')
      return room
    },
  }
  const runner = createRunner(createSource<Update>({ supply }), sink)
  runner.start()
  runner.task()?.catch((error: unknown) => {
    if (!signal.aborted) log.error({ bot: bot.name, reason: explain(error) }, 'polling has ended')
  })
  return {
    async stop() {
      stopping.abort()
      await runner.stop()?.catch(() => {})
    },
  }
}

/** Works on what has the same key one after the other: of two at once, the second may be on the queue first. */
function oneAtATime<T>(
  keyOf: (one: T) => string,
  work: (one: T) => Promise<void>,
): (one: T) => Promise<void> {
  const last = new Map<string, Promise<void>>()
  return (one) => {
    const key = keyOf(one)
    const before = last.get(key)
    const mine = before ? before.then(() => work(one)) : work(one)
    last.set(key, mine)
    const forget = () => {
      if (last.get(key) === mine) last.delete(key)
    }
    mine.then(forget, forget)
    return mine
  }
}

/** Repeats until it works or the poller is stopped: polling has nobody to report an error to. */
async function patiently<T>(signal: AbortSignal, log: Log, bot: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      const conflict = error instanceof GrammyError && error.error_code === 409
      const revoked = error instanceof GrammyError && error.error_code === 401
      log.warn(
        { bot, reason: explain(error) },
        conflict
          ? 'polling: somebody else polls this bot or a webhook is set; set PUBLIC_URL to run several gateways'
          : 'polling: trying again',
      )
      await sleep(conflict ? CONFLICT_MS : revoked ? 60_000 : RETRY_MS, undefined, { signal }).catch(() => {})
    }
  }
}
