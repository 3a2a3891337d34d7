import { auditWords, journalLines } from '#shop/admin/journal.ts'
import { deadLetters, humanReason } from '#shop/admin/letters.ts'
import { shorten } from '#shared/storable.ts'
import { plain } from '../../views.ts'
import { byBot, named, numberGiven, panelList, personGiven } from '../list.ts'

export const lettersList = panelList({
  name: 'letters',
  as: 'a-letters',
  minimum: 'support',
  title: 'admin-section-letters',
  columns: ['job', 'why', 'tries', 'at', 'reason'],
  filters: { bot: byBot },
  acts: [
    { title: 'letter-replay', minimum: 'admin', path: '/letters/:id/replay', kind: 'primary' },
    {
      title: 'letter-settle',
      minimum: 'admin',
      path: '/letters/:id/settle',
      kind: 'danger',
      ask: 'panel-settle-ask',
    },
  ],
  async read(admin, served, _given, { after, limit }) {
    const letters = await deadLetters(
      admin.app.db.reads,
      { limit, offset: 0, ...(after !== undefined && { after: numberGiven(after) }) },
      served,
    )
    return {
      rows: letters.map((letter) => {
        const why = humanReason(letter.reason)
        return {
          id: String(letter.id),
          opens: null,
          cells: [
            named(admin, `job-${letter.job.replaceAll('.', '-')}`, letter.job),
            plain(admin.t(why.key, why.params)),
            String(letter.deliveries),
            admin.time(letter.updatedAt),
            shorten(letter.reason, 300),
          ],
        }
      }),
    }
  },
})

export const auditList = panelList({
  name: 'audit',
  as: 'a-journal',
  minimum: 'read-only',
  title: 'admin-section-journal',
  columns: ['at', 'who', 'act', 'target', 'details', 'bot'],
  filters: {
    bot: byBot,
    actor: ({ t }) => ({ title: t('panel-filter-actor') }),
    target: ({ t }) => ({ title: t('panel-filter-target') }),
  },
  async read(admin, served, { bot, actor, target }, { after, limit }) {
    const by = personGiven(actor)
    const lines = await journalLines(admin.app.db.reads, {
      served,
      // Lines that are about no particular bot are shown to everybody, unless the list is filtered by a bot.
      ofAll: bot === undefined,
      limit,
      ...(after !== undefined && { before: numberGiven(after) }),
      ...(by !== undefined && { actor: by }),
      ...(target !== undefined && { targets: targetsOf(target) }),
    })
    return {
      rows: lines.map((line) => {
        const { who, action, target: what, details } = auditWords(admin, admin.settingGroups, line)
        return {
          id: String(line.id),
          opens: placeOfRedis(line.target),
          cells: [admin.time(line.at), who, action, what, details, line.bot ?? ''],
        }
      }),
    }
  },
})

/** A number alone is what an admin has at hand; links of other pages name the kind as well. */
const targetsOf = (typed: string): string[] =>
  /\s/.test(typed) ? [typed] : [typed, ...TARGETS.map((kind) => `${kind} ${typed}`)]
const TARGETS = ['person', 'payment', 'order', 'broadcast', 'list', 'export', 'setting']

/** The page of what a line is about, where it has one. */
function placeOfRedis(target: string): string | null {
  const [, kind, id] = /^(person|payment|order) ([0-9a-z]+)$/.exec(target) ?? []
  return kind ? `${kind}/${id}` : null
}
