import { setTimeout as sleep } from 'node:timers/promises'
import { Refused } from './world.ts'
import type { World } from './world.ts'

/** How long a person waits for an answer before tapping or typing again. */
const LOOK_MS = 6_000
/**
 * How often a person taps before beginning again from the command, as the shop tells people to when a screen
 * is out of date.
 */
const TRIES = 5
/** How long a person waits for the answer to a tap, which may be lost together with a process. */
const PRESS_MS = 3_000
const PAY_TRIES = 30

/** Thrown for a screen that leads nowhere any more. */
export class DeadEnd extends Error {}

/** A person who repeats what a wiped queue has swallowed, as people do. */
export function insistent(world: World, person: number, nervous: boolean) {
  const hand = world.phone(person)
  const key = (pattern: RegExp) => hand.find(pattern)
  async function look<T>(seen: () => Promise<T | undefined>): Promise<T | undefined> {
    const deadline = performance.now() + LOOK_MS
    for (;;) {
      const change = world.chats.change(person, Math.max(1, Math.min(1_000, deadline - performance.now())))
      const found = await seen()
      if (found !== undefined || performance.now() >= deadline) return found
      await change
    }
  }
  /** Repeats the act until its effect is there. */
  async function until<T>(what: string, act: () => Promise<unknown>, seen: () => Promise<T | undefined>) {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await act()
      const found = await look(seen)
      if (found !== undefined) return found
    }
    const last = (await hand.history()).slice(-3).map(({ from, text, caption, inline_keyboard }) => {
      const keys = inline_keyboard?.flat().map((one) => one.text) ?? []
      return `${from}: ${JSON.stringify((text ?? caption ?? '').slice(0, 80))} [${keys.join(' | ')}]`
    })
    throw new DeadEnd(`${person} never saw ${what}; the chat ends with ${last.join(', ')}`)
  }
  const press = async (found: Awaited<ReturnType<typeof key>>) => {
    if (!found) return
    const once = () =>
      hand.tap(found.message.message_id, found.key.callback_data!, PRESS_MS).catch((error: unknown) => {
        // The screen made way for a newer one between the look and the tap.
        if (!(error instanceof Refused)) throw error
      })
    await Promise.all(nervous ? [once(), once()] : [once()])
  }
  const tap = (pattern: RegExp) => async () => press(await key(pattern))
  const say = (text: string) => () => hand.say(text)
  return {
    history: hand.history,
    until,
    /** The newest key that matches. */
    find: key,
    /**
     * Looks for a moment, without any act.
     * @returns whether it came
     */
    comes: (seen: () => Promise<true | undefined>) => look(seen),
    sayUntil: (text: string, what: string, seen: () => Promise<true | undefined>) =>
      until(what, say(text), seen),
    /** Types until there is a key that matches. */
    say: (text: string, next: RegExp) => until(`a key ${next}`, say(text), () => key(next)),
    /** Taps the first key until the second one is there. */
    tap: (pattern: RegExp, next: RegExp) => until(`a key ${next}`, tap(pattern), () => key(next)),
    /** Taps until the shop's books show it. */
    tapUntil: (pattern: RegExp, what: string, seen: () => Promise<true | undefined>) =>
      until(what, tap(pattern), seen),
    /** The same with one key: the same key of a second screen would be a second purchase. */
    async tapOneUntil(pattern: RegExp, what: string, seen: () => Promise<true | undefined>) {
      const one = await key(pattern)
      return until(what, () => press(one), seen)
    },
    /** Pays the invoice behind a key. Nobody is charged when the bot does not answer Telegram's question in time. */
    async pay(url: string): Promise<'paid' | 'refused'> {
      for (let attempt = 0; attempt < PAY_TRIES; attempt++) {
        const { outcome } = await hand.pay(url)
        if (outcome === 'paid') return 'paid'
        await sleep(500)
      }
      return 'refused'
    },
  }
}

export type Insistent = ReturnType<typeof insistent>
