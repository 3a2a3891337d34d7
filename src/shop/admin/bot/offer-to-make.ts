import type { Chat } from '#workers/bot/chat.ts'
import { showReplyKeys } from '#workers/bot/reply-keys.ts'

/** The number of the request; its answer is the only one of its kind, so the number tells nothing. */
const REQUEST = 1

/**
 * A key by which Telegram makes a bot that this one manages (Bot API 9.6), where the owner has allowed that in
 * @BotFather. An older client does not show the dialog; the question for a token stands above it.
 */
export async function offerToMake(chat: Chat): Promise<void> {
  if (!chat.ctx.me.can_manage_bots) return
  await showReplyKeys(chat, chat.t('admin-bot-make-ask'), [
    [{ text: chat.t('admin-bot-make'), request_managed_bot: { request_id: REQUEST } }],
  ])
}
