import { setTimeout as sleep } from 'node:timers/promises'
import type { ServedBot } from './bots.ts'

/** An owner comes back from @BotFather within seconds and must see the change. */
const FRESH_MS = 3_000
/** A page is shown without the answer when Telegram takes longer. */
const PATIENCE_MS = 1_500

const answers = new WeakMap<ServedBot, { at: number; on: Promise<boolean | undefined> }>()

/**
 * Whether people can use the bot in inline mode, which only @BotFather turns on.
 * @returns undefined when Telegram does not say
 */
export async function hasInlineMode(bot: ServedBot): Promise<boolean | undefined> {
  if (bot.parked) return undefined
  const last = answers.get(bot)
  const isFresh = last !== undefined && performance.now() - last.at < FRESH_MS
  const on = isFresh ? last.on : ask(bot)
  if (!isFresh) answers.set(bot, { at: performance.now(), on })
  return await Promise.race([on, sleep(PATIENCE_MS, undefined, { ref: false })])
}

async function ask(bot: ServedBot): Promise<boolean | undefined> {
  try {
    return (await bot.api.getMe()).supports_inline_queries
  } catch {
    return undefined
  }
}
