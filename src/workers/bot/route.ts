import { UserError, errorKey } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { allows } from '#shared/roles.ts'
import { shorten } from '#shared/storable.ts'
import { unpack } from '#shared/telegram/buttons.ts'
import { isStaleCallback } from '#shared/telegram/errors.ts'
import { checkAct } from '#shared/acts.ts'
import type { Chat } from './chat.ts'
import type { Answer, Routes } from './feature.ts'
import { hideReplyKeys } from './reply-keys.ts'
import { send } from './screen.ts'
import { sayUnexpected } from './unexpected.ts'
import { disableKey } from './used-key.ts'
import { SUM_MEANT, orAskWhich, sumMeant } from './unclear-sum.ts'

/** An admin's key works for this many days: in an old message, or in a copied chat, it does nothing. */
const ADMIN_DAYS = 30
/** Telegram's limit for the answer to a press, in characters. */
const ANSWER_LENGTH = 200

/**
 * Finds the handler of an update: a press, a command, an answer to a question, or an update that a feature recognises.
 */
export async function route(routes: Routes, chat: Chat): Promise<void> {
  // A press or a command leaves the question whose keys replaced the phone's keyboard, so the keyboard is restored. An
  // answer to that question restores it by itself.
  const { callbackQuery, message } = chat.ctx
  if (callbackQuery || message?.text?.startsWith('/')) await hideReplyKeys(chat, chat.t('reply-keys-closed'))
  if (chat.ctx.callbackQuery) return await press(routes, chat, chat.ctx.callbackQuery.data ?? '')
  for (const other of routes.others) if (await other(chat)) return
  if (await takeAway(routes, chat)) return
  if (!chat.ctx.message) return

  const { text = '', forward_origin } = chat.ctx.message
  // A forwarded command is another person's text: an admin who forwards it has not given the command.
  if (await command(routes, chat, text, !forward_origin)) return
  const awaiting = chat.session.awaiting
  const input = awaiting && inputOf(routes, chat, awaiting.input)
  if (input) return await orAskWhich(chat, awaiting, () => input(chat, awaiting.args))
  await sayUnexpected(chat)
}

/**
 * A message that answers a question for a secret is deleted first.
 * @returns true when nothing more is to be done: an edited message is not read as an answer
 */
async function takeAway(routes: Routes, { ctx, session, t, ...chat }: Chat): Promise<boolean> {
  if (!routes.secretInputs.has(session.awaiting?.input ?? '')) return false
  const { message, editedMessage } = ctx
  const given = message ?? editedMessage
  if (!given || given.text?.startsWith('/')) return false
  await ctx.api.deleteMessage(given.chat.id, given.message_id).catch(() => {})
  if (!editedMessage) return false
  await send({ ...chat, ctx, session, t }, { text: t('secret-edited') })
  return true
}

/**
 * Handles a command.
 * @returns false when the text is no command
 */
export async function command(routes: Routes, chat: Chat, text: string, ownWords: boolean): Promise<boolean> {
  const given = commandIn(text)
  if (!given) return false
  chat.session.awaiting = undefined
  const handler =
    routes.commands.get(given.name) ??
    (ownWords ? forAdmin(routes, routes.adminCommands, chat, given.name) : undefined)
  if (!handler) await tell(chat, 'unknown-command')
  else {
    await handler(chat, given.argument)
    if (given.name === 'start') await followLink(routes, chat, given.argument)
  }
  return true
}

/** Reads `/name argument`, also with the bot's name after the command. */
export function commandIn(text: string): { name: string; argument: string } | undefined {
  const [, name, argument = ''] = /^\/([a-z_]{1,32})(?:@\w+)?(?:\s+([\s\S]*))?$/i.exec(text) ?? []
  return name === undefined ? undefined : { name: name.toLowerCase(), argument: argument.trim() }
}

/**
 * Handles the deep link `?start=<prefix>_<value>` after the welcome; `good_<kind>` presses the menu's key of a good. An
 * unknown link is only a start.
 */
