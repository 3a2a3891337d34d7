import type { Update } from 'grammy/types'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { Producer } from '#shared/queue/producer.ts'
import type { Session } from './chat.ts'

/**
 * People who wait too long tap again. If every tap were answered, a partition that has fallen behind would never catch
 * up. So of several equal questions in a row, all asked before anybody saw the first answer, only one is answered. No
 * clock decides that: Telegram numbers a bot's updates in the order in which people sent them.
 */

/** How many waiting jobs are searched for the newest one of the same bot. */
const LOOKED_AT = 50
const LONGEST_COMMAND = 100

/** @returns the question of a press or a command; undefined for everything that people may mean twice */
export function askedBy({ callback_query: press, message }: Update): string | undefined {
  if (press?.data !== undefined && press.message) return `${press.message.message_id} ${press.data}`
  const text = message?.text
  const command = text !== undefined && text.length <= LONGEST_COMMAND && text.startsWith('/')
  return command && message?.chat.type === 'private' && !message.forward_origin ? text : undefined
}

/** @returns the number of the newest update that waits behind this one: it was sent before this one was answered */
export async function newestWaiting(producer: Producer, job: TelegramUpdate): Promise<number | undefined> {
  const number = String(job.update.update_id)
  const name = telegramUpdate.id(job).slice(0, -number.length)
  const ids = await producer.waiting(telegramUpdate, job, LOOKED_AT).catch(() => [])
  const numbers = ids.filter((id) => id.startsWith(name)).map((id) => Number(id.slice(name.length)))
  const newest = Math.max(...numbers.filter(Number.isSafeInteger))
  return Number.isFinite(newest) ? newest : undefined
}

/** Whether the chat's last answer was to this same question and was given after the question was asked. */
export function isAskedAgain({ asked: last }: Session, asked: string | undefined, updateId: number): boolean {
  return asked !== undefined && last?.what === asked && updateId <= last.until
}

/** Remembers the question and the newest waiting update when an answer is given. */
export function rememberAsked(session: Session, asked: string | undefined, newest: number | undefined): void {
  if (asked !== undefined && newest !== undefined) session.asked = { what: asked, until: newest }
  else delete session.asked
}
