import { personPage, setBan } from '../person.ts'
import { personLines } from '../person-words.ts'
import { allows } from '#shared/roles.ts'
import { UserError } from '#shared/errors.ts'
import { goodTitle } from '#shared/good.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, pairs, show } from '#workers/bot/screen.ts'

const REASON_LENGTH = 200

/** A person's page with everything, and what can be done for them. */
export const person: Feature = {
  adminButtons: {
    'a-person': (chat, [id = '']) => showPerson(chat, BigInt(id)),
    'a-ban': askBan,
    'a-unban': unban,
  },
  adminInputs: { 'a-ban': ban },
  minimumRole: { 'a-person': 'read-only', 'a-ban': 'support', 'a-unban': 'support' },
}

export async function showPerson(chat: Chat, id: bigint): Promise<void> {
  chat.session.awaiting = undefined
  const served = await chat.served()
  const page = await personPage(chat.app.db, id, served)
  if (!page) throw new UserError('admin.no-person', { id: String(id) })
  const added = await Promise.all(chat.adminParts.map(async (parts) => await parts.person?.(chat, id)))
  const key = String(id)
  await show(chat, {
    text: [
      ...personLines(chat, chat.app.goods, page, served),
      ...added.flatMap((one) => one?.lines ?? []),
    ].join('\n'),
    keyboard: [
      ...(allows(chat.role, 'admin')
        ? [
            [
              button(chat, chat.t('person-credit'), ['a-adjust', key, 'up', 'TOK'], 'success'),
              button(chat, chat.t('person-debit'), ['a-adjust', key, 'down', 'TOK']),
            ],
          ]
        : []),
      [
        button(chat, chat.t('person-history'), ['a-history', key, '']),
        button(chat, chat.t('person-deals'), ['a-deals', key, '0']),
      ],
      ...added.flatMap((one) => one?.rows ?? []),
      ...(allows(chat.role, 'support')
        ? pairs([
            button(chat, chat.t('person-write'), ['a-write', key]),
            page.bannedAt
              ? button(chat, chat.t('person-unban'), ['a-unban', key])
              : button(chat, chat.t('person-ban'), ['a-ban', key], 'danger'),
          ])
        : []),
      back(chat, 'admin'),
    ],
  })
}

export const goodName = (chat: Chat, good: string): string =>
  escapeHtml(goodTitle(chat.app.goods, chat.texts, chat.language, good))

async function askBan(chat: Chat, [id = '']: string[]): Promise<Answer> {
  if (chat.bot.isAdmin(BigInt(id)) || BigInt(id) === chat.personId) return { alert: chat.t('ban-admin') }
  chat.session.awaiting = { input: 'a-ban', args: [id] }
  await show(chat, { text: chat.t('ban-ask', { id }), keyboard: [back(chat, ['a-person', id])] })
}

async function ban(chat: Chat, [id = '']: string[]): Promise<void> {
  const reason = (chat.ctx.message?.text ?? '').trim()
  if (reason === '' || reason.length > REASON_LENGTH) throw new UserError('admin.reason')
  await setBan(chat.app.db, { personId: BigInt(id), reason, by: chat.personId, bot: chat.bot.name })
  await showPerson(chat, BigInt(id))
}

async function unban(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await setBan(chat.app.db, {
    personId: BigInt(id),
    reason: undefined,
    by: chat.personId,
    bot: chat.bot.name,
  })
  await showPerson(chat, BigInt(id))
  return { toast: chat.t('ban-lifted') }
}