async function followLink(routes: Routes, chat: Chat, argument: string): Promise<void> {
  const [, prefix = '', value = ''] = /^([a-z]+)_([A-Za-z0-9_-]{1,60})$/.exec(argument) ?? []
  const good = prefix === 'good' ? chat.app.goods.find(({ kind }) => kind === value)?.menu : undefined
  if (good) {
    const [name, ...args] = good.button
    await routes.buttons.get(name)?.(chat, args)
    return
  }
  const further = await routes.links.get(prefix)?.(chat, value)
  if (further) await followLink(routes, chat, further)
}

/** Handles a pressed key, or a press that was remembered until now. */
export async function press(routes: Routes, chat: Chat, data: string): Promise<void> {
  const pressed = unpack(chat.app.secrets, chat.group ?? chat.personId, data)
  let answered: Answer
  try {
    // The door may believe for two seconds more in a role that was taken away.
    if (chat.group !== undefined && !chat.isAdmin) throw new UserError('group.stranger')
    const handler =
      pressed &&
      (routes.buttons.get(pressed.route) ??
        ((pressed.days ?? 0) <= ADMIN_DAYS ? adminButton(routes, chat, pressed.route) : undefined))
    if (pressed?.route === SUM_MEANT)
      answered = await sumMeant(chat, pressed.args, (name) => inputOf(routes, chat, name))
    else answered = handler ? await handler(chat, pressed.args) : 'stale'
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    answered = { alert: errorText(chat, error) }
  }
  await answer(
    chat,
    answered ??
      (chat.group === undefined
        ? undefined
        : { toast: chat.t('alerts-group-opened', { bot: chat.ctx.me.username }) }),
  )
  if (answered === 'stale') await disableKey(chat, data)
  else if (answered && 'toast' in answered) await answered.after?.()
}

const adminButton = (routes: Routes, chat: Chat, name: string) =>
  (chat.pressed && forAdmin(routes, routes.groupButtons, chat, name)) ??
  forAdmin(routes, routes.adminButtons, chat, name)

function inputOf(routes: Routes, chat: Chat, name: string) {
  return routes.inputs.get(name) ?? forAdmin(routes, routes.adminInputs, chat, name)
}

/**
 * Every command, press and typed text of admins passes here; for everybody else it does not exist. The returned
 * handler first checks whose things the act touches.
 * @throws UserError `admin.role` when the admin's role is too low
 */
function forAdmin<Args extends string | string[], Result>(
  routes: Routes,
  table: ReadonlyMap<string, (chat: Chat, args: Args) => Promise<Result>>,
  chat: Chat,
  name: string,
): ((chat: Chat, args: Args) => Promise<Result>) | undefined {
  const handler = table.get(name)
  if (!handler || !chat.isAdmin) return undefined
  const minimum = routes.minimumRole.get(name) ?? 'admin'
  if (!allows(chat.role, minimum)) throw new UserError('admin.role')
  return async (one, args) => {
    await checkAct(one, routes.acts[name], minimum, typeof args === 'string' ? [args] : args)
    return await handler(one, args)
  }
}

/**
 * Every press is answered; otherwise its key spins for a minute. If it is too late for an answer, a message is sent.
 */
export async function answer(chat: Chat, said: Answer): Promise<void> {
  const what = said === 'stale' ? { alert: chat.t('stale-button') } : said
  const options = what
    ? 'alert' in what
      ? { text: what.alert, show_alert: true }
      : { text: what.toast }
    : {}
  if (options.text) options.text = shorten(options.text, ANSWER_LENGTH)
  try {
    await chat.ctx.answerCallbackQuery(options)
  } catch (error) {
    if (!isStaleCallback(error)) throw error
    if (options.text) await send(chat, { text: escapeHtml(options.text) })
  }
}

/** Tells the person what was wrong: the text `error-<code>` of the locales. */
export function errorText(chat: Chat, error: UserError): string {
  return chat.t(errorKey(error.code), error.params)
}

export async function tell(chat: Chat, key: string): Promise<void> {
  await send(chat, { text: chat.t(key) })
}
