import { numberFormat } from '#shared/i18n/intl.ts'
import { adminRows } from '#shared/roles.ts'
import { shorten } from '#shared/storable.ts'
import { duration, reasonWords } from '#shop/mailings/card.ts'
import { listMailings, MAILING_STATES } from '#shop/mailings/moves.ts'
import type { Mailing } from '#shop/mailings/mailings.ts'
import { plain } from '../../views.ts'
import type { PanelAdmin } from '../admin.ts'
import { panelList } from '../list.ts'
import { namesOf } from '#shared/names-of-people.ts'

/** Mailings of this bot, the newest first, each with its progress. */
export const mailingsList = panelList({
  name: 'mailings',
  as: 'b-list',
  minimum: 'admin',
  title: 'admin-section-broadcasts',
  make: { title: 'broadcast-new', minimum: 'admin', opens: 'new/mailing' },
  columns: ['text', 'state', 'progress', 'missed', 'pace', 'who', 'at', 'number'],
  filters: {
    state: ({ t }) => ({
      title: t('panel-column-state'),
      options: MAILING_STATES.map((one) => [one, t(`broadcast-state-${one}`)]),
    }),
  },
  acts: [
    { title: 'broadcast-pause', minimum: 'admin', path: '/mailings/:id/pause', kind: '' },
    { title: 'broadcast-resume', minimum: 'admin', path: '/mailings/:id/resume', kind: 'primary' },
    {
      title: 'broadcast-cancel',
      minimum: 'admin',
      path: '/mailings/:id/cancel',
      kind: 'danger',
      ask: 'panel-cancel-ask',
    },
  ],
  async read(admin, _served, { state }, { after, limit }) {
    const mailings = await listMailings(admin.app.db.reads, {
      bot: admin.bot.name,
      state: MAILING_STATES.find((one) => one === state),
      after,
      limit,
    })
    const nameOf = await namesOf(
      admin.app.db.reads,
      mailings.map(({ createdBy }) => createdBy),
    )
    return {
      rows: mailings.map((one) => ({
        id: one.id,
        opens: one.state === 'draft' ? `mailing/${one.id}` : null,
        cells: [
          words(admin, one),
          [
            admin.t(`broadcast-state-${one.state}`),
            ...(one.reason ? [reasonWords(admin.texts, admin.language, one.reason)] : []),
          ].join(': '),
          progress(admin, one),
          numberFormat(admin.language).format(one.blocked + one.failed + one.uncertain),
          pace(admin, one),
          nameOf(one.createdBy),
          admin.time(one.startedAt ?? one.createdAt),
          one.id,
        ],
      })),
    }
  },
})

/** The beginning of what people read, in the admin's language where there is one for it. */
function words({ language, t }: PanelAdmin, { contents, action }: Mailing): string {
  const content = contents[language] ?? contents[''] ?? Object.values(contents)[0]
  const text = content?.text ? shorten(content.text.replaceAll('\n', ' '), 80) : ''
  return action === 'send' ? text || '—' : `${plain(t(`broadcast-title-${action}`))} ${text}`.trim()
}

function progress({ language }: PanelAdmin, { sent, total, state }: Mailing): string {
  if (state === 'draft' || total === 0) return '—'
  const number = numberFormat(language)
  return `${number.format(sent)} / ${number.format(total)} · ${Math.floor((100 * sent) / total)} %`
}

function pace({ t }: PanelAdmin, one: Mailing): string {
  if (one.state !== 'running' || one.rate <= 0) return '—'
  const left = one.total - one.sent - one.blocked - one.failed - one.uncertain
  return plain(
    t('broadcast-pace', { rate: one.rate.toFixed(1), left: duration(t, Math.ceil(left / one.rate)) }),
  )
}

/** Who has which role in this bot; owners by the settings of the deployment stand first and keep it. */
export const rolesList = panelList({
  name: 'roles',
  as: 'a-roles',
  minimum: 'owner',
  title: 'admin-section-roles',
  make: { title: 'panel-role-new', minimum: 'owner', opens: 'new/role' },
  columns: ['who', 'id', 'role', 'given'],
  filters: {},
  acts: [
    { title: 'role-take', minimum: 'owner', path: '/roles/:id/take', kind: 'danger', ask: 'panel-take-ask' },
  ],
  async read(admin, _served, _given, { after, limit }) {
    const { app, bot, t } = admin
    const given = await adminRows(app.db, bot.name)
    const all = [
      ...bot.admins.map((id) => ({ personId: id, role: 'owner' as const, addedBy: null })),
      ...given.filter(({ personId }) => !bot.isAdmin(personId)),
    ]
    const from = after === undefined ? 0 : all.findIndex(({ personId }) => String(personId) === after) + 1
    const nameOf = await namesOf(
      app.db,
      all.flatMap(({ personId, addedBy }) => [personId, addedBy]),
    )
    return {
      rows: all.slice(from, from + limit).map(({ personId, role, addedBy }) => ({
        id: String(personId),
        opens: `person/${personId}`,
        cells: [
          nameOf(personId),
          String(personId),
          t(`role-${role}`),
          addedBy === null ? t('panel-by-settings') : nameOf(addedBy),
        ],
      })),
    }
  },
})
