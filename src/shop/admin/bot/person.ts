import { personPage, setBan } from '../person.ts'
import type { PersonPage } from '../person.ts'
import { allows } from '#shared/roles.ts'
import { UserError } from '#shared/errors.ts'
import { goodTitle } from '#shared/good.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Operation } from '#shared/money/read.ts'
import type { Served } from '#shared/owners.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

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
    text: [...describe(chat, page, served), ...added.flatMap((one) => one?.lines ?? [])].join('\n'),
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
        ? [
            [
              button(chat, chat.t('person-write'), ['a-write', key]),
              page.bannedAt
                ? button(chat, chat.t('person-unban'), ['a-unban', key])
                : button(chat, chat.t('person-ban'), ['a-ban', key], 'danger'),
            ],
          ]
        : []),
      back(chat, 'admin'),
    ],
  })
}

function describe(chat: Chat, page: PersonPage, served: Served): string[] {
  const name = escapeHtml(shorten([page.firstName, page.lastName].filter(Boolean).join(' '), 80)) || '—'
  const when = (at: Date) => chat.time(at)
  const lines = [
    `👤 <b>${name}</b>${page.username ? ` · @${escapeHtml(page.username)}` : ''} · <code>${page.id}</code>`,
    chat.t('person-since', { date: when(page.createdAt), language: page.language ?? '—' }),
  ]
  if (page.bannedAt) {
    lines.push(
      chat.t('person-banned', { date: when(page.bannedAt), reason: escapeHtml(page.banReason ?? '') }),
    )
  }
  lines.push('')
  const money = page.balances.filter(({ asset, available, held }) => asset === 'TOK' || available + held > 0n)
  for (const { asset, available, held } of money) {
    const reserved = held > 0n ? ` · ${chat.t('balance-reserved', { sum: chat.money(held, asset) })}` : ''
    lines.push(`💰 <b>${chat.money(available, asset)}</b>${reserved}`)
  }
  if (money.length === 0) lines.push(`💰 <b>${chat.money(0n, 'TOK')}</b>`)
  if (page.paid.length > 0) {
    const sums = page.paid.map(({ asset, sum, payments }) => `${chat.money(sum, asset)} (${payments})`)
    lines.push(chat.t('person-paid', { sums: sums.join(' · ') }))
  }
  for (const { good, orders, delivered, unfinished } of page.orders) {
    lines.push(
      chat.t('person-orders', {
        good: goodName(chat, good),
        orders: Number(orders),
        delivered: Number(delivered),
        unfinished: Number(unfinished),
      }),
    )
  }
  lines.push('')
  for (const { bot, blockedAt, lastSeenAt, startParam } of page.bots) {
    const key = blockedAt ? 'person-bot-blocked' : 'person-bot'
    const from = startParam ? ` · <code>${escapeHtml(startParam)}</code>` : ''
    lines.push(`🤖 ${chat.t(key, { bot, date: when(blockedAt ?? lastSeenAt) })}${from}`)
  }
  if (page.recent.length > 0) lines.push('')
  for (const { amount, asset, kind, description, bot } of page.recent) {
    const words = whatFor(chat, served, { kind, description, bot })
    lines.push(`${chat.signed(amount, asset)} · ${words}`)
  }
  return lines
}

/** What an operation was for. Of what somebody else's bot did with the common balance there is the sum and no more. */
export function whatFor(
  chat: Chat,
  served: Served,
  { kind, description, bot }: Pick<Operation, 'kind' | 'description' | 'bot'>,
): string {
  if (served !== undefined && bot !== null && !served.includes(bot)) return chat.t('operation-entry')
  const words = description ? ` · ${escapeHtml(shorten(description, 60))}` : ''
  return `${chat.t(`operation-${kind}`)}${words}`
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
