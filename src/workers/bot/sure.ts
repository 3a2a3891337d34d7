import type { Chat } from './chat.ts'
import type { Answer } from './feature.ts'
import { back, button, show } from './screen.ts'

/** The last argument of the key that confirms: only this key, which nobody else can sign, carries the act out. */
const YES = 'yes'

export interface Question {
  /** What the act changes: the present state, the new state, and what cannot be undone. */
  text: string
  yes: string
  /** Where the question found out more than its key said: what the key that confirms says instead. */
  args?: string[]
  home: [string, ...(string | number)[]]
}

type Press = (chat: Chat, args: string[]) => Promise<Answer>

/**
 * An act that must not happen by one accidental tap: its key first asks, showing before and after.
 * @param ask returns undefined when no question is needed (the harmless direction of a switch, or the thing is gone);
 * then the act answers at once
 */
export function sure(
  route: string,
  ask: (chat: Chat, args: string[]) => Promise<Question | undefined>,
  act: Press,
): Press {
  return async (chat, args) => {
    if (args.at(-1) === YES) return await act(chat, args.slice(0, -1))
    const question = await ask(chat, args)
    if (!question) return await act(chat, args)
    chat.session.awaiting = undefined
    await show(chat, {
      text: question.text,
      keyboard: [
        [button(chat, question.yes, [route, ...(question.args ?? args), YES], 'danger')],
        back(chat, question.home),
      ],
    })
  }
}
