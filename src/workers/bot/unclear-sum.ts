import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { isAsset, parseAmount } from '#shared/money.ts'
import type { Chat, Session } from './chat.ts'
import type { Answer } from './feature.ts'
import { button, show } from './screen.ts'

/*
 * `1.000` is a thousand to some people and one to others. After any question, both readings are offered as keys, and
 * the pressed one continues as if it had been typed. A command belongs to no question, so it must be typed again
 * (`error-amount-unclear`).
 */

/** The key of a reading: the sum as a plain number, and the question that it answers. */
export const SUM_MEANT = 'sum-meant'

type Asked = Pick<NonNullable<Session['unclear']>, 'input' | 'args'>
type Input = (chat: Chat, args: string[]) => Promise<void>

/** Handles a typed text, or asks which of two sums it meant. */
export async function orAskWhich(chat: Chat, asked: Asked, handle: () => Promise<void>): Promise<void> {
  const text = chat.typed ?? chat.ctx.message?.text ?? ''
  try {
    await handle()
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'amount.unclear') throw error
    const { text: sum, small, large, asset } = error.params as Record<string, string>
    if (!sum || !small || !large || !asset || !isAsset(asset)) throw error
    const number = chat.ctx.update.update_id
    chat.session.unclear = { input: asked.input, args: asked.args, text, sum, asked: number }
    await show(chat, {
      text: chat.t('sum-unclear', { text: escapeHtml(sum) }),
      keyboard: [
        [small, large].map((one) =>
          button(chat, chat.money(parseAmount(one, asset), asset), [SUM_MEANT, one, number]),
        ),
      ],
    })
  }
}

/** A key of an older question is stale: its sum must not answer a newer one. */
export async function sumMeant(
  chat: Chat,
  [sum = '', number = '']: string[],
  inputOf: (name: string) => Input | undefined,
): Promise<Answer> {
  const { unclear } = chat.session
  const input = unclear && inputOf(unclear.input)
  if (!input || String(unclear.asked) !== number) return 'stale'
  delete chat.session.unclear
  // Matches the sum only if it is not part of a longer number: `21.000` is another sum.
  const place = new RegExp(`(?<![\\d.,])${unclear.sum.replaceAll(/[.+]/g, String.raw`\$&`)}(?!\\d|[.,]\\d)`)
  const typed = { ...chat, typed: unclear.text.replace(place, sum) }
  await orAskWhich(typed, unclear, () => input(typed, unclear.args))
}
