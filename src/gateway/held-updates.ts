import type { Update } from 'grammy/types'

/** Updates of one poller that cannot go onto their queue now, while others can. */
export interface Held {
  /** A batch begins: what is held is tried again. */
  begin(): void
  /** @throws when the update cannot be put, or an earlier one of its chat was not */
  unlessHeld(update: Update, chat: string, put: () => Promise<void>): Promise<void>
  /** Where Telegram shall begin after a batch with this last update: with the first that is held. */
  offsetAfter(last: number): number
  /** Without those that were put already. */
  without(updates: Update[]): Update[]
  /** Whether something of the last batch is held. */
  holds(): boolean
  /** Whether the last batch brought nothing but what is held. */
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
