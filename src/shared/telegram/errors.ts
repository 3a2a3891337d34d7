import { GrammyError, HttpError } from 'grammy'
import { Rejected, Transient, UnknownOutcome } from '../errors.ts'

/** The person blocked this bot or deleted their account. This says nothing about other bots. */
export class Unreachable extends Rejected {
  constructor(reason: 'blocked' | 'deactivated' | 'not-found', cause: unknown) {
    super(`telegram.${reason}`, `Telegram does not deliver to this person: ${reason}`, { cause })
    this.name = 'Unreachable'
  }
}

/** Telegram refused the bot's token. */
export class TokenRevoked extends Rejected {
  constructor(cause: unknown) {
    super('telegram.token', 'Telegram refused the token of the bot', { cause })
    this.name = 'TokenRevoked'
  }
}

/**
 * Turns a failed Bot API call into one of our errors. A call whose answer was lost may have been carried out. The
 * error texts are those of the Bot API server's Client.cpp.
 */
export function telegramError(error: unknown): Error {
  if (error instanceof HttpError) return new UnknownOutcome('Telegram did not answer', { cause: error })
  if (!(error instanceof GrammyError)) return error instanceof Error ? error : new Error(String(error))
  const { error_code: code, description, parameters } = error
  if (code === 429) {
    return new Transient('Telegram asks to slow down', {
      cause: error,
      retryAfterMs: (parameters.retry_after ?? 1) * 1000,
    })
  }
  if (code === 401) return new TokenRevoked(error)
  if (code === 403) return new Unreachable(/deactivated/.test(description) ? 'deactivated' : 'blocked', error)
  if (code >= 500) return new UnknownOutcome(`Telegram answered ${code}`, { cause: error })
  if (/chat not found/.test(description)) return new Unreachable('not-found', error)
  return new Rejected('telegram.refused', description, { cause: error })
}

export const isNotModified = (error: unknown): boolean =>
  error instanceof GrammyError && error.description.includes('message is not modified')

/** The bot may not write in the group any more, or the group or its topic is gone. */
export const isGroupLost = (error: unknown): boolean =>
  error instanceof GrammyError && [400, 403].includes(error.error_code)

/** The topic is deleted, or was never there. */
export const isTopicLost = (error: unknown): boolean =>
  error instanceof GrammyError &&
  /message thread not found|TOPIC_DELETED|TOPIC_ID_INVALID/i.test(error.description)

/** The topic is closed, and the bot is no administrator who may write there all the same. */
export const isTopicClosed = (error: unknown): boolean =>
  error instanceof GrammyError && /TOPIC_CLOSED/i.test(error.description)

/** The new id of a group that has become a supergroup. */
export const movedTo = (error: unknown): number | undefined =>
  error instanceof GrammyError ? error.parameters.migrate_to_chat_id : undefined

/** Telegram does not send the photo or the file: it is gone, or the chat takes none of its kind. */
export const isFileRefused = (error: unknown): boolean =>
  error instanceof GrammyError &&
  error.error_code === 400 &&
  /file|photo|document|media|caption/i.test(error.description)

/** Telegram does not know the effect, or the chat takes none. */
export const isEffectRefused = (error: unknown): boolean =>
  error instanceof GrammyError && error.error_code === 400 && /effect/i.test(error.description)

/** The message is deleted or too old to be edited: the caller sends a new one. */
export const cannotBeEdited = (error: unknown): boolean =>
  error instanceof GrammyError &&
  /message to edit not found|message can't be edited|there is no text in the message|MESSAGE_ID_INVALID/.test(
    error.description,
  )

/** The message is a picture or a file: the caller edits its caption. */
export const hasNoText = (error: unknown): boolean =>
  error instanceof GrammyError && error.description.includes('there is no text in the message')

/** The callback was answered too late or twice; nothing is lost by that. */
export const isStaleCallback = (error: unknown): boolean =>
  error instanceof GrammyError && /query is too old|query ID is invalid/.test(error.description)
