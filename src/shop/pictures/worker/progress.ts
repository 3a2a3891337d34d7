/** The chat and the message of a card. */
export interface PictureCard {
  botId: string
  chatId: bigint
  messageId: number
}

/** Decides for all workers together when a message of a chat may be edited next. */
export interface Turns {
  /**
   * Takes the chat's turn if it is free.
   * @returns 0 when taken, else how long to wait in milliseconds
   */
  take(card: PictureCard): Promise<number>
  /** Stops all edits in this chat for as long as Telegram asked. */
  pause(card: PictureCard, ms: number): Promise<void>
}

/**
 * `gone` = the message can no longer be edited (it is deleted, or the chat is closed to the bot). `later` = Telegram
 * asked for a pause that is too long to hold a worker for.
 */
export type Outcome = { is: 'shown' | 'skipped' | 'gone' } | { is: 'later'; retryAfterMs: number }

/** A final edit waits this long within its job. A longer wait puts the job itself off. */
const PATIENCE_MS = 5000

/**
 * Edits progress messages. A step on the way is skipped when the chat's turn is taken, because a newer step follows.
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

  /** One edit of a message at a time, because Telegram may otherwise apply them in the wrong order. */
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
    /** A step on the way is shown now or not at all. */
    async show(card: PictureCard, edit: () => Promise<unknown>): Promise<Outcome> {
      const isBusy = busy.has(`${card.botId}/${card.chatId}/${card.messageId}`)
      if (isBusy || (await turns.take(card)) > 0) return { is: 'skipped' }
      return alone(card, async () => {
        const outcome = await attempt(card, edit)
        return outcome.is === 'later' ? { is: 'skipped' } : outcome
      })
    },

    /** The last edit of a message happens, or the answer says when to come again. */
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

/** A Bot API error, with the fields that grammY and every other client give it. */
interface ApiError {
  error_code: number
  description: string
  parameters?: { retry_after?: number }
}

const isApiError = (error: unknown): error is ApiError =>
  typeof error === 'object' && error !== null && 'error_code' in error && 'description' in error

/** The message is deleted or too old, the chat is closed, or the message is a picture by now. */
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
