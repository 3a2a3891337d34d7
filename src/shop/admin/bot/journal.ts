import { escapeHtml } from '#shared/i18n/format.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'
import { auditWords, journalLines } from '../journal.ts'
import type { JournalLine } from '../journal.ts'

const PAGE = 8

/** Shows who did what: the audit log, which nobody can change. */
export const journal: Feature = {
  adminButtons: { 'a-journal': showJournal },
  minimumRole: { 'a-journal': 'read-only' },
  admin: { sections: [{ text: 'admin-section-journal', route: 'a-journal', minimum: 'read-only' }] },
}

async function showJournal(chat: Chat, [before = '']: string[]): Promise<void> {
  const lines = await journalLines(chat.app.db, {
    served: await chat.served(),
    ofAll: true,
    limit: PAGE + 1,
    ...(before !== '' && { before: BigInt(before) }),
  })
  const shown = lines.slice(0, PAGE)
  await show(chat, {
    text: [
      chat.t('journal-title'),
      '',
      ...(shown.length > 0 ? shown.map((line) => describe(chat, line)) : [chat.t('journal-empty')]),
    ].join('\n'),
    keyboard: [
      ...(lines.length > PAGE
        ? [[button(chat, chat.t('history-older'), ['a-journal', String(shown.at(-1)!.id)])]]
        : []),
      back(chat, 'admin'),
    ],
  })
}

function describe(chat: Chat, line: JournalLine): string {
  const { who, action, target, details } = auditWords(chat, chat.settingGroups, line)
  const more = details ? `\n<i>${escapeHtml(shorten(details, 160))}</i>` : ''
  // A number stands as code, so that a tap copies it.
  const about = escapeHtml(shorten(target, 80)).replace(/\b[0-9a-z]{16}\b/, '<code>$&</code>')
  return `${chat.when(line.at)} · <b>${escapeHtml(who)}</b> · ${escapeHtml(action)} · ${about}${more}`
}
