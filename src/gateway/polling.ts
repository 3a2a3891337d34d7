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

/**
 * How long Telegram may wait with its answer to getUpdates when it has no updates, seconds (the server allows up to
 * 50).
 */
const HOLD_SECONDS = 25
const RETRY_MS = 1_000
const CONFLICT_MS = 5_000

export interface Poller {
  stop(): Promise<void>
}

/**
 * Long polling of one bot: the runner's source asks Telegram for updates, its sink puts them on their queues. The next
 * request confirms the last batch, so it is sent only when every update of the batch is queued; while the queue is
 * away the updates stay at Telegram. While one of several queue servers is away, only updates of its chats wait at
 * Telegram: later ones are taken, as far as Telegram shows them (100 at a time), and remembered until the offset
 * passes them.
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
  // The runner's own signal is a polyfill without `throwIfAborted`, so the waits below use a signal of ours.
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
      // Telegram returns held updates again at once, so the poller pauses before it asks.
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
  // An update that is held, or that the stop interrupts, fails its batch: the batch is then not confirmed.
  const batches = createBatchSink<Update>({ consume: inChats }, async () => {})
  const sink: UpdateSink<Update> = {
    ...batches,
    async handle(updates) {
      // The runner asks for more when this promise resolves: when the batch's last update is queued.
      held.begin()
      const room = await batches.handle(updates)
      const last = updates.at(-1)
      if (last && !signal.aborted) offset = held.offsetAfter(last.update_id)
      if (held.holds()) log.warn({ bot: bot.name }, 'updates of the bot wait for a queue that is away')
      return room
    },
  }
  const runner = createRunner(createSource<Update>({ supply }), sink)
  runner.start()
  runner.task()?.catch((error: unknown) => {
    if (!signal.aborted)
      log.error({ bot: bot.name, reason: explain(error) }, 'the polling of the bot has ended')
  })
  return {
    async stop() {
      stopping.abort()
      await runner.stop()?.catch(() => {})
    },
  }
}

/** Handles updates of the same key one after another: of two at once, the second could be queued first. */
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

/** Repeats the work until it succeeds or the poller is stopped, because polling has nobody to report an error to. */
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
          ? 'somebody else polls this bot or a webhook is set; set PUBLIC_URL to run several gateways'
          : 'Telegram did not answer the poller, trying again',
      )
      await sleep(conflict ? CONFLICT_MS : revoked ? 60_000 : RETRY_MS, undefined, { signal }).catch(() => {})
    }
  }
}
