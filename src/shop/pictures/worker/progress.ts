/** Where a message is. */
export interface PictureCard {
  botId: string
  chatId: bigint
  messageId: number
}

/** Whose turn it is to edit in a chat, for all workers together. */
export interface Turns {
  /** Takes the turn if it is free. @returns 0 when taken, else how long to wait in milliseconds */
  take(card: PictureCard): Promise<number>
  /** Nobody edits in this chat for so long: Telegram said so. */
  pause(card: PictureCard, ms: number): Promise<void>
}

/**
 * `gone` = the message cannot be edited any more (deleted, or the chat is closed to us).
 * `later` = Telegram asked for a longer pause than is worth holding a worker for.
 */
export type Outcome = { is: 'shown' | 'skipped' | 'gone' } | { is: 'later'; retryAfterMs: number }

/** A final edit waits so long within its job; beyond that the job itself is put off. */
const PATIENCE_MS = 5000

/**
 * Edits progress messages. Steps on the way are skipped when the chat's turn is taken: a newer one follows.
 * A final edit waits for its turn, and for an older edit of the same message that is still under way.
 */
export function createEditor(turns: Turns, sleep: (ms: number) => Promise<void>) {
  const busy = new Map<string, Promise<unknown>>()

  async function attempt(card: PictureCard, edit: () => Promise<unknown>): Promise<Outcome> {
    try {
      await edit()
      return { is: 'shown' }
    } catch (error) {
      const verdict = readEditError(error)
      if (verdict.is === 'later') await turns.pause(card, verdict.retryAfterMs)
      if (verdict.is === 'unknown') throw error
      return verdict
    }
  }

  /** One edit of a message at a time: Telegram may otherwise apply them in the wrong order. */
  async function alone<T>(card: PictureCard, work: () => Promise<T>): Promise<T> {
    const key = `${card.botId}/${card.chatId}/${card.messageId}`
    const before = busy.get(key)
    const turn = (before ?? Promise.resolve()).then(work, work)
    busy.set(key, turn)
    try {
      return await turn
    } finally {
      if (busy.get(key) === turn) busy.delete(key)
    }
  }

  return {
    /** A step on the way: shown now or not at all. */
    async show(card: PictureCard, edit: () => Promise<unknown>): Promise<Outcome> {
      const isBusy = busy.has(`${card.botId}/${card.chatId}/${card.messageId}`)
      if (isBusy || (await turns.take(card)) > 0) return { is: 'skipped' }
      return alone(card, async () => {
        const outcome = await attempt(card, edit)
        return outcome.is === 'later' ? { is: 'skipped' } : outcome
      })
    },

    /** The last edit of a message: it happens, or the answer says when to come again. */
    finish(card: PictureCard, edit: () => Promise<unknown>): Promise<Outcome> {
      return alone(card, async () => {
        for (let waitedMs = 0; ;) {
          const waitMs = await turns.take(card)
          if (waitMs === 0) {
            const outcome = await attempt(card, edit)
            if (outcome.is !== 'later') return outcome
          }
          const pauseMs = waitMs === 0 ? await turns.take(card) : waitMs
          if (waitedMs + pauseMs > PATIENCE_MS) return { is: 'later', retryAfterMs: pauseMs }
          await sleep(pauseMs)
          waitedMs += pauseMs
        }
      })
    },
  }
}
export type Editor = ReturnType<typeof createEditor>

/** A Bot API error, as grammY and every other client carry it. */
interface ApiError {
  error_code: number
  description: string
  parameters?: { retry_after?: number }
}

const isApiError = (error: unknown): error is ApiError =>
  typeof error === 'object' && error !== null && 'error_code' in error && 'description' in error

/** Deleted, too old, a closed chat, or a picture by now. */
const GONE =
  /message to edit not found|message can't be edited|MESSAGE_ID_INVALID|chat not found|no text in the message/

/** The texts are those of Telegram's own Bot API server (Client.cpp). */
export function readEditError(error: unknown): Outcome | { is: 'unknown' } {
  if (!isApiError(error)) return { is: 'unknown' }
  const { error_code: code, description } = error
  if (code === 429) return { is: 'later', retryAfterMs: (error.parameters?.retry_after ?? 1) * 1000 }
  if (/message is not modified/.test(description)) return { is: 'shown' }
  if (GONE.test(description)) return { is: 'gone' }
  return code === 403 ? { is: 'gone' } : { is: 'unknown' }
}
