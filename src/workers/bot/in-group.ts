import type { Context as GrammyContext } from 'grammy'
import type { Message } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import type { Limit } from '#shared/limits.ts'
import { readerAtOnce, readerOf } from '#shared/reader.ts'
import { allows } from '#shared/roles.ts'
import { alertsGroup } from '#shared/settings/alerts-group.ts'
import { callbackButton, pack, unpack } from '#shared/telegram/buttons.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import type { Chat } from './chat.ts'
import type { Routes } from './feature.ts'
import type { SaidInGroup, Subject } from './said-in-group.ts'
import { errorText } from './route.ts'

/*
 * What people do in the group that takes a bot's alerts. An admin who answers a message of the bot there writes to the
 * person whom the message is about; the keys below the message say who that is.
 */

/** The keys below a message lead to what it is about for so many days: see route.ts. */
const DAYS = 30
const WORDS_MS = 1_000

/** @throws UserError `group.old` when its keys have become too old */
function subjectOf(routes: Routes, chat: Chat, group: bigint, to: Message): Subject | undefined {
  for (const key of to.reply_markup?.inline_keyboard.flat() ?? []) {
    if (!('callback_data' in key)) continue
    const pressed = unpack(chat.app.secrets, group, key.callback_data ?? '')
    const act = pressed && routes.acts[pressed.route]
    if (typeof act !== 'object' || !['person', 'order', 'payment'].includes(act.of)) continue
    if ((pressed!.days ?? 0) > DAYS) throw new UserError('group.old')
    const { route, args } = pressed!
    return { of: act.of as Subject['of'], id: args[act.at ?? 0] ?? '', route, args }
  }
  return undefined
}

/** An admin has answered a message of the bot in a group; the role is asked for now, as at every press. */
export async function hearInGroup(routes: Routes, chat: Chat): Promise<void> {
  const { message, editedMessage, api, me } = chat.ctx
  const said = message ?? editedMessage
  const to = said?.reply_to_message
  const group = chat.group!
  if (!said || to?.from?.id !== me.id || !routes.inGroup) return
  const connected = await chat.app.settings.get(alertsGroup, chat.bot.name)
  if (connected?.chat !== String(group)) return
  const { say } = speaker(chat.app, api, group, said)
  try {
    const subject = subjectOf(routes, chat, group, to)
    if (!allows(chat.role, 'support')) throw new UserError('group.role')
    await routes.inGroup(chat, { group: Number(group), message: said, to, isEdited: !message, subject, say })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    await say(errorText(chat, error))
  }
}

/** Says in the group why nothing came of what somebody did there who is no admin, or cannot be known to be one. */
export async function refuseInGroup(
  { app, floodNotice }: { app: Context; floodNotice: Limit },
  bot: ServedBot,
  ctx: GrammyContext,
): Promise<void> {
  const { message, callbackQuery, chat, from, me } = ctx
  if (!chat || chat.type === 'private' || !(callbackQuery ?? message)) return
  const group = await app.settings.get(alertsGroup, bot.name)
  if (group?.chat !== String(chat.id)) return
  const { t } = await readerOf(app, bot.name, BigInt(group.by))
  if (callbackQuery) {
    await ctx.answerCallbackQuery({ text: t('error-group-stranger'), show_alert: true }).catch(() => {})
    return
  }
  const to = message!.reply_to_message
  if (to?.from?.id !== me.id || to.forum_topic_created || message!.is_automatic_forward) return
  // A bot gets no answer, or two bots would talk without end. In the name of a chat only people write.
  if (from?.is_bot && !message!.sender_chat) return
  const { say } = speaker(app, ctx.api, BigInt(chat.id), message!)
  if (message!.sender_chat) await say(t('error-group-anonymous'))
  else if ((await floodNotice.take(`group ${bot.name} ${from!.id}`)) === 0)
    await say(t('error-group-stranger'))
}

/** An admin who never pressed Start, or has blocked the bot, is told so where they pressed or wrote. */
export async function askToStart(
  app: Context,
  bot: ServedBot,
  ctx: GrammyContext,
  group: string,
): Promise<void> {
  const { t } = await readerAtOnce(app, bot.name, ctx.from!, WORDS_MS)
  const text = t('error-group-start', { bot: ctx.me.username })
  if (ctx.callbackQuery) await ctx.answerCallbackQuery({ text, show_alert: true })
  else if (ctx.message) await speaker(app, ctx.api, BigInt(group), ctx.message).say(text)
}

/** Writes in the group below a message. A message that was deleted meanwhile is answered in its topic all the same. */
function speaker(
  app: Pick<Context, 'secrets'>,
  api: GrammyContext['api'],
  group: bigint,
  below: Message,
): Pick<SaidInGroup, 'say'> {
  return {
    async say(text, keys = []) {
      await api.sendMessage(Number(group), text, {
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        reply_parameters: { message_id: below.message_id, allow_sending_without_reply: true },
        ...(below.message_thread_id !== undefined && { message_thread_id: below.message_thread_id }),
        reply_markup: {
          inline_keyboard: keys.map(([words, route, ...args]) => [
            callbackButton(words, pack(app.secrets, group, route, ...args)),
          ]),
        },
      })
    },
  }
}
