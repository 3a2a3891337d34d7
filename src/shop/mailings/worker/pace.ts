import { setTimeout as sleep } from 'node:timers/promises'
import type { ServedBot } from '#shared/telegram/bots.ts'
import type { Budget } from '#shared/telegram/budget.ts'
import type { Slot } from '#shared/telegram/budget-store.ts'
import { TOO_LATE_MS } from '#shared/telegram/budget-rules.ts'

/** A slot of the send budget that one message of a mailing has. */
export interface MailingSlot {
  lane: 'mailings' | 'paid'
  /** How many messages may go at once in the slot. */
  count: number
  id: string | undefined
  /** It begins between these two, by performance.now(): the budget was asked then, and answered then. */
  notBefore: number
  surely: number
  grantedAt: number
}

/** How long it takes from the slot to the call, of each budget, ms: the slot is asked for so much earlier. */
const readyIn = new WeakMap<object, number>()
/** An answer may have to wait behind a mailing for so much longer, on a machine that is as slow as that. */
const MOST_READY_MS = 300

/** The first call gives up after so long: when Telegram is not reached, the mailing finds that out by itself. */
const FIRST_CALL_MS = 2_000
const firstCalls = new WeakMap<ServedBot, Promise<unknown>>()

/**
 * The first call of a process takes longer than those behind it, which would arrive together with it: it is one that
 * sends nothing.
 */
export function firstCall(bot: ServedBot): Promise<unknown> {
  const known = firstCalls.get(bot)
  if (known) return known
  const call = bot.mailings.getMe().catch(() => {})
  const first = Promise.race([call, sleep(FIRST_CALL_MS, undefined, { ref: false })])
  firstCalls.set(bot, first)
  return first
}

/** Asks for a slot. @returns the slot, or what the budget says to wait for */
export async function askForSlot(
  budget: Pick<Budget, 'ask'>,
  lane: MailingSlot['lane'],
  person: number,
  count: number,
): Promise<MailingSlot | Slot> {
  const askedAt = performance.now()
  const slot = await budget.ask(lane, person, count, Math.min(readyIn.get(budget) ?? 0, MOST_READY_MS))
  if (!slot.granted) return slot
  const { waitMs, id } = slot
  const grantedAt = performance.now()
  return { lane, count, id, notBefore: askedAt + waitMs, surely: grantedAt + waitMs, grantedAt }
}

/** Less is told to nobody: it is within what a call needs longer than another. */
const LATE_MS = 2

/**
 * Waits for the slot, and tells the budget how late it is used, so that the message of a second later keeps its distance.
 * @returns false when the slot is over
 */
export async function inTime(budget: Pick<Budget, 'late'>, slot: MailingSlot): Promise<boolean> {
  const tookMs = performance.now() - slot.grantedAt
  readyIn.set(budget, Math.max(tookMs, 0.98 * (readyIn.get(budget) ?? 0)))
  await sleep(Math.max(0, Math.ceil(slot.surely - performance.now())))
  if (performance.now() - slot.notBefore > TOO_LATE_MS) return false
  // When the call is made: until then a busy machine makes it later still. Whoever needs to know asks in half a second.
  setImmediate(() => {
    const late = performance.now() - slot.notBefore
    if (late > LATE_MS) void budget.late(slot.lane, slot, slot.count, late).catch(() => {})
  })
  return true
}
