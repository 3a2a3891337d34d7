import type { Chat } from './chat.ts'
import type { Answer } from './feature.ts'
import { back, button, show } from './screen.ts'

/** The last argument of the key below a question: only that key, which nobody else can sign, carries the act out. */
const YES = 'yes'

export interface Question {
  /** What the act does: how it is now, how it would be, and what cannot be undone. */
  text: string
  yes: string
  home: [string, ...(string | number)[]]
}

type Press = (chat: Chat, args: string[]) => Promise<Answer>

/**
 * An act that one tap beside another must not do: its key asks first, with before and after.
 * @param ask undefined = there is nothing to ask (the way back of a switch, or what is gone by now): the act answers
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
      keyboard: [[button(chat, question.yes, [route, ...args, YES], 'danger')], back(chat, question.home)],
    })
  }
}
