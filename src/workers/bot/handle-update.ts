import { botTexts, readerAtOnce, readerIn } from '#shared/reader.ts'
import { tellChange } from '#shared/changes.ts'
import { Context as GrammyContext } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import type { SettingGroups } from '#shared/settings/edit.ts'
import type { Context } from '#shared/context.ts'
import { databaseIsDown, refusesWrites } from '#shared/db/errors.ts'
import { explain, Rejected, UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { languageOf } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Limit } from '#shared/limits.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { isTooOld } from '#shared/telegram/too-old.ts'
import type { TelegramUpdate } from '#shared/queue/jobs/telegram.ts'
import type { Run } from '#shared/queue/executor.ts'
import { countFile } from '#shared/sent-files.ts'
import { Unreachable, TokenRevoked, telegramError } from '#shared/telegram/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { openSecrets } from '#shared/telegram/sealed.ts'
import type { Awaited } from '#shared/telegram/sealed.ts'
import { servedFrom } from '#shared/acts.ts'
import { allows } from '#shared/roles.ts'
import { skip } from './arrive.ts'
import type { Arrival, Coming, Handled } from './arrive.ts'
import { askedBy, isAskedAgain, newestWaiting, rememberAsked } from './asked-again.ts'
import type { Chat } from './chat.ts'
import { findBot, withoutBot } from './find-bot.ts'
import type { Routes } from './feature.ts'
import { forgetScreen } from './gone-on.ts'
import type { LastKnown } from './last-known.ts'
import { admit } from './news-channel.ts'
import { followCommands } from './admin-commands.ts'
import { followShopKey } from './describe.ts'
import type { NewsChannel } from '#shared/telegram/news-channel.ts'
import type { OnCall } from './on-call.ts'
import type { Outage } from './outage.ts'
import { askToStart, hearInGroup, refuseInGroup } from './in-group.ts'
import { putAside } from './put-aside.ts'
import { answer, errorText, tell } from './route.ts'
import { send } from './screen.ts'
import { whose } from './whose.ts'

export interface BotParts {
  app: Context
  routes: Routes
  settingGroups: SettingGroups
  arrive(coming: Coming): Promise<Arrival | undefined>
  finish(update: Handled): Promise<void>
  /** Limit per person over all bots: more than 20 updates in 10 s are not normal use. */
  flood: Limit
  /** One warning per person and time window. */
  floodNotice: Limit
  news: NewsChannel
  lastKnown: LastKnown
  onCall: OnCall
  outage: Outage
  /** Tells the doors from whom a secret is expected next. */
  awaited: Awaited
  me(bot: ServedBot): Promise<UserFromGetMe | undefined>
}

/** How long the flood warning waits for the person's language and the bot's own words. */
const WORDS_MS = 1_000
/** How often an update of a parked bot is looked at again, and for how long: Telegram too keeps updates for a day. */
const PARKED_MS = 15_000
const PARKED_TIMES = (24 * 3_600_000) / PARKED_MS

