import { conflict } from './errors.ts'
import type { Bot, World } from './store.ts'
import { remove, report } from './updates.ts'

/** The same offset again within this time gets one update at most ("telegram-bot-api", do_get_updates). */
const SAME_OFFSET_MS = 500

/**
 * getUpdates: confirms everything below `offset`, then waits for something newer.
 * @throws conflict with a webhook, or when another poller takes over
 */
export async function poll(
  world: World,
  bot: Bot,
  ask: { offset: number; limit: number; timeout: number; gone: AbortSignal },
): Promise<unknown[]> {
  const { updates } = bot
  if (updates.webhook)
    return refuse(
      world,
      bot,
      "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
  updates.poller?.stop(
    'terminated by other getUpdates request; make sure that only one bot instance is running',
  )

  const now = world.clock.now()
  const repeated = updates.lastPoll.offset === ask.offset && now - updates.lastPoll.at < SAME_OFFSET_MS
  updates.lastPoll = { offset: ask.offset, at: now }
  const limit = repeated ? 1 : ask.limit

  forget(world, bot, ask.offset)
  let batch = take(world, bot, limit)
  if (batch.length === 0 && ask.timeout > 0) {
    await wait(world, bot, ask.timeout * 1000, ask.gone)
    batch = ask.gone.aborted ? [] : take(world, bot, limit)
  }
  return batch
}

function forget(world: World, bot: Bot, offset: number): void {
  const { pending } = bot.updates
  const now = world.clock.now()
  for (const update of pending) {
    if (update.expires > now) continue
    remove(bot, update)
    report(world, bot, update, 'expired')
  }
  const kept = offset < 0 ? new Set([...pending].slice(offset)) : undefined
  for (const update of pending) {
    const confirmed = update.id < offset && (!update.forced || update.attempts > 0)
    if (kept ? !kept.has(update) : confirmed) remove(bot, update)
  }
}

function take(world: World, bot: Bot, limit: number): unknown[] {
  const batch: unknown[] = []
  for (const update of bot.updates.pending) {
    if (batch.length >= limit) break
    update.attempts++
    report(world, bot, update, 'delivered', { via: 'polling', attempt: update.attempts })
    batch.push(update.body)
  }
  return batch
}

function wait(world: World, bot: Bot, ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      cancel()
      gone.removeEventListener('abort', end)
      if (bot.updates.poller === poller) bot.updates.poller = undefined
      resolve()
    }
    const cancel = world.clock.after(ms, end)
    const poller = {
      wake: end,
      stop(reason: string) {
        reject(conflict(reason))
        end()
      },
    }
    bot.updates.poller = poller
    bot.updates.kick = () => bot.updates.poller?.wake()
    gone.addEventListener('abort', end)
    if (gone.aborted) end()
  })
}

/** A second refusal within a moment comes late, so that a broken bot does not call without end. */
async function refuse(world: World, bot: Bot, why: string): Promise<never> {
  const { conflictDelayMs } = world.settings
  const now = world.clock.now()
  const soon = now - bot.updates.lastConflict < conflictDelayMs
  bot.updates.lastConflict = now
  if (soon) await new Promise<void>((resolve) => void world.clock.after(conflictDelayMs, resolve))
  throw conflict(why)
}
