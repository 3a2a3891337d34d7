import { requestExport } from '../exports.ts'
import { EXPORT_KINDS } from '../tables.ts'
import type { ExportParams } from '../exports.ts'
import type { ExportKind } from '../tables.ts'
import { allows } from '#shared/roles.ts'
import { UserError } from '#shared/errors.ts'
import { entryKindsOf } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, chatId, send, show } from '#workers/bot/screen.ts'
import { pairs } from '#workers/bot/screen.ts'

const DAYS = ['1', '7', '30', '90', ''] as const
/** Kinds of operations that admins may want as a file of their own. */
const typesOf = (goods: Assortment) => [
  '',
  'payment',
  ...entryKindsOf(goods),
  'adjustment',
  'referral',
  'promo',
  'refund',
]

/** Files for spreadsheets: the admin chooses which and for how many days, and the exports worker sends them. */
export const exportsFeature: Feature = {
  adminCommands: { export: (chat) => showKinds(chat) },
  adminButtons: {
    'x-list': (chat) => showKinds(chat),
    'x-kind': showPeriods,
    'x-do': order,
    'b-csv': (chat, [id = '']) => request(chat, 'broadcast', { broadcastId: id }),
  },
  admin: {
    sections: [{ text: 'admin-section-exports', route: 'x-list' }],
    // A key that would only answer "not with your role" is not shown.
    person: async (chat, personId) => ({
      rows: !allows(chat.role, 'admin')
        ? []
        : [[button(chat, chat.t('export-person'), ['x-do', 'transactions', '', '', String(personId)])]],
    }),
  },
}

async function showKinds(chat: Chat): Promise<void> {
  await show(chat, {
    text: chat.t('export-title'),
    keyboard: [
      ...pairs(
        EXPORT_KINDS.filter((kind) => kind !== 'broadcast').map((kind) =>
          button(chat, chat.t(`export-${kind}`), ['x-kind', kind, '']),
        ),
      ),
      back(chat, 'admin'),
    ],
  })
}

async function showPeriods(chat: Chat, [kind = '', type = '']: string[]): Promise<void> {
  const types = typesOf(chat.app.goods)
  const next = types[(types.indexOf(type) + 1) % types.length]!
  await show(chat, {
    text: chat.t('export-period', { kind: chat.t(`export-${kind}`) }),
    keyboard: [
      ...pairs(
        DAYS.map((days) => button(chat, chat.t(`export-days-${days || 'all'}`), ['x-do', kind, days, type])),
      ),
      ...(kind === 'transactions'
        ? [
            [
              button(
                chat,
                chat.t('export-type', { type: type ? chat.t(`operation-${type}`) : chat.t('audience-any') }),
                ['x-kind', kind, next],
              ),
            ],
          ]
        : []),
      back(chat, 'x-list'),
    ],
  })
}

async function order(chat: Chat, [kind = '', days = '', type = '', personId = '']: string[]): Promise<void> {
  if (!EXPORT_KINDS.includes(kind as ExportKind)) throw new UserError('admin.not-found')
  await request(chat, kind as ExportKind, {
    ...(days && { days: Number(days) }),
    ...(type && { type }),
    ...(personId && { personId }),
  })
}

async function request(chat: Chat, kind: ExportKind, params: ExportParams): Promise<void> {
  const messageId = await send(chat, { text: chat.t('export-queued', { kind: chat.t(`export-${kind}`) }) })
  try {
    await requestExport(chat.app.db, {
      kind,
      bot: chat.bot.name,
      adminId: chat.personId,
      language: chat.language,
      params,
      card: { chatId: chatId(chat), messageId },
    })
  } catch (error) {
    await chat.ctx.api.deleteMessage(chatId(chat), messageId).catch(() => {})
    throw error
  }
  chat.app.relay.kick()
}
