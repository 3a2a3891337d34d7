import { allows } from '#shared/roles.ts'
import { audit } from '#shared/audit.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { badgesOf, giveBadge, takeBadge } from '../levels/badges.ts'
import { levelsShown } from '../levels/settings.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { reachableBot } from '#shared/reachable.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/**
 * An admin gives badges by hand on a person's page and takes them back. A badge that a person earned cannot be taken
 * away.
 */
export const adminBadges: Feature = {
  formerly: { 'a-bdgs': 'a-badges', 'a-bdg': 'a-badge', 'a-unbdg': 'a-badge-take' },
  adminButtons: {
    'a-badges': (chat, [id = '']) => showBadges(chat, BigInt(id)),
    'a-badge': give,
    'a-badge-take': take,
  },
  admin: {
    person: async (chat, id) => ({
      rows: allows(chat.role, 'admin')
        ? [[button(chat, chat.t('admin-badges'), ['a-badges', String(id)])]]
        : [],
    }),
  },
}

async function showBadges(chat: Chat, id: bigint): Promise<void> {
  const badges = await badgesOf(chat.app.db, id)
  const words = (badge: (typeof badges)[number]) => `${badge.sign} ${badge.name[chat.language]}`
  const state = ({ givenAt, byHand }: (typeof badges)[number]) =>
    givenAt === null ? 'none' : byHand ? 'by-hand' : 'earned'
  await show(chat, {
    text: [
      chat.t('admin-badges-title', { id: String(id) }),
      '',
      ...badges.map((badge) => `${escapeHtml(words(badge))} · ${chat.t(`admin-badge-${state(badge)}`)}`),
    ].join('\n'),
    keyboard: [
      ...badges
        .filter((badge) => state(badge) !== 'earned')
        .map((badge) => {
          const held = badge.givenAt !== null
          const text = chat.t(held ? 'admin-badge-take' : 'admin-badge-give', { badge: words(badge) })
          return [
            button(
              chat,
              text,
              [held ? 'a-badge-take' : 'a-badge', String(id), badge.code],
              held ? 'danger' : undefined,
            ),
          ]
        }),
      back(chat, ['a-person', String(id)]),
    ],
  })
}

async function give(chat: Chat, [id = '', code = '']: string[]): Promise<Answer> {
  const personId = BigInt(id)
  const setting = await chat.app.settings.snapshot()
  const given = await chat.app.db.tx(async (tx) => {
    const badge = (await badgesOf(tx, personId)).find((one) => one.code === code)
    if (!badge) return false
    const whom = new Map([[personId, chat.bot.name]])
    if ((await giveBadge(tx, code, whom, chat.personId)).length === 0) return false
    await audit(tx, line(chat, 'badge.given', id, code))
    const reach = await reachableBot(tx, personId, chat.bot.name)
    if (reach && setting(levelsShown, reach.bot)) {
      await owePersonNotice(tx, {
        key: `badge-${id}-${code}`,
        bot: reach.bot,
        personId,
        text: 'badge-notice',
        params: { sign: badge.sign, name: badge.name },
        buttons: [[['level-open', 'level']]],
        silent: true,
      })
    }
    return true
  })
  await showBadges(chat, personId)
  return { toast: chat.t(given ? 'admin-badge-given' : 'admin-badge-same') }
}

async function take(chat: Chat, [id = '', code = '']: string[]): Promise<Answer> {
  const taken = await chat.app.db.tx(async (tx) => {
    if (!(await takeBadge(tx, { badge: code, personId: BigInt(id) }))) return false
    await audit(tx, line(chat, 'badge.taken', id, code))
    return true
  })
  await showBadges(chat, BigInt(id))
  return { toast: chat.t(taken ? 'admin-badge-taken' : 'admin-badge-same') }
}

const line = (chat: Chat, action: string, id: string, badge: string) => ({
  actor: chat.personId,
  action,
  target: `person ${id}`,
  bot: chat.bot.name,
  details: { badge },
})
