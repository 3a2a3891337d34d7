import { setTimeout as sleep } from 'node:timers/promises'
import type { Budget, MailingLane } from '#shared/telegram/budget.ts'
import type { Slot } from '#shared/telegram/budget-store.ts'
import type { Leave } from '#shared/telegram/budget-window.ts'

/** A slot of the send budget that one message of a mailing has. */
export interface MailingSlot {
  lane: MailingLane
  /** How many messages may go at once in the slot. */
  count: number
  /** By performance.now(). */
  begins: number
}

const LOOK_AGAIN_MS = 10
/** A row that gets no slot within this time, for example after a 429 of Telegram, is given back. */
const PATIENCE_MS = 2_000

/** Asks for a slot. @returns the slot, or what the budget says to wait for */
export async function askForSlot(
  budget: Pick<Budget, 'ask' | 'window'>,
  lane: MailingLane,
  person: number,
  count: number,
): Promise<MailingSlot | Slot> {
  // A message that is ready and waits for its place has a row that says that it is being sent. Such rows must stay
  // few, because a killed worker leaves them uncertain.
  if (budget.window(lane).crowded()) return { granted: false, waitMs: LOOK_AGAIN_MS }
  const askedAt = performance.now()
  const slot = await budget.ask(lane, person, count)
  return slot.granted ? { lane, count, begins: askedAt + slot.waitMs } : slot
}

/**
 * Waits for the slot, and then for a place among the messages of a second: a late timer makes nothing but itself late.
 * @returns what to call when Telegram has answered; undefined = there was no place
 */
export async function inTime(
  budget: Pick<Budget, 'window'>,
  { lane, count, begins }: MailingSlot,
): Promise<Leave | undefined> {
  const early = begins - performance.now()
  if (early > 0) await sleep(Math.ceil(early))
  return await budget.window(lane).enter(count, PATIENCE_MS)
}
