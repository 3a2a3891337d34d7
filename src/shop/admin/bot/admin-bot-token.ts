import { Api, GrammyError } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import { adminSql } from '../tables.ts'
import { audit } from '#shared/audit.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { tokenIn } from '#shared/telegram/sealed.ts'
import { identify } from '#shared/telegram/identify.ts'
import { addBot, giveToken } from '../run-time-bots.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { describeBot } from '#workers/bot/describe.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, show } from '#workers/bot/screen.ts'
import { botRow, showBot } from './admin-bots.ts'
import { offerToMake } from './offer-to-make.ts'

/** Takes bot tokens that an owner sends: for a new bot, or a new token for an existing one. */
export const adminBotToken: Feature = {
  adminButtons: {
    'a-bot-add': (chat) => ask(chat, []),
    'a-bot-token': (chat, [name = '']) => ask(chat, [name]),
    'a-bot-check': checkAgain,
  },
  adminInputs: { 'a-bot-token': take },
  secretInputs: ['a-bot-token'],
  minimumRole: { 'a-bot-add': 'owner', 'a-bot-token': 'owner', 'a-bot-check': 'owner' },
}

async function ask(chat: Chat, args: string[]): Promise<void> {
  const [name] = args
  if (name !== undefined) await botRow(chat, name)
  chat.session.awaiting = { input: 'a-bot-token', args }
  await show(chat, {
    text: name === undefined ? chat.t('admin-bot-add-ask') : chat.t('admin-bot-token-ask', { name }),
    keyboard: [back(chat, name === undefined ? 'a-bots' : ['a-bot', name])],
  })
  if (name === undefined) await offerToMake(chat)
}

async function take(chat: Chat, [name]: string[]): Promise<void> {
  const token = tokenIn(chat.ctx.message?.text ?? chat.ctx.message?.caption)
  if (!token) throw new UserError('bot.no-token')
  await takeToken(chat, token, name)
}

/**
 * The token is stored in the database, encrypted, and nowhere else.
 * @param name the bot that gets it; none = a new one
 */
export async function takeToken(chat: Chat, token: string, name?: string): Promise<void> {
  if (name !== undefined) await botRow(chat, name)
  const me = await whoIs(token, chat.app.config.telegram.apiRoot)
  const configured = chat.app.config.bots.find((bot) => bot.name === name)?.token
  if (name === undefined && servesAlready(chat, me)) throw new UserError('bot.exists', { name: me.username })

  const kept = await chat.app.db.tx(async (tx) => {
    const given = { token, me, home: await homeOf(tx, chat.bot.name), by: chat.personId }
    const kept = name ?? (await addBot(tx, chat.app.secrets, given))
    if (name !== undefined) await giveToken(tx, chat.app.secrets, { ...given, name, configured })
    await audit(tx, {
      actor: chat.personId,
      action: name === undefined ? 'bot.added' : 'bot.token',
      target: kept,
      bot: chat.bot.name,
      details: { telegramId: String(me.id), username: me.username },
    })
    return kept
  })
  await chat.app.refreshBots()
  const served = chat.app.bots.get(kept)
  if (served && name === undefined) void describeBot(chat.app, served)
  await showBot(chat, kept)
}

/**
 * A bot of the settings that has not been identified yet has no Telegram id in the database, so its token is compared.
 */
function servesAlready(chat: Chat, me: UserFromGetMe): boolean {
  return chat.app.config.bots.some(({ token }) => token.split(':')[0] === String(me.id))
}

/** The bot of the settings to which this bot belongs: the bot itself, or the one through which it was added. */
async function homeOf(tx: Sql, bot: string): Promise<string> {
  const [row] = await tx.rows(
    adminSql
      .selectFrom('bots')
      .select(({ fn }) => fn.coalesce('home', 'name').as('home'))
      .where('name', '=', bot),
  )
  return row!.home
}

/** @throws UserError when Telegram does not know the token, or does not answer */
async function whoIs(token: string, apiRoot: string): Promise<UserFromGetMe> {
  try {
    return await new Api(token, { apiRoot, timeoutSeconds: 10 }).getMe()
  } catch (error) {
    const refused = error instanceof GrammyError && [401, 404].includes(error.error_code)
    throw new UserError(refused ? 'bot.token' : 'bot.telegram')
  }
}

/** Telegram has refused the token once; the owner asks to try it again. */
async function checkAgain(chat: Chat, [name = '']: string[]): Promise<Answer> {
  await botRow(chat, name)
  const served = chat.app.bots.get(name)
  const me = served && (await identify(chat.app.db, served, chat.app.bots))
  if (!me) return { alert: chat.t('admin-bot-refused') }
  await chat.app.db.tx((tx) =>
    audit(tx, { actor: chat.personId, action: 'bot.checked', target: name, bot: chat.bot.name }),
  )
  await showBot(chat, name)
}
