import { Problem } from './problem.ts'
import { words } from './words.ts'

/** Makes a draft's number when a page is drawn, so that a second press of the page's key is the same payment or form. */
export const newDraft = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join('')

const KEPT = 'telekassa-unanswered '
/**
 * Statuses of answers that were given at the shop's door, before the act was looked at: they say nothing about an
 * earlier try, whose answer may be the one that was lost.
 */
const AT_THE_DOOR = [401, 403, 429]
const tellsNothing = (status: number): boolean => status < 400 || status >= 500 || AT_THE_DOOR.includes(status)

/** What `answered` keeps for an act whose answer has not come. */
export function unanswered<T>(act: string): T | undefined {
  const kept = sessionStorage.getItem(KEPT + act)
  return kept === null ? undefined : (JSON.parse(kept) as T)
}

export const forget = (act: string): void => sessionStorage.removeItem(KEPT + act)

/**
 * Does an act, and keeps until its answer has come by what the act is known again. So after Back or a reload the same
 * key is the same act, and nothing is bought twice.
 */
export async function answered<T>(act: string, known: unknown, run: () => Promise<T>): Promise<T> {
  sessionStorage.setItem(KEPT + act, JSON.stringify(known))
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
