import { sql as q } from 'kysely'
import { escapeHtml } from '#shared/i18n/format.ts'
import { badgesOf } from '../levels/badges.ts'
import { leaderboard, readProgress } from '../levels/progress.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

const PLACES = 10
const BAR = 10

/** Level, XP, badges with their conditions, and the best of all bots. */
export const levels: Feature = {
  commands: { level: (chat) => showLevel(chat), top: (chat) => showTop(chat) },
  buttons: { level: (chat) => showLevel(chat), top: (chat) => showTop(chat) },
}

async function showLevel(chat: Chat): Promise<void> {
  const { db, settings } = chat.app
  const [progress, badges] = await Promise.all([
    readProgress(db, settings, chat.personId),
    badgesOf(db, chat.personId),
  ])
  const { level, xp, levelFrom, nextLevelAt } = progress
  const filled = Math.floor(((xp - levelFrom) / (nextLevelAt - levelFrom)) * BAR)
  const line = ({ sign, name, description }: (typeof badges)[number]) =>
    `${sign} <b>${escapeHtml(name[chat.language])}</b> · ${escapeHtml(description[chat.language])}`
  const held = badges.filter(({ givenAt }) => givenAt !== null).map(line)
  const open = badges
    .filter(({ givenAt }) => givenAt === null)
    .map(
      (badge) =>
        `🔒 ${escapeHtml(badge.name[chat.language])} · ${escapeHtml(badge.description[chat.language])}`,
    )
  await show(chat, {
    text: [
      chat.t('level-title', { level, xp }),
      `${'▰'.repeat(filled)}${'▱'.repeat(BAR - filled)}`,
      chat.t('level-next', { left: nextLevelAt - xp }),
      '',
      ...held,
      ...open,
    ].join('\n'),
    keyboard: [[button(chat, chat.t('level-top'), 'top')], back(chat, 'profile')],
  })
}

async function showTop(chat: Chat): Promise<void> {
  const { best, own } = await leaderboard(chat.app.db, chat.personId, PLACES)
  const lines = best.map(({ place, name, xp, personId }) => {
    const line = `${place}. ${escapeHtml(shorten(name, 32))} · ${xp} XP`
    return personId === chat.personId ? `<b>${line}</b>` : line
  })
  await show(chat, {
    text: [
      chat.t('top-title'),
      '',
      ...(lines.length > 0 ? lines : [chat.t('top-empty')]),
      ...(own && own.place > PLACES ? ['', chat.t('top-own', { place: own.place, xp: own.xp })] : []),
    ].join('\n'),
    keyboard: [back(chat, 'level')],
  })
}

/** The lines that the profile shows. */
export async function levelLine(chat: Chat): Promise<string> {
  const { level, xp } = await readProgress(chat.app.db, chat.app.settings, chat.personId)
  const [row] = await chat.app.db.rows(q<{ signs: string | null }>`
    select string_agg(b.sign, ' ' order by a.given_at) as signs
    from badge_awards a join badges b on b.code = a.badge where a.person_id = ${chat.personId}`)
  return chat.t('profile-level', { level, xp, badges: row?.signs ?? '—' })
}