/** One Telegram update, from its arrival to the answer. Everything that a person does passes through here. */
export async function handleUpdate(parts: BotParts, job: TelegramUpdate, run: Run): Promise<Verdict> {
  const { app } = parts
  // An update that our own shop put aside may be old: it waited because of us.
  if (!job.waited && isTooOld(job.update, run.queuedAt)) {
    run.log.info({ update: job.update.update_id }, 'an update that is older than two days is left alone')
    return done
  }
  const bot = await findBot(app, job.bot)
  if (!bot) return await withoutBot(app, job.bot)
  const me = bot.parked ? undefined : await parts.me(bot)
  if (!me) return await waitForToken(parts, job, run, bot)

  const ctx = new GrammyContext(job.update, bot.api, me)
  const from = ctx.from
  // In a group nobody comes to the bot: only what an admin does there counts.
  const kind = job.group === undefined ? whose(ctx) : 'told'
  if (!from || kind === 'nobody') {
    if (run.sealed) await refuseInGroup(parts, bot, ctx)
    return await leaveAlone(ctx)
  }
  // Admins work fast through their panel and have no reason to flood their own shop. An update that was put aside was
  // counted when it first came; waiting ones are looked at every 5 s and must not count again.
  if (!job.waited && !bot.hasRole(from.id) && (await parts.flood.take(String(from.id))) > 0)
    return await slowDown(parts, ctx, bot.name)
  if (!run.sealed) return await askOnceMore(parts, ctx, bot.name, run)

  const came = kind === 'came'
  const updateId = job.update.update_id
  const asked = askedBy(job.update)
  const [arrival, newest] = await Promise.all([
    parts.arrive({ bot: bot.name, updateId, from, came }).catch(orAway),
    asked === undefined || run.atRest ? undefined : newestWaiting(app.producer, job),
  ])
  // Another process can reach the database, so the job goes back to the queue for it.
  if (arrival === 'away' && (await app.standing.yields())) return later(0, 'the database is away from here')
  if (arrival === 'away') return await parts.outage.answer(job, ctx, run)
  if (!arrival) {
    if (job.group !== undefined) await askToStart(app, bot, ctx, job.group)
    return done
  }
  parts.lastKnown.keep(BigInt(from.id), arrival.wallet)
  if (arrival.handled) return done
  if (isAskedAgain(arrival.session, asked, updateId)) return await leaveOut(app, bot, ctx, run)
  const language = (arrival.language as Language | null) ?? languageOf(from.language_code)
  const role = bot.isAdmin(from.id) ? 'owner' : (arrival.role ?? undefined)
  parts.onCall.seen(bot.name, BigInt(from.id), role, language)
  const isSecret = awaitsSecret(parts.routes, arrival.session)
  const update = openSecrets(app.secrets, job.update, isSecret)
  const chat: Chat = {
    app,
    bot,
    ctx: new GrammyContext(update, bot.api, me),
    personId: BigInt(from.id),
    role,
    isAdmin: role !== undefined,
    ...(job.group !== undefined && { group: BigInt(job.group) }),
    ...(job.pressed && { pressed: job.pressed }),
    reaches: (route) =>
      !parts.routes.adminButtons.has(route) || allows(role, parts.routes.minimumRole.get(route) ?? 'admin'),
    served: (minimum) => servedFrom(app, { bot: bot.name, personId: BigInt(from.id), role }, minimum),
    adminParts: parts.routes.admin,
    settingGroups: parts.settingGroups,
    isNew: arrival.isNew,
    arrivedAt: arrival.arrivedAt,
    session: arrival.session,
    wallet: arrival.wallet,
    waiting: arrival.waiting,
    tellDoors: async () => {
      if (!isSecret && awaitsSecret(parts.routes, chat.session)) await tellDoors(parts, chat, isSecret)
    },
    log: run.log.child({ bot: bot.name, update: updateId, person: from.id }),
    ...readerIn(await botTexts(app, bot.name), language),
  }
  try {
    if (chat.group !== undefined && !ctx.callbackQuery) await hearInGroup(parts.routes, chat)
    else if (arrival.banned !== null && !chat.isAdmin) await turnAway(parts, chat, arrival.banned)
    else if (arrival.state === 'removed') await turnAwayClosed(chat, 'bot-closed')
    else if (arrival.state === 'paused' && !chat.isAdmin) await turnAwayClosed(chat, 'bot-paused')
    else {
      if (!chat.isAdmin && bringsFile(chat)) await countFile(app.db, chat.personId)
      await admit(parts.news, parts.routes, chat)
    }
    if (chat.isAdmin || chat.session['commands'] !== undefined) await followCommands(chat)
    await followShopKey(chat)
  } catch (error) {
    if (telegramError(error) instanceof TokenRevoked) return await waitForToken(parts, job, run, bot)
    // A known person arrives without a write, so a database that takes no writes is noticed only here.
    if (refusesWrites(error)) return await parts.outage.answer(job, ctx, run)
    await afterFailure(chat, error, run.lastTry)
  }
  await tellDoors(parts, chat, isSecret)
  rememberAsked(chat.session, asked, newest)
  forgetScreen(chat)
  const { personId, session } = chat
  await parts.finish({ bot: bot.name, updateId, personId, came, session })
  parts.outage.over()
  // Open pages of the panel show what an admin decided in the chat.
  if (chat.isAdmin) await tellChange(app.db, chat.personId).catch((error: unknown) => untold(chat, error))
  return done
}

const bringsFile = ({ ctx: { message } }: Chat): boolean =>
  message?.photo !== undefined || message?.document !== undefined

const untold = ({ log }: Chat, error: unknown): void =>
  log.debug({ reason: explain(error) }, 'open pages were not told of an admin’s act')

const awaitsSecret = ({ secretInputs }: Routes, { awaiting }: Chat['session']): boolean =>
  awaiting !== undefined && secretInputs.has(awaiting.input)

/** Once a secret is asked for, the person's next message is encrypted at the door. */
async function tellDoors(parts: BotParts, chat: Chat, before: boolean): Promise<void> {
  const now = awaitsSecret(parts.routes, chat.session)
  if (!now && !before) return
  await parts.awaited.set(chat.bot.name, chat.personId, now).catch((error: unknown) => {
    chat.log.warn({ reason: explain(error) }, 'the doors could not be told that a secret is awaited')
  })
}

