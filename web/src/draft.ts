import { Problem } from './problem.ts'
import { signedPerson } from './telegram.ts'
import { words } from './words.ts'

/** Makes a draft's number when a page is drawn, so that a second press of the page's key is the same payment or form. */
export const newDraft = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join('')

/** Each person's own: several may use one device. */
const KEPT = `telekassa-unanswered ${signedPerson()} `
/** After a day a press of the same key means another purchase. */
const KEPT_MS = 86_400_000

/**
 * Statuses of answers that were given at the shop's door, before the act was looked at: they say nothing about an
 * earlier try, whose answer may be the one that was lost.
 */
const AT_THE_DOOR = [401, 403, 429]
const tellsNothing = (status: number): boolean =>
  status < 400 || status >= 500 || AT_THE_DOOR.includes(status)

/** What `answered` keeps for an act whose answer has not come. */
export function unanswered<T>(act: string): T | undefined {
  const { at = 0, known } = JSON.parse(localStorage.getItem(KEPT + act) ?? '{}') as { at?: number; known?: T }
  if (Date.now() - at < KEPT_MS) return known
  forget(act)
  return undefined
}

export const forget = (act: string): void => localStorage.removeItem(KEPT + act)

/**
 * Does an act, and keeps until its answer has come by what the act is known again. So after Back, a reload or in a page
 * that was opened anew the same key is the same act, and nothing is bought twice.
 */
export async function answered<T>(act: string, known: unknown, run: () => Promise<T>): Promise<T> {
  localStorage.setItem(KEPT + act, JSON.stringify({ at: Date.now(), known }))
  try {
    const done = await run()
    forget(act)
    return done
  } catch (error) {
    const { code, status } = error as Problem
    if (!tellsNothing(status)) forget(act)
    throw code === 'offline' ? new Problem(code, words().unsure) : error
  }
}

/** Does an act under a number of its own, which is the same until the answer has come. */
export function once<T>(act: string, run: (draft: string) => Promise<T>): Promise<T> {
  const draft = unanswered<string>(act) ?? newDraft()
  return answered(act, draft, () => run(draft))
}
