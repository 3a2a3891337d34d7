import { allows } from '#shared/roles.ts'
import type { Waiting } from '#shared/attention.ts'
import { explain } from '#shared/errors.ts'
import type { AdminSection } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, pairs, show } from '#workers/bot/screen.ts'

/** /admin: things that wait for an admin, then every section that the admin's role may see. */
export const adminHome: Feature = {
  adminCommands: { admin: (chat) => showHome(chat) },
  adminButtons: { admin: (chat) => showHome(chat) },
  minimumRole: { admin: 'read-only' },
}

/** Sections by how often admins use them; the others follow in the order of the features. */
const ORDER = [
  'requests',
  'payments',
  'a-questions',
  'a-waiting',
  'fadmin',
  'pictures-admin',
  'a-letters',
  'b-list',
  'a-promo',
  'panel',
  's-list',
  'x-list',
  'a-health',
  'a-journal',
  'a-settings',
  'a-roles',
  'a-bots',
  'a-keys',
]
const place = ({ route }: AdminSection) => {
  const at = ORDER.indexOf(route)
  return at < 0 ? ORDER.length : at
}

async function showHome(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const sections = chat.adminParts
    .flatMap((parts) => parts.sections ?? [])
    .filter((section) => allows(chat.role, section.minimum ?? 'admin'))
    .toSorted((a, b) => place(a) - place(b))
  const counted = await Promise.all(
    sections.map(async (section) => ({ section, ...(await waiting(chat, section)) })),
  )
  const lines = counted
    .filter(({ count }) => count !== 0)
    .map(({ section, count, since }) =>
      count === undefined
        ? `⚠️ ${chat.t(section.text)}: ${chat.t('admin-count-failed')}`
        : `• ${chat.t(section.waitingText ?? 'admin-waiting', { count, section: chat.t(section.text) })}${since ? ` · ${chat.t('admin-waiting-since', { time: chat.when(since) })}` : ''}`,
    )
  const keys = counted.map(({ section, count }) =>
    button(chat, count ? `${chat.t(section.text)} · ${count}` : chat.t(section.text), section.route),
  )
  await show(chat, {
    text: [
      chat.t('admin-title', { bot: chat.bot.name, role: chat.t(`role-${chat.role!}`) }),
      '',
      ...(lines.length > 0 ? lines : [chat.t('admin-quiet')]),
    ].join('\n'),
    keyboard: [[button(chat, chat.t('admin-find'), 'a-find', 'primary')], ...pairs(keys), back(chat, 'menu')],
  })
}

/**
 * A section whose count fails must not hide the others.
 * @returns no count when it failed
 */
async function waiting(
  chat: Chat,
  section: AdminSection,
): Promise<Waiting | { count: undefined; since?: undefined }> {
  try {
    return (await section.waiting?.(chat)) ?? { count: 0 }
  } catch (error) {
    chat.log.warn(
      { section: section.route, reason: explain(error) },
      'a section of the admin panel cannot count what is new',
    )
    return { count: undefined }
  }
}