/** Nothing is stored, so that nothing waits for the database; only the spinner of the pressed key is ended. */
async function leaveAlone(ctx: GrammyContext): Promise<Verdict> {
  if (ctx.callbackQuery) await ctx.answerCallbackQuery().catch(() => {})
  return done
}

/** The same question was answered already; only the spinner of the pressed key is ended. */
async function leaveOut(app: Context, bot: ServedBot, ctx: GrammyContext, run: Run): Promise<Verdict> {
  run.log.debug(
    { update: ctx.update.update_id },
    'a question was asked again before it was answered and is left out',
  )
  await Promise.all([
    skip(app.db, bot.name, ctx.update.update_id),
    ctx.callbackQuery && ctx.answerCallbackQuery().catch(() => {}),
  ])
  return done
}

/**
 * Updates of a parked bot wait for its new token outside their queue, so that they do not hold up chats of other bots.
 * All wait equally long, so those of one chat return in their order.
 */
async function waitForToken(
  parts: BotParts,
  job: TelegramUpdate,
  run: Run,
  refused: ServedBot,
): Promise<Verdict> {
  const { app } = parts
  // Another process may have got a new token a moment ago.
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

/** @throws an error that decides what happens to the update's job, unless the update is over */
async function afterFailure(chat: Chat, error: unknown, lastTry: boolean): Promise<void> {
  if (error instanceof UserError) {
    await send(chat, { text: errorText(chat, escaped(error)) })
    return
  }
  const meaning = telegramError(error)
  if (meaning instanceof Unreachable) {
    // The page of a key in the group goes to the admin's own chat, which is closed.
    if (chat.group !== undefined)
      await askToStart(chat.app, chat.bot, chat.ctx, String(chat.group)).catch(() => {})
    chat.log.info({ reason: meaning.code }, 'the person cannot be reached in this bot')
    return
  }
  // The job becomes a dead letter, so the person who waits for an answer is told that something went wrong.
  if ((lastTry || meaning instanceof Rejected) && !databaseIsDown(meaning)) {
    await (chat.ctx.callbackQuery ? answer(chat, { alert: chat.t('failed') }) : tell(chat, 'failed')).catch(
      () => {},
    )
  }
  throw meaning
}

/** A typed text goes into an HTML message and must be escaped. */
function escaped(error: UserError): UserError {
  const params = Object.entries(error.params).map(([name, value]) => [
    name,
    typeof value === 'string' ? escapeHtml(value) : value,
  ])
  return new UserError(error.code, Object.fromEntries(params) as UserError['params'])
}

/** A banned person's money stays theirs: billing goes on with refunds and payments. */
async function turnAway(parts: BotParts, chat: Chat, reason: string): Promise<void> {
  const words = chat.t(reason ? 'banned-reason' : 'banned', { reason: escapeHtml(reason) })
  if (chat.ctx.callbackQuery) await answer(chat, { alert: chat.t('banned') })
  else if (chat.ctx.message && (await parts.floodNotice.take(String(chat.personId))) === 0) {
    await send(chat, { text: words })
  }
}

/** A paused bot serves only its admins; billing and suppliers go on with what was begun. */
async function turnAwayClosed(chat: Chat, words: 'bot-paused' | 'bot-closed'): Promise<void> {
  if (chat.ctx.callbackQuery) await answer(chat, { alert: chat.t(words) })
  else if (chat.ctx.message) await tell(chat, words)
}

/**
 * The update carries no seal of ours: it was queued by a release without seals or under another ENCRYPTION_KEY, or
 * somebody with access to Redis invented it. Nothing is done, and the person is asked to try once more.
 */
async function askOnceMore(parts: BotParts, ctx: GrammyContext, bot: string, run: Run): Promise<Verdict> {
  run.log.warn({ update: ctx.update.update_id }, 'an update without our seal is not believed')
  const { t } = await readerAtOnce(parts.app, bot, ctx.from!, WORDS_MS)
  if (ctx.callbackQuery) {
    await ctx.answerCallbackQuery({ text: t('once-more'), show_alert: true }).catch(() => {})
  } else if (ctx.message) {
    await ctx.api.sendMessage(ctx.message.chat.id, t('once-more')).catch(() => {})
  }
  return done
}

async function slowDown(parts: BotParts, ctx: GrammyContext, bot: string): Promise<Verdict> {
  const first = (await parts.floodNotice.take(String(ctx.from!.id))) === 0
  if (first && ctx.message) {
    const { t } = await readerAtOnce(parts.app, bot, ctx.from!, WORDS_MS)
    await ctx.api.sendMessage(ctx.message.chat.id, t('slow-down')).catch(() => {})
  }
  if (ctx.callbackQuery) await ctx.answerCallbackQuery().catch(() => {})
  return done
}
