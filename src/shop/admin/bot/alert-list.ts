import { sql as q } from 'kysely'
import { UserError } from '#shared/errors.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { noticeWords } from '#workers/bot/notice-words.ts'
import { adminSql } from '../tables.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/** Five of the longest alerts fit into one message. */
const PAGE = 5

/** All alerts behind a message about several, with the keys that each of them has alone. */
export const alertList: Feature = {
  adminButtons: {
    'a-alerts': (chat, [first = '', page = '0']) => showAlerts(chat, BigInt(first), Number(page)),
  },
}

interface Told {
  topic: string
  params: Notice['params']
  buttons: NonNullable<Notice['buttons']>
  count: bigint
}

/** All alerts of one message were marked by one statement, so they share its time and are found by it. */
async function showAlerts(chat: Chat, first: bigint, page: number): Promise<void> {
  const alerts: Told[] = await chat.app.db.rows(
    adminSql
      .selectFrom('alerts')
      .select(['topic', 'params', 'buttons'])
      .select(({ fn }) => fn.countAll<bigint>().over().as('count'))
      .where((told) =>
        told(
          told.refTuple('topic', 'told_at'),
          '=',
          told
            .selectFrom('alerts')
            .select(['topic', 'told_at'])
            .where('id', '=', first)
            .$asTuple('topic', 'told_at'),
        ),
      )
      .where('bots', '&&', q<string[]>`array[${chat.bot.name}]`)
      .orderBy('id')
      .limit(PAGE)
      .offset(page * PAGE)
      .$narrowType<Pick<Told, 'params' | 'buttons'>>(),
  )
  const [one] = alerts
  if (!one) throw new UserError('admin.not-found')
  const place = (at: number) => page * PAGE + at + 1
  const pages = [
    ...(page > 0 ? [button(chat, '‹', ['a-alerts', String(first), page - 1])] : []),
    ...(Number(one.count) > (page + 1) * PAGE
      ? [button(chat, '›', ['a-alerts', String(first), page + 1])]
      : []),
  ]
  await show(chat, {
    text: [
      chat.t('alert-list', { from: place(0), to: place(alerts.length - 1), count: Number(one.count) }),
      ...alerts.map(
        ({ topic, params }, at) => `<b>${place(at)}.</b> ${chat.t(topic, noticeWords(chat, params))}`,
      ),
    ].join('\n\n'),
    keyboard: [
      ...alerts.flatMap(({ buttons }, at) =>
        buttons.map((row) =>
          row.map(([text = '', ...route]) =>
            button(chat, `${place(at)}. ${chat.t(text)}`, route as [string, ...string[]]),
          ),
        ),
      ),
      ...(pages.length > 0 ? [pages] : []),
      back(chat, 'admin'),
    ],
  })
}
