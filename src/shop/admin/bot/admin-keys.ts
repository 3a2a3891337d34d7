import {
  KEY_SCOPES,
  createKey,
  listKeys,
  registerBot,
  revokeKey,
  usualLimits,
} from '#shop/balance-api/keys.ts'
import { botRows } from '../run-time-bots.ts'
import { audit } from '#shared/audit.ts'
import { UserError } from '#shared/errors.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, send, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'

const PER_MINUTE = 6_000
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/

/** The owner's keys of the Balance API: made for a bot by its name, shown once, revoked. */
export const adminKeys: Feature = {
  adminButtons: {
    'a-keys': (chat) => showKeys(chat),
    'a-key-new': ask,
    'a-key-yes': (chat, [bot = '']) => make(chat, bot),
    'a-key-revoke': sure('a-key-revoke', askRevoke, revoke),
  },
  adminInputs: { 'a-key-new': create },
  minimumRole: { 'a-keys': 'owner', 'a-key-new': 'owner', 'a-key-yes': 'owner', 'a-key-revoke': 'owner' },
  admin: { sections: [{ text: 'admin-keys', route: 'a-keys', minimum: 'owner' }] },
}

async function showKeys(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const served = await chat.served('owner')
  const valid = (await listKeys(chat.app.db)).filter(
    ({ bot, revokedAt }) => revokedAt === null && (served === undefined || served.includes(bot)),
  )
  await show(chat, {
    text: [
      chat.t('admin-keys-title'),
      '',
      ...valid.map((key) => {
        const most = (sum: bigint | null) => (sum === null ? '∞' : chat.money(sum, 'RUB'))
        return [
          `<b>${key.bot}</b>`,
          key.scopes.map((scope) => chat.t(`key-scope-${scope}`)).join(', '),
          chat.t('admin-key-limits', {
            entry: most(key.mostPerEntry),
            day: most(key.mostPerDay),
            until: key.expiresAt?.toISOString().slice(0, 10) ?? '∞',
          }),
          `<code>${key.id}</code>`,
        ].join(' · ')
      }),
    ].join('\n'),
    keyboard: [
      [button(chat, chat.t('admin-key-new'), 'a-key-new', 'primary')],
      ...valid
        .slice(0, 8)
        .map(({ id, bot }) => [
          button(
            chat,
            chat.t('admin-key-revoke', { bot, id: id.slice(0, 4) }),
            ['a-key-revoke', id],
            'danger',
          ),
        ]),
      back(chat, 'admin'),
    ],
  })
}

async function ask(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'a-key-new', args: [] }
  await show(chat, { text: chat.t('admin-key-ask'), keyboard: [back(chat, 'a-keys')] })
}

async function create(chat: Chat): Promise<void> {
  const bot = chat.ctx.message?.text?.trim() ?? ''
  if (!NAME.test(bot)) throw new UserError('key.bot')
  const known = await botRows(chat.app.db)
  if (known.some(({ name }) => name === bot)) return await make(chat, bot)
  // A mistyped name would create a new bot in every list of bots, so only known names and new ones that the owner
  // confirms are taken.
  const served = await chat.served('owner')
  const mine = known.filter(({ name }) => served === undefined || served.includes(name))
  chat.session.awaiting = undefined
  await show(chat, {
    text: chat.t('admin-key-new-bot', { bot, bots: mine.map(({ name }) => name).join(', ') || '—' }),
    keyboard: [
      [button(chat, chat.t('admin-key-new-yes', { bot }), ['a-key-yes', bot], 'primary')],
      back(chat, 'a-key-new'),
    ],
  })
}

async function make(chat: Chat, bot: string): Promise<void> {
  if (!NAME.test(bot)) throw new UserError('key.bot')
  const served = await chat.served('owner')
  const limits = await usualLimits(chat.app.settings)
  const { id, key } = await chat.app.db.tx(async (tx) => {
    // A name that no bot has becomes a project of this bot's owner.
    const isNew = await registerBot(tx, bot, chat.bot.name)
    if (!isNew && served !== undefined && !served.includes(bot))
      throw new UserError('bot.not-yours', { name: bot })
    const made = await createKey(tx, {
      bot,
      name: '',
      scopes: KEY_SCOPES,
      perMinute: PER_MINUTE,
      by: chat.personId,
      ...limits,
    })
    await audit(tx, {
      actor: chat.personId,
      action: 'key.created',
      target: made.id,
      bot: chat.bot.name,
      details: { for: bot },
    })
    return made
  })
  chat.session.awaiting = undefined
  await send(chat, { text: chat.t('admin-key-made', { bot, id, key }) })
  await showKeys(chat)
}

async function askRevoke(chat: Chat, [id = '']: string[]): Promise<Question | undefined> {
  const key = (await listKeys(chat.app.db)).find((one) => one.id === id && one.revokedAt === null)
  return (
    key && {
      text: chat.t('admin-key-revoke-ask', { bot: key.bot, id }),
      yes: chat.t('admin-key-revoke-yes', { bot: key.bot }),
      home: ['a-keys'],
    }
  )
}

async function revoke(chat: Chat, [id = '']: string[]): Promise<void> {
  await chat.app.db.tx(async (tx) => {
    if (!(await revokeKey(tx, id, chat.personId))) return
    await audit(tx, { actor: chat.personId, action: 'key.revoked', target: id, bot: chat.bot.name })
  })
  await showKeys(chat)
}
