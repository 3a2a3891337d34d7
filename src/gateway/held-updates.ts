import type { Update } from 'grammy/types'

/** Updates of one polled bot whose queue does not take them now, while other queues do. */
export interface Held {
  /** Begins a batch: held updates are tried again. */
  begin(): void
  /**
   * Puts an update on its queue, unless an earlier update of its chat is held.
   * @throws when the update is held
   */
  unlessHeld(update: Update, chat: string, put: () => Promise<void>): Promise<void>
  /** The offset to confirm after a batch with this last update: the first held update's number, if any is held. */
  offsetAfter(last: number): number
  /** Removes updates that were put on their queues already. */
  without(updates: Update[]): Update[]
  /** Whether any update of the last batch is held. */
  holds(): boolean
  /** Whether the last batch contained only held updates. */
  isIdle(): boolean
}

export function createHeld(): Held {
  const put = new Set<number>()
  const chats = new Set<string>()
  let first = Infinity
  let fresh = 0
  return {
    begin() {
      chats.clear()
      first = Infinity
      fresh = 0
    },
    async unlessHeld({ update_id }, chat, work) {
      try {
        if (chats.has(chat)) throw new Error('an earlier update of its chat is held')
        await work()
        put.add(update_id)
        fresh++
      } catch (error) {
        chats.add(chat)
        first = Math.min(first, update_id)
        throw error
      }
    },
    offsetAfter(last) {
      const offset = Math.min(first, Math.max(last, ...put) + 1)
      for (const id of put) if (id < offset) put.delete(id)
      return offset
    },
    without: (updates) => updates.filter(({ update_id }) => !put.has(update_id)),
    holds: () => first < Infinity,
    isIdle: () => first < Infinity && fresh === 0,
  }
}
