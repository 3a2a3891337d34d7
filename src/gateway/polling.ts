import { setTimeout as sleep } from 'node:timers/promises'
import { createRunner, createSequentialSink, createSource } from '@grammyjs/runner'
import { GrammyError } from 'grammy'
import type { Update } from 'grammy/types'
import { explain } from '#shared/errors.ts'
import type { Log } from '#shared/log.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { Secrets } from '#shared/secrets.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { ALLOWED_UPDATES, enqueueUpdate, sealToken, withoutNul } from '#shared/telegram/intake.ts'
import type { Door } from '#shared/telegram/intake.ts'

/** How long Telegram holds a getUpdates that has nothing to tell, in seconds (the server allows up to 50). */
const HOLD_SECONDS = 25
const RETRY_MS = 1_000
const CONFLICT_MS = 5_000

export interface Poller {
  stop(): Promise<void>
}

/**
 * Long polling of one bot. Asking for the next batch confirms the last one to Telegram, so the offset moves only when
 * every update of the batch is on its queue; with the queue away the updates stay with Telegram.
 */
export function poll(bot: ServedBot, door: Door & { log: Log; secrets: Secrets }): Poller {
  const { log, secrets } = door
  let offset = 0
  // The runner's own signal is a polyfill without `throwIfAborted`; one of ours serves every wait below.
  const stopping = new AbortController()
  const { signal } = stopping
  const supply = async (limit: number): Promise<Update[]> => {
    const ask = {
      offset,
      limit: Math.min(limit, 100),
      timeout: HOLD_SECONDS,
      allowed_updates: ALLOWED_UPDATES,
    }
    const updates = await patiently(signal, log, bot.name, () => bot.api.getUpdates(ask, signal as never))
    // One after the other in each chat: of two at once, the second may be on the queue first.
    const chats = Map.groupBy(updates, (update) => telegramUpdate.orderKey!({ bot: bot.name, update }))
    await Promise.all(
      [...chats.values()].map(async (ofOneChat) => {
        for (const update of ofOneChat) {
          const safe = sealToken(secrets, withoutNul(update))
          await patiently(signal, log, bot.name, () => enqueueUpdate(door, bot.name, safe))
        }
      }),
    )
    const last = updates.at(-1)
    if (last) offset = last.update_id + 1
    return updates
  }
  const nothingLeftToDo = { consume: async () => {} }
  const runner = createRunner(
    createSource<Update>({ supply }),
    createSequentialSink<Update>(nothingLeftToDo, async () => {}),
  )
  runner.start()
  runner.task()?.catch((error: unknown) => {
    if (!signal.aborted) log.error({ bot: bot.name, reason: explain(error) }, 'polling ended')
  })
  return {
    async stop() {
      stopping.abort()
      await runner.stop()?.catch(() => {})
    },
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
