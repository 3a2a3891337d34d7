import { botTexts, readerIn } from '#shared/reader.ts'
import { Context as GrammyContext } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import { allows } from '#shared/roles.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'
import type { Context } from '#shared/context.ts'
import { databaseIsDown } from '#shared/db/db.ts'
import { Rejected, UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { languageOf } from '#shared/i18n/texts.ts'
import type { Language } from '#shared/i18n/texts.ts'
import type { Limit } from '#shared/limits.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { Run } from '#shared/queue/executor.ts'
import { Unreachable, TokenRevoked, isStaleCallback, telegramError } from '#shared/telegram/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { arrive, finish, skip } from './arrive.ts'
import { askedBy, isAskedAgain, newestWaiting, rememberAsked } from './asked-again.ts'
import { unpack } from '#shared/telegram/buttons.ts'
import type { Chat } from './chat.ts'
import type { Answer, Routes } from './feature.ts'
import { findBot, withoutBot } from './find-bot.ts'
import type { LastKnown } from './last-known.ts'
import type { NewsChannel } from './news-channel.ts'
import type { OnCall } from './on-call.ts'
import type { Outage } from './outage.ts'
import { putAside } from './put-aside.ts'
import { hideReplyKeys } from './reply-keys.ts'
import { send } from './screen.ts'
import { shorten } from '#shared/storable.ts'
import { whose } from './whose.ts'

export interface BotParts {
  app: Context
  routes: Routes
  settingGroups: SettingGroups
  /** Per person over all bots: 20 updates in 10 s are a lot for a human. */
  flood: Limit
  /** One warning per person and window. */
  floodNotice: Limit
  news: NewsChannel
  lastKnown: LastKnown
  onCall: OnCall
  outage: Outage
  me(bot: ServedBot): Promise<UserFromGetMe | undefined>
}

/** How often an update of a parked bot is looked at again, and until when: Telegram too keeps updates for a day. */
const PARKED_MS = 15_000
const PARKED_TIMES = (24 * 3_600_000) / PARKED_MS
/** Telegram's limit for the answer to a press, in characters. */
const ANSWER_LENGTH = 200

/** One Telegram update, from its arrival to the answer. Everything that a person does passes through here. */
export async function handleUpdate(parts: BotParts, job: TelegramUpdate, run: Run): Promise<Verdict> {
  const { app } = parts
  const bot = await findBot(app, job.bot)
  if (!bot) return await withoutBot(app, job.bot)
  const me = bot.parked ? undefined : await parts.me(bot)
  if (!me) return await waitForToken(parts, job, run, bot)

  const ctx = new GrammyContext(job.update, bot.api, me)
  const from = ctx.from
  const kind = whose(ctx)
  if (!from || kind === 'nobody') return await leaveAlone(ctx)
  // Owners work fast through their panel, and have no reason to flood their own shop. What was put aside was counted when
  // it came: ten messages and an order that are looked at again every 5 s are no flood.
  if (!job.waited && !bot.isAdmin(from.id) && (await parts.flood.take(String(from.id))) > 0)
    return await slowDown(parts, ctx, bot.name)

  const asked = askedBy(job.update)
  const [arrival, newest] = await Promise.all([
    arrive(app.db, bot.name, job.update.update_id, from, kind === 'came').catch(orAway),
    asked === undefined ? undefined : newestWaiting(app.producer, job),
  ])
  if (arrival === 'away') return await parts.outage.answer(job, ctx, run)
  parts.outage.over()
  if (!arrival) return done
  parts.lastKnown.keep(BigInt(from.id), arrival.available)
  if (arrival.handled) return done
  if (isAskedAgain(arrival.session, asked, job.update.update_id)) return await leaveOut(app, bot, ctx, run)
  const language = (arrival.language as Language | null) ?? languageOf(from.language_code)
  const role = bot.isAdmin(from.id) ? 'owner' : (arrival.role ?? undefined)
  parts.onCall.seen(bot.name, BigInt(from.id), role, language)
  const chat: Chat = {
    app,
    bot,
    ctx,
    personId: BigInt(from.id),
    role,
    isAdmin: role !== undefined,
    adminParts: parts.routes.admin,
    settingGroups: parts.settingGroups,
    isNew: arrival.isNew,
    session: arrival.session,
    log: run.log.child({ bot: bot.name, update: job.update.update_id, person: from.id }),
    ...readerIn(await botTexts(app, bot.name), language),
  }
  try {
    if (arrival.banned !== null && !chat.isAdmin) await turnAway(parts, chat, arrival.banned)
    else if (arrival.state === 'removed') await turnAwayClosed(chat, 'bot-closed')
    else if (arrival.state === 'paused' && !chat.isAdmin) await turnAwayClosed(chat, 'bot-paused')
    else if (isOpenToAll(chat) || (await parts.news.lets(chat))) await route(parts.routes, chat)
  } catch (error) {
    if (telegramError(error) instanceof TokenRevoked) return await waitForToken(parts, job, run, bot)
    await afterFailure(chat, error, run.lastTry)
  }
  rememberAsked(chat.session, asked, newest)
  await finish(app.db, bot.name, job.update.update_id, chat.personId, chat.session)
  return done
}

/** Nothing is kept, so that nothing waits for the database; only a key that somebody pressed must not spin. */
async function leaveAlone(ctx: GrammyContext): Promise<Verdict> {
  if (ctx.callbackQuery) await ctx.answerCallbackQuery().catch(() => {})
  return done
}

/** The answer is there already; only the key that was pressed must not spin. */
async function leaveOut(app: Context, bot: ServedBot, ctx: GrammyContext, run: Run): Promise<Verdict> {
  run.log.debug({ update: ctx.update.update_id }, 'asked again before it was answered: left out')
  await Promise.all([
    skip(app.db, bot.name, ctx.update.update_id),
    ctx.callbackQuery && ctx.answerCallbackQuery().catch(() => {}),
  ])
  return done
}

/**
 * Updates of a parked bot wait for its new token beside their queue, where other bots' chats are not behind them. All
 * wait equally long, so that those of one chat come back in their order.
 */
async function waitForToken(
  parts: BotParts,
  job: TelegramUpdate,
  run: Run,
  refused: ServedBot,
): Promise<Verdict> {
  const { app } = parts
  // Another process may have been given a new token a moment ago.
  await app.refreshBots()
  const bot = app.bots.get(job.bot)
  if (bot && bot.token !== refused.token && !bot.parked) return await handleUpdate(parts, job, run)
  const why = 'Telegram refused the token of the bot'
  if ((job.waited ?? 0) < PARKED_TIMES) await putAside(app, job, run, { delayMs: PARKED_MS, why })
  return done
}

function orAway(error: unknown): 'away' {
  if (databaseIsDown(error)) return 'away'
  throw error
}

/** Greeting, help with a payment and the papers never depend on a subscription to the news channel. */
function isOpenToAll(chat: Chat): boolean {
  const { message, callbackQuery } = chat.ctx
  if (!message && !callbackQuery) return true
  return /^\/(start|help|support|paysupport|terms)\b/.test(message?.text ?? '')
}

async function route(routes: Routes, chat: Chat): Promise<void> {
  // A press or a command leaves the question that replaced the phone's keyboard: the keyboard comes back. An answer to
  // that question brings the keyboard back by itself.
  const { callbackQuery, message } = chat.ctx
  if (callbackQuery || message?.text?.startsWith('/')) await hideReplyKeys(chat, chat.t('reply-keys-closed'))
  if (chat.ctx.callbackQuery) return await press(routes, chat, chat.ctx.callbackQuery.data ?? '')
  for (const other of routes.others) if (await other(chat)) return
  if (!chat.ctx.message) return

  const text = chat.ctx.message.text ?? ''
  const command = /^\/([a-z_]{1,32})(?:@\w+)?(?:\s+([\s\S]*))?$/i.exec(text)
  if (command) {
    const name = command[1]!.toLowerCase()
    const argument = command[2]?.trim() ?? ''
    chat.session.awaiting = undefined
    // A forwarded command is somebody else's words: an admin who passes it on has not given it.
    const admins = chat.ctx.message.forward_origin ? undefined : routes.adminCommands
    const handler = routes.commands.get(name) ?? (admins && forAdmin(routes, admins, chat, name))
    if (!handler) return await tell(chat, 'unknown-command')
    await handler(chat, argument)
    if (name === 'start') await followLink(routes, chat, argument)
    return
  }
  const awaiting = chat.session.awaiting
  const input =
    awaiting &&
    (routes.inputs.get(awaiting.input) ?? forAdmin(routes, routes.adminInputs, chat, awaiting.input))
  if (input) return await input(chat, awaiting.args)
  await tell(chat, 'unexpected-text')
}

/** `?start=<prefix>_<value>`, after the welcome: a link that is none of ours was only a start. */
async function followLink(routes: Routes, chat: Chat, argument: string): Promise<void> {
  const [, prefix = '', value = ''] = /^([a-z]+)_([A-Za-z0-9_-]{1,60})$/.exec(argument) ?? []
  await routes.links.get(prefix)?.(chat, value)
}

async function press(routes: Routes, chat: Chat, data: string): Promise<void> {
  const pressed = unpack(chat.app.secrets, chat.personId, data)
  let answered: Answer
  try {
    const handler =
      pressed &&
      (routes.buttons.get(pressed.route) ?? forAdmin(routes, routes.adminButtons, chat, pressed.route))
    answered = handler ? await handler(chat, pressed.args) : { alert: chat.t('stale-button') }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    answered = { alert: errorText(chat, error) }
  }
  await answer(chat, answered)
}

/**
 * The only way to what is for admins, passed by every command, press and typed text: to nobody else does it exist.
 * @throws UserError `admin.role` when the admin's role does not reach
 */
function forAdmin<T>(routes: Routes, table: ReadonlyMap<string, T>, chat: Chat, name: string): T | undefined {
  const handler = table.get(name)
  if (!handler || !chat.isAdmin) return undefined
  if (!allows(chat.role, routes.minimumRole.get(name) ?? 'admin')) throw new UserError('admin.role')
  return handler
}

/** Every press is answered, or its key spins for a minute; what is too late for an answer comes as a message. */
async function answer(chat: Chat, what: Answer): Promise<void> {
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

/** What is wrong with what the person did, in their words: `error-<code>` of the locales. */
export function errorText(chat: Chat, error: UserError): string {
  return chat.t(`error-${error.code.replaceAll('.', '-')}`, error.params)
}

/** @throws when the update is not over: what was thrown says what happens to its job */
async function afterFailure(chat: Chat, error: unknown, lastTry: boolean): Promise<void> {
  if (error instanceof UserError) {
    await send(chat, { text: errorText(chat, escaped(error)) })
    return
  }
  const meaning = telegramError(error)
  if (meaning instanceof Unreachable) {
    chat.log.info({ reason: meaning.code }, 'the person cannot be reached in this bot')
    return
  }
  // The job becomes a dead letter; whoever waits for its answer learns that there will be none.
  if ((lastTry || meaning instanceof Rejected) && !databaseIsDown(meaning)) {
    await (chat.ctx.callbackQuery ? answer(chat, { alert: chat.t('failed') }) : tell(chat, 'failed')).catch(
      () => {},
    )
  }
  throw meaning
}

/** What people typed goes into HTML. */
function escaped(error: UserError): UserError {
  const params = Object.entries(error.params).map(([name, value]) => [
    name,
    typeof value === 'string' ? escapeHtml(value) : value,
  ])
  return new UserError(error.code, Object.fromEntries(params) as UserError['params'])
}

/** A banned person's money stays theirs: refunds and payments under way go on in billing. */
async function turnAway(parts: BotParts, chat: Chat, reason: string): Promise<void> {
  const words = chat.t(reason ? 'banned-reason' : 'banned', { reason: escapeHtml(reason) })
  if (chat.ctx.callbackQuery) await answer(chat, { alert: chat.t('banned') })
  else if (chat.ctx.message && (await parts.floodNotice.take(String(chat.personId))) === 0) {
    await send(chat, { text: words })
  }
}

/** A paused bot serves its admins only; what is under way in billing and at suppliers goes on. */
async function turnAwayClosed(chat: Chat, words: 'bot-paused' | 'bot-closed'): Promise<void> {
  if (chat.ctx.callbackQuery) await answer(chat, { alert: chat.t(words) })
  else if (chat.ctx.message) await tell(chat, words)
}

async function tell(chat: Chat, key: string): Promise<void> {
  await send(chat, { text: chat.t(key) })
}

async function slowDown(parts: BotParts, ctx: GrammyContext, bot: string): Promise<Verdict> {
  const first = (await parts.floodNotice.take(String(ctx.from!.id))) === 0
  if (first && ctx.message) {
    const texts = await botTexts(parts.app, bot)
    const text = texts.t(languageOf(ctx.from!.language_code), 'slow-down')
    await ctx.api.sendMessage(ctx.message.chat.id, text).catch(() => {})
  }
  if (ctx.callbackQuery) await ctx.answerCallbackQuery().catch(() => {})
  return done
}
