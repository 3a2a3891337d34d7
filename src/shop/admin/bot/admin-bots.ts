import { audit } from '#shared/audit.ts'
import { NOW } from '#shared/db/build.ts'
import { UserError } from '#shared/errors.ts'
import { hasInlineMode } from '#shared/telegram/inline-mode.ts'
import { adminSql } from '../tables.ts'
import { botRows, removeBot } from '../run-time-bots.ts'
import type { BotRow } from '../run-time-bots.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/** Every bot on this database with its state; the owner pauses, resumes and removes them while everything runs. */
export const adminBots: Feature = {
  adminButtons: {
    'a-bots': (chat) => showBots(chat),
    'a-bot': (chat, [name = '']) => showBot(chat, name),
    'a-bot-pause': askToPause,
    'a-bot-pause-yes': (chat, [name = '']) => setState(chat, name, 'active', 'paused'),
    'a-bot-resume': (chat, [name = '']) => setState(chat, name, 'paused', 'active'),
    'a-bot-remove': askToRemove,
    'a-bot-remove-yes': remove,
  },
  minimumRole: {
    'a-bots': 'owner',
    'a-bot': 'owner',
    'a-bot-pause': 'owner',
    'a-bot-pause-yes': 'owner',
    'a-bot-resume': 'owner',
    'a-bot-remove': 'owner',
    'a-bot-remove-yes': 'owner',
  },
  admin: { sections: [{ text: 'admin-bots', route: 'a-bots', minimum: 'owner' }] },
}

function line(chat: Chat, { name, username, state, people }: BotRow): string {
  return chat.t('admin-bots-line', {
    name,
    username: username ? `@${username}` : '—',
    state: chat.t(`a-bot-state-${state}`),
    people,
  })
}

/** The key that pauses or resumes the bot, by its present state. */
function pauseKey(chat: Chat, { name, state }: BotRow) {
  if (state === 'active') return [button(chat, chat.t('admin-bot-pause', { name }), ['a-bot-pause', name])]
  if (state === 'paused') return [button(chat, chat.t('admin-bot-resume', { name }), ['a-bot-resume', name])]
  return []
}

async function showBots(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const [bots, isMine] = await Promise.all([botRows(chat.app.db), ownership(chat)])
  await show(chat, {
    text: [chat.t('admin-bots-title'), '', ...bots.map((bot) => line(chat, bot))].join('\n'),
    keyboard: [
      ...bots
        .filter(isMine)
        .map((bot) => [
          ...pauseKey(chat, bot),
          button(chat, chat.t('admin-bot-open', { name: bot.name }), ['a-bot', bot.name]),
        ]),
      [button(chat, chat.t('admin-bot-add'), 'a-bot-add', 'primary')],
      back(chat, 'admin'),
    ],
  })
}

/** Which bots this admin owns: as an owner of the bot, or of the bot through which it was added. Several owners may share one database. */
async function ownership(chat: Chat): Promise<(bot: BotRow) => boolean> {
  const rows = await chat.app.db.rows(
    adminSql
      .selectFrom('admins')
      .select('bot')
      .where('person_id', '=', chat.personId)
      .where('role', '=', 'owner'),
  )
  const given = new Set(rows.map(({ bot }) => bot))
  const owns = (name: string | null) =>
    name !== null && (given.has(name) || chat.app.bots.get(name)?.isAdmin(chat.personId) === true)
  return ({ name, home }) => owns(name) || owns(home)
}

/** @throws UserError `bot.gone` when there is none of this name any more, `bot.not-yours` */
export async function botRow(chat: Chat, name: string): Promise<BotRow> {
  const [bots, isMine] = await Promise.all([botRows(chat.app.db), ownership(chat)])
  const row = bots.find((bot) => bot.name === name)
  if (!row) throw new UserError('bot.gone', { name })
  if (!isMine(row)) throw new UserError('bot.not-yours', { name })
  return row
}

export async function showBot(chat: Chat, name: string): Promise<void> {
  chat.session.awaiting = undefined
  const bot = await botRow(chat, name)
  const served = chat.app.bots.get(name)
  const origin = bot.home
    ? chat.t('admin-bot-added', { end: bot.tokenEnd ?? '' })
    : chat.t(served ? 'admin-bot-configured' : 'admin-bot-elsewhere')
  const rows = [
    pauseKey(chat, bot),
    served || bot.home ? [button(chat, chat.t('admin-bot-token'), ['a-bot-token', name])] : [],
    chat.ctx.me.can_manage_bots && bot.telegramId !== null && name !== chat.bot.name
      ? [button(chat, chat.t('admin-bot-renew'), ['a-bot-renew', name])]
      : [],
    served && bot.state === 'parked' ? [button(chat, chat.t('admin-bot-check'), ['a-bot-check', name])] : [],
    bot.home ? [button(chat, chat.t('admin-bot-remove'), ['a-bot-remove', name], 'danger')] : [],
  ]
  const inline = served && (await hasInlineMode(served))
  const advice = [
    ...(bot.state === 'parked' ? ['', chat.t('admin-bot-parked')] : []),
    ...(inline === undefined
      ? []
      : ['', chat.t(inline ? 'admin-bot-inline' : 'admin-bot-no-inline', { username: bot.username ?? '—' })]),
  ]
  await show(chat, {
    text: [line(chat, bot), origin, ...advice].join('\n'),
    keyboard: [...rows.filter((row) => row.length > 0), back(chat, 'a-bots')],
  })
}

type Switched = 'active' | 'paused'

async function setState(chat: Chat, name: string, from: Switched, to: Switched): Promise<void> {
  await botRow(chat, name)
  await chat.app.db.tx(async (tx) => {
    const moved = await tx.rows(
      adminSql
        .updateTable('bots')
        .set({ state: to, state_reason: null, updated_at: NOW })
        .where('name', '=', name)
        .where('state', '=', from)
        .returning('name'),
    )
    if (moved.length === 0) return
    await audit(tx, { actor: chat.personId, action: `bot.${to}`, target: name, bot: chat.bot.name })
  })
  await showBots(chat)
}

/**
 * The key stands beside those of other bots and silences a shop, so it asks first, with the bot's name and its number
 * of people.
 */
async function askToPause(chat: Chat, [name = '']: string[]): Promise<void> {
  const bot = await botRow(chat, name)
  await show(chat, {
    text: chat.t('admin-bot-pause-ask', { name, username: bot.username ?? '—', people: bot.people }),
    keyboard: [
      [button(chat, chat.t('admin-bot-pause-yes', { name }), ['a-bot-pause-yes', name], 'danger')],
      back(chat, ['a-bot', name]),
    ],
  })
}

async function askToRemove(chat: Chat, [name = '']: string[]): Promise<void> {
  const bot = await botRow(chat, name)
  await show(chat, {
    text: chat.t('admin-bot-remove-ask', { name, username: bot.username ?? '—', people: bot.people }),
    keyboard: [
      [button(chat, chat.t('admin-bot-remove-yes', { name }), ['a-bot-remove-yes', name], 'danger')],
      back(chat, ['a-bot', name]),
    ],
  })
}

async function remove(chat: Chat, [name = '']: string[]): Promise<Answer> {
  await botRow(chat, name)
  await chat.app.db.tx(async (tx) => {
    if (!(await removeBot(tx, name))) throw new UserError('bot.gone', { name })
    await audit(tx, { actor: chat.personId, action: 'bot.removed', target: name, bot: chat.bot.name })
  })
  await chat.app.refreshBots()
  await showBots(chat)
  return { toast: chat.t('admin-bot-removed', { name }) }
}
