import { sql as q } from 'kysely'
import { loyaltySql } from '../tables.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { badgesOf } from '../levels/badges.ts'
import { leaderboard, readProgress } from '../levels/progress.ts'
import { levelsShown } from '../levels/settings.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { tell } from '#workers/bot/route.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

const PLACES = 10
const BAR = 10

/** Shows a person's level, XP and badges with their conditions, and the leaderboard of all bots. */
export const levels: Feature = {
  commands: { level: (chat) => showLevel(chat), top: (chat) => showTop(chat) },
  buttons: { level: (chat) => showLevel(chat), top: (chat) => showTop(chat), 'top-name': switchName },
}

async function showLevel(chat: Chat): Promise<void> {
  if (!(await areShown(chat))) return await tell(chat, 'unknown-command')
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

/** The bot's owner may hide levels. XP is counted all the same. */
const areShown = (chat: Chat) => chat.app.settings.get(levelsShown, chat.bot.name)

async function showTop(chat: Chat): Promise<void> {
  if (!(await areShown(chat))) return await tell(chat, 'unknown-command')
  const { best, own, shown: isNamed } = await leaderboard(chat.app.db, chat.personId, PLACES)
  const lines = best.map(({ place, name, xp, personId }) => {
    const isOwn = personId === chat.personId
    // Another person's name and spending are shown only if that person agreed.
    const shown = name ?? (isOwn ? (chat.ctx.from?.first_name ?? '') : undefined)
    const line = `${place}. ${shown ? escapeHtml(shorten(shown, 32)) : chat.t('top-nameless')} · ${xp} XP`
    return isOwn ? `<b>${line}</b>` : line
  })
  await show(chat, {
    text: [
      chat.t('top-title'),
      '',
      ...(lines.length > 0 ? lines : [chat.t('top-empty')]),
      ...(own && own.place > PLACES ? ['', chat.t('top-own', { place: own.place, xp: own.xp })] : []),
    ].join('\n'),
    keyboard: [
      [button(chat, chat.t(isNamed ? 'top-hide-name' : 'top-show-name'), 'top-name')],
      back(chat, 'level'),
    ],
  })
}

async function switchName(chat: Chat): Promise<Answer> {
  const [person] = await chat.app.db.rows(
    loyaltySql
      .updateTable('persons')
      .set({ shown_in_top: q<boolean>`not shown_in_top` })
      .where('id', '=', chat.personId)
      .returning('shown_in_top as shown'),
  )
  await showTop(chat)
  return { toast: chat.t(person?.shown ? 'top-name-shown' : 'top-name-hidden') }
}

/** The lines about the level in the profile. */
export async function levelLine(chat: Chat): Promise<string> {
  const { level, xp } = await readProgress(chat.app.db, chat.app.settings, chat.personId)
  const [row] = await chat.app.db.rows(
    loyaltySql
      .selectFrom('badge_awards as a')
      .innerJoin('badges as b', 'b.code', 'a.badge')
      .select(q<string | null>`string_agg(b.sign, ' ' order by a.given_at)`.as('signs'))
      .where('a.person_id', '=', chat.personId),
  )
  return chat.t('profile-level', { level, xp, badges: row?.signs ?? '—' })
}
