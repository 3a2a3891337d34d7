import { eventually } from './eventually.ts'
import { plain } from './phone.ts'
import type { Bubble } from './phone.ts'
import { ADMIN } from './shop.ts'
import type { Shop } from './shop.ts'

/** A message of the group. */
export type Said = Bubble & {
  reply_to_message_id?: number
  bot_reactions?: string[]
  message_thread_id?: number
}

export const wordsOf = ({ text, caption }: Bubble) => plain(text ?? caption)

/** The admins' group as its people see and use it. */
export function adminsGroup(shop: Pick<Shop, 'control'>, id: number) {
  const seen = async (): Promise<Said[]> =>
    (await shop.control<{ messages: Said[] }>('GET', `/chats/${id}/seen/${ADMIN}`)).messages
  return {
    id,
    seen,
    hears: (what: string | RegExp, after = 0): Promise<Said> =>
      eventually(
        async () =>
          (await seen()).find(
            (one) => !one.deleted && one.message_id > after && new RegExp(what).test(wordsOf(one)),
          ),
        { what: `the group hears ${what}` },
      ),
    press: (person: number, { message_id, inline_keyboard }: Said, key: string) =>
      shop.control<{ text?: string; show_alert?: boolean }>('POST', `/chats/${id}/callbacks`, {
        person,
        message_id,
        data: inline_keyboard!.flat().find(({ text }) => text === key)!.callback_data,
      }),
    /** The words of the bot below this message. */
    told: (below: number, what: string | RegExp) =>
      eventually(
        async () =>
          (await seen()).find(
            (one) => one.reply_to_message_id === below && new RegExp(what).test(wordsOf(one)),
          ),
        { what: `${what} below ${below}` },
      ),
  }
}
